"""Words, markings, passwords and keys that are cut over texts are found, and texts that only follow one another are
not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.labels import Labels
from detectors.dictionary import Dictionary
from detectors.find import DEFAULT_ENTITIES, Finder, shipped_patterns
from detectors.interface import ANSWERING, Scan, keyed
from detectors.redact import PLACEHOLDER, placeholder, redact
from detectors.views.across import LONGEST_KEY, REACH, SHORT, across, begins

TERM = "华星科技股份"
WANTED = DEFAULT_ENTITIES | {"CUSTOMER", "MARK"}
FINDER = Finder(
    (
        *shipped_patterns(),
        Dictionary("terms", "CUSTOMER", (TERM, "Project Blue Falcon"), ("华星",)),
        Labels("labels", "MARK", ("机密", "Confidential")),
    ),
    cache_size=0,
)
USER, SYSTEM = 1, 0
ARMOUR = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7x9Yw0kqZtT4P", *["a9Fj3kQz8LmT2vXw" * 4] * 6])
KEY = f"-----BEGIN PRIVATE KEY-----\n{ARMOUR}\n-----END PRIVATE KEY-----"


def spread(texts, groups=None):
    scans = FINDER.find_spread(texts, groups or [USER] * len(texts), WANTED)
    return [
        PLACEHOLDER.sub("⟦⟧", redact(text, scan.findings, b"k").text) for text, scan in zip(texts, scans, strict=True)
    ]


OURS = st.builds(
    lambda entity, value: placeholder(entity, value, b"k"), st.sampled_from(["PASSWORD", "PERSON"]), st.text()
)


@given(
    st.sampled_from(["password: ", "密码是", "the passwords: old ", "卡号 "]),
    OURS,
    st.sampled_from(["A1B2C3 part", "v1.2.3", "0x7f", "2026-11-28 meeting", "4111", "x=5", "谢谢"]),
)
def test_a_placeholder_is_a_value_that_was_taken_out_and_goes_on_in_no_text_behind_it(before, ours, behind):
    assert not [one for scan in FINDER.find_spread([before + ours, behind], [USER, USER]) for one in scan.findings]
    assert not FINDER.find(f"{before}{ours} {behind}").findings


def test_what_is_glued_to_a_placeholder_may_be_the_rest_of_a_password():
    text = f"password: {placeholder('PERSON', 'x', b'k')}Tr0ub4dor&3x now"
    [one] = FINDER.find(text).findings
    assert (one.entity, text[one.start : one.end]) == ("PASSWORD", "Tr0ub4dor&3x")


@given(st.integers(1, len(TERM) - 1), st.sampled_from([USER, ANSWERING]), st.booleans())
def test_a_term_cut_anywhere_loses_both_of_its_pieces_and_nothing_else(cut, other, parted):
    texts = ["客户是" + TERM[:cut], *["好的。"] * parted, TERM[cut:] + "的报价"]
    groups = [USER, *[ANSWERING if other == USER else SYSTEM] * parted, other]
    if parted and other != USER:
        return  # then others stand between
    assert spread(texts, groups) == ["客户是⟦⟧", *["好的。"] * parted, "⟦⟧的报价"]


def test_a_term_of_several_words_may_be_cut_between_them_and_go_through_short_texts():
    assert spread(["about Project Blue ", " Falcon, please"]) == ["about ⟦⟧ ", " ⟦⟧, please"]
    assert spread(["about Project", "Blue", "Falcon, please"]) == ["about ⟦⟧", "⟦⟧", "⟦⟧, please"]
    assert spread(["给华", "星", "科", "技", "股份写信"]) == ["给⟦⟧", "⟦⟧", "⟦⟧", "⟦⟧", "⟦⟧写信"]


def test_two_ideographs_that_stand_beside_each_other_by_chance_are_no_term_but_all_of_two_texts_are():
    assert spread(["这件才华", "星期一再说"]) == ["这件才华", "星期一再说"]
    assert spread(["华", "星"]) == ["⟦⟧", "⟦⟧"]


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        (["密级：机", "密\n内容"], ["密级：⟦⟧", "⟦⟧\n内容"]),
        (["【机", "密】季度报告"], ["【⟦⟧", "⟦⟧】季度报告"]),
        (["密级：", "机密 季度报告的内容是这样的，请看"], ["密级：", "⟦⟧ 季度报告的内容是这样的，请看"]),
        (["classification:", "Confidential report of the year"], ["classification:", "⟦⟧ report of the year"]),
        (["我们的打印机", "密码忘了"], ["我们的打印机", "密码忘了"]),
        (["这是一份", "机密文件管理办法的说明，请看"], ["这是一份", "机密文件管理办法的说明，请看"]),
    ],
)
def test_a_marking_counts_where_the_text_before_leads_to_it_or_holds_its_beginning(texts, left):
    assert spread(texts) == left


@pytest.mark.parametrize(
    ("asks", "says", "left"),
    [
        ("password:", "Zx9-secret", "⟦⟧"),
        ("登录密码是", "Zx9secret!", "⟦⟧"),
        ("the password is", "hunter22, thanks", "⟦⟧, thanks"),
        ("What's the password?", "hunter22", "⟦⟧"),
        ("请问密码是多少？", " root123456 ", " ⟦⟧ "),
        ("登录口令：", "Sommer%8261z", "⟦⟧"),
        ("passwd = ", '"t0psecret"', '"⟦⟧"'),
        ("Why does it ask for my password?", "OAuth2 requires it", "OAuth2 requires it"),
        ("password", "Python3 has getpass", "Python3 has getpass"),
        ("password:", "Fix the login page", "Fix the login page"),
        ("密码是", "八位以上的字母和数字", "八位以上的字母和数字"),
        ("the password is:", "see vault", "see vault"),
        ("password:", "${DB_PASS}", "${DB_PASS}"),
        ("I forgot my password", "Click", "Click"),
        ("What was my password?", "Sorry!", "Sorry!"),
        ("Is that a good password?", "Yes/No", "Yes/No"),
        ("Please make up a password:", "Sure! Here is one", "Sure! Here is one"),
        ("what is the default password:", "config/auth.yaml has it", "config/auth.yaml has it"),
        ("密码", "Admin", "Admin"),
        ("I changed it.", "hunter22", "hunter22"),
    ],
)
@pytest.mark.parametrize("groups", [[USER, USER], [ANSWERING, USER], [USER, ANSWERING]])
def test_what_answers_for_a_password_is_one_and_what_only_follows_the_word_is_none(asks, says, left, groups):
    assert spread([asks, says], groups) == [asks, left]


def test_a_password_cut_in_two_loses_both_pieces():
    assert spread(["password: Sommer%82", "61z"]) == ["password: ⟦⟧", "⟦⟧"]
    assert spread(["password: Zx9-", "secret!7"]) == ["password: ⟦⟧", "⟦⟧"]
    assert spread(["password:", "ok", "Zx9-secret"], [USER, ANSWERING, USER]) == ["password:", "ok", "⟦⟧"]


@given(st.integers(6, len(KEY) - 40))
def test_of_a_private_key_cut_anywhere_no_line_is_left(cut):
    left = "".join(spread([f"this:\n{KEY[:cut]}", KEY[cut:] + "\nthanks"]))
    lines = [line for line in ARMOUR.split("\n") if line in left]
    assert lines == [] and left.startswith("this:\n⟦⟧") and left.endswith("thanks")


def test_a_key_goes_on_over_more_texts_and_ends_where_its_lines_end():
    first, *rest = KEY.split("\n", 1)
    lines = rest[0].split("\n")
    texts = [f"see {first}", "\n".join(lines[:2]), "\n".join(lines[2:5]), "\n".join(lines[5:-1]), "ok then"]
    assert spread(texts) == ["see ⟦⟧", "⟦⟧", "⟦⟧", "⟦⟧", "ok then"]
    assert spread(["how do I read", "a" * 64]) == ["how do I read", "a" * 64]
    assert spread(["a rule -----", "a" * 64]) == ["a rule -----", "a" * 64]
    assert spread(["-----BEGIN CERTIFICATE-----", "Q" * 64])[1] == "Q" * 64


@pytest.mark.parametrize("fill", ["AAAAAAAAAAAAAAA: x\n", " ", "A", "Abc: Abc: x\n", "A\n"])
def test_what_is_all_but_a_key_is_told_from_one_without_trying_anything_twice(fill):
    text = "-----BEGIN PRIVATE KEY-----\n" + fill * (LONGEST_KEY // len(fill) - 8) + "!"
    assert begins(text, Scan(()), "") == (None, 0)  # of a pattern that tries twice, nobody sees the end


def test_the_fields_of_a_key_before_its_lines_are_no_end_of_it():
    fields = "Proc-Type: 4,ENCRYPTED\r\n  DEK-Info: AES-256-CBC,2F6E0D3B8A917C54\r\n\r\n"
    for cut in (0, len(fields), len(fields) - 2, 24):
        text = "see -----BEGIN RSA PRIVATE KEY-----\r\n" + fields[:cut]
        assert begins(text, Scan(()), "") == (4, 0)
    assert begins(text + "\nthat is all.", Scan(()), "") == (None, 0)


def test_values_under_keys_of_their_own_are_joined_to_no_word():
    groups = [keyed(USER)] * 2
    assert spread(["客户是华星", "科技股份"], groups)[1] == "科技股份"
    assert across(["password:", "Zx9-secret"], groups, passwords=True) == []


@given(st.lists(st.text(min_size=0, max_size=200), max_size=12), st.data())
def test_what_is_read_is_bounded_and_leads_back_to_the_very_characters(texts, data):
    groups = data.draw(
        st.lists(st.sampled_from([USER, SYSTEM, ANSWERING, None]), min_size=len(texts), max_size=len(texts))
    )
    made = across(texts, groups, passwords=True)
    for pieces in made:
        for core in pieces.cores:
            read = core.glue.join(texts[place.text][place.start : place.end] for place in core.places)
            assert pieces.text[core.start : core.end] == read
    assert sum(pieces.length for pieces in made) <= 8 * len(texts) * (2 * REACH + SHORT + 40)

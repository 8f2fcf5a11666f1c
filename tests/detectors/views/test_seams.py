"""A value spread over texts is found, each loses its share, and texts that only follow one another are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.find import DEFAULT_ENTITIES, Finder
from detectors.interface import ANSWERING, keyed
from detectors.redact import PLACEHOLDER, redact
from detectors.views.seams import TOGETHER, seams
from detectors.views.through import whole_keys
from tests.detectors.views.reading import CARD, ID, MAIL, MOBILE, finder


def spread(texts: list[str], groups: list[str | None] | None = None) -> list[str]:
    scans = finder().find_spread(texts, groups or ["user"] * len(texts), DEFAULT_ENTITIES)
    return [
        PLACEHOLDER.sub("⟦⟧", redact(text, scan.findings, b"k").text) for text, scan in zip(texts, scans, strict=True)
    ]


@given(st.sampled_from([ID, MOBILE, CARD, MAIL]), st.data())
def test_a_value_cut_anywhere_loses_all_of_its_pieces(value, data):
    cut = data.draw(st.integers(3, len(value) - 3))
    assert spread(["电话/card ", value[:cut], value[cut:], "谢谢"]) == ["电话/card ", "⟦⟧", "⟦⟧", "谢谢"]


@pytest.mark.parametrize("value", [ID, MOBILE])
def test_a_value_over_three_turns_with_words_before_each_is_found(value):
    texts = [f"号码前面是{value[:4]}", f"然后是{value[4:8]}。", f"最后 {value[8:]}"]
    assert spread(texts) == ["号码前面是⟦⟧", "然后是⟦⟧。", "最后 ⟦⟧"]


def test_what_others_say_between_does_not_part_it():
    texts = [ID[:9], "好的。", ID[9:]]
    assert spread(texts, ["user", None, "user"]) == ["⟦⟧", "好的。", "⟦⟧"]


def test_neighbours_of_different_people_are_joined_and_others_are_not():
    assert spread([ID[:9], ID[9:]], ["system", "user"]) == ["⟦⟧", "⟦⟧"]
    assert spread([ID[:9], "ok", ID[9:]], ["system", None, "user"]) == ["⟦⟧", "ok", "⟦⟧"]
    apart = [ID[:9], "请看附件", ID[9:]]
    assert spread(apart, ["system", "user", "tool"]) == apart


@given(st.sampled_from([ID, MOBILE, CARD]), st.sampled_from(["user", ANSWERING]), st.data())
def test_a_value_over_a_users_and_a_models_turn_loses_all_of_its_pieces(value, first, data):
    cut = data.draw(st.integers(3, len(value) - 3))
    second = ANSWERING if first == "user" else "user"
    texts = ["hi", f"电话/card {value[:cut]}", f"{value[cut:]} 谢谢", "ok"]
    assert spread(texts, ["user", first, second, "user"]) == ["hi", "电话/card ⟦⟧", "⟦⟧ 谢谢", "ok"]


def test_what_a_model_says_parts_neither_a_persons_turns_nor_instructions_from_them():
    assert spread([ID[:9], "好的。", ID[9:]], ["user", ANSWERING, "user"]) == ["⟦⟧", "好的。", "⟦⟧"]
    assert spread([ID[:9], "好的。", ID[9:]], ["system", ANSWERING, "user"]) == ["⟦⟧", "好的。", "⟦⟧"]
    assert spread([ID[:6], ID[6:14], ID[14:]], ["user", ANSWERING, "user"]) == ["⟦⟧"] * 3
    said = ["How many in 2024?", "There were 1391.", "5678 of them?", "ok"]
    assert spread(said, ["user", ANSWERING, "user", ANSWERING]) == said


@pytest.mark.parametrize("people", [["system", "user"], ["user", "user"], ["user", "system"]])
def test_a_whole_address_of_mail_takes_no_word_from_its_neighbours(people):
    texts = ["The person is jane.doe@northwind-traders.com.", "Draft a reply about the invoice."]
    assert spread(texts, people) == ["The person is ⟦⟧.", texts[1]]
    assert spread(texts[::-1], people) == [texts[1], "The person is ⟦⟧."]


def test_a_value_in_chinese_numerals_is_found_over_turns():
    written = ID.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    assert spread([f"号码{written[:9]}", written[9:]]) == ["号码⟦⟧", "⟦⟧"]
    said = ["这是第一", "二三四五六点来", "三、四"]
    assert spread(said) == said


@pytest.mark.parametrize(
    "texts",
    [
        ["How many in 2024?", "And in 2025?", "1024"],
        ["The total is 4111", "1111 rows were read", "1111"],
        ["见第138页", "00138000字", "end"],
        ["1", "2", "3", "4", "5"],
        ["release 1.2.3", "4.5.6 is next"],
    ],
)
def test_what_only_follows_is_left_alone(texts):
    assert spread(texts) == texts


@pytest.mark.parametrize("value", [ID, CARD, MAIL])
@pytest.mark.parametrize("around", [("", ""), ("看 ", "谢谢")])
def test_a_value_spelt_in_texts_of_one_character_loses_all_of_them(value, around):
    texts = [one for one in (around[0], *value, around[1]) if one]
    assert spread(texts) == [one if one in around else "⟦⟧" for one in texts]


@pytest.mark.parametrize(
    "texts", [list("1380013800"), list("53415"), list("0010011101" * 9), list("helloworldhelloworld")]
)
def test_lists_of_small_numbers_and_letters_are_left_alone(texts):
    assert spread(texts) == texts


def test_a_key_as_a_whole_under_a_key_of_its_own_is_joined_to_nothing_and_pieces_of_one_are():
    key, texts = "sk-Ab12Cd34Ef56Gh78Ij90Kl12Mn34", ["Zz99Yy88", "sk-Ab12Cd34Ef56Gh78Ij90Kl12Mn34", ID[:9], ID[9:]]
    groups = [keyed(1)] * 4
    scans = finder().find_all(texts, DEFAULT_ENTITIES)
    assert whole_keys(texts, range(4), scans) == {1} and texts[1] == key
    cores = [core.places for one in seams(texts, groups, {1}) for core in one.pieces.cores]
    assert cores and all(place.text != 1 for places in cores for place in places)
    assert spread(texts, groups) == ["Zz99Yy88", "⟦⟧", "⟦⟧", "⟦⟧"]


class Counting:
    """A detector that finds nothing, and counts how often it is asked, and about how many characters."""

    name, entities = "counting", frozenset({"URL"})

    def __init__(self):
        self.asked = self.characters = 0

    def find(self, text, _entities):
        self.asked += 1
        self.characters += len(text)
        return ()


def history(turns):
    """Return texts each of which ends, and goes on in the next, as a value may."""
    return [f"Zz99{number:08} is the end, and it begins with sk-Ab12{number:08}" for number in range(turns)]


def test_a_history_that_comes_again_is_not_looked_through_again_nor_are_its_seams():
    counting = Counting()
    finder = Finder([counting])
    finder.find_spread(history(50), ["user"] * 50, frozenset({"URL"}))
    asked = counting.asked
    finder.find_spread(history(50), ["user"] * 50, frozenset({"URL"}))
    assert counting.asked == asked


def test_one_more_turn_of_a_long_history_costs_a_bounded_number_of_characters():
    counting = Counting()
    finder = Finder([counting])
    finder.find_spread(history(800), ["user"] * 800, frozenset({"URL"}))
    whole = counting.characters
    finder.find_spread(history(801), ["user"] * 801, frozenset({"URL"}))
    assert counting.characters - whole < 3 * TOGETHER < whole / 4


@pytest.mark.parametrize("group", ["user", keyed(1)], ids=["said", "under keys"])
def test_what_is_looked_through_grows_in_proportion_to_an_export(group):
    def work(rows):
        counting = Counting()
        texts = [cell for row in range(rows) for cell in (f"sk-{row:020}", f"139{row:08}", f"Pw{row:04}!x")]
        Finder([counting]).find_spread(texts, [group] * len(texts), frozenset({"URL"}))
        return counting.characters

    assert work(800) < 2.1 * work(400)


@pytest.mark.parametrize(
    "told",
    [
        "the wifi password: hunter22",
        "密码是 Zx9-secret!7",
        "DB_PASSWORD=Zx9-secret!7\n",
        "my key is sk-proj-Zk39fjQ2mXv81LpQ0aZt7YbNcRw5",
        "api_key=9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c",
        "mail me: jane.doe@northwind-traders.com",
        "mail me: jane.doe@northwind-traders.com.",
    ],
)
@pytest.mark.parametrize(
    "follows", ["Thanks", "Great, I noted it.", "export PATH=/usr/bin", "2024 report", "Yes/No?", "GitHub is down"]
)
@pytest.mark.parametrize("people", [["user", "user"], ["user", ANSWERING], [ANSWERING, "user"]])
def test_what_follows_a_whole_value_without_an_end_of_its_own_is_no_more_of_it(told, follows, people):
    alone, _ = spread([told, ""], people)
    assert alone != told
    assert spread([told, follows], people) == [alone, follows]


def test_a_key_that_is_whole_without_its_end_loses_that_too():
    assert spread(["my key is sk-proj-Zk39fjQ2mXv81LpQ0aZt7", "YbNcRw5k2"]) == ["my key is ⟦⟧", "⟦⟧"]

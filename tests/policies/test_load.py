"""What the loader makes of good policies, what it says of bad ones, and that it never does anything else."""

from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policies.decision import Route, Text, Verdict
from policies.load import load_policy, parse_policy
from policies.model import Policy, TermList, Trouble
from policies.problem import PolicyError
from tests.policies.samples import HEAD, no_file, parsed
from tests.rows import each
from tests.thorough import THOROUGH, drawn

CASES = Path(__file__).parent.parent / "cases" / "policies"
WANTED = yaml.safe_load((CASES / "bad.yaml").read_text(encoding="utf-8"))
BAD = [path for path in (CASES / "bad").iterdir() if path.suffix == ".yaml" or path.is_dir()]
"""Policies of one file, and folders that are one policy."""
SERVICES = {"chatgpt", "claude", "claude-api", "kimi"}
GOOD = (CASES / "good.yaml").read_text(encoding="utf-8")


@each("case", sorted(path.stem for path in BAD))
def test_a_bad_policy_is_refused_with_each_problem_in_its_place(case):
    is_refused(case)


@each("case", sorted(path.stem for path in BAD)[:: 1 if THOROUGH else 6])
def test_it_is_refused_so_without_libyaml_too(case, monkeypatch):
    monkeypatch.setattr("policies.source.LOADER", yaml.SafeLoader)
    is_refused(case)


def is_refused(case: str) -> None:
    (path,) = (one for one in BAD if one.stem == case)
    with pytest.raises(PolicyError) as caught:
        load_policy(path, SERVICES)
    told = []
    for one in caught.value.problems:
        where = "" if one.file == str(path) else f"{one.file.removeprefix(f'{path}/')}:"
        told.append({"at": f"{where}{one.line}:{one.column}", "en": one.message.en, "zh": one.message.zh})
        if one.hint.en:
            assert one.hint.zh
            told[-1]["hint"] = one.hint.en
    assert told == WANTED[case]


def test_every_wanted_problem_has_its_policy():
    assert set(WANTED) == {path.stem for path in BAD}
    assert len(WANTED) >= 200


def good(text: str = GOOD) -> Policy:
    """Return the good policy of the cases, or a text in its place."""
    return parse_policy(text, "good.yaml", lambda name: (CASES / name).read_text(encoding="utf-8"), SERVICES)


def test_the_head_of_a_policy():
    policy = good()
    assert (policy.name, policy.version, policy.owner) == ("生成式人工智能使用政策 / AI usage", 3, "合规部")
    assert (policy.time_zone, policy.otherwise) == ("Asia/Shanghai", Verdict.FORBIDDEN)
    assert policy.label == f"3@{policy.digest[:12]}"


def test_the_definitions_of_a_policy():
    policy = good()
    assert [(each.name, sorted(each.days), each.opens, each.closes, each.zone) for each in policy.hours] == [
        ("working", [0, 1, 2, 3, 4], 540, 1080, "Asia/Shanghai"),
        ("夜间", [0, 6], 1320, 360, "Asia/Shanghai"),
        ("on", [5], 0, 1440, "Asia/Shanghai"),
    ]
    assert [(each.name, each.people) for each in policy.groups] == [
        ("engineering", {"alice", "bob"}),
        ("NO", {"王芳"}),
        ("财务", frozenset()),
    ]
    assert [(each.name, each.ids, each.categories, each.countries) for each in policy.services] == [
        ("Chinese chat", set(), {"chat"}, {"CN"}),
        ("编程工具", {"claude", "kimi"}, set(), set()),
    ]


def test_the_data_classes_of_a_policy():
    policy = good()
    assert policy.dictionaries == (
        TermList("CUSTOMER", ("华星科技", "Project Falcon", "上海北斗")),
        TermList("CODE_NAMES", ("Osprey",)),
    )
    entities = {each.name: each.entities for each in policy.classes}
    assert (entities["personal"], entities["客户资料"]) == ({"CN_ID_CARD", "EMAIL_ADDRESS"}, {"CUSTOMER"})


def test_the_rules_of_a_policy():
    rules = {rule.id: rule for rule in good().rules}
    assert list(rules) == ["no-chinese-chat", "customers-stay-inside", "office-use", "coding-needs-approval"]
    first = rules["no-chinese-chat"]
    assert (first.verdict, first.name) == (Verdict.FORBIDDEN, Text("No Chinese chat", "禁止境内聊天产品"))
    assert first.instead == Text("Use the internal assistant: it is faster.", "请使用内部模型。")
    assert rules["customers-stay-inside"].route is Route.INTERNAL
    office = rules["office-use"]
    assert office.redacted == {"CN_ID_CARD", "EMAIL_ADDRESS", "API_KEY"}
    assert (office.unreadable, office.on_error, office.when.services) == (Trouble.REFUSE, Trouble.PASS, ())
    assert office.title == Text("office-use", "office-use")
    coding = rules["coding-needs-approval"]
    assert coding.ask == Text("Ask Zhang Min", "Ask Zhang Min")
    assert [each.name for each in coding.when.hours] == ["working", "夜间"]


def test_places_are_kept_for_later_messages():
    policy = good()
    marks = [policy.hours[0].mark, policy.classes[0].mark, policy.rules[0].mark, policy.otherwise_at]
    lines = GOOD.split("\n")
    heads = [lines[each.line - 1][each.column - 1 :] for each in marks]
    starts = ["working:", "personal:", "no-chinese-chat", "forbid"]
    assert [head.startswith(start) for head, start in zip(heads, starts, strict=True)] == [True] * 4


def test_the_digest_is_that_of_the_text_whatever_its_line_ends():
    text = f"{HEAD}rules: []\n"
    assert parsed(text).digest == sha256(text.encode()).hexdigest()
    assert parsed("\ufeff" + text.replace("\n", "\r\n")).digest == parsed(text).digest
    assert parsed(text + "# 注\n").digest != parsed(text).digest


def test_the_digest_covers_the_lists_of_terms():
    text = f"{HEAD}data_classes: {{a: {{terms_file: a.txt}}}}\nrules: []\n"
    assert parsed(text, a="x1").digest != parsed(text, a="x2").digest


def test_the_same_text_makes_the_same_policy():
    assert good() == good()
    assert hash(good()) == hash(good())


def test_no_term_of_the_company_shows_in_a_repr():
    shown = repr(good())
    assert "华星科技" not in shown
    assert "Falcon" not in shown


def test_without_a_catalogue_the_ids_of_services_are_not_checked():
    text = f"{HEAD}rules:\n  - {{id: a, verdict: allowed, when: {{service: new-thing}}}}\n"
    assert parsed(text).rules[0].when.services[0].ids == {"new-thing"}
    with pytest.raises(PolicyError, match="new-thing"):
        parse_policy(text, "p", no_file, SERVICES)


def test_a_policy_is_loaded_with_the_lists_beside_it(tmp_path):
    (tmp_path / "p.yaml").write_text(f"{HEAD}data_classes: {{a: {{terms_file: a.txt}}}}\nrules: []\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text("\ufeff# 客户\r\n  华星 \r\n\r\nFalcon\r\n华星\r\n", encoding="utf-8")
    assert load_policy(tmp_path / "p.yaml").dictionaries == (TermList("A", ("华星", "Falcon")),)


UNREADABLE = {
    "not there": (None, "无法读取文件：文件不存在或无权打开。"),
    "not UTF-8": ("政策: 测试".encode("gb18030"), "UTF-8"),
    "too large": (b"# " + b"x" * 1024 * 1024, "1 MiB"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_a_policy_error(tmp_path, content, said):
    if content is not None:
        (tmp_path / "p.yaml").write_bytes(content)
    with pytest.raises(PolicyError) as caught:
        load_policy(tmp_path / "p.yaml")
    assert [each.line for each in caught.value.problems] == [1]
    assert said in caught.value.render("zh")


def test_a_text_over_a_mebibyte_is_not_even_parsed():
    with pytest.raises(PolicyError, match="larger than 1 MiB"):
        parsed("#" * (1024 * 1024 + 1))


HOSTILE = [
    "- " * 3000,
    "[" * 3000,
    "{a: " * 3000,
    "a:\n" + " b:\n" * 3000,
    "? " * 3000,
    "x: 1\n" * 3000,
    "&a " * 99,
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_a_policy_error(text):
    with pytest.raises(PolicyError) as caught:
        parsed(text)
    assert caught.value.render("en")
    assert caught.value.render("zh")


def loads_or_says_why(text: str) -> None:
    """Hold the loader to its promise for one text."""
    try:
        good(text)
    except PolicyError as error:
        assert error.problems
        lines = text.count("\n") + 1
        assert all(1 <= each.line <= lines and each.column >= 1 for each in error.problems if each.file == "good.yaml")
        assert error.render("en") and error.render("zh")


@given(st.text())
@example("'")
@example("!<tag:x> a")
@example('"\\U00110000"')
@example("%YAML 9.9\n---\na")
@example("\ufeff\ufeff")
def test_any_text_loads_or_is_refused(text):
    loads_or_says_why(text)


SIGNS = st.text(alphabet="：:　 -#\n[]{}\"'&*!|>,，？\t\u200bа0a客", max_size=4)


@settings(max_examples=drawn(300))
@given(st.integers(0, len(GOOD)), st.integers(0, 12), SIGNS)
def test_a_good_policy_with_a_slip_of_the_keyboard_loads_or_is_refused(at, dropped, typed):
    loads_or_says_why(GOOD[:at] + typed + GOOD[at + dropped :])


NODES = st.recursive(
    st.text(alphabet="ab:客0", max_size=3) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*"abc", "zh", "days"]), inner, max_size=3)
    ),
    max_leaves=8,
)
SECTIONS = (
    *("policy", "version", "owner", "time_zone", "otherwise", "hours", "groups", "services", "data_classes", "rules"),
    *("id", "verdict", "when", "redact", "service", "group", "person", "network", "data", "activity", "from", "to"),
    *("terms", "entities", "placeholder"),
)


@settings(max_examples=drawn(200))
@given(st.data())
def test_a_good_policy_with_one_value_exchanged_loads_or_is_refused(data):
    tree = yaml.safe_load(GOOD.replace("on:", '"on":').replace("NO:", '"NO":'))
    places = [
        tree,
        *tree["rules"],
        tree["rules"][0]["when"],
        tree["hours"]["working"],
        tree["data_classes"]["personal"],
    ]
    data.draw(st.sampled_from(places))[data.draw(st.sampled_from(SECTIONS))] = data.draw(NODES)
    loads_or_says_why(yaml.safe_dump(tree, allow_unicode=True))

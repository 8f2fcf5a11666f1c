"""A rule file is read strictly: every slip stops the start and says where."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as some

from detectors.checksums import CHECKSUMS
from detectors.interface import DetectorError
from detectors.rulebook import CONTEXT_KEYS, HABITS, KEYS, load_rules

GOOD = """
- id: room
  entity: ROOM
  pattern: '[0-9]{3}'
  edges: number
  score: 0.5
  examples: [房间⟦101⟧]
  counterexamples: ['10']
"""
SLIPS = {
    "an unknown key": ("score: 0.5", "scor: 0.5", "rule room: unknown key `scor`"),
    "no examples": ("  examples: [房间⟦101⟧]\n", "", "rule room: `examples` is missing or empty"),
    "empty examples": ("[房间⟦101⟧]", "[]", "rule room: `examples` is missing or empty"),
    "no counterexamples": ("  counterexamples: ['10']\n", "", "rule room: `counterexamples` is missing"),
    "an example without a mark": ("⟦101⟧", "101", "rule room: example 1: mark what is to be found"),
    "a bad pattern": ("'[0-9]{3}'", "'[0-9'", "rule room: bad pattern: missing ]"),
    "a look-around": ("'[0-9]{3}'", "'(?<!x)[0-9]'", "rule room: bad pattern"),
    "a bad gate": ("edges: number", "edges: number\n  gate: '('", "rule room: gate: bad pattern: missing \\)"),
    "a pattern that matches nothing": ("'[0-9]{3}'", "'[0-9]*'", "rule room: the pattern matches nothing at all"),
    "an unknown check": ("edges: number", "edges: number\n  check: lun", "rule room: no check is called `lun`"),
    "an unknown edge": ("edges: number", "edges: numbers", "rule room: `edges` must be one of number, word, none"),
    "a bad entity": ("ROOM", "room", "rule room: `entity` must be capital letters"),
    "a score over one": ("0.5", "1.5", "rule room: `score` must be a number from 0 to 1"),
    "a score that is no number": ("0.5", "nan", "rule room: `score` must be a number from 0 to 1"),
    "context without words": ("score:", "context: {within: 3}\n  score:", "rule room: context: `words` is missing"),
    "context too wide": ("score:", "context: {words: [a], within: 900}\n  score:", "`within` must be a whole number"),
    "a doubtful yes": ("score:", "context: {words: [a], required: yes}\n  score:", "`required` must be true or false"),
    "a key given twice": ("score: 0.5", "score: 0.5\n  score: 0.9", "`score` is given twice"),
    "no list": ("- id: room\n  entity", "id: room\nentity", "cannot be read|must be a list of entries"),
    "no YAML": ("- id", "- [", "cannot be read"),
}


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "house.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_good_rule_is_read_with_its_defaults(write):
    (rule,) = load_rules(write(GOOD), CHECKSUMS)
    assert (rule.id, rule.entity, rule.score, rule.check, rule.context) == ("room", "ROOM", 0.5, "", None)


def test_words_that_yaml_takes_for_values_stay_words(write):
    (rule,) = load_rules(write(GOOD.replace("score:", "context: {words: [no, 18:00]}\n  score:")), CHECKSUMS)
    assert rule.context.words == ("no", "18:00")


@pytest.mark.parametrize(("old", "new", "message"), SLIPS.values(), ids=SLIPS)
def test_a_slip_stops_the_start_and_names_file_and_rule(write, old, new, message):
    assert old in GOOD
    with pytest.raises(DetectorError, match=message) as raised:
        load_rules(write(GOOD.replace(old, new, 1)), CHECKSUMS)
    assert re.match(r"house\.yaml(:[0-9]+)?: ", str(raised.value))
    assert re.match(r"house\.yaml( 第 [0-9]+ 行)?：(规则 room：)?.*[一-鿿]", raised.value.chinese)


def test_one_id_belongs_to_one_rule(write):
    with pytest.raises(DetectorError, match="rule room: this id is used twice"):
        load_rules(write(GOOD + GOOD), CHECKSUMS)


def test_a_file_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(DetectorError, match=re.escape("none.yaml: cannot be read")):
        load_rules(tmp_path / "none.yaml", CHECKSUMS)


def test_all_slips_of_a_file_are_told_each_with_its_line_and_what_to_do(write):
    bad = GOOD.replace("id: room", "id: hall").replace("edges: number", "edgs: numbr\n  edges: numbr")
    bad = bad.replace("score: 0.5", "score: 7\n  check: lun\n  context: {wrds: [a], within: 900}")
    bad = bad.replace("'[0-9]{3}'", "'(?<!x)[0-9'").replace("⟦101⟧", "101")
    again = "- id: hall\n  entity: room\n  entity: ROOM\n- nothing\n"
    with pytest.raises(DetectorError) as raised:
        load_rules(write(GOOD + bad + again), CHECKSUMS)
    told = str(raised.value).splitlines()
    for said in (
        "house.yaml:10: rule hall: unknown key `edgs`; did you mean `edges`?",
        "house.yaml:10: rule hall: `edges` must be one of number, word, none",
        "house.yaml:10: rule hall: `score` must be a number from 0 to 1",
        "house.yaml:10: rule hall: no check is called `lun`; did you mean `luhn`?",
        "house.yaml:10: rule hall: context: unknown key `wrds`; did you mean `words`?",
        "house.yaml:10: rule hall: context: `words` is missing or empty",
        "house.yaml:10: rule hall: `within` must be a whole number from 1 to 500",
        "house.yaml:10: rule hall: bad pattern",
        "house.yaml:10: rule hall: example 1: mark what is to be found",
        "house.yaml:22: `entity` is given twice; keep one",
        "house.yaml:20: rule hall: this id is used twice, first in line 10",
        "house.yaml:20: rule hall: `pattern` is missing or empty",
        "entry 4 must have keys and values",
    ):
        assert any(line.startswith(said) or line.endswith(said) for line in told), (said, told)


@pytest.mark.parametrize(
    ("pattern", "remedy"), [("(?<!x)[0-9]", "no look-around: say with `edges`"), (r"([0-9])\1", "no back-references")]
)
def test_a_pattern_for_another_engine_says_what_to_write(write, pattern, remedy):
    with pytest.raises(DetectorError, match=remedy):
        load_rules(write(GOOD.replace("[0-9]{3}", pattern)), CHECKSUMS)


def test_all_slips_are_told_in_chinese_where_they_are_what_they_are_and_what_to_do(write):
    bad = GOOD.replace("score: 0.5", "scor: 0.5\n  check: lun\n  context: {wrds: [a], within: 900}")
    bad = bad.replace("'[0-9]{3}'", "'(?<!x)[0-9]'").replace("⟦101⟧", "101")
    with pytest.raises(DetectorError) as raised:
        load_rules(write(bad + "- id: room\n  id: room\n- nothing\n"), CHECKSUMS, {"room"})
    at = "house.yaml 第 2 行：规则 room："
    told = raised.value.chinese.splitlines()
    for said in (
        "house.yaml：第 3 项必须由键和值组成",
        "house.yaml 第 12 行：`id` 写了两次；请只留一个",
        f"{at}Sluice 自带的规则已用此 id；请换一个",
        f"{at}没有 `scor` 这个键；是否想写 `score`？可以写的有 check、context、",
        f"{at}缺少 `score` 或其为空",
        f"{at}没有名为 `lun` 的校验；是否想写 `luhn`？可以写的有 ",
        f"{at}正则表达式有误：不支持的 (?… 写法：(?<!；此引擎不支持环视：请用 `edges`",
        f"{at}第 1 个例子：请在每个例子中用 ⟦…⟧ 标出应识别的内容",
        f"{at}context：缺少 `words` 或其为空",
        "house.yaml 第 11 行：规则 room：此 id 用了两次，第一次在第 2 行；请给每条规则各取一个",
    ):
        assert any(line.startswith(said) for line in told), (said, told)
    assert len(told) == len(str(raised.value).splitlines())


@pytest.mark.parametrize(
    ("key", "meant"), [("正则", "pattern"), ("分数", "score"), ("Regex", "pattern"), ("反例", "counterexamples")]
)
def test_a_key_as_others_call_it_leads_to_ours(write, key, meant):
    with pytest.raises(DetectorError) as raised:
        load_rules(write(GOOD.replace(f"{meant}:", f"{key}:")), CHECKSUMS)
    assert f"unknown key `{key}`; did you mean `{meant}`?" in str(raised.value)
    assert f"没有 `{key}` 这个键；是否想写 `{meant}`？" in raised.value.chinese


def test_what_others_call_a_key_leads_to_a_key_and_is_none():
    assert set(HABITS.values()) <= KEYS | CONTEXT_KEYS
    assert not [other for other, key in HABITS.items() if other == key]


@given(some.text(max_size=200))
def test_no_text_raises_anything_else_and_what_it_raises_is_told_in_chinese_too(text):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_text(text, "utf-8", "surrogatepass")
        try:
            load_rules(path, CHECKSUMS)
        except DetectorError as error:
            assert re.search("[一-鿿]", error.chinese) and error.chinese != str(error)


def test_a_file_that_is_no_yaml_is_told_in_one_line_with_its_place(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("- id: a\n  entity: [\n")
    with pytest.raises(DetectorError, match=r"^own\.yaml: cannot be read: line 3, column 1: [^\n]+$"):
        load_rules(path, CHECKSUMS)
    with pytest.raises(DetectorError, match=r"^gone\.yaml: cannot be read: No such file or directory$"):
        load_rules(tmp_path / "gone.yaml", CHECKSUMS)


def test_a_file_in_another_encoding_is_told_with_its_line_and_what_to_do(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_bytes("- id: a\n  entity: A\n  examples: [工号]\n".encode("gb18030"))
    with pytest.raises(DetectorError, match=r"^own\.yaml: cannot be read: line 3: .*save it as UTF-8$") as raised:
        load_rules(path, CHECKSUMS)
    assert raised.value.chinese == "own.yaml：无法读取：第 3 行不是 UTF-8 编码；请另存为 UTF-8"

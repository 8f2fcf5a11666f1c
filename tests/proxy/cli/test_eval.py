"""Scores come from the real finder over the whole text; what was not scored, and what could not be told, is said."""

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from proxy.cli.eval import as_json, could_count, evaluate, lines, percent, score_lines, scored_of, worst
from proxy.cli.labelled import Labelled, Names
from proxy.errors import SettingsError
from tests.proxy.cli.invoke import sluice
from tests.proxy.cli.scanned import CARD, PERSON, small_finder

NUMBER = "4111 1111 1111 1111"
TEXTS = [
    Labelled("a:1", f"ask WANG of {NUMBER}", ((4, 8, PERSON), (12, 31, CARD)), "en"),
    Labelled("a:2", "问王芳和李雷", ((1, 3, PERSON), (4, 6, PERSON)), "zh"),
    Labelled("a:3", "nothing for NASA", (), "en"),
    Labelled("a:4", "unspeakable WANG", ((12, 16, PERSON), (0, 11, "WORK")), "en"),
]


def scores(texts: list[Labelled], asked: frozenset[str] | None = None, names: Names | None = None, **options: object):
    finder, names = small_finder(), names or Names()
    return evaluate(finder, texts, names, scored_of(finder, texts, names, asked), **options)


def test_each_language_and_all_of_them_are_scored() -> None:
    told = as_json(scores(TEXTS), [Path("a")], 0)
    assert told["languages"]["zh"]["entities"][PERSON]["strict"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": 0.6667,
        "hits": 1,
        "found": 1,
        "there": 2,
    }
    assert told["all"]["entities"][CARD]["strict"]["f1"] == 1.0
    assert told["all"]["texts"] == 4 and told["languages"]["en"]["entity_free"] == {
        "texts": 1,
        "with_a_hit": 1,
        "share": 1.0,
    }


def test_labels_that_no_detector_finds_are_left_out_and_told() -> None:
    result = scores(TEXTS)
    assert result.scored == {CARD, PERSON} and result.left_out == {"WORK": 1}
    assert any("WORK (1)" in line for line in lines(result, 0))


def test_what_could_not_be_told_is_counted_and_is_no_clean_text() -> None:
    result = scores(TEXTS)
    assert result.whole.untold == 1
    assert "could not be told: 1 texts" in list(lines(result, 0))


def test_only_what_is_asked_for_is_scored() -> None:
    result = scores(TEXTS, frozenset({CARD}))
    assert result.whole.strict.keys() == {CARD} and result.whole.free == 3 and result.whole.alarmed == 0


SOUGHT = (
    (None, {}, {PERSON, CARD, "WORK"}),
    (frozenset({CARD}), {}, {CARD}),
    (frozenset({CARD}), {PERSON: CARD}, {CARD, PERSON}),
    (frozenset({PERSON}), {PERSON: CARD}, {CARD, PERSON}),
    (None, {CARD: "WORK", "ADDRESS": PERSON}, {PERSON, CARD, "WORK", "ADDRESS"}),
)


def test_whatever_counts_as_a_label_or_as_what_is_asked_for_is_looked_for_and_nothing_else() -> None:
    for asked, merged, sought in SOUGHT:
        merging = Names(merged=merged)
        texts = [
            Labelled(one.name, one.text, tuple((*span[:2], merging.of_data(span[2])) for span in one.spans), "en")
            for one in TEXTS
        ]
        assert could_count(texts, merging, asked) == sought, (asked, merged)


def test_entities_that_count_as_one_are_scored_as_one() -> None:
    texts = [Labelled("a:1", f"WANG {NUMBER}", ((0, 4, "SECRET"), (5, 24, "SECRET")), "en")]
    names = Names(merged={CARD: "SECRET", PERSON: "SECRET"})
    assert scores(texts, names=names).whole.strict["SECRET"].f1 == 1.0


def test_findings_below_the_score_do_not_count() -> None:
    assert scores(TEXTS, least=0.9).whole.strict[PERSON].found == 0


def test_errors_are_told_by_sort_and_place_and_without_text() -> None:
    result = scores(TEXTS)
    told = [
        (sort.kind, sort.there, sort.found, sort.language, [place.en for place in places])
        for sort, places in worst(result, 9)
    ]
    assert ("spurious", "", PERSON, "en", ["a:3: found 12-16"]) in told
    assert ("missed", PERSON, "", "zh", ["a:2: there 4-6"]) in told
    assert not any("李雷" in line or "NASA" in line for line in lines(result, 9))
    quoted = [place.en for _, places in worst(scores(TEXTS, show=True), 9) for place in places]
    assert 'a:3: found 12-16 "NASA"' in quoted
    assert len(worst(result, 1)) == 1


def test_readers_of_chinese_see_no_english_but_names_and_columns_stand_beneath_each_other() -> None:
    result = scores([*TEXTS, Labelled("a:9", "x", ((0, 1, "OTHER"),), "zh")])
    told = [*lines(result, 9, "zh"), *score_lines(result.reliability, "zh")]
    names = re.compile(r"[A-Z_]+|[a-z]:\d+|\b(en|zh|minimum_score|F1)\b|[^a-zA-Z]+")
    assert [line for line in told if names.sub("", line)] == []
    assert "    a:2：应有 4-6" in told and "漏报（zh） PERSON → 无: 1" in told
    head = next(line for line in told if "精确率" in line)
    assert cell_len(head) == cell_len(next(line for line in told if line.startswith("合计")))


def test_data_whose_labels_nobody_knows_ends_with_what_to_do() -> None:
    with pytest.raises(SettingsError, match="--map LABEL=ENTITY"):
        scores([Labelled("a:1", "x", ((0, 1, "PER"),), "en")])


def test_a_share_of_nothing_is_a_dash() -> None:
    assert (percent(None), percent(0.0), percent(0.12345)) == ("–", "0.0", "12.3")


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    entries = [
        {"id": "x", "text": "mail wang.fang@exam¦ple.com", "spans": [[5, 26, "MAIL"]], "lang": "en"},
        {"text": "卡号 4111111111111111", "spans": [[3, 19, "CREDIT_CARD"]], "lang": "zh"},
    ]
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in entries), "utf-8")
    return path


def test_the_command_scores_the_shipped_detectors(data: Path) -> None:
    done = sluice("eval", data, "--map", "MAIL=EMAIL_ADDRESS", "--remove", "¦", "--format", "json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0 and told["entities"] == ["CREDIT_CARD", "EMAIL_ADDRESS"]
    assert told["all"]["micro"]["strict"]["f1"] == told["all"]["characters"]["recall"] == 1.0


def test_passwords_are_scored_with_what_models_see_of_them_though_no_name_is_labelled(tmp_path: Path) -> None:
    text = "my locker at the gym opens with 4417, remind me"
    at = text.index("4417")
    file = tmp_path / "told.jsonl"
    file.write_text(json.dumps({"text": text, "spans": [[at, at + 4, "PASSWORD"]]}), "utf-8")
    told = json.loads(sluice("eval", file, "--format", "json").stdout)
    assert told["all"]["entities"]["PASSWORD"]["strict"]["recall"] == 1.0


def test_the_command_tells_people_in_percent_and_quotes_nothing(data: Path) -> None:
    done = sluice("eval", data, "--map", "MAIL=EMAIL_ADDRESS", "--errors", "3")
    assert done.exit_code == 0 and "all together" in done.stdout and "100.0" in done.stdout
    assert "wang.fang" not in done.output and "4111" not in done.output


def test_the_command_tells_what_a_score_is_worth(data: Path) -> None:
    asked = ("eval", data, "--map", "MAIL=EMAIL_ADDRESS", "--remove", "¦")
    told = json.loads(sluice(*asked, "--format", "json").stdout)["scores"]["CREDIT_CARD"]
    (band,) = told["bands"]
    assert band["found"] == band["right"] == band["found_from_here"] == band["right_from_here"] == 1
    assert told["calibration_error"] < 0.1
    shown = sluice(*asked, "--scores").stdout
    assert "CREDIT_CARD: what a score is worth" in shown and "as minimum_score: right" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--entities", "CREDIT_CRD"], 3),
        (["--map", "MAIL"], 3),
        (["--format", "xml"], 2),
        (["--entities", "CREDIT_CARD"], 0),
    ],
)
def test_the_exit_code_says_how_it_went(data: Path, arguments: list[str], code: int) -> None:
    assert sluice("eval", data, *arguments).exit_code == code


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = sluice("eval", tmp_path / "gone.jsonl")
    assert done.exit_code == 3 and "gone.jsonl: cannot be read" in done.stderr

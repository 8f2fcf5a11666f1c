"""Forms for programs: whole, in the shape that their readers expect, and without values unless asked."""

import csv
import json
from io import StringIO

import pytest

from detectors.interface import Scan
from policies.decision import Text
from proxy.cli.scan_forms import answer, as_sarif, csv_head, csv_rows, plain, spelt, text_lines
from proxy.cli.scan_look import Looked, Wish, look, seen
from tests.proxy.cli.scanned import BOTH, CARD, PERSON, small_finder

NUMBER = "4111 1111 1111 1111"
TEXT = f"第一行\n卡号 {NUMBER} unspeakable"
BAD = Looked("b.txt", problem=Text("it cannot be read: no", "无法读取"))


def looked(show: bool = False) -> Looked:
    return look(small_finder(), Wish(BOTH, show=show), "a.txt", TEXT)


def test_lines_tell_place_kind_score_and_what_is_unknown() -> None:
    assert list(text_lines(looked())) == [
        "a.txt:2:4: CREDIT_CARD (19 characters) 0.95 small-credit_card",
        "a.txt: PERSON could not be looked for",
    ]
    assert list(text_lines(BAD)) == ["b.txt: not looked into: it cannot be read: no"]


def test_every_form_tells_what_could_not_be_read() -> None:
    shut = seen(Wish(BOTH), "a.txt", "第一行\n密文 QUJD", Scan(opaque=((7, 11),)))
    said = "could not be read: 4 characters are encrypted, packed or noise"
    assert list(text_lines(shut)) == [f"a.txt:2:4: {said}"]
    assert answer(7, shut) == {"id": 7, "findings": [], "opaque": [{"start": 7, "end": 11}]}
    (row,) = csv.DictReader(StringIO(csv_head(False).removeprefix("\ufeff") + "".join(csv_rows(shut, False))))
    assert (row["line"], row["column"], row["start"], row["end"], row["problem"]) == ("2", "4", "7", "11", said)
    (invocation,) = as_sarif([shut], "1")["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == f"line 2, {said}"


def test_reasons_and_values_are_added_where_they_are_asked_for() -> None:
    first, second, *_ = text_lines(looked(show=True), explain=True)
    assert first.endswith(f' small-credit_card "{NUMBER}"')
    assert second == "    passes the check luhn (its check digit), stands near “卡号”"


def test_reasons_are_in_the_language_of_the_reader_and_the_lines_of_findings_in_none() -> None:
    plainly, chinese = list(text_lines(looked(), explain=True)), list(text_lines(looked(), True, "zh"))
    assert chinese[1] == "    通过校验 luhn（校验位正确），附近有“卡号”"
    assert chinese[0] == plainly[0] and [line for line in chinese if line[0] != " "] == list(text_lines(looked()))


def test_an_answer_keeps_its_contract_and_adds_only_what_was_asked_for() -> None:
    plainly = answer(7, looked())
    assert plainly.keys() == {"id", "findings", "unknown"} and plainly["unknown"] == [PERSON]
    assert plainly["findings"][0].keys() == {"start", "end", "entity", "score", "detector"}
    more = answer(7, looked(show=True), explain=True)["findings"][0]
    assert (more["because"], more["value"]) == (["check:luhn", "context:卡号"], NUMBER)


def test_what_could_not_be_looked_into_answers_that_all_is_unknown() -> None:
    assert answer("b", BAD, BOTH) == {
        "id": "b",
        "findings": [],
        "unknown": sorted(BOTH),
        "problem": "it cannot be read: no",
    }


def test_an_answer_is_one_line_even_for_an_id_that_no_utf8_can_hold() -> None:
    assert spelt({"id": "一"}) == '{"id": "一"}'
    assert json.loads(spelt({"id": "\ud800"}))["id"] == "\ud800" and spelt({"id": "\ud800"}).isascii()


def rows(*all_looked: Looked, show: bool = False) -> list[dict[str, str]]:
    text = csv_head(show) + "".join(row for one in all_looked for row in csv_rows(one, show))
    assert text.startswith("\ufeff") and text.endswith("\r\n")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_table_has_a_row_for_each_finding_and_each_thing_that_is_unknown() -> None:
    found, unknown, bad = rows(looked(), BAD)
    assert (found["line"], found["column"], found["start"], found["end"]) == ("2", "4", "7", "26")
    assert found["because"] == "check:luhn; context:卡号" and "value" not in found
    assert (unknown["entity"], unknown["problem"]) == (PERSON, "could not be looked for")
    assert (bad["file"], bad["problem"]) == ("b.txt", "not looked into: it cannot be read: no")
    assert rows(looked(show=True), show=True)[0]["value"] == NUMBER


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x"])
def test_no_cell_is_a_formula(name: str) -> None:
    assert rows(Looked(name, unknown=frozenset({PERSON})))[0]["file"] == f"'{name}"


def test_a_name_that_is_no_line_of_text_is_written_out() -> None:
    assert plain("a\nb\x1b[31m\udc80王") == "a\\nb\\x1b[31m\\udc80王"


def test_sarif_holds_places_and_no_text() -> None:
    log = as_sarif([looked(show=True), BAD], "0.1")
    [run] = log["runs"]
    [result] = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == f"small-credit_card/{CARD}"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 23}
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2
    assert NUMBER not in json.dumps(log) and result["level"] == "error"


def test_sarif_of_nothing_is_a_success() -> None:
    [run] = as_sarif([], "0.1")["runs"]
    assert run["results"] == [] and run["invocations"][0]["executionSuccessful"] is True

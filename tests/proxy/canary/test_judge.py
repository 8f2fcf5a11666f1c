"""A canary counts as caught only by the proxy's own word about the bytes that went out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.find import Finder, shipped_detectors
from proxy.canary.judge import FATES, IDENTITY, NOTES, Result, judge, left_in, planted, prompt

MARK = "0123456789ab" * 2
OTHER = "f" * 24


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(shipped_detectors())


@given(st.binary(min_size=12, max_size=12).map(bytes.hex))
def test_every_canary_has_a_key_of_its_own_and_needs_no_escaping(mark: str) -> None:
    values = planted(mark)
    assert all(value in prompt(mark) for value in values.values())
    assert values == planted(mark) and values["API_KEY"] != planted(OTHER * 2)["API_KEY"]
    assert not set(prompt(mark)) & set('"\\\n\r\t&=%<>')


def test_what_is_planted_is_found_whatever_the_mark(finder: Finder) -> None:
    for number in range(50):
        mark = f"{number:024x}"
        text, values = prompt(mark), planted(mark)
        found = {text[one.start : one.end]: one.entity for one in finder.find(text, frozenset(values)).findings}
        assert {value: entity for entity, value in values.items()}.items() <= found.items()


KEY = planted(MARK)["API_KEY"]

WENT = {
    "both taken out": (b'{"p": "[API_KEY_1] [CN_ID_CARD_2]"}', "/", ()),
    "only one": (f'{{"p": "[API_KEY_1] {IDENTITY}"}}'.encode(), "/", ("CN_ID_CARD",)),
    "neither": (f"{KEY}{IDENTITY}".encode(), "/", ("API_KEY", "CN_ID_CARD")),
    "in the address": (b"{}", f"/ask?q={KEY}", ("API_KEY",)),
    "as it came": (None, "/", ("API_KEY", "CN_ID_CARD")),
}


@pytest.mark.parametrize(("body", "path", "left"), WENT.values(), ids=WENT)
def test_what_stands_in_the_bytes_that_go_out_is_left(body: bytes | None, path: str, left: tuple[str, ...]) -> None:
    assert left_in(MARK, path, body) == left


def test_one_without_words_leaves_none() -> None:
    assert left_in("00000000" + MARK[8:], "/", None) == ()


def line(outcome: str, mark: str = MARK, left: list[str] | None = None, code: str = "") -> dict:
    told = {"event": "request", "id": f"SLC-{mark[:2]}", "outcome": outcome, "code": code}
    return {**told, "canary": mark, "left": left or []}


def answer(code: str = "", mark: str = MARK) -> dict:
    return {"event": "answer", "id": f"SLC-{mark[:2]}", "code": code}


LOGS = {
    "nothing was written": ([], None),
    "something else was": ([{"event": "start"}, line("forwarded", OTHER), answer()], None),
    "it was taken out": ([line("forwarded", OTHER, ["API_KEY"]), line("forwarded"), answer()], ("caught", "")),
    "the service was down": ([line("forwarded"), answer("upstream_unreachable")], ("caught", "upstream_unreachable")),
    "another's answer": ([line("forwarded"), answer("cut_short", OTHER)], ("caught", "")),
    "a part went out": ([line("forwarded", left=["API_KEY"]), answer()], ("missed", "left")),
    "it went unread": ([line("not_inspected", left=["API_KEY", "CN_ID_CARD"])], ("missed", "left")),
    "unread, whatever is said to be left": ([line("not_inspected")], ("missed", "left")),
    "what was found was forbidden": ([line("refused", code="blocked_by_policy")], ("refused", "blocked_by_policy")),
    "the service is": (
        [line("refused", code="blocked_by_policy") | {"inspection": "not_needed"}],
        ("forbidden", "blocked_by_policy"),
    ),
    "a quota was used up unread": (
        [line("refused", code="quota_exceeded") | {"inspection": "not_needed"}],
        ("refused", "quota_exceeded"),
    ),
    "checking failed": ([line("error", code="internal_error")], ("refused", "internal_error")),
    "our own model had it": ([line("redirected"), answer()], ("kept_inside", "")),
}


@pytest.mark.parametrize(("log", "fate"), LOGS.values(), ids=LOGS)
def test_the_log_decides(log: list[dict], fate: tuple[str, str] | None) -> None:
    result = judge("openai-api", MARK, log, 401)
    assert (result and (result.fate, result.code)) == fate
    assert result is None or (result.status == 401 and result.reference == "SLC-01")


def test_only_what_keeps_the_values_in_the_company_is_a_proof() -> None:
    assert [fate for fate in FATES if Result("x", fate).proven] == ["caught", "refused", "forbidden", "kept_inside"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_note_is_told_in_both_languages(language: str) -> None:
    for code in NOTES:
        told = Result("x", "missed", code, left=("API_KEY",)).note(language, "127.0.0.1:1")
        assert told and "{" not in told
        assert (language == "zh") == any(char > "\u4e00" for char in told)


def test_one_that_was_spoken_is_judged_by_its_message_and_never_by_the_connection() -> None:
    def line(method: str, outcome: str, *left: str) -> dict[str, object]:
        return {"event": "request", "id": method, "canary": "m", "method": method, "outcome": outcome, "left": left}

    opened, said = line("GET", "forwarded"), line("MESSAGE", "forwarded", "API_KEY")
    assert judge("s", "m", [opened], 101, spoken=True) is None
    assert judge("s", "m", [opened, said], 101, spoken=True) == Result(
        "s", "missed", "left", "MESSAGE", 101, ("API_KEY",)
    )
    refused = line("GET", "refused") | {"code": "blocked_by_policy", "inspection": "not_needed"}
    assert judge("s", "m", [refused], 403, spoken=True) == Result("s", "forbidden", "blocked_by_policy", "GET", 403)

"""What could not be looked through in time says so in every form and both languages, with how much it was."""

import re
import time
from dataclasses import replace
from html import unescape

import orjson
import pytest

from detectors.allowance import before, effort, is_over
from detectors.combined import combined
from detectors.dictionary import Dictionary
from detectors.effort import Effort
from detectors.find import Finder, shipped_detectors
from detectors.interface import Scan
from policies.load import parse_policy
from proxy.errors import OutOfTime, Overloaded
from proxy.exchange import Forward, Refuse
from proxy.findable import body_out_of_time, out_of_time
from proxy.handle import depart, enter, inspect
from tests.proxy.house import SECRET, Tenant, world
from tests.proxy.test_handle import JSON, started

MANY = 1200
LONG = 1000.0
"""Seconds, more than any of these has."""
TURNS = [f"Point {number}: call 1{number % 7 + 3}9{number:08d} about row {number}" for number in range(MANY)]
PAGE = (("sec-fetch-mode", "navigate"),)

FORMS = {
    "OpenAI": ("api.openai.com", "/v1/chat/completions", ()),
    "Anthropic": ("api.anthropic.com", "/v1/messages", ()),
    "a page": ("chatgpt.com", "/backend-api/import", PAGE),
    "a page's call": ("chatgpt.com", "/backend-api/import", (("sec-fetch-mode", "cors"),)),
}
WORDS = {
    "en": ("too long to be checked in time", "messages, values or files", "smaller parts", "ask your administrator"),
    "zh-CN": ("内容过长，未能在限定时间内完成检查", "条消息、字段或文件", "请分批发送", "请联系管理员"),
}


def look_with_what_is_shipped(tenant: Tenant) -> None:
    policy, _ = world()
    terms = [Dictionary(f"terms:{one.entity}", one.entity, one.terms) for one in policy.dictionaries]
    finder = Finder((*combined(shipped_detectors(names=False)), *terms), cache_size=0)
    tenant.house.street = replace(tenant.house.street, finder=finder)


def asked(
    tenant: Tenant, texts: list[str], seconds: float, host: str, path: str, headers=(), worked: float = LONG
) -> object:
    """Return what becomes of a conversation for which there are so many seconds, and for which so many are worked."""
    note = Effort()
    note.add(worked)
    turns = [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]
    body = orjson.dumps({"model": "gpt-4o", "max_tokens": 9, "messages": turns})
    passage = started(tenant.house, host=host, path=path, headers=(*JSON, *headers))
    assert enter(tenant.house, passage) is None
    with before(time.monotonic() + seconds, effort=note):
        departure = inspect(tenant.house, passage, body)
    return depart(tenant.house, passage, departure, len(body))


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("form", FORMS)
def test_one_that_is_too_long_hears_how_long_it_is_and_what_to_do(tenant: Tenant, form: str, language: str) -> None:
    look_with_what_is_shipped(tenant)
    host, path, headers = FORMS[form]
    outcome = asked(tenant, TURNS, 0.02, host, path, (*headers, ("accept-language", language)))
    assert isinstance(outcome, Refuse) and outcome.code == "scan_timeout"
    fields, told = dict(outcome.answer.headers), outcome.answer.body.decode()
    told = unescape(told) if fields["content-type"].startswith("text/html") else str(orjson.loads(told))
    for words in WORDS[language]:
        assert words in told
    characters, pieces = (int(one.replace(",", "")) for one in re.findall(r"\d+(?:,\d{3})+", told)[:2])
    assert characters >= round(sum(map(len, TURNS)), -3) and pieces >= MANY
    assert (fields.get("retry-after"), fields["x-should-retry"]) == (None, "false")
    assert TURNS[7] not in told and SECRET not in told
    assert form != "a page" or "<h1>" in told
    line = tenant.records()[-1]
    assert (line["outcome"], line["code"]) == ("refused", "scan_timeout")
    assert {"PHONE_NUMBER", "API_KEY"} <= set(line["unknown"]), "and the record says what nobody looked for"


def test_with_time_enough_the_same_goes_out(tenant: Tenant) -> None:
    look_with_what_is_shipped(tenant)
    assert isinstance(asked(tenant, TURNS[:400], 60.0, *FORMS["OpenAI"]), Forward)


@pytest.mark.parametrize("turns", [3, MANY])
def test_what_had_to_wait_is_not_called_long_and_may_be_asked_again(tenant: Tenant, turns: int) -> None:
    look_with_what_is_shipped(tenant)
    outcome = asked(tenant, TURNS[:turns], 0.0, *FORMS["OpenAI"], worked=0.0)
    assert isinstance(outcome, Refuse) and (outcome.code, outcome.answer.status) == ("overloaded", 503)
    told = dict(outcome.answer.headers)
    assert (told["retry-after"], told["x-should-retry"]) == ("10", "true")
    line = tenant.records()[-1]
    assert (line["outcome"], line["code"]) == ("refused", "overloaded") and "PHONE_NUMBER" in line["unknown"]


class Crowded:
    """Looks for nothing: others are before whoever asks."""

    def __init__(self, finder: Finder) -> None:
        self.entities = finder.entities

    def find_spread(self, texts, _groups, entities):
        effort().crowded = True
        return [Scan((), entities)] * len(texts)


def test_what_was_not_let_in_is_no_verdict_and_may_be_asked_again(tenant: Tenant) -> None:
    street = tenant.house.street
    policy = parse_policy(FORBIDS, "p", lambda _name: "")
    tenant.house.street = replace(street, finder=Crowded(street.finder), policy=policy)
    outcome = asked(tenant, TURNS[:3], 60.0, *FORMS["Anthropic"])
    assert isinstance(outcome, Refuse) and (outcome.code, outcome.answer.status) == ("overloaded", 503)
    assert orjson.loads(outcome.answer.body)["error"]["type"] == "overloaded_error"


FORBIDS = """policy: p
version: 1
otherwise: allow
data_classes:
  numbers: {entities: [PHONE_NUMBER]}
  keys: {entities: [API_KEY]}
rules:
  - {id: no-numbers, verdict: forbidden, when: {data: numbers}}
  - {id: no-keys, verdict: forbidden, when: {data: keys}}
"""


class Late:
    """Looks for all but API keys, for which there is no time left."""

    def __init__(self, finder: Finder) -> None:
        self.finder, self.entities = finder, finder.entities

    def find_spread(self, texts, groups, entities):
        scans = self.finder.find_spread(texts, groups, entities - {"API_KEY"})
        while not is_over():
            time.sleep(0.01)
        return [replace(one, unknown=one.unknown | {"API_KEY"}) for one in scans]


@pytest.mark.parametrize(("text", "code"), [(f"call {SECRET} ", "blocked_by_policy"), ("call me ", "scan_timeout")])
def test_what_is_forbidden_for_what_was_found_in_time_stays_forbidden(tenant: Tenant, text: str, code: str) -> None:
    look_with_what_is_shipped(tenant)
    policy, street = parse_policy(FORBIDS, "p", lambda _name: ""), tenant.house.street
    tenant.house.street = replace(street, finder=Late(street.finder), policy=policy)
    outcome = asked(tenant, [text + "nothing more to say here. " * 1000], 3.0, *FORMS["OpenAI"])
    assert isinstance(outcome, Refuse) and outcome.code == code


SIZES = {
    "one text": (["a" * 123_456], "about 120,000 characters", "约 120,000 个字符"),
    "many values": (
        ["ab"] * 36_512,
        "about 73,000 characters in 37,000 messages, values or files",
        "约 73,000 个字符，共约 37,000 条消息、字段或文件",
    ),
    "empty ones do not count": (["", "b" * 99_999, ""], "about 100,000 characters", "约 100,000 个字符"),
}


def note(worked: float) -> Effort:
    """Return what says so of somebody who has asked just now."""
    made = Effort()
    made.add(worked)
    return made


@pytest.mark.parametrize(("texts", "en", "zh"), SIZES.values(), ids=SIZES)
def test_how_much_it_is_is_told_in_round_numbers(texts: list[str], en: str, zh: str) -> None:
    told = out_of_time(texts, note(LONG))
    assert isinstance(told, OutOfTime) and (told.size.en, told.size.zh) == (en, zh)
    assert isinstance(out_of_time(texts, Effort(iter([0.0, 1.0]).__next__)), Overloaded), "whatever its length"


@pytest.mark.parametrize(
    ("size", "told"), [(19_000, "about 19 KB"), (2_345_678, "about 2,300 KB"), (900, "about 1 KB")]
)
def test_of_a_body_that_nobody_came_to_read_the_bytes_are_told(size: int, told: str) -> None:
    error = body_out_of_time(size, note(LONG))
    assert isinstance(error, OutOfTime) and error.size.en == told
    assert isinstance(body_out_of_time(size, Effort(iter([0.0, 1.0]).__next__)), Overloaded)

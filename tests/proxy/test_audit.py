"""Audit lines hold what happened and nothing that was said, in one spelling, each tied to the one before."""

import hashlib
import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.decision import Decision, Facts, Findings, Grant, RecordDetail, Route, RuleNote, Text, Verdict
from proxy.audit import (
    GENESIS,
    MAX_ITEMS,
    MAX_TEXT,
    Answered,
    Chain,
    Record,
    clean,
    ending,
    fingerprint,
    notice,
    reference,
    spell,
)
from proxy.exchange import Answer, Forward, Redirect, Refuse
from proxy.trail.chain import canonical, read_line
from tests.proxy.house import SERVER
from tests.thorough import drawn

AT = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
DECISION = Decision(
    verdict=Verdict.ALLOWED,
    route=Route.EXTERNAL,
    rules=(
        RuleNote("客户资料-脱敏", Text(zh="客户资料须脱敏"), Verdict.ALLOWED),
        RuleNote("hours", Text(), Verdict.ALLOWED),
    ),
    deciding="hours",
    grant="G-7K2F9Q",
    policy="3@9f86d081884c",
)


def test_a_request_leaves_a_line_that_says_all_but_its_text():
    record = Record(
        id="SLC-20261120-7K2F9Q",
        at=AT,
        outcome="forwarded",
        user="张三",
        address="10.0.0.7",
        service="chatgpt",
        host="chatgpt.com",
        activity="prompt",
        method="POST",
        adapter="openai-chat",
        decision=DECISION,
        inspection="full",
        entities={"PERSON": 2, "CN_ID_CARD": 1},
        redacted={"PERSON": 2},
        fingerprints=("0a1b",),
        unknown=frozenset({"项目代号", "API_KEY"}),
        bytes_in=512,
        bytes_out=498,
        timings={"find": 3},
        conversation="9f86d081884c7d65",
        turn=2,
    )
    assert record.fields("n1") == {
        "event": "request",
        "time": "2026-11-20T09:30:00.123+08:00",
        "id": "SLC-20261120-7K2F9Q",
        "node": "n1",
        "user": "张三",
        "address": "10.0.0.7",
        "service": "chatgpt",
        "host": "chatgpt.com",
        "activity": "prompt",
        "method": "POST",
        "adapter": "openai-chat",
        "outcome": "forwarded",
        "code": "",
        "verdict": "allowed",
        "route": "external",
        "rules": ["客户资料-脱敏", "hours"],
        "deciding": "hours",
        "grant": "G-7K2F9Q",
        "policy": "3@9f86d081884c",
        "inspection": "full",
        "entities": {"PERSON": 2, "CN_ID_CARD": 1},
        "redacted": {"PERSON": 2},
        "fingerprints": ["0a1b"],
        "unknown": ["API_KEY", "项目代号"],
        "bytes_in": 512,
        "bytes_out": 498,
        "timings": {"find": 3},
        "sealed": "",
        "conversation": "9f86d081884c7d65",
        "turn": 2,
        "detail": "full",
        "gate": "none",
        "notices": [],
        "quotas": [],
        "observed": [],
        "would": "",
    }


FACTS = Facts(
    *("chatgpt", "chat", "US", "张三", frozenset({"研发部"}), "10.0.0.7", AT, "prompt"),
    grants=(Grant("G-1", "张三", "", "*", "*", "张敏", "写周报", AT),),
    tags=frozenset({"chat", "US"}),
    account="company",
    purpose="business",
    acknowledged=frozenset({"free-tier"}),
    used={"daily/requests": 3},
)


def test_a_line_holds_what_a_policy_needs_to_decide_again_and_no_purpose_that_somebody_wrote():
    line = Record(
        *("SLC-1", AT, "forwarded"),
        decision=replace(DECISION, observed=(RuleNote("later", Text(), Verdict.FORBIDDEN),), would=Verdict.FORBIDDEN),
        facts=FACTS,
        findings=Findings({"PERSON": 2}, 31),
        looked=frozenset({"PERSON", "API_KEY"}),
    ).fields("n1")
    wanted = {
        "groups": ["研发部"],
        "category": "chat",
        "country": "US",
        "tags": ["US", "chat"],
        "account": "company",
        "purpose": "business",
        "grants": ["G-1"],
        "acknowledged": ["free-tier"],
        "used": {"daily/requests": 3},
        "looked": ["API_KEY", "PERSON"],
        "values": {"PERSON": 2},
        "characters": 31,
        "observed": ["later"],
        "would": "forbidden",
    }
    assert {key: line[key] for key in wanted} == wanted
    assert "写周报" not in str(line)


def test_a_minimal_line_says_who_when_what_and_the_verdict_and_no_more():
    decision = replace(DECISION, record=RecordDetail.MINIMAL)
    line = Record("SLC-1", AT, "forwarded", host="chatgpt.com", decision=decision, facts=FACTS, entities={"PERSON": 1})
    assert set(line.fields("n1")) == {
        *("event", "time", "id", "node", "user", "service", "activity", "outcome", "code", "verdict", "route", "rules"),
        *("deciding", "grant", "policy", "inspection", "detail"),
    }


def test_an_exchange_that_policy_never_saw_still_leaves_a_whole_line():
    fields = Record("SLC-1", AT, "error", code="internal_error").fields("n1")
    assert (fields["verdict"], fields["rules"], fields["inspection"]) == ("", [], "none")


def test_an_answer_completes_its_request_under_the_same_number():
    assert Answered("SLC-1", AT, 200, bytes_in=90, bytes_out=99, restored=2, timings={"total": 1200}).fields("n1") == {
        "event": "answer",
        "time": "2026-11-20T09:30:00.123+08:00",
        "id": "SLC-1",
        "node": "n1",
        "status": 200,
        "bytes_in": 90,
        "bytes_out": 99,
        "restored": 2,
        "labelled": False,
        "code": "",
        "timings": {"total": 1200},
    }


def test_a_notice_cannot_pass_for_another_event():
    fields = notice("policy", AT, "n1", {"event": "request", "policy": "4@abc"})
    assert (fields["event"], fields["policy"]) == ("policy", "4@abc")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张三 alice@corp", "张三 alice@corp"),
        ("a\nb\r\x00\x1b[31m", r"a\u000ab\u000d\u0000\u001b[31m"),
        ("x\u2028y\u2029", r"x\u2028y\u2029"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
        ("\x7f\x85", r"\u007f\u0085"),
        ("中" * 200, "中" * 200),
        ("中" * 201, "中" * 199 + "…"),
    ],
)
def test_a_value_cannot_forge_a_line_nor_fool_the_eye(text, shown):
    assert clean(text) == shown


@given(
    st.text(st.characters(codec=None), max_size=12)
    | st.text(st.sampled_from("a中 \u00a0\u3000\u200b\n\ue000\u0378"), max_size=12)
)
def test_what_is_shown_as_it_is_holds_nothing_that_must_be_escaped(text: str) -> None:
    escaped = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    told = "".join(f"\\u{ord(one):04x}" if unicodedata.category(one) in escaped else one for one in text)
    assert clean(text) == told


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"timings": {"find": 1.5}}, TypeError),
        ({"timings": {"find": True}}, TypeError),
        ({"fingerprints": (b"raw",)}, TypeError),
        ({"user": b"raw"}, TypeError),
        ({"user": 1.0}, TypeError),
        ({"bytes_in": 2**53}, ValueError),
        ({"entities": {7: 1}}, TypeError),
        ({"at": datetime(2026, 11, 20)}, ValueError),
    ],
)
def test_what_has_no_place_in_a_line_is_a_bug_and_says_so(wrong, error):
    with pytest.raises(error):
        Record(**{"id": "SLC-1", "at": AT, "outcome": "refused", **wrong}).fields("n1")


def test_long_lists_are_cut_and_say_by_how_much():
    fields = Record("SLC-1", AT, "forwarded", fingerprints=[str(n) for n in range(MAX_ITEMS + 5)]).fields("n1")
    assert fields["fingerprints"][-2:] == [str(MAX_ITEMS - 1), "… +5"]


FORWARD = Forward("/", frozenset(), (), None)
REDIRECT = Redirect("https", "llm.corp", 443, "/", (), b"", SERVER)


@pytest.mark.parametrize(
    ("outcome", "inspection", "word"),
    [
        (FORWARD, "full", "forwarded"),
        (FORWARD, "partial", "forwarded"),
        (FORWARD, "not_needed", "forwarded"),
        (FORWARD, "none", "not_inspected"),
        (REDIRECT, "none", "redirected"),
        (Refuse("blocked_by_policy", Answer(403, (), b"")), "none", "refused"),
    ],
)
def test_what_went_out_unread_is_never_called_forwarded(outcome, inspection, word):
    assert ending(outcome, inspection) == word


def test_reference_numbers_can_be_read_over_the_telephone():
    assert reference(AT, b"\0\0\0\0") == "SLC-20261120-000000"
    assert spell(b"\xff\xff\xff\xff") == "ZZZZZZ"
    assert not set("ILOU") & set("".join(spell(n.to_bytes(4, "big")) for n in range(0, 2**32, 65_537_777)))
    with pytest.raises(ValueError, match="four"):
        spell(b"abc")


def test_a_fingerprint_links_equal_values_and_needs_its_key():
    assert fingerprint(b"k", "13800138000") == fingerprint(b"k", "13800138000")
    assert len({fingerprint(b"k", "a"), fingerprint(b"k", "b"), fingerprint(b"K", "a")}) == 3


def test_each_line_holds_the_hash_of_the_one_before():
    first, chain = Chain().seal({"event": "start"})
    second, after = chain.seal({"event": "stop"})
    lines = [json.loads(first), json.loads(second)]
    assert [(line["seq"], line["prev"]) for line in lines] == [(1, GENESIS), (2, lines[0]["hash"])]
    bare = b'{"event":"start","prev":"' + GENESIS.encode() + b'","seq":1}'
    assert lines[0]["hash"] == hashlib.sha256(bare).hexdigest()
    assert after == Chain(2, lines[1]["hash"])


def test_a_caller_cannot_choose_its_place_in_the_chain():
    line, _ = Chain().seal({"event": "x", "seq": 9, "prev": "f", "hash": "f"})
    assert (read_line(line)["seq"], read_line(line)["prev"]) == (1, GENESIS)


@settings(max_examples=drawn(300))
@given(
    st.text(max_size=MAX_TEXT + 9),
    st.lists(st.text(max_size=9), max_size=4),
    st.dictionaries(st.text(max_size=5), st.integers(-(2**53) + 1, 2**53 - 1), max_size=5),
)
def test_both_json_writers_spell_a_line_alike(text, items, counts):
    fields = notice("x", AT.astimezone(UTC), text, {"a": text, "items": items, "counts": counts, "b": True, "n": None})
    line, _ = Chain().seal(fields)
    assert read_line(line)["event"] == "x"
    assert canonical(fields) == orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def test_keys_stand_in_the_order_that_the_standard_asks_for():
    counts = notice("x", AT, "n1", {"counts": {"\uff21": 1, "\U00020bb7野家": 2, "吉": 3}})["counts"]
    utf16 = sorted(counts, key=lambda key: key.encode("utf-16-be"))  # RFC 8785 section 3.2.3
    assert utf16 == sorted(counts) == ["\\u20bb7野家", "吉", "\uff21"]

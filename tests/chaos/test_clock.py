"""The wall clock is set: what depends on the hour follows it, and what depends on how long something takes does not."""

from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import orjson
import pytest

import proxy.handle
from policies.decision import Grant
from proxy.caller import IdentitySources, NetworkSource
from tests.proxy.house import NOON, SECRET, chat, flow_to, give, open_house

STEPS = {
    "an hour on": timedelta(hours=1),
    "a day on": timedelta(days=1),
    "ten years on": timedelta(days=3650),
    "an hour back": timedelta(hours=-1),
    "ten years back": timedelta(days=-3650),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_between_a_question_and_its_answer(tmp_path: Path, step: timedelta) -> None:
    """The answer is restored, for what was just sent is known without the store; both lines are kept."""
    now = [NOON]
    tenant = open_house(tmp_path, lambda: now[0])
    flow = tenant.ask(flow_to("openai", chat(f"call {SECRET}")))
    sent = orjson.loads(flow.request.content or b"")["messages"][0]["content"]
    assert SECRET not in sent
    now[0] += step
    body = orjson.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": sent}}]})
    got = tenant.answer(flow, 200, "application/json", body)
    assert orjson.loads(got)["choices"][0]["message"]["content"] == f"call {SECRET}"
    assert [line["event"] for line in tenant.records()] == ["request", "answer"]
    tenant.close()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_while_a_request_is_read(tmp_path: Path, step: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither refused for having taken too long nor let through for having taken no time."""
    now, inspect = [NOON], proxy.handle.inspect
    tenant = open_house(tmp_path, lambda: now[0])

    def set_meanwhile(*given):
        now[0] += step
        return inspect(*given)

    monkeypatch.setattr(proxy.handle, "inspect", set_meanwhile)
    flow = tenant.ask(flow_to("openai", chat(f"call {SECRET}")))
    assert flow.response is None and SECRET.encode() not in (flow.request.content or b"")
    tenant.close()


def test_a_grant_opens_only_in_its_time_by_the_clock_of_the_moment(tmp_path: Path) -> None:
    now = [NOON]
    tenant = open_house(tmp_path, lambda: now[0])
    grant = Grant(
        id="g1",
        person="alice",
        group="",
        service="mistral-api",
        rule="mistral-needs-approval",
        approver="张敏",
        purpose="translation",
        until=NOON + timedelta(hours=2),
        from_=NOON - timedelta(hours=1),
    )
    give(tenant.house.ledger, grant)
    tenant.house.sources = sources("alice")
    answers = {}
    for name, at in {
        "in its time": NOON,
        "set on": NOON + timedelta(days=1),
        "set back again": NOON,
        "set back before it": NOON - timedelta(days=1),
    }.items():
        now[0] = at
        flow = tenant.ask(flow_to("api.mistral.ai/v1/chat/completions", chat("hi")))
        answers[name] = flow.response is None
    assert answers == {
        "in its time": True,
        "set on": False,
        "set back again": True,
        "set back before it": False,
    }
    tenant.close()


def sources(user: str) -> IdentitySources:
    return IdentitySources(networks=(NetworkSource(ip_network("127.0.0.0/8"), user),))


def test_records_keep_their_order_whatever_the_clock_says(tmp_path: Path) -> None:
    now = [NOON]
    tenant = open_house(tmp_path, lambda: now[0])
    for step in STEPS.values():
        now[0] = NOON + step
        tenant.ask(flow_to("forbidden", chat("hi")))
    lines = tenant.records()
    assert [line["seq"] for line in lines] == list(range(1, len(STEPS) + 1))
    assert [datetime.fromisoformat(line["time"]) for line in lines] == [NOON + step for step in STEPS.values()]
    tenant.close()

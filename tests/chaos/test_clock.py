"""The wall clock is set: what depends on the hour follows it, and what depends on how long something takes does not.

No test may set the machine's own clock; the last one sets that of a real proxy and all its processes (`wall_clock.c`).
"""

import shutil
import subprocess
import time
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import orjson
import pytest

import proxy.handle
from policies.decision import Grant
from proxy.caller import IdentitySources, NetworkSource
from tests.e2e.street import CHAT, Street, completion, content_of, grant, load_planted, open_street, run_here
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


MISTRAL = "https://api.mistral.ai/v1/chat/completions"
PLANTED = load_planted()[0]
COMPILER = shutil.which("cc")


def ask(street: Street, url: str, note: str) -> int:
    """Ask, and see what comes back restored."""
    answer = street.post(url, json=completion(f"{note} {PLANTED.text}"))
    assert answer.status_code != 200 or PLANTED.value in content_of(answer), note
    return answer.status_code


def steps_told(street: Street, count: int) -> list[int]:
    """Return by how many seconds the clock was set, by the audit log, once it says so often enough."""
    until = time.monotonic() + 60
    while len(told := [line for line in street.records() if line["event"] == "clock_stepped"]) < count:
        assert time.monotonic() < until, "nobody has noticed"
        time.sleep(0.2)
    return [round(float(line["seconds"]) / 60) for line in told]


@pytest.mark.chaos
@pytest.mark.skipif(COMPILER is None, reason="what sets the clock of a process alone needs a C compiler (cc)")
def test_the_clock_of_a_running_proxy_is_set_on_and_back(tmp_path: Path) -> None:
    library, ahead = tmp_path / "wall_clock.so", tmp_path / "ahead"
    source = Path(__file__).with_name("wall_clock.c")
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    ahead.write_bytes(bytes(8))

    def begin(*words: Any, env: dict[str, str], **more: Any) -> "subprocess.Popen[bytes]":
        set_by = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(ahead)}
        return subprocess.Popen(*words, env={**env, **set_by}, **more)

    def set_clock(hours: int) -> None:
        with ahead.open("r+b") as file:  # the same file: the processes look at its page
            file.write((hours * 3600).to_bytes(8, "little", signed=True))

    detection = {"detection": {"names": "off"}}
    with open_street(tmp_path / "street", begin=begin, workers={"count": 2}, **detection) as street:
        grant(street, until="2h")
        assert [ask(street, CHAT, "before"), ask(street, MISTRAL, "before")] == [200, 200]
        set_clock(3)
        assert steps_told(street, 1) == [180]
        assert [ask(street, CHAT, "set on"), ask(street, MISTRAL, "set on")] == [200, 403], "the grant is over"
        set_clock(-1)
        assert steps_told(street, 2) == [180, -240]
        assert [ask(street, CHAT, "set back"), ask(street, MISTRAL, "set back")] == [200, 200], "in its time by both"
        set_clock(0)
        assert steps_told(street, 3) == [180, -240, 60]
        assert [ask(street, CHAT, "right again"), ask(street, MISTRAL, "right again")] == [200, 200]
        street.expect_no_leak()
        verified = run_here("audit", "verify", str(street.proxy.audit))
        told = verified.stdout.decode()
        assert "All lines are whole and linked." in told and "as the log itself says" in told, told
        assert verified.returncode == 0, "what was told of itself is no fault"

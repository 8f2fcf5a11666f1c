"""The emergency stop refuses everybody everything from the headers on, says so in both languages; no grant opens it."""

from pathlib import Path
from typing import Any

import pytest

from policies.check import check
from policies.decide import needs
from policies.decision import Decision, Verdict
from proxy.pin import Pin, drop_pin, set_pin
from proxy.publish.closed import closed_policy, closed_version, is_closed
from proxy.reload import CLOSED, Reloader
from proxy.sources import unpack
from tests.policies.samples import facts, grant
from tests.proxy.house import NOON, POLICY, open_house, street

WHOEVER: dict[str, dict[str, Any]] = {
    "a prompt": {},
    "nobody known, nothing listed": {"user": "", "service": "unlisted", "category": "unknown"},
    "an upload": {"activity": "upload"},
    "with a grant of that very rule": {"grants": (grant(rule="closed-for-an-incident"),)},
    "with a grant of everything": {"grants": (grant(rule="*", person="alice"),)},
}


@pytest.mark.parametrize("given", WHOEVER.values(), ids=WHOEVER)
def test_whoever_asks_for_whatever_is_refused_before_the_body_is_read(given: dict[str, Any]) -> None:
    decided = needs(closed_policy(), facts(**given))
    assert isinstance(decided, Decision) and decided.verdict is Verdict.FORBIDDEN
    assert decided.deciding == "closed-for-an-incident"


def test_it_is_a_version_like_any_other_and_known_by_its_label() -> None:
    version = closed_version(NOON, "张敏")
    assert is_closed(version.id) and not is_closed("999@000000000000")
    assert unpack(version.source).parse(("chatgpt",), ("STAFF_ID",)) == closed_policy()
    assert check(closed_policy()) == ()
    [rule] = closed_policy().rules
    assert rule.reason and rule.instead and "stopped" in rule.reason.en and "暂停" in rule.reason.zh


def test_it_holds_over_every_change_of_the_file_and_a_restart_until_somebody_opens(tmp_path: Path) -> None:
    path, state = tmp_path / "policy.yaml", tmp_path / "state"
    state.mkdir()
    text = POLICY.read_text("utf-8")
    path.write_text(text, "utf-8")
    tenant = open_house(tmp_path, policy=CLOSED)
    made = Reloader(tenant.house, path, lambda policy: street(policy=policy), state)
    made.start()
    version = closed_version(NOON, "张敏")
    tenant.house.ledger.store.keep_policy(version)
    set_pin(state, Pin(version.id, "", "张敏", closed=True))
    made.poll(at_once=True)
    assert (tenant.house.street.policy.label, made.health.by) == (version.id, "张敏")
    line = tenant.records()[-1]
    assert (line["event"], line["policy"], line["by"]) == ("policy_closed", version.id, "张敏")
    for other in (text.replace("version: 7", "version: 8"), "broken", text.replace("version: 7", "version: 9")):
        path.write_text(other, "utf-8")
        made.poll(at_once=True)
        assert tenant.house.street.policy.label == version.id and made.health.sound
    again = Reloader(tenant.house, path, made.make, state)
    again.start()
    assert tenant.house.street.policy.label == version.id
    drop_pin(state)
    again.poll(at_once=True)
    assert tenant.house.street.policy.label.startswith("9@") and tenant.records()[-1]["event"] == "policy_loaded"
    tenant.close()

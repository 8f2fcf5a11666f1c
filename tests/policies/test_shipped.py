"""The policies we ship load without a warning and decide as their comments say."""

from datetime import timedelta
from pathlib import Path

import pytest

from policies.check import check
from policies.decide import decide, needs
from policies.decision import Decision, Needs
from policies.load import load_policy
from tests.policies.samples import NOON, facts, grant

SHIPPED = Path(__file__).parent.parent.parent / "policies" / "shipped"
DEFAULT, STRICT = (load_policy(SHIPPED / f"{name}.yaml") for name in ("default", "strict"))


@pytest.mark.parametrize(
    "path",
    [each for each in sorted(SHIPPED.glob("*.yaml")) if not each.stem.endswith("_test")],
    ids=lambda path: path.stem,
)
def test_a_shipped_policy_has_no_warnings(path):
    assert check(load_policy(path)) == ()


def test_the_default_policy_asks_for_every_text_and_owes_redaction():
    answer = needs(DEFAULT, facts())
    assert isinstance(answer, Needs)
    assert {"API_KEY", "CN_ID_CARD", "CONFIDENTIAL"} <= answer.entities
    assert not answer.unless_read.unreadable_passes


CODING = {"service": "cursor", "category": "coding"}
APPROVED = {"grants": (grant(rule="chat-needs-approval"),)}
EVENING = NOON + timedelta(hours=8)

TABLE = {
    # policy, facts, found → route, deciding rule
    "default, prompt": (DEFAULT, {}, (), "external", "everyday-use"),
    "default, coding agent": (DEFAULT, CODING, ("API_KEY",), "external", "everyday-use"),
    "default, upload": (DEFAULT, {"activity": "upload"}, (), "external", "everyday-use"),
    "default, page": (DEFAULT, {"activity": "visit"}, (), "external", "open-pages"),
    "default, script of a page": (DEFAULT, {"activity": "other"}, (), "external", "open-pages"),
    "default, nobody known": (DEFAULT, {"user": ""}, (), "external", "everyday-use"),
    "default, confidential": (DEFAULT, {}, ("CONFIDENTIAL",), "internal", "confidential-stays-inside"),
    "strict, no approval": (STRICT, {}, (), "nowhere", "chat-needs-approval"),
    "strict, page": (STRICT, {"activity": "visit"}, (), "external", "open-pages"),
    "strict, approval": (STRICT, APPROVED, ("EMAIL_ADDRESS",), "external", "chat-needs-approval"),
    "strict, approval, confidential": (STRICT, APPROVED, ("CONFIDENTIAL",), "nowhere", "confidential-never-leaves"),
    "strict, approval, key": (STRICT, APPROVED, ("API_KEY",), "nowhere", "secrets-never-leave"),
    "strict, approval, evening": (STRICT, APPROVED | {"at": EVENING}, (), "nowhere", "working-hours-only"),
    "strict, approval for chats, coding": (STRICT, APPROVED | CODING, (), "nowhere", "coding-needs-approval"),
    "strict, a category no rule names": (STRICT, {"category": "video"}, (), "nowhere", "otherwise"),
}


@pytest.mark.parametrize(("policy", "given_", "found", "route", "rule"), TABLE.values(), ids=TABLE.keys())
def test_a_shipped_policy_decides_as_its_comments_say(policy, given_, found, route, rule):
    decision = decide(policy, facts(**given_), frozenset(found))
    assert (decision.route, decision.deciding) == (route, rule)
    assert decision.reason.zh
    assert decision.permitted or decision.instead.zh


def test_the_strict_policy_refuses_from_the_headers():
    answer = needs(STRICT, facts())
    assert isinstance(answer, Decision)
    assert "部门负责人" in answer.instead.zh

"""The lines of `sluice grants`, and how its steps find their way into the audit log."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from policies.decision import Text
from proxy.cli.grants import Scope, add, ask, describe, describe_request, open_portal, operator, person, states
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from proxy.store.interface import Changes
from proxy.trail.sinks import open_audit
from proxy.workflow.grants import in_emergency
from proxy.workflow.notify import Notify
from proxy.workflow.permission import Approval, Finding, State
from proxy.workflow.requests import Terms
from proxy.workflow.requests import ask as asked
from proxy.workflow.signing import Signer
from tests.proxy.portals import ALICE, BOB, DAY, HOUR, NOW, ZHANG, make_portal, wish

POLICY = """
policy: 使用规定
version: 1
time_zone: Asia/Shanghai
otherwise: forbid
groups:
  合规部: [李四, carol]
rules:
  - id: strict
    verdict: authorized
    ask: {zh: 请申请, approvers: [合规部], four_eyes: true, longest: 14d, break_glass: yes}
  - id: plain
    verdict: authorized
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return Settings(state=tmp_path / "state", policy=tmp_path / "policy.yaml", node="test")


def logged(settings: Settings) -> list[dict]:
    path = settings.state / settings.audit
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def test_from_the_question_to_the_grant(settings: Settings) -> None:
    scope = Scope("openai-chatgpt", "strict", "prompt")
    with open_portal(settings) as portal:
        request = ask(portal, "张三", "", scope, "季度报价", "7d")
    for who in ("李四", "carol"):
        with open_portal(settings) as portal:
            answered = portal.approve(person(who), request.id, request.at + HOUR)
    with open_portal(settings) as portal:
        assert portal.store.get_grant(answered.grant).grant.approvers == ("李四", "carol")
    steps = [(line["event"], line["user"], line["desk"]) for line in logged(settings)]
    assert steps == [
        ("grant_asked", "张三", "command_line"),
        ("grant_approved", "李四", "command_line"),
        ("grant_approved", "carol", "command_line"),
        ("grant_given", "carol", "command_line"),
    ]


def test_while_a_proxy_holds_the_log_the_steps_wait_for_it(settings: Settings) -> None:
    settings.state.mkdir()
    held = open_audit(settings.audit, settings.state)
    with open_portal(settings) as portal:
        ask(portal, "张三", "", Scope("openai-chatgpt", "plain"), "报价", "7d")
    assert logged(settings) == []
    held.close()
    with open_portal(settings) as portal:
        assert len(portal.store.waiting_events(9)) == 1
    assert [line["event"] for line in logged(settings)] == ["grant_asked"]


def test_a_log_on_standard_output_is_the_proxys_alone(settings: Settings, capsys) -> None:
    with open_portal(replace(settings, audit="-")) as portal:
        ask(portal, "张三", "", Scope("openai-chatgpt", "plain"), "报价", "7d")
    assert capsys.readouterr().out == ""
    with open_portal(replace(settings, audit="-")) as portal:
        assert len(portal.store.waiting_events(9)) == 1


@pytest.mark.parametrize(
    ("whom", "given", "reason"),
    [
        (("", ""), {}, "--person or --group"),
        (("张三", "合规部"), {}, "--person or --group"),
        (("李四", ""), {"rule": "strict"}, "Nobody approves their own"),
        (("张三", ""), {"rule": "strict"}, "two different people"),
        (("张三", ""), {"rule": "gone"}, "No grant opens this rule"),
        (("张三", ""), {"service": "gone"}, "no such service"),
        (("张三", ""), {"service": "openai-chatgtp", "rule": "gone"}, "Perhaps one of these: .*openai-chatgpt"),
        (("张三", ""), {"classes": ("gone",)}, "no data class"),
    ],
)
def test_a_grant_that_cannot_be_is_refused_with_the_remedy(settings: Settings, whom, given, reason) -> None:
    scope = Scope(**({"service": "openai-chatgpt", "rule": "plain"} | given))
    with pytest.raises(SettingsError, match=reason), open_portal(settings) as portal:
        add(portal, whom, scope, ["李四"], "报价", ("7d", ""))
    assert logged(settings) == []


def test_the_reader_is_told_in_their_language(settings: Settings) -> None:
    with pytest.raises(SettingsError) as caught, open_portal(settings) as portal:
        add(portal, ("李四", ""), Scope("openai-chatgpt", "plain"), ["李四"], "报价", ("7d", ""))
    assert "不得审批本人的申请" in caught.value.told.zh and "Nobody approves their own request" in caught.value.told.en


def test_a_grant_can_be_taken_back_although_the_policy_is_broken(settings: Settings) -> None:
    with open_portal(settings) as portal:
        record = add(portal, ("张三", ""), Scope("*", "plain"), ["李四"], "报价", ("7d", ""))
    settings.policy.write_text("broken", encoding="utf-8")
    with open_portal(settings) as portal:
        assert portal.revoke(operator(""), record.grant.id, record.created).revoked_by.startswith("account:")


def test_notifications_are_left_for_the_proxy_to_send(settings: Settings) -> None:
    told = replace(settings, notify=Notify("http://127.0.0.1:1/"))
    with open_portal(told) as portal:
        request = ask(portal, "张三", "", Scope("openai-chatgpt", "plain"), "报价", "7d")
        assert [message.channel for _, message in portal.store.due_messages(request.at, 9)] == ["webhook"]


def test_a_grant_is_told_on_one_line() -> None:
    portal = make_portal()
    request, _ = portal.ask(ALICE, wish(classes=frozenset({"Finance"}), uses=3, purpose="quote"), NOW)
    record = portal.store.get_grant(portal.approve(BOB, request.id, NOW).grant)
    assert describe(record, portal, NOW) == Text(
        f"{record.grant.id}  alice  service chatgpt  rule simple  activity prompt  data Finance  uses 3"
        "  until 2026-11-27T09:30+00:00  by bob  quote",
        f"{record.grant.id}  alice  服务 chatgpt  规则 simple  活动 prompt  数据 Finance  次数 3"
        "  截止 2026-11-27T09:30+00:00  批准人 bob  quote",
    )
    portal.store.close()


def test_what_one_should_know_of_a_grant_is_said() -> None:
    portal = make_portal()
    record = portal.signer.sign(in_emergency(wish(duration=4 * HOUR), ZHANG, "G-1", NOW))
    reviewed = replace(record, reviewed_by="bob", reviewed_at=NOW, finding=Finding.JUSTIFIED)
    later = portal.signer.sign(replace(record, grant=replace(record.grant, from_=NOW + HOUR), break_glass=False))
    table = [
        (record, NOW, ["awaits review"], ["待复核"]),
        (reviewed, NOW, ["justified, says bob"], ["bob 复核：合理"]),
        (
            reviewed,
            NOW + 4 * HOUR - timedelta(minutes=20),
            ["ends soon", "justified, says bob"],
            ["即将到期", "bob 复核：合理"],
        ),
        (reviewed, NOW + 4 * HOUR, ["over", "justified, says bob"], ["已到期", "bob 复核：合理"]),
        (later, NOW, ["not yet"], ["尚未开始"]),
        (replace(later, revoked_by="bob", revoked_at=NOW), NOW, ["revoked by bob"], ["已由 bob 撤销"]),
    ]
    for one, at, english, chinese in table:
        said = states(one, portal, at)
        assert ([word.en for word in said], [word.zh for word in said]) == (english, chinese)
    [forged] = states(Signer(b"x" * 32).sign(later), portal, NOW)
    assert forged.en.startswith("ignored: its signature does not hold") and "签名不符" in forged.zh
    portal.store.close()


def test_a_request_is_told_on_one_line() -> None:
    request = asked(wish(purpose="quote", duration=36 * HOUR), Terms(answer_within=DAY), ALICE, "R-1", NOW)
    assert describe_request(request) == Text(
        "R-1  alice  service chatgpt  rule simple  activity prompt  for 36h  quote  (open)"
        "  answer by 2026-11-21T09:30+00:00",
        "R-1  alice  服务 chatgpt  规则 simple  活动 prompt  时长 36h  quote  （待答复）"
        "  答复期限 2026-11-21T09:30+00:00",
    )
    done = replace(request, state=State.APPROVED, approvals=(Approval("bob", NOW),), grant="G-1", duration=2 * DAY)
    assert describe_request(done).zh.endswith("时长 2d  quote  （已批准）  批准人 bob  授权 G-1")
    assert describe_request(done).en.endswith("for 2d  quote  (approved)  approved by bob  grant G-1")


def test_events_of_an_older_command_are_taken_in_with_the_next_one(settings: Settings) -> None:
    with open_portal(settings) as portal:
        portal.store.keep(Changes(events=[portal.event("grant_asked", NOW, ALICE)]))
    assert [line["step"] for line in logged(settings)] == [1]

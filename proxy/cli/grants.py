"""`sluice grants`: ask, answer, give, list, take back and review permissions, beside a running proxy or without one.

Enters: an administrator's words. Leaves: a changed store, which a running proxy sees at the next request. The proxy
holds the audit log's lock, so a step leaves its audit event in the store, in the same transaction; whoever holds the
log takes it in: the running proxy within seconds, or this command at once where none runs.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from socket import gethostname
from typing import Final

from policies.decision import Grant, Text
from proxy.assemble import catalogue_of, policy_of, services_named
from proxy.caller import Caller
from proxy.cli.common import account, must_have_begun, store_of
from proxy.errors import Declined, SettingsError, SluiceError
from proxy.keys import hand_over, master_key, private_directory
from proxy.settings.interface import Settings
from proxy.trail.sinks import open_audit
from proxy.workflow.grants import alive, ends_soon, grant_id, span, until
from proxy.workflow.permission import Finding, GrantRecord, GrantRequest, State
from proxy.workflow.portal import Portal
from proxy.workflow.requests import Wish
from proxy.workflow.rulebook import Rulebook, rulebook_of
from proxy.workflow.signing import Signer
from proxy.workflow.sweep import drain

IGNORED: Final = Text(
    "ignored: its signature does not hold; revoke it, and give it again if it is right",
    "不生效：签名不符；请撤销，若确应给予则重新发放",
)
STATES: Final[Mapping[State, Text]] = {
    State.OPEN: Text("open", "待答复"),
    State.APPROVED: Text("approved", "已批准"),
    State.DENIED: Text("denied", "已拒绝"),
    State.WITHDRAWN: Text("withdrawn", "已撤回"),
    State.EXPIRED: Text("expired", "已逾期"),
}
FINDINGS: Final[Mapping[Finding, Text]] = {
    Finding.JUSTIFIED: Text("justified", "合理"),
    Finding.UNJUSTIFIED: Text("unjustified", "不合理"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a permission is for, as an administrator types it."""

    service: str
    rule: str
    activity: str = "*"
    classes: tuple[str, ...] = ()
    uses: int | None = None


@contextmanager
def open_portal(settings: Settings, *, looking: bool = False, keeping: bool = False) -> Iterator[Portal]:
    """Open the workflow on the settings' store; when it is left, its audit events are taken in where that can be.

    Who is only `looking` makes nothing and takes nothing in; who is `keeping` to what each version of the store knows
    may do so beside a running Sluice of another version (`store_of`).
    """
    if looking:
        must_have_begun(settings)
    state = settings.state if looking else private_directory(settings.state)

    @cache  # read only when it is asked: a grant can be taken back whatever is wrong with the policy
    def rulebook() -> Rulebook:
        catalogue = catalogue_of(settings)
        return rulebook_of(policy_of(settings, catalogue), services_named(catalogue), settings.identity.roster)

    signer = Signer(master_key(state))
    store = store_of(settings, looking=looking, keeping=keeping)
    portal = Portal(store, signer, rulebook, secrets.token_bytes, settings.notify.channels, "command_line")
    try:
        yield portal
        if not looking:
            record_steps(settings, portal)
    except Declined as declined:
        raise SettingsError(declined.told.en, declined.told.zh) from None
    finally:
        store.close()


def record_steps(settings: Settings, portal: Portal) -> None:
    """Write waiting events into the audit log, unless a running proxy holds it and will do so itself."""
    if settings.audit == "-":
        return
    node = settings.node or gethostname()
    try:
        audit = open_audit(settings.audit, settings.state, node)
    except SluiceError:
        return
    try:
        drain(portal.store, audit, node)
    finally:
        audit.close()
        hand_over(settings.state)


def person(name: str) -> Caller:
    """Return somebody by name; the portal adds the groups that list them."""
    return Caller(name.strip(), frozenset(), "", "unknown")


def operator(name: str) -> Caller:
    """Return who acts: the person named, or else the account that runs this command."""
    return person(name or f"account:{account()}")


def ask(portal: Portal, user: str, token: str, scope: Scope, purpose: str, duration: str) -> GrantRequest:
    """Ask in somebody's name, with the token of a refusal or with a scope."""
    now = datetime.now(UTC)
    if token:
        return portal.ask_with(person(user), token, purpose, frozenset(scope.classes), span(duration), now)[0]
    return portal.ask(person(user), wish(scope, purpose, span(duration)), now)[0]


def wish(scope: Scope, purpose: str, duration: timedelta) -> Wish:
    """Return what is wanted."""
    return Wish(scope.service, scope.rule, scope.activity, frozenset(scope.classes), purpose, duration, uses=scope.uses)


def add(
    portal: Portal, whom: tuple[str, str], scope: Scope, approvers: list[str], purpose: str, times: tuple[str, str]
) -> GrantRecord:
    """Give a grant; `whom` is a person or a group, `times` are its end and, or empty, its beginning."""
    user, group = whom
    if bool(user) == bool(group):
        raise SettingsError(
            "a grant is for one person or for one group: give --person or --group",
            "授权只能给一个人或一个组：请给出 --person 或 --group",
        )
    if not (approvers and all(name.strip() for name in approvers) and purpose.strip()):
        raise SettingsError(
            "a grant names who approves it and what it is for: --by and --purpose",
            "授权须写明批准人和用途：--by 与 --purpose",
        )
    now = datetime.now().astimezone()
    grant = Grant(
        id=grant_id(secrets.token_bytes(4)),
        person=user,
        group=group,
        service=scope.service,
        rule=scope.rule,
        approver="",
        purpose=purpose,
        until=until(times[0], now),
        activity=scope.activity,
        classes=frozenset(scope.classes),
        uses_left=scope.uses,
        from_=until(times[1], now) if times[1] else None,
    )
    return portal.give(grant, tuple(person(name) for name in approvers), now)


def describe(record: GrantRecord, portal: Portal, now: datetime) -> Text:
    """Return a grant on one line."""
    grant = record.grant
    by = ", ".join(grant.approvers) or grant.approver
    pieces = [
        same(grant.id),
        same(grant.person) if grant.person else named("group", "组", grant.group),
        *scope_words(grant),
        *([named("from", "起始", short(grant.from_))] if grant.from_ else []),
        named("until", "截止", short(grant.until)),
        Text("break-glass", "紧急授权") if record.break_glass else named("by", "批准人", by),
        same(grant.purpose),
        *(Text(f"({word.en})", f"（{word.zh}）") for word in states(record, portal, now)),
    ]
    return line(pieces)


def scope_words(what: Grant | GrantRequest) -> list[Text]:
    """Return what a grant or a request is for."""
    uses = what.uses if isinstance(what, GrantRequest) else what.uses_left
    words = [named("service", "服务", what.service), named("rule", "规则", what.rule)]
    words += [named("activity", "活动", what.activity)] if what.activity != "*" else []
    words += [named("data", "数据", ", ".join(sorted(what.classes)))] if what.classes else []
    return words + ([named("uses", "次数", uses)] if uses is not None else [])


def states(record: GrantRecord, portal: Portal, now: datetime) -> list[Text]:
    """Return what one should know of a grant."""
    words = []
    if record.revoked:
        words.append(Text(f"revoked by {record.revoked_by}", f"已由 {record.revoked_by} 撤销"))
    elif not portal.signer.holds(record):
        words.append(IGNORED)
    elif now >= record.grant.until:
        words.append(Text("over", "已到期"))
    elif not alive(record.grant, now):
        words.append(Text("not yet", "尚未开始"))
    elif ends_soon(record, now):
        words.append(Text("ends soon", "即将到期"))
    if record.awaits_review:
        words.append(Text("awaits review", "待复核"))
    elif record.finding:
        by, finding = record.reviewed_by, FINDINGS[record.finding]
        words.append(Text(f"{finding.en}, says {by}", f"{by} 复核：{finding.zh}"))
    return words


def describe_request(request: GrantRequest) -> Text:
    """Return a request on one line."""
    hours = request.duration // timedelta(hours=1)
    long = f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"
    state = STATES[request.state]
    pieces = [same(request.id), same(request.user), *scope_words(request), named("for", "时长", long)]
    pieces += [same(request.purpose), Text(f"({state.en})", f"（{state.zh}）")]
    if request.approvals:
        pieces.append(named("approved by", "批准人", ", ".join(one.by for one in request.approvals)))
    if request.state is State.OPEN:
        pieces.append(named("answer by", "答复期限", short(request.deadline)))
    if request.grant:
        pieces.append(named("grant", "授权", request.grant))
    return line(pieces)


def same(word: str) -> Text:
    """Return what is the same in both languages: names, ids, what somebody wrote."""
    return Text(word, word)


def named(en: str, zh: str, value: object) -> Text:
    """Return a value with its name before it."""
    return Text(f"{en} {value}", f"{zh} {value}")


def line(pieces: Sequence[Text]) -> Text:
    """Return pieces on one line."""
    return Text("  ".join(one.en for one in pieces), "  ".join(one.zh for one in pieces))


def short(at: datetime) -> str:
    """Return an instant to the minute."""
    return at.isoformat(timespec="minutes")

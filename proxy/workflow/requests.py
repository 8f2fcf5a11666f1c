"""How a request for a grant lives: asked, approved by as many eyes as the rule wants, denied, withdrawn, or expired.

Pure: requests, people and the present time go in, changed requests come out. Nobody approves their own request, nobody
approves twice, and a request that is not open any more never changes; each of these raises `Declined`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from policies.decision import Text
from policies.model import fold
from proxy.caller import Caller
from proxy.errors import Declined
from proxy.workflow.permission import Approval, GrantRequest, State

USUAL: Final = timedelta(days=30)
"""The longest that one can ask for where the rule does not say."""
MOST_PURPOSE: Final = 500
"""Characters of a purpose."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule says of the grants that open it."""

    approvers: tuple[str, ...] = ()
    """Names of people and of groups; with nobody named, only an administrator at the command line can approve."""
    eyes: int = 1
    """How many different people must approve."""
    longest: timedelta | None = None
    """How long a grant may last; None where the rule does not say: `USUAL` for what people ask for."""
    answer_within: timedelta = timedelta(days=2)
    break_glass: bool = False
    """Whether people may take a permission in an emergency, to be reviewed afterwards."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to be granted."""

    service: str
    rule: str
    activity: str
    classes: frozenset[str]
    purpose: str
    duration: timedelta
    reference: str = ""
    uses: int | None = None
    renews: str = ""


NOT_OPEN: Final = {
    State.APPROVED: Text("This request is approved already.", "该申请已获批准。"),
    State.DENIED: Text(
        "This request was denied; ask anew if things have changed.", "该申请已被拒绝；如情况有变，请重新申请。"
    ),
    State.WITHDRAWN: Text("This request was withdrawn; ask anew.", "该申请已撤回；请重新申请。"),
    State.EXPIRED: Text("This request got no answer in time; ask anew.", "该申请逾期未获答复；请重新申请。"),
}


def ask(wish: Wish, terms: Terms, caller: Caller, id: str, now: datetime) -> GrantRequest:
    """Return a new request of the caller; raises `Declined`."""
    if not caller.user:
        raise Declined(403, "unidentified", NOBODY)
    within(terms.longest or USUAL, wish.duration)
    return GrantRequest(
        id=id,
        user=caller.user,
        at=now,
        reference=wish.reference,
        service=wish.service,
        rule=wish.rule,
        activity=wish.activity,
        classes=wish.classes,
        purpose=purpose_of(wish.purpose),
        duration=wish.duration,
        deadline=now + terms.answer_within,
        uses=wish.uses,
        renews=wish.renews,
    )


def approve(
    request: GrantRequest, terms: Terms, caller: Caller, now: datetime, *, operator: bool = False
) -> GrantRequest:
    """Return the request with the caller's approval; it is `APPROVED` once enough different people agree.

    An `operator` is an administrator at the command line, who may stand in where the rule names nobody. Raises
    `Declined`.
    """
    judge(request, terms, caller, now, operator=operator)
    within(terms.longest or USUAL, request.duration)  # the rule may have become stricter since
    if fold(caller.user) in {fold(one.by) for one in request.approvals}:
        raise Declined(409, "approved_before", APPROVED_BEFORE)
    approvals = (*request.approvals, Approval(caller.user, now))
    if len(approvals) < terms.eyes:
        return replace(request, approvals=approvals)
    return replace(request, approvals=approvals, state=State.APPROVED, decided_by=caller.user, decided_at=now)


def deny(request: GrantRequest, terms: Terms, caller: Caller, now: datetime, *, operator: bool = False) -> GrantRequest:
    """Return the request, denied; one approver's no is enough. Raises `Declined`."""
    judge(request, terms, caller, now, operator=operator)
    return replace(request, state=State.DENIED, decided_by=caller.user, decided_at=now)


def withdraw(request: GrantRequest, caller: Caller, now: datetime) -> GrantRequest:
    """Return the request, withdrawn by whoever asked; raises `Declined`."""
    if not caller.user or fold(caller.user) != fold(request.user):
        raise Declined(403, "not_yours", NOT_YOURS)
    must_be_open(request, now)
    return replace(request, state=State.WITHDRAWN, decided_by=caller.user, decided_at=now)


def expire(request: GrantRequest, now: datetime) -> GrantRequest:
    """Return the request as it stands now: expired, if it was open and its deadline has come."""
    if request.state is State.OPEN and request.deadline <= now:
        return replace(request, state=State.EXPIRED, decided_at=request.deadline)
    return request


def judge(request: GrantRequest, terms: Terms, caller: Caller, now: datetime, *, operator: bool) -> None:
    """Raise `Declined` unless the caller may answer the request now."""
    if not caller.user:
        raise Declined(403, "unidentified", NOBODY)
    if fold(caller.user) == fold(request.user):
        raise Declined(403, "own_request", OWN_REQUEST)
    if not may_approve(terms, caller) and not (operator and not terms.approvers):
        raise Declined(403, "not_an_approver", NOT_AN_APPROVER)
    must_be_open(request, now)


def may_approve(terms: Terms, caller: Caller) -> bool:
    """Whether the rule names this person, or one of their groups, as an approver."""
    named = {fold(name) for name in terms.approvers}
    return bool(caller.user) and not named.isdisjoint({fold(caller.user), *map(fold, caller.groups)})


def must_be_open(request: GrantRequest, now: datetime) -> None:
    """Raise `Declined` unless the request can still be answered."""
    state = expire(request, now).state
    if state is not State.OPEN:
        raise Declined(409, f"request_{state}", NOT_OPEN[state])


def within(longest: timedelta, duration: timedelta) -> None:
    """Raise `Declined` for a duration that is none, or longer than the rule grants."""
    if not timedelta(0) < duration <= longest:
        raise Declined(400, "too_long", too_long(longest))


def purpose_of(text: str) -> str:
    """Return a purpose on one line; raises `Declined` where it is missing, too long, or holds what nobody can see."""
    purpose = " ".join(text.split())
    if not purpose or len(purpose) > MOST_PURPOSE or not purpose.isprintable():
        raise Declined(400, "bad_purpose", BAD_PURPOSE)
    return purpose


def too_long(longest: timedelta) -> Text:
    """Return how long a grant of the rule can last at most."""
    hours = longest // timedelta(hours=1)
    en, zh = (
        (f"{hours // 24} days", f"{hours // 24} 天")
        if hours % 24 == 0 and hours
        else (f"{hours} hours", f"{hours} 小时")
    )
    return Text(f"This rule grants {en} at most; ask for less.", f"该规则最长可授权 {zh}；请缩短期限。")


NOBODY: Final = Text(
    "Sluice does not know who you are; log in to the proxy first.", "Sluice 无法确认您的身份；请先登录代理。"
)
OWN_REQUEST: Final = Text(
    "Nobody approves their own request; another approver must answer it.", "不得审批本人的申请；须由其他审批人处理。"
)
NOT_AN_APPROVER: Final = Text(
    "The rule names other people as its approvers; ask one of them.", "该规则指定了其他审批人；请联系审批人处理。"
)
NOT_YOURS: Final = Text("Only who asked can withdraw a request.", "只有申请人本人可以撤回申请。")
APPROVED_BEFORE: Final = Text(
    "You have approved this already; the rule wants somebody else's approval too.",
    "您已批准过该申请；按规则还须其他审批人批准。",
)
BAD_PURPOSE: Final = Text(
    f"Say what it is for, in at most {MOST_PURPOSE} characters.", f"请说明用途，不超过 {MOST_PURPOSE} 个字符。"
)

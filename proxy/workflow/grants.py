"""How a grant lives: given, used, about to end, revoked, reviewed; and the times that people write about it. Pure.

Requests, records, words and the present time go in; records, aware instants and ids come out. A grant without an end,
one that is over before it begins, or one whose signature does not hold never comes out as usable.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from policies.decision import Grant, Text
from policies.model import fold
from proxy.audit import spell
from proxy.caller import Caller
from proxy.errors import Declined, SettingsError
from proxy.workflow.permission import Finding, GrantRecord, GrantRequest
from proxy.workflow.requests import NOBODY, Terms, Wish, may_approve, purpose_of
from proxy.workflow.signing import Signer

LONGEST: Final = timedelta(days=366)
"""A permission is looked at again at least once a year."""
EMERGENCY: Final = timedelta(hours=4)
A_DAY: Final = timedelta(days=1)
"""A permission that somebody takes without an approver lasts no longer."""
SOON: Final = timedelta(days=3)
"""How long before its end a grant is announced to end; a tenth of its life where that is shorter."""
UNITS: Final = {
    "h": timedelta(hours=1),
    "小时": timedelta(hours=1),
    "d": timedelta(days=1),
    "天": timedelta(days=1),
    "日": timedelta(days=1),
    "w": timedelta(weeks=1),
    "周": timedelta(weeks=1),
}
SPAN: Final = re.compile(rf"([0-9]{{1,5}})\s*({'|'.join(UNITS)})")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT: Final = re.compile(rf"{DAY.pattern}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?")


def until(text: str, now: datetime) -> datetime:
    """Return the instant from which a grant is dead, for `30d`, `12h`, `2周`, `2026-12-31` or `2026-12-31T18:00+08:00`.

    A day is meant to its end, and a time without a zone is in the zone of `now` (aware). Raises `SettingsError`.
    """
    end = _read(text.strip(), now)
    if end <= now:
        raise SettingsError("the grant would be over already; give a later end", "授权在此时已经到期；请给出更晚的期限")
    if end - now > LONGEST:
        raise SettingsError(
            f"a grant lasts {LONGEST.days} days at most; give an earlier end",
            f"授权最长 {LONGEST.days} 天；请给出更早的期限",
        )
    return end


def alive(grant: Grant, at: datetime) -> bool:
    """Whether the grant holds at this instant."""
    return (grant.from_ is None or grant.from_ <= at) and at < grant.until


def grant_id(entropy: bytes) -> str:
    """Return an id for a new grant, as `G-7K2F9Q`, from at least 4 random bytes."""
    return f"G-{spell(entropy)}"


def span(text: str) -> timedelta:
    """Return the length of time that `12h`, `30d`, `2w` or their Chinese words say; raises `Declined`."""
    found = SPAN.fullmatch(text.strip().lower())
    if not found or not int(found[1]):
        raise Declined(400, "bad_duration", BAD_DURATION)
    return int(found[1]) * UNITS[found[2]]


def granted(request: GrantRequest, id: str, now: datetime, renewed: GrantRecord | None = None) -> GrantRecord:
    """Return the grant that an approved request becomes, unsigned; it goes on where the `renewed` one ends."""
    goes_on = renewed is not None and bool(renewed.signature) and renewed.grant.until > now
    begins = renewed.grant.until if renewed is not None and goes_on else None
    names = tuple(one.by for one in request.approvals)
    grant = Grant(
        id=id,
        person=request.user,
        group="",
        service=request.service,
        rule=request.rule,
        approver=" ".join(names),
        purpose=request.purpose,
        until=(begins or now) + request.duration,
        activity=request.activity,
        classes=request.classes,
        uses_left=request.uses,
        from_=begins,
        approvers=names,
    )
    return GrantRecord(grant, now, request=request.id, reference=request.reference)


def in_emergency(wish: Wish, caller: Caller, id: str, now: datetime) -> GrantRecord:
    """Return a grant that somebody takes without an approver, unsigned, to be reviewed; raises `Declined`."""
    if not caller.user:
        raise Declined(403, "unidentified", NOBODY)
    if not timedelta(0) < wish.duration <= EMERGENCY:
        raise Declined(400, "too_long", TOO_LONG_AN_EMERGENCY)
    grant = Grant(
        id=id,
        person=caller.user,
        group="",
        service=wish.service,
        rule=wish.rule,
        approver=caller.user,
        purpose=purpose_of(wish.purpose),
        until=now + wish.duration,
        activity=wish.activity,
        classes=wish.classes,
        uses_left=wish.uses,
    )
    return GrantRecord(grant, now, reference=wish.reference, break_glass=True)


def bars_another(record: GrantRecord, now: datetime) -> bool:
    """Whether an emergency keeps its holder from the next: nobody reviewed it, or found it none within a day."""
    judged = record.reviewed_at if record.finding is Finding.UNJUSTIFIED else None
    return record.awaits_review or (judged is not None and now < judged + A_DAY)


def must_be_renewable(record: GrantRecord, now: datetime) -> None:
    """Raise `Declined` unless half of the grant is over: renewals would pile up beyond what the rule grants."""
    grant = record.grant
    begins = grant.from_ or record.created
    if record.revoked or now < begins + (grant.until - begins) / 2:
        raise Declined(409, "too_early", TOO_EARLY)


def revoke(
    record: GrantRecord, terms: Terms | None, caller: Caller, now: datetime, *, operator: bool = False
) -> GrantRecord:
    """Return the grant, taken back at once: by its holder, by who gave it, or by an approver of its rule.

    Raises `Declined`.
    """
    me, grant = fold(caller.user), record.grant
    concerned = {fold(name) for name in (grant.person, *grant.approvers) if name}
    if not operator and not (me and (me in concerned or (terms is not None and may_approve(terms, caller)))):
        raise Declined(404, "no_such_grant", NO_SUCH_GRANT)
    if record.revoked:
        raise Declined(409, "revoked_before", REVOKED_BEFORE)
    return replace(record, signature=b"", revoked_by=caller.user, revoked_at=now)


def review(record: GrantRecord, finding: Finding, caller: Caller, now: datetime) -> GrantRecord:
    """Return the emergency grant with what somebody else found about it; what was not justified ends at once.

    Raises `Declined`.
    """
    if not caller.user:
        raise Declined(403, "unidentified", NOBODY)
    if not record.awaits_review:
        raise Declined(409, "nothing_to_review", NOTHING_TO_REVIEW)
    if fold(caller.user) == fold(record.grant.person):
        raise Declined(403, "own_request", OWN_EMERGENCY)
    reviewed = replace(record, reviewed_by=caller.user, reviewed_at=now, finding=finding)
    if finding is Finding.JUSTIFIED or record.revoked:
        return reviewed
    return replace(reviewed, signature=b"", revoked_by=caller.user, revoked_at=now)


def ends_soon(record: GrantRecord, now: datetime) -> bool:
    """Whether the holder should think about a renewal now."""
    grant = record.grant
    notice = min(SOON, (grant.until - (grant.from_ or record.created)) / 10)
    return not record.revoked and now < grant.until <= now + notice


@dataclass(frozen=True, slots=True)
class Sorted:
    """Grants that policy may be told of, and the ids of those that must be ignored."""

    usable: tuple[Grant, ...] = ()
    unsound: tuple[str, ...] = ()
    """Ids of grants whose signature does not hold: made or changed by somebody without the key."""


def sort_out(records: Iterable[GrantRecord], signer: Signer, used: Mapping[str, int]) -> Sorted:
    """Tell sound grants from unsound ones; `used` says by counter (`uses_counter`) how often each was used.

    Times are left for policy to judge. A revoked grant is neither.
    """
    standing = [record for record in records if not record.revoked]
    sound = [record for record in standing if signer.holds(record)]
    unsound = {record.grant.id for record in standing} - {record.grant.id for record in sound}
    return Sorted(tuple(_told(record.grant, used) for record in sound), tuple(sorted(unsound)))


def uses_counter(id: str) -> str:
    """Return the name of the counter of a grant's uses."""
    return f"grant:{id}"


def _told(grant: Grant, used: Mapping[str, int]) -> Grant:
    if grant.uses_left is None:
        return grant
    return replace(grant, uses_left=max(0, grant.uses_left - used.get(uses_counter(grant.id), 0)))


def _read(text: str, now: datetime) -> datetime:
    if span := SPAN.fullmatch(text.lower()):
        return now + int(span[1]) * UNITS[span[2]]
    try:
        if DAY.fullmatch(text):
            day = datetime.combine(datetime.fromisoformat(text), time.min, now.tzinfo)
            return day + timedelta(days=1)
        if INSTANT.fullmatch(text):
            instant = datetime.fromisoformat(text)
            return instant if instant.tzinfo else instant.replace(tzinfo=now.tzinfo)
    except (ValueError, OverflowError):
        pass  # a date such as 31 February; said below
    raise SettingsError(
        "the end of a grant is written as 12h, 30d, 2w, 2026-12-31 or 2026-12-31T18:00+08:00",
        "授权期限的写法为 12h、30d、2w、2026-12-31 或 2026-12-31T18:00+08:00",
    )


BAD_DURATION: Final = Text("Write how long you need it as 12h, 30d or 2w.", "请按 12小时、30天 或 2周 的形式填写期限。")
TOO_LONG_AN_EMERGENCY: Final = Text(
    "An emergency permission lasts four hours at most; ask an approver for more.",
    "紧急授权最长四小时；如需更久，请向审批人申请。",
)
NO_SUCH_GRANT: Final = Text("There is no such grant among yours.", "您名下没有这条授权。")
TOO_EARLY: Final = Text(
    "A grant is renewed in the second half of its time, and not when it was revoked.",
    "授权在有效期过半之后才能续期；已撤销的不能续期。",
)
RENEWED_BEFORE: Final = Text("This grant was renewed already.", "该授权已续期。")
NO_EMERGENCIES: Final = Text(
    "This rule allows no emergency permission; ask an approver.", "该规则不允许紧急授权；请向审批人申请。"
)
REVIEW_FIRST: Final = Text(
    "Your last emergency permission has not been reviewed yet, or was found unjustified within the last day.",
    "您上一次的紧急授权尚未复核，或一天之内被认定为理由不成立。",
)
REVOKED_BEFORE: Final = Text("This grant is revoked already.", "该授权已被撤销。")
NOTHING_TO_REVIEW: Final = Text(
    "Only an emergency permission that nobody has reviewed can be reviewed.", "只有尚未复核的紧急授权可以复核。"
)
OWN_EMERGENCY: Final = Text(
    "Nobody reviews their own emergency permission; another person must.", "不得复核本人的紧急授权；须由他人复核。"
)

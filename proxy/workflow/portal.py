"""The authorization workflow with its store: one method for each step that a person takes.

Enters: who, what, and the present time. Leaves: requests and grants as they then stand, with the step's audit events
and notifications kept in the same transaction. What may be done is decided in `requests` and `grants` beside it;
nothing that a person wrote enters an event or a notification.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from policies.decision import Grant, Text
from policies.model import fold
from policies.problem import say
from policies.recognise import offer
from proxy.audit import Value, spell
from proxy.caller import Caller
from proxy.errors import Declined
from proxy.store.interface import Changes, Store
from proxy.workflow import grants, requests
from proxy.workflow.permission import Event, Finding, GrantRecord, GrantRequest, Message, State, notes_of
from proxy.workflow.requests import NOBODY, Terms, Wish, may_approve
from proxy.workflow.rulebook import Rulebook
from proxy.workflow.signing import Signer

TRIES: Final = 5
"""How often a step is tried anew because somebody else was faster."""
MOST_OPEN: Final = 20
"""Requests that one person can have waiting."""
MOST_A_DAY: Final = 50
"""Requests that one person can make in a day: each one calls approvers."""
A_DAY: Final = timedelta(days=1)
PURPOSES: Final = ("business", "personal")
LONGEST_PURPOSE: Final = timedelta(hours=12)
"""How long a declared purpose is valid: a working day."""
SLUICE: Final = Caller("", frozenset(), "", "unknown")
"""Nobody: what time alone brings about."""


@dataclass(frozen=True, slots=True)
class Portal:
    """Where people ask, answer, take back and declare."""

    store: Store
    signer: Signer
    rulebook: Callable[[], Rulebook]
    """Of the policy that is in force now."""
    entropy: Callable[[int], bytes]
    channels: tuple[str, ...] = ()
    """Where notifications go: `webhook`, `smtp`."""
    desk: Literal["api", "command_line"] = "api"
    """At the command line an administrator acts, who may give and take where a rule names nobody."""

    # -- requests ---------------------------------------------------------------------------------------------------

    def ask_with(
        self, caller: Caller, token: str, purpose: str, classes: frozenset[str], duration: timedelta, now: datetime
    ) -> tuple[GrantRequest, bool]:
        """Ask for what a refusal's token names; without `classes`, for those that the refusal saw. See `ask`."""
        wish = self.wish_of(caller, token, purpose, duration, now)
        wish = replace(wish, classes=classes or wish.classes)
        return self.ask(caller, wish, now)

    def wish_of(self, caller: Caller, token: str, purpose: str, duration: timedelta, now: datetime) -> Wish:
        """Return what the token of a refusal asks for; raises `Declined` where it is somebody else's."""
        said = self.signer.read_token(token, now)
        if not caller.user or fold(caller.user) != fold(said.user):
            raise Declined(403, "not_your_link", NOT_YOUR_LINK)
        return Wish(said.service, said.rule, said.activity, said.classes, purpose, duration, said.reference)

    def ask(self, caller: Caller, wish: Wish, now: datetime) -> tuple[GrantRequest, bool]:
        """Ask for a grant; returns the request, and whether it is new rather than open already. Raises `Declined`."""
        wish = self.checked(wish)
        terms = self.terms(wish.rule)
        self.expire_overdue(now)
        for _ in range(TRIES):
            mine = [one for one in self.store.requests() if fold(one.user) == fold(caller.user)]
            waiting = [one for one in mine if requests.expire(one, now).state is State.OPEN]
            for one in waiting:
                if (one.service, one.rule, one.activity) == (wish.service, wish.rule, wish.activity):
                    return one, False
            if len(waiting) >= MOST_OPEN or sum(now - one.at < A_DAY for one in mine) >= MOST_A_DAY:
                raise Declined(429, "too_many_requests", TOO_MANY)
            request = requests.ask(wish, terms, caller, f"R-{spell(self.entropy(4))}", now)
            event = self.event("grant_asked", now, caller, request=request)
            if self.store.keep(Changes(request=request, events=[event], messages=self.messages(event))):
                return request, True
        raise Declined(409, "overtaken", OVERTAKEN)

    def visible_requests(self, caller: Caller, now: datetime) -> tuple[GrantRequest, ...]:
        """Return the caller's own requests, and the open ones that they may answer."""
        me, known = self.person(caller), self.rulebook().terms
        return tuple(
            one
            for one in (requests.expire(each, now) for each in self.store.requests())
            if fold(one.user) == fold(me.user)
            or (one.state is State.OPEN and may_approve(known.get(one.rule, Terms()), me))
        )

    def expire_overdue(self, now: datetime) -> None:
        """Close the open requests whose deadline has come."""
        for was in self.store.requests(State.OPEN):
            request = requests.expire(was, now)
            if request is not was:
                event = self.event("grant_request_expired", now, SLUICE, request=request)
                changes = Changes(request=request, request_was=was, events=[event], messages=self.messages(event))
                self.store.keep(changes)  # whoever was faster has closed it

    def open_requests(self, now: datetime) -> list[GrantRequest]:
        """Return what waits for an answer."""
        return [one for one in self.store.requests(State.OPEN) if requests.expire(one, now).state is State.OPEN]

    def approve(self, caller: Caller, id: str, now: datetime) -> GrantRequest:
        """Approve a request; with the last approval that the rule wants, the grant is given. Raises `Declined`."""
        who, operator = self.person(caller), self.desk == "command_line"

        def change(request: GrantRequest) -> GrantRequest:
            return requests.approve(request, self.terms(request.rule), who, now, operator=operator)

        return self.answer(id, "grant_approved", change, who, now)

    def deny(self, caller: Caller, id: str, now: datetime) -> GrantRequest:
        """Deny a request; raises `Declined`."""
        who, operator = self.person(caller), self.desk == "command_line"

        def change(request: GrantRequest) -> GrantRequest:
            return requests.deny(request, self.terms(request.rule), who, now, operator=operator)

        return self.answer(id, "grant_denied", change, who, now)

    def withdraw(self, caller: Caller, id: str, now: datetime) -> GrantRequest:
        """Take back one's own request; raises `Declined`."""
        return self.answer(id, "grant_withdrawn", lambda request: requests.withdraw(request, caller, now), caller, now)

    def answer(
        self, id: str, word: str, change: Callable[[GrantRequest], GrantRequest], caller: Caller, now: datetime
    ) -> GrantRequest:
        """Change a request, whoever else changes it meanwhile, and give the grant where it is approved by that."""
        for _ in range(TRIES):
            was = self.store.get_request(id)
            if was is None:
                raise Declined(404, "no_such_request", NO_SUCH_REQUEST)
            request, record = change(was), None
            events = [self.event(word, now, caller, request=request)]
            if request.state is State.APPROVED:
                renewed = self.store.get_grant(request.renews) if request.renews else None
                given = grants.granted(request, grants.grant_id(self.entropy(4)), now, renewed)
                record = self.signer.sign(given)
                request = replace(request, grant=record.grant.id)
                events.append(self.event("grant_given", now, caller, record=record))
            messages = self.messages(events[-1])
            if self.store.keep(
                Changes(request=request, request_was=was, grant=record, events=events, messages=messages)
            ):
                return request
        raise Declined(409, "overtaken", OVERTAKEN)

    # -- grants -----------------------------------------------------------------------------------------------------

    def visible_grants(self, caller: Caller) -> tuple[GrantRecord, ...]:
        """Return the grants of the caller and of their groups."""
        me = self.person(caller)
        return self.store.grants_for(me.user, me.groups)

    def give(self, grant: Grant, approvers: tuple[Caller, ...], now: datetime) -> GrantRecord:
        """Give a grant that nobody asked for, in the name of its approvers; raises `Declined`."""
        whos = [self.person(one) for one in approvers]
        names_checked = self.checked(Wish(grant.service, grant.rule, "", grant.classes, "", timedelta()))
        book = self.rulebook()
        opened = book.opened_by(grant.rule)
        holder, group = fold(grant.person), fold(grant.group)
        if not opened:
            raise self.no_such_rule(book)
        for who in whos:
            if not who.user:
                raise Declined(403, "unidentified", NOBODY)
            if fold(who.user) == holder or (group and group in {fold(name) for name in who.groups}):
                raise Declined(403, "own_request", requests.OWN_REQUEST)
        for terms in opened:
            requests.within(terms.longest or grants.LONGEST, grant.until - (grant.from_ or now))
            if terms.approvers and not all(may_approve(terms, who) for who in whos):
                raise Declined(403, "not_an_approver", requests.NOT_AN_APPROVER)
            if len({fold(who.user) for who in whos}) < terms.eyes:
                raise Declined(403, "more_eyes", MORE_EYES)
        names = tuple(who.user for who in whos)
        purpose = requests.purpose_of(grant.purpose)
        given = replace(
            grant, approver=" ".join(names), approvers=names, purpose=purpose, classes=names_checked.classes
        )
        return self.keep_new(self.signer.sign(GrantRecord(given, now)), "grant_given", whos[-1], now)

    def revoke(self, caller: Caller, id: str, now: datetime) -> GrantRecord:
        """Take a grant back; the next request is refused. Raises `Declined`."""
        operator = self.desk == "command_line"  # who can take back even where the policy cannot be read
        who = caller if operator else self.person(caller)

        def change(record: GrantRecord) -> GrantRecord:
            terms = None if operator else self.rulebook().terms.get(record.grant.rule)
            return grants.revoke(record, terms, who, now, operator=operator)

        return self.alter(id, "grant_revoked", change, who, now)

    def renew(
        self, caller: Caller, id: str, purpose: str, duration: timedelta, now: datetime
    ) -> tuple[GrantRequest, bool]:
        """Ask for a grant of one's own to go on when it ends; returns as `ask` does. Raises `Declined`."""
        record = self.store.get_grant(id)
        if record is None or not caller.user or fold(record.grant.person) != fold(caller.user):
            raise Declined(404, "no_such_grant", grants.NO_SUCH_GRANT)
        grants.must_be_renewable(record, now)
        if any(one.renews == id and one.state is State.APPROVED for one in self.store.requests()):
            raise Declined(409, "renewed_before", grants.RENEWED_BEFORE)
        grant = record.grant
        wish = Wish(grant.service, grant.rule, grant.activity, grant.classes, purpose or grant.purpose, duration)
        return self.ask(caller, replace(wish, reference=record.reference, uses=grant.uses_left, renews=id), now)

    def break_glass(self, caller: Caller, wish: Wish, now: datetime) -> GrantRecord:
        """Take a grant in an emergency, to be reviewed afterwards; raises `Declined`."""
        wish = self.checked(wish)
        if not self.terms(wish.rule).break_glass:
            raise Declined(403, "no_emergencies", grants.NO_EMERGENCIES)
        for one in self.store.all_grants():
            if fold(one.grant.person) == fold(caller.user) and grants.bars_another(one, now):
                raise Declined(409, "review_first", grants.REVIEW_FIRST)
        record = grants.in_emergency(wish, caller, grants.grant_id(self.entropy(4)), now)
        return self.keep_new(self.signer.sign(record), "break_glass", caller, now)

    def review(self, caller: Caller, id: str, finding: Finding, now: datetime) -> GrantRecord:
        """Say of somebody else's emergency whether it was one; raises `Declined`."""
        return self.alter(id, "grant_reviewed", lambda record: grants.review(record, finding, caller, now), caller, now)

    def keep_new(self, record: GrantRecord, word: str, caller: Caller, now: datetime) -> GrantRecord:
        """Keep a new grant, with its event and notification."""
        event = self.event(word, now, caller, record=record)
        if not self.store.keep(Changes(grant=record, events=[event], messages=self.messages(event))):
            raise Declined(409, "overtaken", OVERTAKEN)
        return record

    def alter(
        self, id: str, word: str, change: Callable[[GrantRecord], GrantRecord], caller: Caller, now: datetime
    ) -> GrantRecord:
        """Change a grant, whoever else changes it meanwhile."""
        for _ in range(TRIES):
            was = self.store.get_grant(id)
            if was is None:
                raise Declined(404, "no_such_grant", grants.NO_SUCH_GRANT)
            record = change(was)
            event = self.event(word, now, caller, record=record)
            changes = Changes(grant=record, grant_was=was, events=[event], messages=self.messages(event))
            if self.store.keep(changes):
                return record
        raise Declined(409, "overtaken", OVERTAKEN)

    # -- what people say --------------------------------------------------------------------------------------------

    def acknowledge(self, caller: Caller, notice: str, words: str, now: datetime) -> None:
        """Remember that the caller confirmed a notice, or gave a reason where a rule asks for one."""
        if not caller.user:
            raise Declined(403, "unidentified", NOBODY)
        asked = self.rulebook().confirmable.get(notice)
        if asked is None:
            raise Declined(404, "no_such_notice", NO_SUCH_NOTICE)
        reason = requests.purpose_of(words) if words or asked.reasoned else ""
        for key in sorted(asked.keys):
            self.store.acknowledge(caller.user, key, now, reason)
        self.store.keep(Changes(events=[self.event("notice_acknowledged", now, caller, notice=notice)]))

    def declare(self, caller: Caller, service: str, purpose: str, hours: int, now: datetime) -> datetime:
        """Remember what the caller says they use a service for; returns until when."""
        if not caller.user:
            raise Declined(403, "unidentified", NOBODY)
        if service not in self.rulebook().services:
            raise no_such_service(service, self.rulebook())
        if purpose not in PURPOSES or not 0 < hours <= LONGEST_PURPOSE // timedelta(hours=1):
            raise Declined(400, "bad_purpose", BAD_DECLARATION)
        until = now + timedelta(hours=hours)
        self.store.declare_purpose(caller.user, service, purpose, until)
        event = self.event("purpose_declared", now, caller, service=service, purpose=purpose)
        self.store.keep(Changes(events=[event]))
        return until

    # -- shared -----------------------------------------------------------------------------------------------------

    def person(self, caller: Caller) -> Caller:
        """Return the caller with all groups that are known of them."""
        return replace(caller, groups=caller.groups | self.rulebook().groups_of(caller.user))

    def terms(self, rule: str) -> Terms:
        """Return the terms of a rule; raises `Declined` where no grant opens it."""
        book = self.rulebook()
        found = book.terms.get(rule)
        if found is None:
            raise self.no_such_rule(book)
        return found

    def no_such_rule(self, book: Rulebook) -> Declined:
        """Return the error for a rule that no grant opens; an administrator is told those that one opens."""
        told = NO_SUCH_RULE
        if book.terms and self.desk == "command_line":
            known = Text(", ".join(sorted(book.terms)), "、".join(sorted(book.terms)))
            told = say(NO_SUCH_RULE_BUT, words=known)
        return Declined(404, "no_such_rule", told)

    def checked(self, wish: Wish) -> Wish:
        """Return the wish with the policy's own spelling of its names; raises `Declined` for a name that is none."""
        book = self.rulebook()
        if wish.service != "*" and wish.service not in book.services:
            raise no_such_service(wish.service, book)
        if any(fold(name) not in book.classes for name in wish.classes):
            raise Declined(404, "no_such_class", NO_SUCH_CLASS)
        return replace(wish, classes=frozenset(book.classes[fold(name)] for name in wish.classes))

    def messages(self, event: Event) -> list[Message]:
        """Return the notifications of an event."""
        return [Message(channel, event) for channel in self.channels]

    def event(
        self,
        word: str,
        now: datetime,
        caller: Caller,
        request: GrantRequest | None = None,
        record: GrantRecord | None = None,
        **more: Value,
    ) -> Event:
        """Return the audit event of a step: who did what about which request or grant."""
        notes: dict[str, Value] = {"user": caller.user, "address": caller.address, "desk": self.desk, **more}
        return Event(word, now, notes | (notes_of(request) if request else {}) | (notes_of(record) if record else {}))


def no_such_service(word: str, book: Rulebook) -> Declined:
    """Return the error for a service that is none of the catalogue, with those that may be meant."""
    offered = offer(word, book.services)
    told = say(NO_SUCH_SERVICE_BUT, words=Text(offered, offered)) if offered else NO_SUCH_SERVICE
    return Declined(404, "no_such_service", told)


NOT_YOUR_LINK: Final = Text("This link is for somebody else.", "此链接属于其他人。")
TOO_MANY: Final = Text(
    f"{MOST_OPEN} of your requests may wait for an answer, and {MOST_A_DAY} be made in a day; withdraw one, or wait.",
    f"最多可有 {MOST_OPEN} 份申请等待答复，每天最多申请 {MOST_A_DAY} 次；请先撤回一份，或稍后再试。",
)
OVERTAKEN: Final = Text("Somebody else was faster; look again and repeat.", "他人已先行操作；请刷新后重试。")
NO_SUCH_REQUEST: Final = Text("There is no such request.", "没有这份申请。")
NO_SUCH_RULE: Final = Text(
    "No grant opens this rule: the policy has no `authorized` rule of that name.",
    "该规则不能通过授权放行：政策中没有此名称的“需授权”规则。",
)
NO_SUCH_RULE_BUT: Final = Text(
    NO_SUCH_RULE.en + " Those are: {words}.",
    NO_SUCH_RULE.zh + "可放行的规则有：{words}。",
)
NO_SUCH_SERVICE: Final = Text(
    "The catalogue has no such service; see `sluice services list`.", "目录中没有该服务；见 `sluice services list`。"
)
NO_SUCH_SERVICE_BUT: Final = Text(
    "The catalogue has no such service; write the id. Perhaps one of these: {words}",
    "目录中没有该服务；请填写服务的 id。可能是：{words}",
)
NO_SUCH_CLASS: Final = Text("The policy has no data class of that name.", "政策中没有此名称的数据类。")
NO_SUCH_NOTICE: Final = Text("The policy has no such notice.", "政策中没有此提示。")
MORE_EYES: Final = Text(
    "The rule wants two different people to approve; name both.", "该规则要求两人复核；请列出两位审批人。"
)
BAD_DECLARATION: Final = Text(
    "Say `business` or `personal`, for one to twelve hours.", "请写明 business 或 personal，时长 1 至 12 小时。"
)

"""What a policy says and never does: rules that cannot match, or change nothing; grants and notices without effect.

Enters: a policy, the services, what detectors can find, the day. Leaves: remarks, each with an example where there is
one. Pure. Every situation that the policy can tell apart is tried; where those are too many, the remark says that it
rests on a sample. A policy with remarks still decides as it is written.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policies.cells import Axes, Cell, Grid, axes, lay_out, narrow, reached
from policies.decide import decide
from policies.decision import Decision, Mode, Route, Text, Verdict
from policies.explain import spoken
from policies.listed import NOBODYS, Listed
from policies.model import Mark, Policy, Rule, fold
from policies.problem import Report, key_of, keys_of, say
from policies.report import Level, Remark
from policies.vary import HORIZON
from policies.weigh import weigh
from policies.when import coming

FORESIGHT = timedelta(days=30)
"""So long before its end a calendar is to be renewed."""
MOST = 3_000
"""Situations tried for each rule, at most."""

UNREACHABLE = Text("The rule “{rule}” can never match: {why}.", "规则“{rule}”永远不会匹配：{why}。")
WHY = {
    "service": Text("no service of the catalogue fits", "目录中没有符合的服务"),
    "time": Text("its hours leave no moment open", "它的时段没有任何时刻成立"),
    "text": Text("nothing that can be found fits", "没有可能发现的内容符合"),
}
NEVER_FITS = Text("its condition on “{kind}” never holds", "它的“{kind}”条件永远不成立")
SHADOWED = Text(
    "The rule “{rule}” changes nothing: wherever it matches, other rules demand as much or more.",
    "规则“{rule}”不起作用：凡是它匹配的情形，其他规则的要求相同或更严。",
)
HELPLESS = Text(
    "A grant for the rule “{rule}” can never help: wherever the rule matches, something else still refuses.",
    "规则“{rule}”的授权永远不起作用：凡是它匹配的情形，仍有其他规则拒绝。",
)
NEVER_OPENS = Text(
    "No grant ever opens the exception of the rule “{rule}”: the rules it names never match where it does.",
    "规则“{rule}”的例外永远打不开：它列出的规则在它适用的情形下从不匹配。",
)
TOO_FEW = Text(
    "The rule “{rule}” wants two to approve and names only one; write a list [a, b], or a group under “‹groups›”.",
    "规则“{rule}”要求双人复核，却只列出一位审批人；请写成 [甲, 乙]，或写“‹groups›”中的组名。",
)
EYES = 2
UNDETECTED = Text("No detector finds anything of the class “{name}”.", "没有检测器能发现数据类“{name}”中的任何内容。")
PARTLY = Text(
    "No detector finds {names}, which the class “{name}” holds.", "数据类“{name}”中的 {names} 没有检测器能发现。"
)
NEVER_SHOWN = Text("The notice “{name}” is never shown.", "提示“{name}”永远不会显示。")
WORDLESS = Text(
    "What the rule “{rule}” adds to answers (label, notice) is left out where no place is known for it: {count} of its "
    "services, as {names}. Their answers pass without it, and the record says so; write a notice that must be "
    "confirmed before (‹acknowledge: yes›) if it has to be read.",
    "规则“{rule}”加在回答上的文字（标注、提示）在部分服务上无处可加：涉及 {count} 个服务，如 {names}。"
    "这些回答照原样返回，审计记录会写明；必须让人读到的，请写成须先确认的提示（‹acknowledge: yes›）。",
)
FEW = 5
"""Services that a remark names."""
EMPTY_SET = Text("No service of the catalogue belongs to “{name}”.", "目录中没有服务属于“{name}”。")
CLOSED = Text("The hours “{name}” are never open.", "时段“{name}”从不开放。")
CALENDAR_ENDS = Text(
    "The days off and make-up days of the hours “{name}” are known up to {last} only; then the days of the week alone "
    "count.",
    "时段“{name}”的放假和调休日期只到 {last}，之后只按星期计算。",
)
OVERDUE = Text("The policy was to be reviewed by {due}.", "政策应在 {due} 之前复审。")
NEVER_REVIEWED = Text(
    "The policy is to be reviewed, and does not say when it last was.", "政策需要定期复审，但没有写上次复审的日期。"
)


@dataclass(frozen=True, slots=True)
class Lookout:
    """What a policy is held against."""

    services: Sequence[Listed]
    detectable: Collection[str] | None
    """Entities that some detector finds; None leaves them unchecked."""
    now: datetime
    """Aware."""


def lint(policy: Policy, against: Lookout, most: int = MOST) -> tuple[Remark, ...]:
    """Return all remarks, in the order of the policy's lines; `most` bounds the situations tried for each rule."""
    whole = axes((policy,), against.services, against.now)
    remarks = [
        *_rules(policy, whole, most),
        *_eyes(policy),
        *_wordless(policy, against),
        *_classes(policy, against.detectable),
        *_sets(policy, against.services),
        *_calendar(policy, against.now),
    ]
    return tuple(sorted(remarks, key=lambda each: (each.problem.file, each.problem.line, each.problem.column)))


def _rules(policy: Policy, whole: Axes, most: int) -> Iterator[Remark]:
    shown: set[str] = set()
    slim = policy
    for rule in policy.rules:
        narrowed = narrow(whole, rule)
        empty = [kind for kind, values in narrowed.kinds.items() if not values]
        if empty:
            yield _unreachable(policy, rule, empty[0])
            continue
        grid = lay_out(narrowed, most)
        decided = [(cell, decide(policy, cell.facts, cell.found)) for cell in grid.cells]
        shown |= {notice.id for _, decision in decided for notice in decision.notices}
        if rule.excepts and not any(rule.id not in {each.id for each in decision.rules} for _, decision in decided):
            yield _remark(policy, rule.mark, "exception-never-opens", say(NEVER_OPENS, rule=rule.id))
        if rule.verdict is Verdict.AUTHORIZED and not any(decision.permitted for _, decision in decided):
            with_grant = next((each for each in decided if _granted(each[0], rule)), decided[0])
            yield _remark(policy, rule.mark, "helpless-grant", say(HELPLESS, rule=rule.id), _example(grid, with_grant))
        elif rule.mode is Mode.ENFORCE and not _matters(slim, rule, grid):
            slim = _without(slim, rule)  # of two rules that say the same, only one is superfluous
            yield _remark(policy, rule.mark, "shadowed", say(SHADOWED, rule=rule.id), _example(grid, decided[0]))
    for each in policy.notices:
        used = any(each.notice.id == notice.id for rule in policy.rules for notice in rule.remind)
        if used and each.notice.id not in shown:
            yield _remark(policy, each.mark, "notice-never-shown", say(NEVER_SHOWN, name=each.name))


def _eyes(policy: Policy) -> Iterator[Remark]:
    """Warn of rules that want two to approve, and name fewer."""
    members = {fold(each.name): each.people for each in policy.groups}
    for rule in policy.rules:
        if rule.asking is None or not rule.asking.four_eyes or not rule.asking.approvers:
            continue
        named = {fold(name) for name in rule.asking.approvers}
        told_elsewhere = any(name in members and not members[name] for name in named)  # the directory knows how many
        people = frozenset[str]().union(*(members.get(name) or {name} for name in named))
        if len(people) < EYES and not told_elsewhere:
            yield _remark(policy, rule.mark, "too-few-approvers", say(TOO_FEW, rule=rule.id))


def _wordless(policy: Policy, against: Lookout) -> Iterator[Remark]:
    """Tell of rules that add words to the answers of services whose answers have no known place for them."""
    for rule in policy.rules:
        adds = rule.label != Text() or any(not each.acknowledge for each in rule.remind)
        if not adds or rule.verdict is Verdict.FORBIDDEN or rule.route is Route.INTERNAL:
            continue
        lost = [each.id for each in reached(rule, against.services, against.now) if not each.words]
        if lost:
            names = ", ".join(lost[:FEW]) + (" …" if len(lost) > FEW else "")
            told = say(WORDLESS, rule=rule.id, count=str(len(lost)), names=names)
            named = {id for each in rule.when.services for id in each.ids}
            level = Level.NOTE if named.isdisjoint(lost) else Level.WARNING  # a wide rule is not meant for each of them
            yield replace(_remark(policy, rule.mark, "words-left-out", told), level=level)


def _unreachable(policy: Policy, rule: Rule, kind: str) -> Remark:
    why = WHY.get(kind) or say(NEVER_FITS, kind=key_of(kind))
    word = "contradictory-hours" if kind == "time" else "unreachable"
    return _remark(policy, rule.mark, word, say(UNREACHABLE, rule=rule.id, why=why))


def _matters(policy: Policy, rule: Rule, grid: Grid) -> bool:
    """Tell whether taking the rule away would change what happens anywhere, or the words with which it is refused."""
    fewer = _without(policy, rule)
    own_words = any(map(spoken, (rule.reason, rule.instead, rule.ask)))
    for cell in grid.cells:
        with_it, without = (decide(each, cell.facts, cell.found) for each in (policy, fewer))
        speaks = with_it.deciding == rule.id and (own_words or not without.rules)
        if speaks or weigh(without, with_it, cell.found).word != "same":
            return True
    return False


def _without(policy: Policy, rule: Rule) -> Policy:
    return replace(policy, rules=tuple(each for each in policy.rules if each.id != rule.id))


def _granted(cell: Cell, rule: Rule) -> bool:
    return any(grant.rule == rule.id for grant in cell.facts.grants)


def _example(grid: Grid, decided: tuple[Cell, Decision]) -> Text:
    """Return one situation with the rule that decides it, and how much was tried, where that is not all."""
    cell, rule, tried, part = decided[0].said, decided[1].deciding, len(grid.cells), Text()
    if tried < grid.of:
        part = Text(f" (a sample: {tried} of {grid.of} situations)", f"（抽样：{grid.of} 种情形中的 {tried} 种）")
    elif grid.capped:
        kinds = ", ".join(grid.capped)
        part = Text(f" (tried in part: {kinds})", f"（只试了一部分：{kinds}）")
    return Text(f"{cell.en} → decided by {rule}{part.en}", f"{cell.zh} → 由 {rule} 决定{part.zh}")


def _classes(policy: Policy, detectable: Collection[str] | None) -> Iterator[Remark]:
    """Warn of classes, and entities in them, that nobody looks for."""
    if detectable is None:
        return
    for each in policy.classes:
        own = {each.terms.entity} if each.terms else set()
        lost = sorted(each.entities - own - set(detectable))
        if lost and len(lost) == len(each.entities):
            yield _remark(policy, each.mark, "undetected-class", say(UNDETECTED, name=each.name))
        elif lost:
            yield _remark(policy, each.mark, "undetected-class", say(PARTLY, name=each.name, names=keys_of(lost)))


def _sets(policy: Policy, services: Sequence[Listed]) -> Iterator[Remark]:
    """Warn of sets of services to which none belongs."""
    for each in policy.services:
        fits = any(
            (not each.ids or one.id in each.ids)
            and (not each.categories or one.category in each.categories)
            and (not each.countries or one.country in each.countries)
            and (not each.tags or each.tags & one.tags)
            for one in (*services, NOBODYS)
        )
        if not fits:
            yield _remark(policy, each.mark, "empty-set", say(EMPTY_SET, name=each.name))


def _calendar(policy: Policy, now: datetime) -> Iterator[Remark]:
    """Warn of hours that never open, and of a review that is overdue."""
    for hours in policy.hours:
        if not any(day.opens for day in coming(hours, now, HORIZON)):
            yield _remark(policy, hours.mark, "contradictory-hours", say(CLOSED, name=hours.name))
        known = max(hours.off | hours.work, default=None)
        if known is not None and now.date() + FORESIGHT > (last := known.replace(month=12, day=31)):
            yield _remark(policy, hours.mark, "calendar-ends", say(CALENDAR_ENDS, name=hours.name, last=str(last)))
    review, due = policy.review, policy.review_due
    if review and (due is None or due < now.date()):
        told = say(OVERDUE, due=due.isoformat()) if due else NEVER_REVIEWED
        yield _remark(policy, review.mark, "review-overdue", told)


def _remark(policy: Policy, mark: Mark, kind: str, message: Text, example: Text | None = None) -> Remark:
    source = dict(policy.more).get(mark.file, policy.source)
    problem = Report(mark.file or policy.file, source).problem(mark, message)
    return Remark(Level.WARNING, kind, problem, example or Text())

"""What changes for a person between two decisions about the same exchange: stricter, looser, both, or nothing.

Enters: two decisions. Leaves: a `Shift`, in words too. Pure. Only consequences count: which rule decided, and in which
words, is not weighed. More told, more recorded and less taken along all count as stricter; nothing that lets more out
may ever be called stricter or the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.decision import TREATMENTS, Decision, Findings, Gate, RecordDetail, Route, Text, Treatment
from policies.explain import spoken
from policies.match import findings
from policies.words import alias

WAYS = (
    Text("goes to the service", "发往外部服务"),
    Text("goes to the company's model", "转到公司内部模型"),
    Text("waits for a confirmation", "须先确认提示"),
    Text("waits for a justification", "须先说明理由"),
    Text("needs an approval", "须先获得批准"),
    Text("is refused", "被拒绝"),
)
"""What can become of an exchange, loosest first."""
GATES = (Gate.ACKNOWLEDGE, Gate.JUSTIFY, Gate.APPROVAL)
TAKEN = (
    Text("goes out as it is", "原样发出"),
    *(Text(f"taken out ({each.value})", f"隐去（{alias(each.value)}）") for each in TREATMENTS),
)
"""What becomes of a value, loosest first."""
DETAILS = tuple(RecordDetail)


@dataclass(frozen=True, slots=True)
class Shift:
    """How the second decision differs from the first, in what it does."""

    stricter: tuple[Text, ...] = ()
    looser: tuple[Text, ...] = ()

    @property
    def word(self) -> str:
        """`same`, `stricter`, `looser`, or `both` where it is stricter in one thing and looser in another."""
        if self.stricter and self.looser:
            return "both"
        return "stricter" if self.stricter else "looser" if self.looser else "same"


def way(decision: Decision) -> int:
    """Return the index in `WAYS` of what becomes of the exchange."""
    if decision.gate in GATES:
        return 2 + GATES.index(decision.gate)
    return tuple(Route).index(decision.route) if decision.permitted else len(WAYS) - 1


def weigh(before: Decision, after: Decision, found: Findings | frozenset[str]) -> Shift:
    """Return the shift from `before` to `after` for an exchange in which `found` was found."""
    steps: list[tuple[int, Text]] = []
    if way(before) != way(after):
        steps.append((way(after) - way(before), _to(WAYS[way(before)], WAYS[way(after)])))
    if before.permitted and after.permitted:
        steps += _owed(before, after, findings(found))
    steps += _kept(before, after)
    return Shift(
        tuple(said for step, said in steps if step > 0),
        tuple(said for step, said in steps if step < 0),
    )


def _owed(before: Decision, after: Decision, found: Findings) -> Iterator[tuple[int, Text]]:
    """Give the changes in what a permitted exchange owes."""
    alike: dict[tuple[int, int], list[str]] = {}
    for entity in sorted((before.redact | after.redact) & found.entities):
        alike.setdefault((_treated(before, entity, found), _treated(after, entity, found)), []).append(entity)
    for (old, new), entities in alike.items():
        if old != new:
            way = _to(TAKEN[old], TAKEN[new])
            yield (
                new - old,
                Text(f"{', '.join(entities)}: {way.en}", f"{'、'.join(map(alias, entities))}：{way.zh}"),
            )
    for key, said in (
        ("unreadable_passes", Text("what cannot be read passes", "无法读取的内容放行")),
        ("errors_pass", Text("what could not be checked passes", "检查出错时放行")),
    ):
        if getattr(before, key) != getattr(after, key):
            loosened = getattr(after, key)
            yield (-1, said) if loosened else (1, Text(f"no longer: {said.en}", f"不再：{said.zh}"))
    yield from _models(before, after)
    yield from _notices(before, after)
    if spoken(before.label) != spoken(after.label):
        yield _added(spoken(after.label), Text("the answer is labelled", "回答加标注"))
    yield from _quotas(before, after)


def _treated(decision: Decision, entity: str, found: Findings) -> int:
    if entity not in decision.redact or not found.reaches(entity, decision.least.get(entity, 0.0)):
        return 0
    return 1 + TREATMENTS.index(decision.treat.get(entity, Treatment.PLACEHOLDER))


def _models(before: Decision, after: Decision) -> Iterator[tuple[int, Text]]:
    """Give another model of the company as both: which one keeps more to itself is not the policy's to know."""
    if before.route is after.route is Route.INTERNAL and before.models != after.models:
        old, new = (", ".join(sorted(one.models)) for one in (before, after))
        said = _to(
            Text(old or "as the settings say", old or "由设置决定"),
            Text(new or "as the settings say", new or "由设置决定"),
        )
        told = Text(f"the company's model: {said.en}", f"公司内部模型：{said.zh}")
        yield 1, told
        yield -1, told


def _notices(before: Decision, after: Decision) -> Iterator[tuple[int, Text]]:
    old, new = ({each.id: each for each in one.notices} for one in (before, after))
    for name in sorted(old.keys() ^ new.keys()):
        yield _added(name in new, Text(f"the notice “{name}” is shown", f"显示提示“{name}”"))
    for name in sorted(old.keys() & new.keys()):
        if new[name].acknowledge != old[name].acknowledge:
            said = Text(f"the notice “{name}” must be confirmed", f"须确认提示“{name}”")
            yield _added(new[name].acknowledge, said)


def _quotas(before: Decision, after: Decision) -> Iterator[tuple[int, Text]]:
    """Give the changes in quotas; a higher limit is looser."""
    old, new = ({each.counter: each.limit for each in one.quotas} for one in (before, after))
    for name in sorted(old.keys() ^ new.keys()):
        yield _added(name in new, Text(f"a quota counts: {name}", f"计入配额：{name}"))
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            said = Text(f"the quota {name}: {old[name]} → {new[name]}", f"配额 {name}：{old[name]} → {new[name]}")
            yield old[name] - new[name], said


def _kept(before: Decision, after: Decision) -> Iterator[tuple[int, Text]]:
    step = DETAILS.index(after.record) - DETAILS.index(before.record)
    if step:
        yield (
            step,
            Text(
                f"the record: {before.record} → {after.record}", f"记录：{alias(before.record)} → {alias(after.record)}"
            ),
        )


def _added(there: bool, said: Text) -> tuple[int, Text]:
    return (1, said) if there else (-1, Text(f"no longer: {said.en}", f"不再：{said.zh}"))


def _to(before: Text, after: Text) -> Text:
    return Text(f"{before.en} → {after.en}", f"{before.zh} → {after.zh}")

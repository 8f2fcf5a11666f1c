"""Which entities a policy needs detected, and whether the configured detectors can find them.

Enters: a policy and the settings of detection. Leaves: the brief for detection; or an error: that no detector finds
what the policy needs, or that there is more text than can be scanned in time. Pure; no detector is loaded for it.
"""

from collections.abc import Sequence
from typing import Final

from detectors.allowance import effort, is_over
from detectors.effort import Effort
from detectors.entities import ENTITIES
from detectors.interface import Scan, Searcher
from policies.decision import Decision, Mode, Needs, Text
from policies.model import Mark, Policy
from policies.problem import PolicyError, Report, keys_of, say
from proxy.detecting.interface import Brief
from proxy.errors import OutOfTime, Overloaded, SluiceError
from proxy.settings.detection import Detection
from proxy.wire.body import Limits

NAMES: Final = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})
"""What models for names find, besides the entities that the settings give to labels of a model."""

NOBODY_LOOKS: Final = Text(
    "With these settings nothing looks for {names}, which the policy asks for: it is not put in force.",
    "按目前的设置，没有检测器会查找政策所要求的 {names}，因此不会启用这份政策。",
)
SWITCH_ON: Final = Text(
    "Write `names: accurate` or `names: fast` under `detection` in the settings, or take {names} out of the policy.",
    "请在设置的 `detection` 里写 `names: accurate` 或 `names: fast`，或从政策中删去 {names}。",
)


def too_long(texts: Sequence[str], answer: Needs | Decision, limits: Limits) -> int:
    """Return how many characters can be looked through for what policy needs, where there are more; else nought."""
    if isinstance(answer, Decision):
        return 0
    most = limits.characters(names=bool(answer.entities & NAMES))
    return most if sum(map(len, texts)) > most else 0


BUSY_SECONDS: Final = 10
"""After so long what there was no time for, because of others, may be sent again."""


def late(texts: Sequence[str], scans: Sequence[Scan]) -> SluiceError | None:
    """Return what is told of texts in which something is unknown for want of time or room; else none."""
    note = effort()
    lacked = note.lacked or is_over()
    return out_of_time(texts, note) if lacked and any(one.unknown for one in scans) else None


def out_of_time(texts: Sequence[str], note: Effort) -> OutOfTime | Overloaded:
    """Return why texts are refused that nobody looked through in time: too much of them, or too much else to do."""
    if not note.too_much:
        return busy()
    characters, pieces = sum(map(len, texts)), sum(1 for text in texts if text)
    about = f"{rounded(characters):,}"
    if pieces == 1:
        return OutOfTime(Text(f"about {about} characters", f"约 {about} 个字符"))
    return OutOfTime(
        Text(
            f"about {about} characters in {rounded(pieces):,} messages, values or files",
            f"约 {about} 个字符，共约 {rounded(pieces):,} 条消息、字段或文件",
        )
    )


def body_out_of_time(size: int, note: Effort) -> OutOfTime | Overloaded:
    """Return the same for a body of so many bytes whose texts nobody has come to know."""
    if not note.too_much:
        return busy()
    about = f"{rounded(-(-size // 1000)):,} KB"
    return OutOfTime(Text(f"about {about}", f"约 {about}"))


def busy() -> Overloaded:
    """Return the error of what mostly had to wait, and would have been looked through at another time."""
    return Overloaded("others took the time in which it was to be looked through", BUSY_SECONDS)


def rounded(number: int) -> int:
    """Return a number of which only the first two digits count."""
    return round(number, 2 - len(str(number)))


def labelled(detection: Detection) -> frozenset[str]:
    """Return the entities that the settings give to labels of models of the company's own."""
    labels = (model.labels.values() for model in detection.models)
    return frozenset[str]().union(*labels) - {""}


def asked_for_names(policy: Policy, detection: Detection) -> bool:
    """Tell whether a policy names anything that models for names find."""
    named = (one.entities for one in policy.classes)
    heard = (one.heard for one in policy.conditions)
    return not frozenset[str]().union(*named, *heard).isdisjoint(NAMES | labelled(detection))


def needs_models(entities: frozenset[str] | None, detection: Detection) -> bool:
    """Tell whether a model may find any of `entities`, or of what is looked for where nobody says.

    True also for what nobody is known to find: the error that tells so names all that can be found.
    """
    found_without = ENTITIES.keys() - NAMES
    return bool(detection.models) or (entities is not None and not entities <= found_without)


def brief_of(policy: Policy, detection: Detection) -> Brief:
    """Return what a policy asks of detection."""
    return Brief(asked_for_names(policy, detection), policy.dictionaries)


def must_be_findable(policy: Policy, searcher: Searcher) -> None:
    """Raise `PolicyError` where a policy asks for what nobody looks for: what it asks that of would always be refused.

    What a rule only observes, or reminds of, may stay unknown.
    """
    asked = (one.heard for one in policy.conditions if one.mode is Mode.ENFORCE)
    lost = frozenset[str]().union(*asked) - searcher.entities
    if not lost:
        return
    named = keys_of(sorted(lost))
    mark = next((one.mark for one in policy.classes if one.entities & lost), Mark())
    source = dict(policy.more).get(mark.file, policy.source)
    problem = Report(mark.file or policy.file, source).problem(
        mark, say(NOBODY_LOOKS, names=named), say(SWITCH_ON, names=named)
    )
    raise PolicyError([problem])

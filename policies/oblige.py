"""What a rule demands besides its verdict: what is taken out, told, added, counted, recorded, and for whom it holds.

Enters: the fields of a rule, and what the policy defines. Leaves: the rule with its effects. Nothing that is written
here may be passed over in silence: what cannot be read, or could never have an effect, is reported.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from policies import messages, phrases
from policies.calendar import UNITS, seconds
from policies.decision import Gate, Mode, Notice, RecordDetail, Route, Text, Treatment, Unit, Verdict
from policies.define import named
from policies.explain import spoken
from policies.measure import quotas_of
from policies.model import Asking, DataClass, NoticeText, Rule, Stage, fold
from policies.problem import key_of, say
from policies.read import FLAGS, Reader
from policies.refer import Defined, look_up, refer
from policies.source import Entries, Node, Scalar
from policies.words import canonical

OF_FORBIDDEN: Final = ("route", "send_to", "model", "redact", "withhold", "remind", "label", "quota", "gate")
"""Keys that mean nothing in a rule that lets nothing out."""
OF_WITHHELD: Final = ("route", "send_to", "redact", "label", "quota", "gate")
NOTICE_KEYS: Final = ("zh", "en", "show")
SHOW_KEYS: Final = ("once_per", "acknowledge", "with")
OFTEN: Final = ("hour", "day", "week", "month", "always")
MOMENTS: Final = ("answer", "request")
ASK_KEYS: Final = ("zh", "en", "approvers", "four_eyes", "longest", "answer_within", "break_glass")
LONGEST: Final = 366 * UNITS["day"]
"""No grant lasts longer, whatever its rule says."""
GATES: Final = (Gate.ACKNOWLEDGE, Gate.JUSTIFY)


def define_notices(read: Reader, section: Node) -> dict[str, NoticeText]:
    """Return the notices of the section `notices`; one that says nothing else is shown once a day."""
    return {
        fold(name): NoticeText(name, _notice(read, name, node), mark)
        for name, node, mark in named(read, section, phrases.NOTICE)
    }


def _notice(read: Reader, name: str, node: Node) -> Notice:
    if not isinstance(node, Entries):
        return Notice(name, _said(read, node, phrases.A_NOTICE, name), UNITS["day"])
    fields = read.fields(node, phrases.A_NOTICE, NOTICE_KEYS)
    text = _both(read, fields, node)
    show = read.fields(fields["show"], phrases.SHOWN, SHOW_KEYS) if "show" in fields else {}
    interval = _interval(read, show["once_per"]) if "once_per" in show else UNITS["day"]
    acknowledge = "acknowledge" in show and read.flag(show["acknowledge"], phrases.FLAG)
    moment = read.word(show["with"], phrases.WITH, MOMENTS) if "with" in show else None
    if acknowledge and not interval:
        read.report.add(show["once_per"].mark, phrases.ALWAYS_ACKNOWLEDGED, phrases.WRITE_INTERVAL)
    if acknowledge and moment == "answer":
        read.report.add(show["with"].mark, phrases.CONFIRMED_TOO_LATE, messages.REMOVE_IT)
    if moment == "request" and not acknowledge:
        read.report.add(show["with"].mark, phrases.NOT_BEFORE, phrases.ACKNOWLEDGE_IT)
    return Notice(name, text, interval or 0, acknowledge, moment == "answer")


def _said(read: Reader, node: Node, what: Text, word: str) -> Text:
    """Return a text that says something; `word` is what it stands behind."""
    before = len(read.report.problems)
    text = read.text(node, what)
    if not spoken(text) and len(read.report.problems) == before:
        read.report.add(node.mark, say(messages.NO_VALUE, word=key_of(word)))
    return text


def _both(read: Reader, fields: Mapping[str, Node], node: Node) -> Text:
    """Return the text of `zh` and `en`, one of which must be there."""
    said = {key: read.line(fields[key], phrases.A_NOTICE) for key in ("zh", "en") if key in fields}
    if not any(said.values()):
        read.report.add(node.mark, say(messages.MISSING_KEY, what=phrases.A_NOTICE, word=key_of("zh")))
    return Text(said.get("en", ""), said.get("zh", ""))


def _interval(read: Reader, node: Node) -> int | None:
    """Return seconds, 0 for always."""
    word = canonical(node.text, OFTEN) if isinstance(node, Scalar) else ""
    if word in OFTEN:
        return 0 if word == "always" else UNITS[word]
    return seconds(read, node, phrases.INTERVAL)


def oblige(read: Reader, rule: Rule, fields: Mapping[str, Node], defined: Defined) -> Rule:
    """Return `rule` with the effects that its fields ask for."""
    taken = tuple(_taken(read, fields["redact"], defined)) if "redact" in fields else ()
    withhold = "withhold" in fields and read.flag(fields["withhold"], phrases.FLAG)
    words = {
        key: read.word(fields[key], what, tuple(map(str, choices))) if key in fields else None
        for key, what, choices in (
            ("gate", phrases.GATE, GATES),
            ("record", phrases.RECORD, tuple(RecordDetail)),
            ("mode", phrases.MODE, tuple(Mode)),
        )
    }
    quotas = tuple(quotas_of(read, fields["quota"], rule.id, defined)) if "quota" in fields else ()
    if any(unit is Unit.VALUES for quota in quotas for unit, _ in quota.limits) and not (
        taken or rule.when.classes or rule.when.amounts
    ):
        read.report.add(fields["quota"].mark, phrases.NOTHING_COUNTED, phrases.WRITE_LOOK)
    notices = refer(read, fields["remind"], phrases.NOTICE, defined.notices) if "remind" in fields else ()
    mode = Mode(words["mode"] or Mode.ENFORCE)
    return replace(
        rule,
        redact=tuple(one for one, _ in taken),
        treatments=tuple(way for _, way in taken),
        withhold=withhold,
        gate=Gate(words["gate"] or Gate.NONE),
        remind=tuple(each.notice for each in notices),
        label=_said(read, fields["label"], phrases.LABEL, "label") if "label" in fields else Text(),
        quotas=quotas,
        record=RecordDetail(words["record"]) if words["record"] else None,
        mode=mode,
        stage=_stage(read, fields["stage"], mode, defined) if "stage" in fields else None,
        asking=_asking(read, fields["ask"]) if "ask" in fields else None,
    )


def contradict(read: Reader, verdict: Verdict, fields: Mapping[str, Node]) -> None:
    """Report effects that can never come about beside each other."""
    if "send_to" in fields and "route" in fields:
        read.report.add(fields["send_to"].mark, phrases.TWO_ROUTES, messages.REMOVE_IT)
    if verdict is Verdict.FORBIDDEN:
        for key in OF_FORBIDDEN:
            if key in fields:
                read.report.add(fields[key].mark, say(messages.FORBIDDEN_OWES, word=key_of(key)), messages.REMOVE_IT)
        return
    if "except" in fields and not excepting(verdict, fields):
        read.report.add(fields["except"].mark, phrases.EXCEPT_NOT_FORBIDDEN, messages.REMOVE_IT)
    withheld = fields.get("withhold")
    if not isinstance(withheld, Scalar) or not FLAGS.get(canonical(withheld.text, FLAGS)):
        return
    if verdict is Verdict.AUTHORIZED:
        read.report.add(fields["withhold"].mark, phrases.WITHHELD_AUTHORIZED, messages.REMOVE_IT)
    for key in OF_WITHHELD:
        if key in fields:
            read.report.add(fields[key].mark, say(phrases.WITHHELD_ROUTE, word=key_of(key)), messages.REMOVE_IT)


def excepting(verdict: Verdict | None, fields: Mapping[str, Node]) -> bool:
    """Tell whether a rule can have exceptions: it forbids, or sends to the internal model."""
    return verdict is Verdict.FORBIDDEN or (verdict is Verdict.ALLOWED and sends_inside(fields))


def sends_inside(fields: Mapping[str, Node]) -> bool:
    """Tell whether a rule sends to the internal model."""
    ways = [fields[key] for key in ("route", "send_to") if key in fields]
    return any(isinstance(each, Scalar) and canonical(each.text, tuple(Route)) == Route.INTERNAL for each in ways)


def _taken(read: Reader, node: Node, defined: Defined) -> Iterator[tuple[DataClass, Treatment]]:
    """Give the classes to take out, and how: names alone mean placeholders."""
    if isinstance(node, Entries) and not node.entries:
        read.report.add(node.mark, messages.EMPTY_LIST)
    if not isinstance(node, Entries):
        for each in refer(read, node, messages.CLASS, defined.classes):
            yield each, Treatment.PLACEHOLDER
        return
    for key, value in read.entries(node, messages.CLASS):
        name = read.name(key)
        found = look_up(read, name, key.mark, messages.CLASS, defined.classes) if name is not None else None
        word = read.word(value, phrases.TREATMENT, tuple(map(str, Treatment)))
        if found is not None and word is not None:
            yield found, Treatment(word)


def _stage(read: Reader, node: Node, mode: Mode, defined: Defined) -> Stage:
    fields = read.fields(node, phrases.STAGE, ("groups", "percent"))
    if mode is Mode.OBSERVE:
        read.report.add(node.mark, phrases.OBSERVED_STAGE, messages.REMOVE_IT)
    elif isinstance(node, Entries) and not node.entries:
        read.report.add(node.mark, phrases.EMPTY_STAGE, phrases.WRITE_STAGE)
    groups = refer(read, fields["groups"], messages.GROUP, defined.groups) if "groups" in fields else ()
    percent = read.number(fields["percent"], phrases.PERCENT, 1, 100) if "percent" in fields else 0
    return Stage(tuple(groups), percent or 0)


def _asking(read: Reader, node: Node) -> Asking | None:
    """Return the options of `ask`, besides its texts."""
    if not isinstance(node, Entries):
        return None
    fields = read.fields(node, phrases.ASKING, ASK_KEYS)
    longest = seconds(read, fields["longest"], phrases.SPAN) if "longest" in fields else None
    if longest is not None and longest > LONGEST:
        read.report.add(fields["longest"].mark, phrases.LONGER_THAN_ANY)
    approvers = read.names(fields["approvers"], phrases.APPROVER) if "approvers" in fields else ()
    return Asking(
        approvers=tuple(name for name, _ in approvers),
        four_eyes="four_eyes" in fields and read.flag(fields["four_eyes"], phrases.FLAG),
        longest=longest,
        answer_within=seconds(read, fields["answer_within"], phrases.SPAN) if "answer_within" in fields else None,
        break_glass="break_glass" in fields and read.flag(fields["break_glass"], phrases.FLAG),
    )


def words_of(read: Reader, node: Node) -> Text:
    """Return the words of `ask`, which may stand beside other keys."""
    if not isinstance(node, Entries):
        return read.text(node, messages.TEXTS)
    said = {
        language: read.line(value, messages.TEXTS)
        for key, value in node.entries
        if (language := canonical(key.text, ("zh", "en"))) in ("zh", "en")
    }
    return Text(said.get("en", ""), said.get("zh", ""))

"""The rules of a policy: from nodes to `Rule`, with every name resolved.

Enters: the node of the section and what the policy defines. Leaves: rules. A key that would contradict the rule's
verdict is an error, because its author believed in something that would not happen.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network

from detectors.entities import ENTITIES
from policies import messages
from policies.decision import Route, Text, Verdict
from policies.define import ANY, is_service
from policies.model import DataClass, Group, Hours, Mark, Network, Rule, ServiceSet, Trouble, When, fold
from policies.problem import say
from policies.read import Reader
from policies.recognise import names_of
from policies.source import Node

KEYS = ("id", "name", "verdict", "when", "route", "redact", "unreadable", "on_error", "reason", "instead", "ask")
CONDITIONS = ("service", "group", "person", "hours", "outside_hours", "activity", "data", "network")
ACTIVITIES = ("prompt", "upload", "visit", "other")
ID = re.compile(r"[a-z0-9-]{1,80}")
OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Defined:
    """What rules can refer to, by folded name."""

    hours: Mapping[str, Hours] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    services: Mapping[str, ServiceSet] = field(default_factory=dict)
    classes: Mapping[str, DataClass] = field(default_factory=dict)
    known_services: Collection[str] | None = None
    """Ids of the catalogue; None leaves them unchecked."""


class Enactor:
    """Reads the section `rules` of one policy."""

    def __init__(self, read: Reader, defined: Defined) -> None:
        self._read = read
        self._report = read.report
        self._defined = defined

    def enact(self, section: Node) -> tuple[Rule, ...]:
        """Return the rules; those in which something is wrong may be missing, and are in the report."""
        rules: dict[str, Rule] = {}
        for node in self._read.items(section, messages.RULES):
            rule = self._rule(node)
            if rule is None:
                continue
            if rule.id in rules:
                line = str(rules[rule.id].mark.line)
                self._report.add(rule.mark, say(messages.ID_TWICE, word=rule.id, line=line), messages.OTHER_ID)
            rules.setdefault(rule.id, rule)
        return tuple(rules.values())

    def _rule(self, node: Node) -> Rule | None:
        fields = self._read.fields(node, messages.RULE, KEYS, ("id", "verdict"))
        verdict = self._verdict(fields)
        identity = self._id(fields)
        when = self._when(fields["when"]) if "when" in fields else When()
        redact = tuple(self._refer(fields, "redact", messages.CLASS, self._defined.classes))
        route = self._word(fields, "route", messages.ROUTE, (Route.EXTERNAL, Route.INTERNAL))
        unreadable = self._word(fields, "unreadable", messages.TROUBLE, tuple(Trouble))
        on_error = self._word(fields, "on_error", messages.TROUBLE, tuple(Trouble))
        texts = {
            key: self._read.text(fields[key], messages.TEXTS)
            for key in ("name", "reason", "instead", "ask")
            if key in fields
        }
        if verdict is not None:
            self._contradictions(verdict, fields, {"unreadable": unreadable, "on_error": on_error})
        if verdict is None or identity is None:
            return None
        return Rule(
            id=identity[0],
            mark=identity[1],
            verdict=verdict,
            when=when,
            redact=redact,
            route=Route(route or Route.EXTERNAL),
            unreadable=Trouble(unreadable) if unreadable else None,
            on_error=Trouble(on_error) if on_error else None,
            **texts,
        )

    def _word(self, fields: Mapping[str, Node], key: str, what: Text, choices: Collection[str]) -> str | None:
        return self._read.word(fields[key], what, tuple(map(str, choices))) if key in fields else None

    def _verdict(self, fields: Mapping[str, Node]) -> Verdict | None:
        word = self._word(fields, "verdict", messages.VERDICT, tuple(Verdict))
        return Verdict(word) if word else None

    def _id(self, fields: Mapping[str, Node]) -> tuple[str, Mark] | None:
        scalar = self._read.scalar(fields["id"], messages.RULE_ID) if "id" in fields else None
        if scalar is None:
            return None
        if scalar.text == OTHERWISE:
            self._report.add(scalar.mark, say(messages.RESERVED, word=OTHERWISE), messages.OTHER_ID)
        elif not ID.fullmatch(scalar.text):
            self._report.add(scalar.mark, say(messages.BAD_ID, word=scalar.text), messages.WRITE_ID)
        return scalar.text, scalar.mark

    def _contradictions(self, verdict: Verdict, fields: Mapping[str, Node], troubles: Mapping[str, str | None]) -> None:
        if "ask" in fields and verdict is not Verdict.AUTHORIZED:
            self._report.add(fields["ask"].mark, messages.ASK_WITHOUT_AUTHORIZED, messages.ASK_HINT)
        if verdict is not Verdict.FORBIDDEN:
            return
        for key in ("route", "redact"):
            if key in fields:
                self._report.add(fields[key].mark, say(messages.FORBIDDEN_OWES, word=key), messages.REMOVE_IT)
        for key, said in troubles.items():
            if said == Trouble.PASS:
                self._report.add(fields[key].mark, messages.FORBIDDEN_PASSES, messages.REMOVE_IT)

    def _when(self, node: Node) -> When:
        fields = self._read.fields(node, messages.WHEN, CONDITIONS)
        words = {
            key: list(self._read.names(fields[key], what)) if key in fields else []
            for key, what in (("person", messages.PERSON), ("network", messages.NETWORK))
        }
        activities = frozenset[str]()
        if "activity" in fields:
            activities = self._read.words(fields["activity"], messages.ACTIVITY, ACTIVITIES)
        return When(
            services=self._services(fields),
            groups=tuple(self._refer(fields, "group", messages.GROUP, self._defined.groups)),
            people=frozenset(fold(name) for name, _ in words["person"]),
            hours=tuple(self._refer(fields, "hours", messages.HOURS, self._defined.hours)),
            outside=tuple(self._refer(fields, "outside_hours", messages.HOURS, self._defined.hours)),
            activities=activities,
            classes=tuple(self._refer(fields, "data", messages.CLASS, self._defined.classes)),
            networks=tuple(net for word, mark in words["network"] if (net := self._network(word, mark))),
        )

    def _refer[T](self, fields: Mapping[str, Node], key: str, what: Text, known: Mapping[str, T]) -> Iterator[T]:
        """Give the defined things that a key names."""
        if key not in fields:
            return
        for name, mark in self._read.names(fields[key], what):
            if fold(name) in known:
                yield known[fold(name)]
            elif key in ("data", "redact") and name in ENTITIES:
                self._report.add(mark, say(messages.UNKNOWN_NAME, word=name, what=what), messages.NEEDS_CLASS)
            else:
                hint = messages.DECLARE_GROUP if key == "group" else None
                names = [getattr(each, "name", "") for each in known.values()]
                self._read.refuse_name(name, mark, what, names, hint)

    def _services(self, fields: Mapping[str, Node]) -> tuple[ServiceSet, ...]:
        """Return the sets a rule names; none, which is every service, where it says `any`."""
        if "service" not in fields:
            return ()
        named = list(self._read.names(fields["service"], messages.SERVICE))
        sets, known = self._defined.services, self._defined.known_services
        chosen = []
        for name, mark in named:
            if fold(name) in sets:
                chosen.append(sets[fold(name)])
            elif is_service(name, known):
                chosen.append(ServiceSet(name, frozenset({name})))
            elif name != ANY:
                own = dict.fromkeys((ANY, *(each.name for each in sets.values())), ())
                self._read.refuse_service(name, mark, messages.SERVICE, {**own, **names_of(known or ())})
        return () if any(name == ANY for name, _ in named) else tuple(chosen)

    def _network(self, word: str, mark: Mark) -> Network | None:
        try:
            return ip_network(word)
        except ValueError:
            pass
        try:
            network = ip_network(word, strict=False)
        except ValueError:
            self._report.add(mark, say(messages.BAD_NETWORK, word=word), messages.WRITE_NETWORK)
        else:
            hint = say(messages.DID_YOU_MEAN, word=str(network))
            self._report.add(mark, say(messages.HOST_BITS, word=word), hint)
        return None

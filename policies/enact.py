"""The rules of a policy: from nodes to `Rule`, with every name resolved.

Enters: the node of the section and what the policy defines. Leaves: rules. A key that would contradict the rule's
verdict is an error, because its author believed in something that would not happen.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from ipaddress import ip_network
from pathlib import PurePath

from policies import messages, phrases
from policies.decision import Route, Text, Verdict
from policies.define import ANY, is_service, tags
from policies.measure import amounts
from policies.model import Mark, Network, Rule, ServiceSet, Sign, Trouble, When, fold
from policies.oblige import contradict, excepting, oblige, sends_inside, words_of
from policies.problem import say
from policies.read import Reader
from policies.recognise import names_of
from policies.refer import Defined, refer
from policies.source import Entries, Items, Node
from policies.words import canonical

KEYS = (
    *(
        "id",
        "name",
        "verdict",
        "when",
        "except",
        "route",
        "send_to",
        "model",
        "redact",
        "withhold",
        "gate",
        "remind",
        "label",
    ),
    *("quota", "record", "mode", "stage", "unreadable", "on_error", "reason", "instead", "ask"),
)
CONDITIONS = (
    *("service", "tag", "group", "person", "hours", "outside_hours", "activity", "data", "amount", "network"),
    *("account", "purpose"),
)
ACTIVITIES = ("visit", "prompt", "upload", "download", "complete", "embed", "train", "other")
ACCOUNTS = ("free", "personal", "company", "unknown")
PURPOSES = ("business", "personal", "unknown")
TOLD = PURPOSES[:2]
"""Purposes of which there can be signs."""
OF_SIGNS = tuple(each for each in CONDITIONS if each != "purpose")
"""Conditions of a sign: a purpose cannot tell itself."""
ID = re.compile(r"[a-z0-9-]{1,80}")
OTHERWISE = "otherwise"


class Enactor:
    """Reads the section `rules` of one policy."""

    def __init__(self, read: Reader, defined: Defined, owners: Mapping[str, str] | None = None) -> None:
        self._read = read
        self._report = read.report
        self._defined = defined
        self._owners = owners or {}
        """Who answers for the rules of each file, where that is not the owner of the policy."""
        self._excepted: list[tuple[str, Mark]] = []
        """Every rule that an `except` names."""

    def enact(self, section: Node) -> tuple[Rule, ...]:
        """Return the rules; those in which something is wrong may be missing, and are in the report."""
        rules: dict[str, Rule] = {}
        for node in self._read.items(section, messages.RULES):
            rule = self._rule(node)
            if rule is None:
                continue
            if rule.id in rules:
                self._twice(rule, rules[rule.id].mark)
            rules.setdefault(rule.id, rule)
        for name, mark in self._excepted:
            if name not in rules:
                self._read.refuse_name(name, mark, phrases.AUTHORIZED_RULE, rules, chosen=True)
            elif rules[name].verdict is not Verdict.AUTHORIZED:
                self._report.add(mark, say(phrases.EXCEPT_NOT_AUTHORIZED, word=name), phrases.NAME_AUTHORIZED)
        return tuple(rules.values())

    def signs(self, section: Node) -> Iterator[Sign]:
        """Give the signs of the section `purpose`: each purpose with one block of conditions, or a list of them."""
        for purpose, node in self._read.fields(section, phrases.SIGNS, TOLD).items():
            for block in self._read.items(node, phrases.SIGN) if isinstance(node, Items) else (node,):
                when = self._when(block, OF_SIGNS, phrases.SIGN)
                if isinstance(block, Entries) and not block.entries:
                    self._report.add(block.mark, phrases.EMPTY_SIGN, phrases.WRITE_SIGN)
                yield Sign(purpose, Rule(f"purpose-{purpose}", Verdict.ALLOWED, when=when, mark=block.mark))

    def _twice(self, rule: Rule, first: Mark) -> None:
        message = say(messages.ID_TWICE, word=rule.id, line=str(first.line))
        if first.file != rule.mark.file:
            message = say(phrases.ID_IN_TWO_FILES, word=rule.id, file=PurePath(first.file).name, line=str(first.line))
        self._report.add(rule.mark, message, messages.OTHER_ID)

    def _rule(self, node: Node) -> Rule | None:
        fields = self._read.fields(node, messages.RULE, KEYS, ("id", "verdict"))
        verdict = self._verdict(fields)
        identity = self._id(fields)
        when = self._when(fields["when"]) if "when" in fields else When()
        route = self._word(fields, "route", messages.ROUTE, (Route.EXTERNAL, Route.INTERNAL))
        sent = self._word(fields, "send_to", messages.ROUTE, (Route.EXTERNAL, Route.INTERNAL))
        unreadable = self._word(fields, "unreadable", messages.TROUBLE, tuple(Trouble))
        on_error = self._word(fields, "on_error", messages.TROUBLE, tuple(Trouble))
        texts = {
            key: self._read.text(fields[key], messages.TEXTS) for key in ("name", "reason", "instead") if key in fields
        }
        if "model" in fields and verdict is not Verdict.FORBIDDEN and not sends_inside(fields):
            self._report.add(fields["model"].mark, phrases.MODEL_OUTSIDE, phrases.SEND_INSIDE)
        if verdict is not None:
            contradict(self._read, verdict, fields)
            self._contradictions(verdict, fields, {"unreadable": unreadable, "on_error": on_error})
        rule = Rule(
            id=identity[0] if identity else "",
            mark=identity[1] if identity else node.mark,
            verdict=verdict or Verdict.FORBIDDEN,
            when=when,
            route=Route(route or sent or Route.EXTERNAL),
            model=self._model(fields),
            unreadable=Trouble(unreadable) if unreadable else None,
            on_error=Trouble(on_error) if on_error else None,
            name=texts.get("name", Text()),
            reason=texts.get("reason", Text()),
            instead=texts.get("instead", Text()),
            ask=words_of(self._read, fields["ask"]) if "ask" in fields else Text(),
            excepts=self._excepts(fields) if excepting(verdict, fields) else (),
            owner=self._owners.get(node.mark.file, ""),
        )
        rule = oblige(self._read, rule, fields, self._defined)
        return rule if verdict and identity else None

    def _model(self, fields: Mapping[str, Node]) -> str:
        scalar = self._read.scalar(fields["model"], phrases.MODEL) if "model" in fields else None
        return (self._read.name(scalar) or "") if scalar else ""

    def _excepts(self, fields: Mapping[str, Node]) -> tuple[str, ...]:
        named = list(self._read.names(fields["except"], phrases.AUTHORIZED_RULE)) if "except" in fields else []
        self._excepted += named
        return tuple(dict.fromkeys(name for name, _ in named))

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
        for key, said in troubles.items():
            if said == Trouble.PASS:
                self._report.add(fields[key].mark, messages.FORBIDDEN_PASSES, messages.REMOVE_IT)

    def _when(self, node: Node, conditions: Collection[str] = CONDITIONS, what: Text = messages.WHEN) -> When:
        fields = self._read.fields(node, what, conditions)
        defined = self._defined
        people = self._read.names(fields["person"], messages.PERSON) if "person" in fields else ()
        networks = list(self._read.names(fields["network"], messages.NETWORK)) if "network" in fields else []
        return When(
            services=self._services(fields),
            tags=tags(self._read, fields["tag"]) if "tag" in fields else frozenset(),
            groups=tuple(self._refer(fields, "group", messages.GROUP, defined.groups)),
            people=frozenset(fold(name) for name, _ in people),
            hours=tuple(self._refer(fields, "hours", messages.HOURS, defined.hours)),
            outside=tuple(self._refer(fields, "outside_hours", messages.HOURS, defined.hours)),
            activities=self._words(fields, "activity", messages.ACTIVITY, ACTIVITIES),
            classes=tuple(self._refer(fields, "data", messages.CLASS, defined.classes)),
            amounts=amounts(self._read, fields["amount"], defined.classes) if "amount" in fields else (),
            networks=tuple(net for word, mark in networks if (net := self._network(word, mark))),
            accounts=self._words(fields, "account", phrases.ACCOUNT, ACCOUNTS),
            purposes=self._words(fields, "purpose", phrases.PURPOSE, PURPOSES),
        )

    def _words(self, fields: Mapping[str, Node], key: str, what: Text, choices: Collection[str]) -> frozenset[str]:
        return self._read.words(fields[key], what, choices) if key in fields else frozenset()

    def _refer[T](self, fields: Mapping[str, Node], key: str, what: Text, known: Mapping[str, T]) -> tuple[T, ...]:
        return tuple(refer(self._read, fields[key], what, known)) if key in fields else ()

    def _services(self, fields: Mapping[str, Node]) -> tuple[ServiceSet, ...]:
        """Return the sets a rule names; none, which is every service, where it says `any`."""
        if "service" not in fields:
            return ()
        named = list(self._read.names(fields["service"], messages.SERVICE))
        sets, known = self._defined.services, self._defined.known_services
        chosen, all_of_them = [], False
        for name, mark in named:
            if fold(name) in sets:
                chosen.append(sets[fold(name)])
            elif canonical(name, (ANY,)) == ANY:
                all_of_them = True
            elif is_service(name, known):
                chosen.append(ServiceSet(name, frozenset({name})))
            else:
                own = dict.fromkeys((ANY, *(each.name for each in sets.values())), ())
                self._read.refuse_service(name, mark, messages.SERVICE, {**own, **names_of(known or ())})
        return () if all_of_them else tuple(chosen)

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

"""The peers, each given the shared rules in its own language and in the form that suits it best.

Enters: rules and questions as plain values. Leaves: for each peer, `prepare`, which is not timed, and `ask`, which is.
Whatever a peer can parse once is parsed once; what its call needs of the caller is made ready in `prepare`.
"""

import json
from abc import ABC, abstractmethod
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from typing import Any, ClassVar

from bench.company import SERVICES, Company
from bench.shared import ACTIVITIES, SETS, Plain, Question


class Peer(ABC):
    """One engine over one policy."""

    name: ClassVar[str]
    package: ClassVar[str]
    most: ClassVar[int] = 5000
    """Rules beyond which it is not asked, as a round would take too long."""

    @abstractmethod
    def __init__(self, company: Company, rules: list[Plain]) -> None:
        """Load the rules."""

    @abstractmethod
    def prepare(self, question: Question) -> Any:
        """Return the question as the engine takes it."""

    @abstractmethod
    def ask(self, prepared: Any) -> bool:
        """Tell whether it is allowed."""

    @classmethod
    def label(cls) -> str:
        """Name and version."""
        return f"{cls.name} {version(cls.package)}"


def members(names: tuple[str, ...]) -> list[str]:
    """Return the ids of services and of sets of services."""
    return sorted({id_ for name in names for id_ in SETS.get(name, (name,))})


def sets_of(service: str) -> list[str]:
    """Return the names of the sets that a service is in."""
    return [name for name, ids in SETS.items() if service in ids]


class Cedar(Peer):
    """Cedar in Rust: policies and entities (people in groups, services in sets) parsed once, one call a question."""

    name, package = "Cedar (cedarpy)", "cedarpy"

    def __init__(self, company: Company, rules: list[Plain]) -> None:
        import cedarpy

        self._ask = cedarpy.is_authorized
        self._policies = cedarpy.PolicySet.from_str("\n".join(map(self._policy, rules)))
        entities = [self._entity("User", name, "Group", groups) for name, groups in company.belongs.items()]
        entities += [self._entity("Service", each.id, "Set", sets_of(each.id)) for each in SERVICES]
        self._entities = cedarpy.Entities.from_json_str(json.dumps(entities))

    @staticmethod
    def _entity(kind: str, id_: str, parent: str, parents: Any) -> dict[str, Any]:
        return {"uid": {"type": kind, "id": id_}, "attrs": {}, "parents": [{"type": parent, "id": n} for n in parents]}

    @staticmethod
    def _policy(rule: Plain) -> str:
        def scope(word: str, uids: list[str]) -> str:
            return f"{word} in {uids[0]}" if len(uids) == 1 else word

        groups = [f'Group::"{each}"' for each in rule.groups]
        services = [f'{"Set" if each in SETS else "Service"}::"{each}"' for each in rule.services]
        actions = ", ".join(f'Action::"{each}"' for each in rule.activities)
        when = [f"principal in [{', '.join(groups)}]"] if len(groups) > 1 else []
        when += [f"resource in [{', '.join(services)}]"] if len(services) > 1 else []
        when += [] if rule.office is None else ["context.office" if rule.office else "!context.office"]
        when += [f"context.classes.containsAny({json.dumps(list(rule.classes))})"] if rule.classes else []
        head = (
            scope("principal", groups),
            f"action in [{actions}]" if actions else "action",
            scope("resource", services),
        )
        body = f" when {{ {' && '.join(when)} }}" if when else ""
        return f"{'permit' if rule.allows else 'forbid'}({', '.join(head)}){body};"

    def prepare(self, question: Question) -> Any:
        return {
            "principal": {"type": "User", "id": question.user},
            "action": {"type": "Action", "id": question.activity},
            "resource": {"type": "Service", "id": question.service},
            "context": json.dumps({"office": question.office, "classes": list(question.classes)}),
        }

    def ask(self, prepared: Any) -> bool:
        return bool(self._ask(prepared, self._policies, self._entities).allowed)


class Casbin(Peer):
    """Casbin in Python: rules written out by service and activity, by which its `FastEnforcer` then finds them."""

    name, package = "Casbin (pycasbin)", "pycasbin"

    MODEL = """
[request_definition]
r = sub, svc, act, office, classes
[policy_definition]
p = sub, svc, act, office, cls, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = """
    MATCHER = " && ".join(
        (
            '(p.sub == "*" || g(r.sub, p.sub))',
            '(p.office == "*" || r.office == p.office)',
            '(p.cls == "*" || p.cls in r.classes)',
        )
    )

    def __init__(self, company: Company, rules: list[Plain]) -> None:
        import casbin
        from casbin.model import FastModel

        model = FastModel([1, 2])
        model.load_model_from_text(self.MODEL + self.MATCHER)
        self._enforcer = casbin.FastEnforcer(model, cache_key_order=[1, 2])
        lines = model.model["p"]["p"].policy
        for rule in rules:
            office = "*" if rule.office is None else str(rule.office)
            everywhere = members(rule.services) or [each.id for each in SERVICES]
            subjects, classes = rule.groups or ("*",), rule.classes or ("*",)
            for subject, service, activity, class_ in product(
                subjects, everywhere, rule.activities or ACTIVITIES, classes
            ):
                lines.append((subject, service, activity, office, class_, "allow" if rule.allows else "deny"))
        for person, groups in company.belongs.items():
            for group in groups:
                self._enforcer.get_role_manager().add_link(person, group)

    def prepare(self, question: Question) -> Any:
        return (question.user, question.service, question.activity, str(question.office), question.classes)

    def ask(self, prepared: Any) -> bool:
        return bool(self._enforcer.enforce(*prepared))


def rego(rules: list[Plain]) -> str:
    """Return the rules as Rego, one rule each, the condition that fails most often first."""
    lines = ["package bench", "import rego.v1", "default allowed := false", "allowed if { permit; not deny }"]
    for rule in rules:
        body = [f"some g in input.groups; g in {{{_listed(rule.groups)}}}"] if rule.groups else []
        body += [f"input.service in {{{_listed(members(rule.services))}}}"] if rule.services else []
        body += [f"input.activity in {{{_listed(rule.activities)}}}"] if rule.activities else []
        body += [] if rule.office is None else ["input.office" if rule.office else "not input.office"]
        body += [f"some c in input.classes; c in {{{_listed(rule.classes)}}}"] if rule.classes else []
        lines.append(f"{'permit' if rule.allows else 'deny'} if {{ {'; '.join(body or ['true'])} }}")
    return "\n".join(lines) + "\n"


def _listed(words: Any) -> str:
    return ", ".join(json.dumps(each, ensure_ascii=False) for each in words)


class Regorus(Peer):
    """OPA's Rego in Rust (a build of Microsoft's regorus): rules compiled once for its virtual machine."""

    name, package, most = "Rego (regorus)", "gordon-to-regorus", 1000  # its machine stops after 25,000 instructions

    def __init__(self, _: Company, rules: list[Plain]) -> None:
        import regorus

        program = regorus.Program.compile_from_modules("{}", [("bench.rego", rego(rules))], ["data.bench.allowed"])
        self._machine = regorus.Rvm()
        self._machine.load_program(program)

    def prepare(self, question: Question) -> Any:
        groups = list(question.groups)
        asked = {"groups": groups, "service": question.service, "activity": question.activity}
        return json.dumps({**asked, "office": question.office, "classes": list(question.classes)})

    def ask(self, prepared: Any) -> bool:
        self._machine.set_input_json(prepared)
        return bool(json.loads(self._machine.execute_entry_point("data.bench.allowed")))


class RegoCpp(Peer):
    """OPA's Rego in C++ (Microsoft's rego-cpp): rules compiled once into a bundle."""

    name, package, most = "Rego (regopy)", "regopy", 500

    def __init__(self, _: Company, rules: list[Plain]) -> None:
        import regopy

        self._input = regopy.Input
        self._rego = regopy.Interpreter()
        self._rego.add_module("bench.rego", rego(rules))
        self._bundle = self._rego.build(None, ["bench/allowed"])

    def prepare(self, question: Question) -> Any:
        groups = list(question.groups)
        asked = {"groups": groups, "service": question.service, "activity": question.activity}
        return self._input({**asked, "office": question.office, "classes": list(question.classes)})

    def ask(self, prepared: Any) -> bool:
        self._rego.set_input(prepared)
        return self._rego.query_bundle_entrypoint(self._bundle, "bench/allowed").results[0].expressions[0]


PEERS: tuple[type[Peer], ...] = (Cedar, Regorus, RegoCpp, Casbin)


def installed(kind: type[Peer]) -> bool:
    """Tell whether the peer is there."""
    try:
        return bool(version(kind.package))
    except PackageNotFoundError:
        return False

"""Where a refused person goes on, and what they find there: the addresses at which the proxy itself answers.

Enters: a refusal's decision, or a request for one of these addresses. Leaves: a link, or an answer. A link names ids
and numbers only, never a word of the refused text; what it opens is decided by `proxy.workflow.portal`, not here.
"""

import json
import shlex
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urlencode

from policies.decision import Decision, Gate, Text
from policies.match import WORDLESS
from policies.model import DataClass, Policy
from proxy.caller import ConnectionFacts, identify
from proxy.exchange import Answer, Request
from proxy.passage import House, Passage
from proxy.pipeline import Departure
from proxy.workflow.api import HOST, respond
from proxy.workflow.signing import AskToken, ask_link

BASE: Final = f"http://{HOST}"
LINK_LASTS: Final = timedelta(days=7)
"""How long a person can ask with the link of a refusal."""
MOST_WORD: Final = 4096
"""Characters of a value out of a link that are repeated."""

PLAIN: Final = (
    ("content-type", "text/plain; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
)
COMMANDS: Final = {
    "/ask": (
        "token",
        Text(
            "To ask for an approval, run this with your own words:",
            "如需申请批准，请将说明改为您自己的内容后运行：",
        ),
        "/api/requests",
        '{"token": "{value}", "purpose": "…", "duration": "1d"}',
    ),
    "/confirm": (
        "notice",
        Text("To confirm that you have read the notice, run:", "如已阅读提示，请运行以下命令确认："),
        "/api/acknowledgements",
        '{"notice": "{value}"}',
    ),
    "/justify": (
        "notice",
        Text("To say what it is for, run this with your own words:", "请将说明改为您自己的内容后运行："),
        "/api/acknowledgements",
        '{"notice": "{value}", "purpose": "…"}',
    ),
}
"""Path of a link → the value it carries, what to do with it, and the call that does it."""


def way_on(house: House, passage: Passage, decision: Decision) -> str:
    """Return the address at which the person can open what was refused; empty where nothing they do opens it."""
    arrival = passage.arrival
    if house.portal is None or arrival is None or not passage.caller.user:
        return ""
    if decision.gate is Gate.APPROVAL:
        token = AskToken(
            reference=passage.reference,
            user=passage.caller.user,
            service=arrival.facts.service,
            rule=decision.opens,
            activity="*" if arrival.facts.activity in WORDLESS else arrival.facts.activity,
            classes=classes_in(passage.street.policy, decision.opens, passage.departure),
            expires=passage.began + LINK_LASTS,
        )
        return ask_link(BASE, house.portal.signer.token(token))
    if decision.gate is Gate.JUSTIFY:
        asking = {rule.id for rule in passage.street.policy.rules if rule.gate is Gate.JUSTIFY}
        asked = [note.id for note in decision.rules if note.id in asking - arrival.facts.acknowledged]
        return f"{BASE}/justify?{urlencode({'notice': asked}, doseq=True)}" if asked else ""
    if decision.gate is Gate.ACKNOWLEDGE:
        asked = [notice.id for notice in decision.notices if notice.id not in arrival.facts.acknowledged]
        return f"{BASE}/confirm?{urlencode({'notice': asked}, doseq=True)}" if asked else ""
    return ""


def classes_in(policy: Policy, rule: str, departure: Departure | None) -> frozenset[str]:
    """Return names of data classes that cover what was found and `rule` leaves in, with as little else as can be."""
    found = departure.findings.entities if departure else frozenset[str]()
    taken = frozenset[str]().union(*(each.redacted for each in policy.rules if each.id == rule))
    left, names = (found - taken) or found, set()

    def fit(one: DataClass) -> tuple[int, int, str]:
        return len(one.entities - found), -len(one.entities & found), one.name

    for each in sorted(policy.classes, key=fit):
        if each.entities & left:
            names.add(each.name)
            left -= each.entities
    return frozenset(names)


def at_home(house: House, request: Request, login: str, address: str) -> Answer:
    """Return the answer to a request for the proxy itself."""
    caller = identify(ConnectionFacts(address, request.headers, login), house.sources)
    path, _, query = request.path.partition("?")
    if request.method == "GET" and path in COMMANDS:
        return guide(path, query)
    if house.portal is None:
        return Answer(404, PLAIN, b"Sluice answers nothing here.\n")
    return respond(house.portal, caller, request, house.clock())


def guide(path: str, query: str) -> Answer:
    """Return how to go on, in plain text: a link that is opened must not yet do anything."""
    name, words, call, body = COMMANDS[path]
    values = [value for value in parse_qs(query).get(name, []) if value.isprintable() and len(value) <= MOST_WORD]
    # The maker of a link must not choose what else is run: JSON spells the value, the shell's quotes hold it.
    bodies = [body.replace("{value}", json.dumps(value, ensure_ascii=False)[1:-1]) for value in values]
    calls = [f"curl -H 'x-sluice: 1' --json {shlex.quote(each)} {BASE}{call}" for each in bodies]
    return Answer(200 if calls else 400, PLAIN, "\n".join([words.zh, words.en, "", *calls, ""]).encode())

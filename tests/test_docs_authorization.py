"""The pages about authorization are true to the code: their commands are carried out, and their tables compared."""

import ast
import itertools
import json
import re
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from policies.decide import needs
from policies.decision import Decision, Facts
from policies.oblige import ASK_KEYS
from proxy.audit import notice
from proxy.caller import Caller
from proxy.errors import StoreError
from proxy.exchange import Request
from proxy.refusals import guide
from proxy.refusals.refusal import compose
from proxy.services.catalogue import load_catalogue
from proxy.store.sqlite import SqliteStore
from proxy.workflow import grants, portal, requests
from proxy.workflow.api import CALLS, HOST, respond
from proxy.workflow.courier import Undelivered
from proxy.workflow.notify import MOST_ATTEMPTS, SHOWN, TOLD, Mail, as_json, as_mail, digest
from proxy.workflow.permission import Event, State
from proxy.workflow.portal import Portal
from proxy.workflow.requests import Wish
from proxy.workflow.rulebook import rulebook_of
from proxy.workflow.signing import AskToken, Signer
from tests.test_docs import ROOT, SERVICES, Block, blocks, policy_of, read

PAGES = ("docs/authorization.md", "docs/authorization.zh.md")
BEGAN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
REFERENCE, SERVICE, RULE = "SLC-20261120-7K2F9Q", "kimi", "kimi-needs-approval"
LINK = "https://intranet.example/ai-requests"
DAYS_LATER = {"renew": 4}
"""What is done later than ten minutes after the step before it, by the last word of its path."""
ELSEWHERE = "…"
"""Stands on a page for a token, which is long."""
ROOMS = (
    "workflow/api",
    "canary/watch",
    "cli/audit_app",
    "cli/copies",
    "cli/trail",
    "cli/vault",
    "workflow/courier",
    "workflow/grants",
    "workflow/portal",
    "reload",
    "workflow/requests",
    "workflow/signing",
    "trail/messenger",
    "trail/sinks",
    "trail/trail",
    "workflow/sweep",
)
"""Modules that decline, or that write lines of the audit log."""
EVENT = re.compile(
    r"(?:audit|ca|canary|clock|copy|grant|policy|notice|notification|purpose|vault|witness)_[a-z_]+"
    r"|break_glass|recovered"
)


@dataclass
class Office:
    """A portal under the policy of a page, in which two people have asked before."""

    page: str
    now: datetime = BEGAN
    portal: Portal = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        numbers = itertools.count()
        policy = policy_of(next(block.text for block in blocks(self.page) if block.kind == "yaml"))
        book = rulebook_of(policy, load_catalogue().names, {})
        signer = Signer(b"k" * 32)

        def entropy(count: int) -> bytes:
            return sha256(b"%d" % next(numbers)).digest()[:count]

        self.portal = Portal(SqliteStore(None), signer, lambda: book, entropy, ("webhook",))
        for name in ("lina", "sunli"):
            wish = Wish(SERVICE, RULE, "prompt", frozenset(), "trying it", timedelta(days=1))
            self.portal.ask(caller(name), wish, self.now)
        ends = self.now + guide.LINK_LASTS
        self.token = signer.token(AskToken(REFERENCE, "wangfang", SERVICE, RULE, "prompt", frozenset(), ends))

    def curl(self, command: str) -> tuple[str, str, int, str]:
        """Carry out a command of the page; return method, path, status and answer."""
        words = iter(shlex.split(command.replace("\\\n", " "))[1:])
        who, address, body, fields = "", "", "", []
        for word in words:
            if word == "-x":
                who = next(words).removeprefix("$").lower()
            elif word == "-H":
                name, _, value = next(words).partition(": ")
                fields.append((name, value))
            elif word == "--json":
                body = next(words).replace(f'"{ELSEWHERE}"', f'"{self.token}"')
                fields.append(("content-type", "application/json"))
            else:
                address = word
        url = urlsplit(address.replace(f"={ELSEWHERE}", f"={self.token}"))
        assert (url.scheme, url.netloc) == ("http", HOST)
        self.now += timedelta(days=DAYS_LATER.get(url.path.rpartition("/")[2], 0), minutes=10)
        method = "POST" if body else "GET"
        if url.path in guide.COMMANDS:
            answer = guide.guide(url.path, url.query)
        else:
            request = Request(method, "http", HOST, 80, url.path, tuple(fields), body.encode())
            answer = respond(self.portal, caller(who), request, self.now)
        return method, url.path, answer.status, answer.body.decode().replace(self.token, ELSEWHERE)


class Step(NamedTuple):
    """A command of a page, what came of it, and the block that follows it."""

    method: str
    path: str
    status: int
    answer: str
    told: Block | None


@cache
def session(page: str) -> tuple[list[Step], list[tuple[int, Event]]]:
    """Carry out every command of the page in order; return the steps, and the events with their numbers."""
    office, steps = Office(page), []
    for block, after in itertools.pairwise([*blocks(page), Block("", "", "")]):
        commands = re.findall(r"^curl (?:[^\n]|(?<=\\)\n)+$", block.text, re.MULTILINE) if block.kind == "sh" else []
        for command in commands:
            told = after if command is commands[-1] and after.kind in ("json", "text") else None
            steps.append(Step(*office.curl(command), told))
    events = list(office.portal.store.waiting_events(100))
    office.portal.store.close()
    return steps, events


def caller(name: str) -> Caller:
    return Caller(name, frozenset(), "10.20.1.7", "proxy_login")


def within(told: Any, answer: Any) -> bool:
    """Whether everything told is in the answer; a page may leave out what has not changed."""
    if isinstance(told, dict):
        return isinstance(answer, dict) and all(key in answer and within(told[key], answer[key]) for key in told)
    return bool(told == answer)


def tables(page: str) -> list[list[list[str]]]:
    """Return the tables of a page, each as rows of cells, their heads left out."""
    found = re.findall(r"^\|[^\n]+\n\|[-|]+\n((?:\|[^\n]*\n)+)", read(page), re.MULTILINE)
    return [[[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()] for table in found]


def table_with(page: str, word: str, column: int = 0) -> list[list[str]]:
    return next(table for table in tables(page) if any(f"`{word}`" in row[column] for row in table))


def words(table: list[list[str]], column: int = 0) -> list[str]:
    return [word for row in table for word in re.findall(r"`([^`]+)`", row[column])]


@cache
def tree(room: str) -> ast.Module:
    return ast.parse((ROOT / "proxy" / f"{room}.py").read_text("utf-8"))


def declined() -> set[tuple[str, int]]:
    """Return every code with its status, as the source says them."""
    found = {(StoreError.code, StoreError.status)}
    for node in (node for room in ROOMS for node in ast.walk(tree(room))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Declined":
            status, code = node.args[:2]
            assert isinstance(status, ast.Constant)
            if isinstance(code, ast.Constant):
                found.add((code.value, status.value))
            else:
                assert ast.unparse(code) == "f'request_{state}'"
                found |= {(f"request_{state}", status.value) for state in State if state is not State.OPEN}
    return found


def lines_of_the_log() -> set[str]:
    """Return every name of an event that the source holds."""
    nodes = (node for room in ROOMS for node in ast.walk(tree(room)) if isinstance(node, ast.Constant))
    found = {node.value for node in nodes if isinstance(node.value, str) and EVENT.fullmatch(node.value)}
    return found - {Undelivered.code}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_answered_as_the_page_says(page: str) -> None:
    statuses, seen = table_with(page, "/api/purpose", 1), set()
    for method, path, status, answer, told in session(page)[0]:
        if told is not None and told.kind == "text":
            assert told.text == answer
            continue
        assert told is None or within(json.loads(told.text), json.loads(answer)), (told, answer)
        pattern = re.sub(r"/[A-Z]-[0-9A-Z]{6}/", "/{id}/", path)
        if path not in guide.COMMANDS:
            [row] = [row for row in statuses if row[:2] == [f"`{method}`", f"`{pattern}`"]]
            assert str(status) in row[2].split(", "), row
            seen.add((method, pattern))
    assert seen == {(method, path.replace("*", "{id}")) for path, ways in CALLS.items() for method in ways}


@pytest.mark.parametrize("page", PAGES)
def test_every_call_is_told_and_no_other(page: str) -> None:
    told = [(row[0].strip("`"), row[1].strip("`")) for row in table_with(page, "/api/purpose", 1)]
    assert sorted(told) == sorted(
        (method, path.replace("*", "{id}")) for path, ways in CALLS.items() for method in ways
    )


@pytest.mark.parametrize(("marker", "kind"), [("deadline", "request"), ("ends_soon", "grants")])
@pytest.mark.parametrize("page", PAGES)
def test_every_field_is_told_and_no_other(page: str, marker: str, kind: str) -> None:
    answers = [json.loads(step.answer) for step in session(page)[0] if step.path.startswith("/api")]
    shown = [json.loads(block.text) for block in blocks(page) if block.kind == "json"]
    whole = next(fields_of(answer[kind]) for answer in answers if answer.get(kind))
    assert sorted(words(table_with(page, marker))) == whole
    assert whole in [fields_of(answer[kind]) for answer in shown if kind in answer]


def fields_of(told: Any) -> list[str]:
    """Return the names of the fields of a thing, or of the first in a list."""
    return sorted(told[0] if isinstance(told, list) else told)


@pytest.mark.parametrize("page", PAGES)
def test_every_error_is_told_with_its_status_and_no_other(page: str) -> None:
    table = table_with(page, "not_same_origin")
    told = {(row[0].strip("`"), int(status)) for row in table for status in row[1].split(", ")}
    assert told == declined()
    [shown] = [
        told["error"] for block in blocks(page) if block.kind == "json" and "error" in (told := json.loads(block.text))
    ]
    assert shown == {"code": "own_request", "en": requests.OWN_REQUEST.en, "zh": requests.OWN_REQUEST.zh}


@pytest.mark.parametrize("page", PAGES)
def test_every_line_of_the_log_is_told_and_whether_it_is_notified(page: str) -> None:
    table = table_with(page, "grant_asked")
    assert set(words(table)) == lines_of_the_log()
    assert {row[0].strip("`") for row in table if row[2]} == TOLD.keys()


@pytest.mark.parametrize("page", PAGES)
def test_what_a_rule_says_of_asking_is_told(page: str) -> None:
    assert words(table_with(page, "four_eyes")) == [key for key in ASK_KEYS if key not in ("zh", "en")]


@pytest.mark.parametrize("page", PAGES)
def test_the_limits_are_those_of_the_code(page: str) -> None:
    [table] = [each for each in tables(page) if all(re.match(r"\d", row[-1]) for row in each)]
    days = [guide.LINK_LASTS, requests.Terms().answer_within, requests.USUAL, grants.LONGEST]
    hours = [grants.EMERGENCY, portal.LONGEST_PURPOSE]
    told = [int(re.findall(r"\d+", row[-1])[0]) for row in table]
    assert told == [
        *(one.days for one in days),
        hours[0] // timedelta(hours=1),
        grants.SOON.days,
        portal.MOST_OPEN,
        portal.MOST_A_DAY,
        requests.MOST_PURPOSE,
        hours[1] // timedelta(hours=1),
        MOST_ATTEMPTS,
    ]


def asked_and_given(page: str) -> tuple[Event, tuple[int, Event]]:
    """Return the first request's event, and the first grant's with its number."""
    found = [(number, event) for number, event in session(page)[1] if event.notes.get("holder") == "wangfang"]
    given = next((number, event) for number, event in found if event.name == "grant_given")
    return next(event for _, event in found if event.name == "grant_asked"), given


@pytest.mark.parametrize("page", PAGES)
def test_lines_and_notifications_look_as_the_page_says(page: str) -> None:
    asked, (number, given) = asked_and_given(page)
    shown = [json.loads(block.text) for block in blocks(page) if block.kind == "json"]
    assert notice(given.name, given.at, "proxy-1", {**given.notes, "step": number}) in shown
    assert json.loads(as_json(asked, LINK)) in shown
    assert f"`{digest(asked)}`" in read(page)
    assert any(separator.join(f"`{fact}`" for fact in SHOWN) in read(page) for separator in (", ", "、"))
    mail = as_mail(asked, Mail("mail.example", 25, "sluice@corp.example", ("ai-desk@corp.example",)), LINK)
    head = "".join(f"{name}: {mail[name]}\n" for name in ("Subject", "From", "To"))
    assert f"{head}\n{mail.get_content()}" in [block.text for block in blocks(page) if block.kind == "text"]


@pytest.mark.parametrize(("page", "language"), list(zip(PAGES, ("en", "zh"), strict=True)))
def test_the_refusal_with_its_link_reads_as_the_page_says(page: str, language: str) -> None:
    policy = policy_of(next(block.text for block in blocks(page) if block.kind == "yaml"))
    service = SERVICES[SERVICE]
    facts = Facts(SERVICE, service.category, service.country, "wangfang", frozenset(), "10.20.1.7", BEGAN, "prompt")
    decision = needs(policy, facts)
    assert isinstance(decision, Decision)
    link = f"{guide.BASE}/ask?{urlencode({'token': 'T'})}".replace("=T", f"={ELSEWHERE}")
    said = compose(decision, service.name, REFERENCE, language, "it-help@example.com", link).message
    assert said + "\n" in [block.text for block in blocks(page) if block.kind == "text"]
    assert parse_qs(urlsplit(link).query) == {"token": [ELSEWHERE]}
    told = {f"{guide.BASE}{path}?{name}=" for path, (name, *_) in guide.COMMANDS.items()}
    assert all(each in read(page) for each in told)

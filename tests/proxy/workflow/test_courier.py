"""Notifications over real sockets: delivered once, tried again later, given up in the end, and never a redirect."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from proxy.demo.authority import make_authority, server_context
from proxy.errors import StoreError
from proxy.trail.sinks import AuditFile
from proxy.workflow.courier import Courier, Undelivered, send
from proxy.workflow.notify import MOST_ATTEMPTS, Mail, Notify
from proxy.workflow.permission import Event, Message
from tests.proxy.portals import ALICE, BOB, HOUR, NOW, PURPOSE, make_portal, steps, wish

ASKED = Event("grant_asked", NOW, {"holder": "张三", "service": "chatgpt", "request": "R-1"})


class Hook:
    """A web server that answers with the next status it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        self.statuses: list[int] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"] or 0)) or b"null"
                fields = {name.lower(): value for name, value in self.headers.items()}
                hook.calls.append((self.path, fields, orjson.loads(body)))
                self.send_response(hook.statuses.pop(0) if hook.statuses else 204)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/SECRET"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Post:
    """A mail server of the few commands that a client needs (RFC 5321)."""

    def __init__(self, context: ssl.SSLContext | None = None, *, implicit: bool = False) -> None:
        """Offer STARTTLS (RFC 3207) where there is a `context`, or speak TLS from the start."""
        self.mails: list[tuple[list[str], bytes]] = []
        self.context, self.implicit = context, implicit
        self.encrypted = 0
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()))
        self.thread.start()
        assert self.ready.wait(10)

    async def serve(self) -> None:
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, ssl=self.context if self.implicit else None)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        async with server:
            await self.over.wait()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test\r\n")
        envelope: list[str] = []
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append((envelope, data.removesuffix(b".\r\n")))
                writer.write(b"250 kept\r\n")
            elif word == b"STAR":
                writer.write(b"220 go on\r\n")
                await writer.drain()
                await writer.start_tls(self.context)
                self.encrypted += 1
            elif word == b"EHLO" and self.context and not self.implicit:
                writer.write(b"250-mail.test\r\n250 STARTTLS\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                if word in (b"MAIL", b"RCPT"):
                    envelope.append(line.decode().strip())
                writer.write(b"250 mail.test\r\n")
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def mail(self, **given: Any) -> Mail:
        return Mail("127.0.0.1", self.port, "sluice@corp.example", ("desk@corp.example",), **given)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.close()


@pytest.fixture
def at_work(hook: Hook, post: Post, tmp_path):
    """A courier with both channels, not started: the test goes the rounds."""
    portal = make_portal(tmp_path / "sluice.db", channels=("webhook", "smtp"))
    audit = AuditFile(tmp_path / "audit.jsonl")
    courier = Courier(portal, audit, "test", Notify(hook.url, post.mail()), lambda: NOW)
    yield courier
    courier.stop()
    audit.close()
    portal.store.close()


def logged(courier: Courier) -> list[str]:
    return [orjson.loads(line)["event"] for line in courier.audit.path.read_bytes().splitlines()]


def test_a_step_reaches_webhook_mailbox_and_audit_log(at_work: Courier, hook: Hook, post: Post) -> None:
    at_work.portal.ask(ALICE, wish(), NOW)
    for _ in range(2):
        at_work.round(NOW)
    [(path, headers, told)] = hook.calls
    assert (path, headers["content-type"], told["event"]) == ("/hook/SECRET", "application/json", "grant_asked")
    [(envelope, data)] = post.mails
    assert [line.split()[1].lower() for line in envelope] == ["from:<sluice@corp.example>", "to:<desk@corp.example>"]
    mail = BytesParser(policy=policy.default).parsebytes(data)
    assert mail["Subject"] == "[Sluice] alice asks for chatgpt / alice 申请使用 chatgpt"
    assert PURPOSE not in mail.get_body().get_content() and "SECRET" not in str(told)
    assert logged(at_work) == ["grant_asked"]


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503, 301, 302, 307])
def test_a_call_that_fails_is_repeated_later_with_the_same_key(at_work: Courier, hook: Hook, status: int) -> None:
    at_work.portal.ask(ALICE, wish(), NOW)
    hook.statuses = [status]
    at_work.round(NOW)
    at_work.round(NOW + timedelta(seconds=29))
    assert len(hook.calls) == 1
    at_work.round(NOW + timedelta(seconds=30))
    at_work.round(NOW + HOUR)
    first, second = hook.calls
    assert first[0] == second[0] == "/hook/SECRET", "a redirect is not followed"
    assert first[1]["idempotency-key"] == second[1]["idempotency-key"]


def test_a_message_that_never_arrives_is_given_up_and_recorded(at_work: Courier, hook: Hook) -> None:
    at_work.portal.ask(ALICE, wish(), NOW)
    hook.statuses = [500] * 99
    for days in range(MOST_ATTEMPTS + 5):
        at_work.round(NOW + timedelta(days=days))
    assert sum(told["event"] == "grant_asked" for _, _, told in hook.calls) == MOST_ATTEMPTS
    assert "notification_dropped" in logged(at_work)
    assert "SECRET" not in at_work.audit.path.read_text()


def test_what_waits_is_delivered_after_a_restart(at_work: Courier, hook: Hook, tmp_path) -> None:
    at_work.portal.ask(ALICE, wish(), NOW)
    hook.statuses = [500]
    at_work.round(NOW)
    portal = make_portal(tmp_path / "sluice.db")
    other = Courier(portal, at_work.audit, "test", at_work.notify, lambda: NOW)
    other.round(NOW + HOUR)
    assert [told["event"] for _, _, told in hook.calls] == ["grant_asked", "grant_asked"]
    portal.store.close()


def test_the_thread_does_all_this_by_itself_and_takes_the_last_events_in(at_work: Courier, hook: Hook) -> None:
    asked, _ = at_work.portal.ask(ALICE, wish(), NOW)
    at_work.start()
    for _ in range(1000):
        if hook.calls:
            break
        threading.Event().wait(0.01)
    at_work.portal.approve(BOB, asked.id, NOW)
    at_work.stop()
    assert logged(at_work) == ["grant_asked", "grant_approved", "grant_given"]


def test_rounds_go_on_after_a_failure(at_work: Courier, monkeypatch) -> None:
    failures = iter([StoreError("gone"), RuntimeError("bug")])
    rounds = []
    done = threading.Event()

    def round_(now) -> None:
        rounds.append(now)
        if len(rounds) == 3:
            done.set()
        if (error := next(failures, None)) is not None:
            raise error

    monkeypatch.setattr("proxy.workflow.courier.EVERY", 0.01)
    monkeypatch.setattr(at_work, "round", round_)
    at_work.start()
    assert done.wait(10)
    at_work.stop()


UNREACHABLE = {
    "nobody listens": lambda _: (Notify("http://127.0.0.1:1/"), "webhook"),
    "no web server": lambda at: (Notify(f"http://127.0.0.1:{at.post.port}/"), "webhook"),
    "no certificate": lambda at: (Notify(at.hook.url.replace("http:", "https:")), "webhook"),
    "no mail server": lambda _: (Notify("", Mail("127.0.0.1", 1, "a@b.c", ("d@e.f",))), "smtp"),
    "no encryption": lambda at: (Notify("", at.post.mail(tls="required")), "smtp"),
    "no TLS server": lambda at: (Notify("", at.post.mail(tls="implicit")), "smtp"),
    "no login": lambda at: (Notify("", at.post.mail(user="u", password="SECRET")), "smtp"),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_whatever_goes_wrong_is_one_error_that_names_no_address_and_no_password(hook, post, name, monkeypatch) -> None:
    monkeypatch.setattr("proxy.workflow.courier.SECONDS", 2.0)
    notify, channel = UNREACHABLE[name](SimpleNamespace(hook=hook, post=post))
    with pytest.raises(Undelivered) as caught:
        send(Message(channel, ASKED), notify, None)
    assert "SECRET" not in str(caught.value) and "127.0.0.1" not in str(caught.value)
    assert post.mails == []


@pytest.mark.parametrize(("tls", "implicit"), [("offered", False), ("required", False), ("implicit", True)])
def test_mail_is_encrypted_where_the_server_can_and_its_certificate_is_checked(tmp_path, tls, implicit) -> None:
    authority = make_authority(tmp_path)
    context = server_context(authority, ("localhost",))
    post = Post(context, implicit=implicit)
    try:
        notify = Notify(mail=replace(post.mail(tls=tls), host="localhost"))
        with pytest.raises(Undelivered):
            send(Message("smtp", ASKED), notify, None)
        send(Message("smtp", ASKED), notify, str(authority.pem))
        with pytest.raises(Undelivered):
            send(Message("smtp", ASKED), Notify(mail=post.mail(tls=tls)), str(authority.pem))  # another name
    finally:
        post.close()
    assert (len(post.mails), post.encrypted) == (1, 0 if implicit else 1)


def test_the_environments_proxy_is_not_used(hook: Hook, monkeypatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    send(Message("webhook", ASKED), Notify(hook.url), None)
    assert len(hook.calls) == 1


def test_a_channel_that_is_no_longer_set_is_not_tried(at_work: Courier, hook: Hook) -> None:
    at_work.portal.ask(ALICE, wish(), NOW)
    at_work.notify = Notify()
    at_work.round(NOW)
    assert (hook.calls, at_work.portal.store.due_messages(NOW + HOUR, 9), steps(at_work.portal)) == ([], (), [])


def test_a_clock_that_is_set_is_on_record_and_told_once(at_work: Courier, hook: Hook) -> None:
    before = NOW - timedelta(hours=3)
    at_work.watch.look(before, monotonic())
    for _ in range(2):
        at_work.heed_clock(NOW)
        at_work.round(NOW)
    [line] = [orjson.loads(one) for one in at_work.audit.path.read_bytes().splitlines()]
    assert "step" not in line, "by this node, whichever takes the workflow's steps"
    assert (line["event"], line["seconds"], line["before"]) == ("clock_stepped", 10800, before.isoformat())
    assert [told["event"] for _, _, told in hook.calls] == ["clock_stepped"]


def test_a_clock_that_is_set_while_the_log_takes_nothing_is_on_record_later(
    at_work: Courier, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("no room")

    at_work.watch.look(NOW - timedelta(hours=3), monotonic())
    with monkeypatch.context() as broken:
        broken.setattr(type(at_work.audit), "write", full)
        at_work.heed_clock(NOW)
    at_work.round(NOW)
    [line] = [orjson.loads(one) for one in at_work.audit.path.read_bytes().splitlines()]
    assert (line["event"], line["seconds"]) == ("clock_stepped", 10800)
    assert [told["event"] for _, _, told in hook.calls] == ["clock_stepped"]

"""Carries notifications out, audit events into the log, and sweeps out what is over; a thread of its own. Does I/O.

Enters: a portal, the audit log, where notifications go. Leaves: web calls, mails, audit lines. Nobody waits for it:
whatever fails is tried again later, out of the store, also after a restart. What a server answers is never logged.
"""

import smtplib
import ssl
import threading
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import IO, Any, Final
from urllib.error import URLError
from uuid import uuid4

import structlog

from proxy.audit import notice
from proxy.errors import SluiceError, StoreError
from proxy.store.interface import Changes
from proxy.trail.sinks import AuditSink
from proxy.workflow.clock import ClockWatch
from proxy.workflow.notify import Mail, Notify, as_json, as_mail, digest, dropped, wait_after
from proxy.workflow.permission import Event, Message
from proxy.workflow.portal import Portal
from proxy.workflow.sweep import Sweeper, drain

SECONDS: Final = 10.0
"""Longest time that a server is waited for."""
EVERY: Final = 2.0
"""Seconds between two rounds: so long may an event of the command line take into the audit log."""
SWEEP_EVERY: Final = timedelta(minutes=1)
CHORES_EVERY: Final = timedelta(hours=1)
LEADS: Final = 30.0
"""Seconds for which one node carries for all; so long after it fell silent, another one does."""
BATCH: Final = 20
FAILURES: Final = (OSError, HTTPException, smtplib.SMTPException, URLError, ValueError)
"""What sending raises; a server's words are in none that is logged."""

LOG = structlog.get_logger("sluice")


class Undelivered(SluiceError):
    """A notification did not arrive."""

    code = "notification_undelivered"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook that moves must be set anew: its address is a secret, and so is what it is told."""

    def redirect_request(self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:
        """Follow nothing."""


def send(message: Message, notify: Notify, cafile: str | None) -> None:
    """Deliver one notification; raises `Undelivered`. `cafile` is `None` for the public certificates."""
    try:
        if message.channel == "webhook" and notify.webhook:
            call(notify.webhook, message.event, notify.link, cafile)
        elif message.channel == "smtp" and notify.mail is not None:
            post(notify.mail, message.event, notify.link, cafile)
    except FAILURES as error:
        raise Undelivered(f"{message.channel}: {type(error).__name__}") from error


def call(url: str, event: Event, link: str, cafile: str | None) -> None:
    """Call the webhook."""
    context = ssl.create_default_context(cafile=cafile)
    # No proxy of the environment: it may well be this one.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), NoRedirect, urllib.request.HTTPSHandler(context=context)
    )
    headers = {"content-type": "application/json", "user-agent": "Sluice", "idempotency-key": digest(event)}
    request = urllib.request.Request(url, as_json(event, link), headers, method="POST")
    try:
        with opener.open(request, timeout=SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise


def post(mail: Mail, event: Event, link: str, cafile: str | None) -> None:
    """Send the mail."""
    context = ssl.create_default_context(cafile=cafile)
    if mail.tls == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
    with server:
        server.ehlo_or_helo_if_needed()
        if mail.tls != "implicit" and (mail.tls == "required" or server.has_extn("starttls")):
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, mail.password)
        server.send_message(as_mail(event, mail, link))


class Courier:
    """The thread that goes its rounds until it is told to stop."""

    def __init__(
        self,
        portal: Portal,
        audit: AuditSink,
        node: str,
        notify: Notify,
        clock: Callable[[], datetime],
        cafile: str | None = None,
        chores: Sequence[Callable[[datetime], object]] = (),
        watch: ClockWatch | None = None,
    ) -> None:
        """Take what it serves, and what else is to be done each hour; `start` begins."""
        self.portal, self.audit, self.node, self.notify = portal, audit, node, notify
        self.name = uuid4().hex
        """Among the couriers of all nodes."""
        self.clock, self.cafile = clock, cafile
        self.sweeper = Sweeper(portal)
        self.chores, self.watch = chores, watch or ClockWatch()
        self._swept: datetime | None = None
        self._cleaned: datetime | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sluice-courier", daemon=True)

    def start(self) -> None:
        """Begin the rounds."""
        self._thread.start()

    def stop(self) -> None:
        """End the rounds, after taking the last events in."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(SECONDS * 2)
        with suppress(SluiceError):
            if self.portal.store.lead(self.name, self.clock(), LEADS):
                drain(self.portal.store, self.audit, self.node)
                self.portal.store.lead(self.name, self.clock(), 0)

    def heed_clock(self, now: datetime) -> None:
        """Keep on record, and tell, that the wall clock was set.

        It belongs in the log of this node, whose times it accounts for, and into another's only where this takes none.
        """
        if step := self.watch.look(now):
            LOG.warning("the wall clock was set")
            told: dict[str, str | int] = {
                "seconds": round(step.total_seconds()),
                "before": (now - step).isoformat(timespec="seconds"),
            }
            event = Event("clock_stepped", now, told)
            waiting: list[Event] = []
            try:
                self.audit.write(notice(event.name, now, self.node, told))
            except StoreError:
                waiting = [event]
            self.portal.store.keep(Changes(events=waiting, messages=self.portal.messages(event)))

    def round(self, now: datetime) -> None:
        """Do once what is due."""
        if self._swept is None or now - self._swept >= SWEEP_EVERY:
            self._swept = now
            self.sweeper.sweep(now)
        if self._cleaned is None or now - self._cleaned >= CHORES_EVERY:
            self._cleaned = now
            for chore in self.chores:
                chore(now)
        if not self.portal.store.lead(self.name, now, LEADS):
            return  # another node does it
        try:
            drain(self.portal.store, self.audit, self.node)
        except Exception:
            self.portal.store.lead(self.name, now, 0)  # another node's log may take them in
            raise
        for number, message in self.portal.store.due_messages(now, BATCH):
            if self._stop.is_set() or not self.portal.store.lead(self.name, self.clock(), LEADS):
                return
            self.deliver(number, message, now)

    def deliver(self, number: int, message: Message, now: datetime) -> None:
        """Send one message, or keep it for later, or give it up and record that."""
        try:
            send(message, self.notify, self.cafile)
        except Undelivered as error:
            LOG.warning("a notification could not be delivered", exc_info=error, step=message.channel)
            failed = replace(message, attempts=message.attempts + 1)
            wait = wait_after(failed.attempts)
            if wait is not None:
                self.portal.store.settle_message(number, replace(failed, next_try=now + wait))
                return
            event = Event("notification_dropped", now, dropped(failed))
            self.portal.store.keep(Changes(events=[event]))
        self.portal.store.settle_message(number, None)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.heed_clock(self.clock())
                self.round(self.clock())
            except Exception as error:  # the rounds go on: the next one may find the store again
                LOG.error("the workflow's chores failed", exc_info=error)
            self._stop.wait(EVERY)

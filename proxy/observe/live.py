"""How a running proxy stands at the moment it is asked, as gauges. Reads; changes nothing.

Enters: the parts of a running proxy, or of one of its workers. Leaves: metrics, asked for from any thread. What cannot
be read is left out, so that one broken part never hides the others; its absence is what an alert rule sees.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from cryptography.x509 import load_pem_x509_certificate
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from proxy.assemble import Works
from proxy.canary.state import read_round
from proxy.detecting.standing import read_states
from proxy.observe.health import Prober
from proxy.settings.interface import Settings
from proxy.shell.addon import SluiceAddon
from proxy.trail.sinks import AuditFile

LOG = structlog.get_logger("sluice")


def gauge(name: str, told: str, *samples: tuple[tuple[str, ...], float], labels: tuple[str, ...] = ()) -> Metric:
    """Return a gauge with its values."""
    made = GaugeMetricFamily(name, told, labels=labels)
    for values, value in samples:
        made.add_metric(values, value)
    return made


type Part = Callable[[], Iterable[Metric]]
"""Reads one part of a running proxy."""


class Live:
    """Asks parts of a running proxy, each for itself."""

    @property
    def parts(self) -> Sequence[Part]:
        """All that is asked."""
        raise NotImplementedError

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: nobody needs to be asked for that."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Return all gauges that can be had."""
        for part in self.parts:
            try:
                yield from tuple(part())
            except Exception as error:
                LOG.warning("a metric could not be read", exc_info=error, step=part.__name__)


class Standing(Live):
    """What there is one of, however many processes serve."""

    def __init__(self, settings: Settings, works: Works, prober: Prober) -> None:
        """Take the house."""
        self.settings, self.works, self.prober = settings, works, prober
        self.clock: Callable[[], datetime] = works.house.clock

    @property
    def parts(self) -> Sequence[Part]:
        """All that is asked."""
        parts = (self.policy, self.detection, self.audit, self.models, self.self_tests)
        return (*parts, self.certificate, self.readiness)

    def policy(self) -> Iterator[Metric]:
        """Which version is in force, and whether the one on disk can be."""
        label, health = self.works.house.street.policy.label, self.works.reloader.health
        yield gauge("sluice_policy_info", "The version of the policy in force.", ((label,), 1), labels=("policy",))
        yield gauge(
            "sluice_policy_sound",
            "Whether the latest policy, file or release, is in force or waits for its day.",
            ((), health.sound),
        )
        told = "Number of the release that is followed; 0 where the file is."
        yield gauge("sluice_policy_release", told, ((), health.release))

    def detection(self) -> Iterator[Metric]:
        """How the processes that detect stand."""
        if not self.settings.detection.processes:
            return
        seen = read_states(self.settings.state)
        up = [((str(one.process),), float(one.works)) for one in seen]
        yield gauge("sluice_detection_up", "Whether a process that detects works.", *up, labels=("process",))
        starts = CounterMetricFamily("sluice_detection_starts", "Starts of it.", labels=["process"])
        for one in seen:
            starts.add_metric([str(one.process)], one.starts)
        yield starts

    def audit(self) -> Iterator[Metric]:
        """How long the log is, and how much of it is neither signed nor told."""
        log, trail, now = self.works.house.ledger.audit, self.works.trail, self.clock()
        if trail is None or not isinstance(log, AuditFile):
            return
        last = trail.notary.last
        yield gauge("sluice_audit_records", "Records of the audit log.", ((), log.head.seq))
        unsigned = max(0, log.head.seq - (last.size if last else 0))
        yield gauge("sluice_audit_unsigned_records", "Records after the last checkpoint.", ((), unsigned))
        age = (now - last.time).total_seconds() if last and unsigned else 0.0
        told = "Age of the last checkpoint while records are unsigned."
        yield gauge("sluice_audit_checkpoint_age_seconds", told, ((), age))
        away = [
            ((str(number),), (now - one.standing.since).total_seconds() if one.standing.since else 0.0)
            for number, one in enumerate(trail.messengers, 1)
        ]
        yield gauge("sluice_witness_away_seconds", "How long a witness has been away.", *away, labels=("witness",))

    def models(self) -> Iterator[Metric]:
        """How the servers of the company's models stand, by their number in the settings."""
        up = [((str(number),), float(one.healthy)) for number, one in enumerate(self.works.house.fleet.states(), 1)]
        if up:
            told = "Whether a server of the company's models answers."
            yield gauge("sluice_internal_model_up", told, *up, labels=("server",))

    def self_tests(self) -> Iterator[Metric]:
        """How the last round of self-tests ended, and how long ago."""
        last = read_round(self.settings.state) if self.settings.canary.every else None
        if last is not None:
            age = (self.clock() - last.at).total_seconds()
            yield gauge("sluice_canary_age_seconds", "Time since the last round of self-tests.", ((), age))
            yield gauge("sluice_canary_services", "Self-tests of that round.", ((), last.flown))
            yield gauge("sluice_canary_unproven", "Services of which it proved nothing.", ((), len(last.unproven)))

    def certificate(self) -> Iterator[Metric]:
        """When the certificate that clients trust ends."""
        ends = authority_ends(self.settings.state)
        if ends is not None:
            told = "When the certificate authority expires."
            yield gauge("sluice_certificate_expiry_timestamp_seconds", told, ((), ends.timestamp()))

    def readiness(self) -> Iterator[Metric]:
        """Whether the proxy is ready, and when it last proved it."""
        state = self.prober.state()
        yield gauge("sluice_ready", "Whether a text was scanned and a record written, recently.", ((), state.ready))
        if state.recorded_ago is not None:
            told = "Time since a record was made durable."
            yield gauge("sluice_audit_write_age_seconds", told, ((), state.recorded_ago))


class Serving(Live):
    """What each process that serves clients has of its own."""

    def __init__(self, addon: SluiceAddon) -> None:
        """Take mitmproxy's hooks."""
        self.addon, self.doors = addon, addon.doors

    @property
    def parts(self) -> Sequence[Part]:
        """All that is asked."""
        return self.reading, self.clients

    def reading(self) -> Iterator[Metric]:
        """Who is read, and who waits."""
        hall = self.addon.reading.hall
        lanes = (("light", hall.light), ("heavy", hall.heavy))
        running = [((name,), float(sum([*lane.running.values()]))) for name, lane in lanes]
        yield gauge("sluice_reading", "Requests that are read.", *running, labels=("lane",))
        waiting = [((name,), float(len(lane.line))) for name, lane in lanes]
        yield gauge("sluice_waiting", "Requests that wait to be read.", *waiting, labels=("lane",))
        limits = hall.limits
        yield gauge("sluice_reading_limit", "Most requests that are read at once.", ((), limits.at_once))
        yield gauge("sluice_waiting_limit", "Most requests that may wait.", ((), limits.waiting))
        yield gauge("sluice_waiting_bytes", "Bytes of bodies that wait.", ((), sum([*hall.held.values()])))

    def clients(self) -> Iterator[Metric]:
        """Connections, and what is none of our business."""
        yield gauge("sluice_connections", "Connections of clients.", ((), len(self.doors.guests)))
        yield gauge("sluice_connections_limit", "Most connections of clients.", ((), self.doors.limits.total))
        closed = CounterMetricFamily("sluice_connections_closed", "Connections that were closed.", labels=["why"])
        for why, count in [*self.doors.closed.items()]:
            closed.add_metric([why], count)
        yield closed
        passed = CounterMetricFamily("sluice_passed_by", "Connections and requests that are not ours.", labels=["why"])
        for why, count in [*self.addon.counters.items()]:
            passed.add_metric([why], count)
        yield passed


def authority_ends(state: Path) -> datetime | None:
    """Return when the authority that clients trust expires; None where it cannot be read."""
    try:
        return load_pem_x509_certificate((state / "sluice-ca.pem").read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None

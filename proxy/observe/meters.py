"""What is counted of exchanges, in the form that Prometheus reads.

Enters: records, ends of answers, steps. Leaves: counters and histograms, whose labels are words of ours: ids of
services, kinds of findings, outcomes, codes, versions of the policy. No name of a person, no address, no host, no text
ever becomes a label, and each label has a bounded number of values: what is over is counted as `other`.
"""

from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from proxy.adapters.known import known_as
from proxy.audit import Answered, Record
from proxy.observe.marks import STAGES, Mark

OTHER: Final = "other"
SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300)


@dataclass(slots=True)
class Bounded:
    """The values that a label may have: the first so many that come."""

    most: int
    known: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, value: str) -> str:
        """Return the value, or `other`."""
        if value in self.known:
            return value
        with self.lock:
            if len(self.known) >= self.most:
                return OTHER
            self.known.add(value)
            return value


class Meters:
    """The counters of one process."""

    def __init__(self) -> None:
        """Begin at nought."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for
        self.registry = CollectorRegistry()
        self._services, self._entities = Bounded(1000), Bounded(300)
        self._policies, self._codes = Bounded(50), Bounded(100)
        self.exchanges = self._counter("sluice_exchanges", "Requests to AI services.", "service", "outcome")
        self.read = self._counter(
            "sluice_read", "Requests whose text was read, by how well it was known.", "service", "by"
        )
        self.refusals = self._counter("sluice_refusals", "Refused requests.", "code")
        self.decisions = self._counter("sluice_decisions", "Decisions of policy.", "policy", "verdict", "route")
        self.findings = self._counter("sluice_findings", "Values found in requests.", "entity")
        self.redactions = self._counter("sluice_redactions", "Values taken out of requests.", "entity")
        self.unknown = self._counter("sluice_unknown", "Requests of which it is unknown if they hold this.", "entity")
        self.bytes_in = self._counter("sluice_request_bytes", "Bytes of bodies as clients sent them.")
        self.bytes_out = self._counter("sluice_sent_bytes", "Bytes of bodies as they went out.")
        self.answers = self._counter("sluice_answers", "Answers that have ended.", "status")
        self.faults = self._counter("sluice_answer_faults", "Answers that did not end well.", "code")
        self.restored = self._counter("sluice_restored", "Originals put back into answers.")
        self.missed = self._counter("sluice_restore_misses", "Placeholders in answers that nothing is known of.")
        self.store_errors = self._counter("sluice_store_errors", "Store or audit log could not be used.", "stage")
        self.stages = Histogram(
            "sluice_stage_seconds", "Time by step.", ["stage"], buckets=SECONDS, registry=self.registry
        )
        self.decided = Histogram(
            "sluice_decided_seconds", "Time until a request is decided.", buckets=SECONDS, registry=self.registry
        )
        for name in STAGES:
            self.stages.labels(name)

    def recorded(self, record: Record) -> None:
        """Count a request."""
        self.exchanges.labels(self._services(record.service), record.outcome).inc()
        if (by := known_as(record.adapter)) and not record.canary:  # a self-test sends what was known once
            self.read.labels(self._services(record.service), by).inc()
        if record.outcome in ("refused", "error"):
            self.refusals.labels(self._codes(record.code)).inc()
        if (decision := record.decision) is not None:
            self.decisions.labels(self._policies(decision.policy), decision.verdict.value, decision.route.value).inc()
        for counter, found in ((self.findings, record.entities), (self.redactions, record.redacted)):
            for entity, count in found.items():
                counter.labels(self._entities(entity)).inc(count)
        for entity in record.unknown:
            self.unknown.labels(self._entities(entity)).inc()
        self.bytes_in.inc(record.bytes_in)
        self.bytes_out.inc(record.bytes_out)
        self.decided.observe(record.timings.get("decided", 0) / 1000)

    def answered(self, answer: Answered) -> None:
        """Count the end of an answer."""
        self.answers.labels(f"{answer.status // 100}xx" if 100 <= answer.status < 600 else "none").inc()
        if answer.code:
            self.faults.labels(self._codes(answer.code)).inc()
        self.restored.inc(answer.restored)

    def marked(self, mark: Mark) -> None:
        """Take the time of a step."""
        self.stages.labels(mark.stage).observe(mark.took / 1e9)

    def store_failed(self, stage: str) -> None:
        """Count that store or log could not be used."""
        self.store_errors.labels(stage).inc()

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, registry=self.registry)

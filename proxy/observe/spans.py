"""Exchanges as OpenTelemetry spans: one for the exchange, one below it for each step. No content, no name, no address.

Enters: an exchange that has ended. Leaves: spans, sent by a thread of OpenTelemetry's own to the collector of the
settings. A collector that is away loses spans and holds nobody up. Without the extra `tracing` it does not start.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from proxy.errors import SettingsError
from proxy.observe.marks import Mark

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

MISSING: Final = "`tracing` needs OpenTelemetry, which is not installed: pip install 'sluice[tracing]'"


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where spans go; nowhere without an endpoint."""

    endpoint: str = ""
    """Address of the collector, as `http://collector.example:4318/v1/traces`."""
    ratio: float = 1.0
    """The share of exchanges that is traced."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of an exchange that has ended."""

    reference: str
    service: str
    adapter: str
    policy: str
    verdict: str
    route: str
    inspection: str
    code: str
    status: int
    marks: tuple[Mark, ...]


class Teller(Protocol):
    """Hears of exchanges that have ended."""

    def tell(self, story: Story) -> None:
        """Tell one."""
        ...

    def close(self) -> None:
        """Send what is left."""
        ...


class Spans:
    """Makes spans."""

    def __init__(self, provider: "TracerProvider") -> None:
        """Take what makes and sends them."""
        self.provider = provider
        self._tracer = provider.get_tracer("sluice")

    def tell(self, story: Story) -> None:
        """Make the spans of an exchange."""
        from opentelemetry import trace
        from opentelemetry.context import Context

        marks = story.marks
        if not marks:
            return
        begins, ends = min(mark.began for mark in marks), max(mark.began + mark.took for mark in marks)
        told: dict[str, Any] = {
            "sluice.reference": story.reference,
            "sluice.service": story.service,
            "sluice.adapter": story.adapter,
            "sluice.policy": story.policy,
            "sluice.verdict": story.verdict,
            "sluice.route": story.route,
            "sluice.inspection": story.inspection,
            "sluice.code": story.code,
            "http.response.status_code": story.status,
        }
        span = self._tracer.start_span("exchange", Context(), attributes=told, start_time=begins)
        below = trace.set_span_in_context(span, Context())
        for mark in marks:
            step = self._tracer.start_span(mark.stage, below, start_time=mark.began)
            if mark.failed:
                step.set_status(trace.Status(trace.StatusCode.ERROR))
            step.end(mark.began + mark.took)
        span.end(ends)

    def close(self) -> None:
        """Send what is left."""
        self.provider.shutdown()


def spans_of(tracing: Tracing, node: str) -> Spans | None:
    """Return what the settings ask for; raises `SettingsError` where the libraries are not there."""
    if not tracing.endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
    except ImportError:
        raise SettingsError(MISSING) from None
    resource = Resource.create({"service.name": "sluice", "service.instance.id": node})
    provider = TracerProvider(TraceIdRatioBased(tracing.ratio), resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(tracing.endpoint, timeout=5)))
    return Spans(provider)

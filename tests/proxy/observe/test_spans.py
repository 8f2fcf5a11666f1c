"""Spans of an exchange: its steps with their times, and nothing that anybody wrote or is called."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from proxy.handle import depart, enter, finish, inspect
from proxy.observe.marks import Mark
from proxy.observe.spans import Spans, Story, Tracing, spans_of
from tests.proxy.house import SECRET, Tenant, chat
from tests.proxy.test_handle import started


@pytest.fixture
def memory() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(memory: InMemorySpanExporter) -> Spans:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    return Spans(provider)


def test_an_exchange_is_one_span_with_one_below_it_for_each_step(spans: Spans, memory: InMemorySpanExporter) -> None:
    marks = (Mark("headers", 100, 10), Mark("read", 120, 50, failed=True))
    spans.tell(Story("SLC-1", "openai-api", "openai-chat", "1@a", "allowed", "external", "full", "", 200, marks))
    first, second, whole = memory.get_finished_spans()
    assert [(one.name, one.start_time, one.end_time) for one in (first, second, whole)] == [
        ("headers", 100, 110),
        ("read", 120, 170),
        ("exchange", 100, 170),
    ]
    assert first.parent == second.parent == whole.context and whole.parent is None
    assert (first.status.is_ok, second.status.is_ok) == (True, False)
    assert whole.attributes["sluice.service"] == "openai-api"


def test_a_real_exchange_tells_nothing_confidential(tenant: Tenant, spans: Spans, memory: InMemorySpanExporter) -> None:
    tenant.house.observer.spans = spans
    passage = started(tenant.house)
    assert enter(tenant.house, passage) is None
    body = chat(SECRET)
    depart(tenant.house, passage, inspect(tenant.house, passage, body), len(body))
    finish(tenant.house, passage, 200, 10, 10)
    told = [one.to_json() for one in memory.get_finished_spans()]
    names = {one.name for one in memory.get_finished_spans()}
    assert {"exchange", "headers", "read", "find", "depart", "record", "answer"} <= names
    assert not [one for one in told if SECRET in one or "10.0.0.1" in one or "/v1/" in one]


def test_without_an_endpoint_there_are_none() -> None:
    assert spans_of(Tracing(), "node") is None

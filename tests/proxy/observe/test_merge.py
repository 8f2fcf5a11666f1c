"""The metrics of several processes are those of one: sums, and the worst of what is no sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families

from proxy.observe.merge import WORST, merge, render


def told(requests: int, seconds: list[float], ready: int, waiting: int) -> bytes:
    registry = CollectorRegistry()
    counter = Counter("sluice_exchanges", "Requests.", ["service"], registry=registry)
    counter.labels("openai-api").inc(requests)
    histogram = Histogram("sluice_stage_seconds", "Time.", ["stage"], registry=registry, buckets=(0.1, 1))
    for one in seconds:
        histogram.labels("read").observe(one)
    Gauge("sluice_ready", "Ready.", registry=registry).set(ready)
    Gauge("sluice_waiting", "Waiting.", registry=registry).set(waiting)
    return render(registry)


def samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_counters_and_histograms_are_sums_and_readiness_is_the_worst() -> None:
    both = samples(merge([told(2, [0.05, 0.5], 1, 3), told(5, [0.05], 0, 4)]))
    assert both["sluice_exchanges_total", (("service", "openai-api"),)] == 7
    assert both["sluice_stage_seconds_bucket", (("le", "0.1"), ("stage", "read"))] == 2
    assert both["sluice_stage_seconds_count", (("stage", "read"),)] == 3
    assert both["sluice_ready", ()] == 0 and both["sluice_waiting", ()] == 7


def test_a_process_that_ended_leaves_what_it_counted_and_not_how_it_stood() -> None:
    left = merge([told(2, [0.05], 0, 3)], left=True)
    assert samples(merge([left, told(5, [], 1, 4)])) == samples(told(7, [0.05], 1, 4))


counts, ready = st.integers(0, 10**9), st.integers(0, 1)
one = st.builds(told, counts, st.lists(st.sampled_from([0.05, 0.5, 5.0]), max_size=5), ready, counts)


@given(one)
def test_one_process_alone_is_told_as_it_is(text: bytes) -> None:
    assert samples(merge([text])) == samples(text)


@given(st.lists(one, min_size=1, max_size=4))
def test_the_order_of_processes_changes_nothing_and_merging_in_steps_neither(texts: list[bytes]) -> None:
    whole = samples(merge(texts))
    about = pytest.approx(whole)  # sums of fractions
    assert samples(merge(reversed(texts))) == about
    assert samples(merge([merge(texts[:1]), *texts[1:]])) == about
    assert whole["sluice_ready", ()] == min(samples(text)["sluice_ready", ()] for text in texts)


def test_nothing_is_merged_out_of_nonsense() -> None:
    with pytest.raises(ValueError, match=r".+"):
        merge([b"sluice_ready this is no number\n"])
    assert merge([]) == b""


def test_no_counter_is_among_what_is_told_as_the_worst() -> None:
    assert not [name for name in WORST if name.endswith("_total")]

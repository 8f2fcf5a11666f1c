"""The metrics of one process as text, and those of several as one. Pure, but for what a registry collects.

Enters: a registry; or texts that `render` made, one of each worker process. Leaves: a text that Prometheus reads.
Counters, histograms and most gauges are added up; of a gauge that tells a state the worst value counts.
"""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

WORST: Final = {
    "sluice_ready": min,
    "sluice_policy_sound": min,
    "sluice_policy_info": max,
    "sluice_policy_release": min,
    "sluice_build_info": max,
    "sluice_detection_up": min,
    "sluice_internal_model_up": min,
    "sluice_certificate_expiry_timestamp_seconds": min,
    "sluice_canary_age_seconds": min,
    "sluice_canary_unproven": max,
    "sluice_canary_services": max,
    "sluice_audit_checkpoint_age_seconds": max,
    "sluice_audit_records": max,
    "sluice_audit_unsigned_records": max,
    "sluice_audit_write_age_seconds": min,
    "sluice_witness_away_seconds": max,
    "process_start_time_seconds": min,
}
"""Gauges that are no sums, and which value of several is told."""


class Merged:
    """What several processes have told, as a registry tells it."""

    def __init__(self, families: Iterable[Metric]) -> None:
        """Take the families."""
        self.families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self.families


def render(registry: CollectorRegistry) -> bytes:
    """Return the metrics of a process."""
    return generate_latest(registry)


COUNTED: Final = frozenset({"counter", "histogram"})
"""What a process leaves behind when it ends: what it has counted, not how it stood."""


def merge(texts: Iterable[bytes], *, left: bool = False) -> bytes:
    """Return the metrics of several processes as those of one; raises `ValueError` for what is no such text.

    `left` takes only what processes leave behind that have ended.
    """
    families: dict[str, Metric] = {}
    values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for text in texts:
        for family in text_string_to_metric_families(text.decode()):
            if family.name.endswith("_created") or (left and family.type not in COUNTED):
                continue  # when a counter began says nothing of several
            families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            held, join = values.setdefault(family.name, {}), WORST.get(family.name)
            for sample in family.samples:
                if sample.name.endswith("_created"):
                    continue
                key = sample.name, tuple(sorted(sample.labels.items()))
                if key not in held:
                    held[key] = sample.value
                else:
                    held[key] = join(held[key], sample.value) if join else held[key] + sample.value
    for name, family in families.items():
        family.samples = [Sample(sample, dict(labels), value) for (sample, labels), value in values[name].items()]
    registry = CollectorRegistry()
    registry.register(Merged(families.values()))
    return generate_latest(registry)

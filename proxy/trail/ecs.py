"""Audit records in the Elastic Common Schema (ECS 8), for a SIEM. Pure.

Enters: a record as the log holds it. Leaves: a document. What ECS has a field for stands there; the rest stands under
`sluice`, with our own names. Nothing is made up, and nothing of the record is lost: `event.original` is the line
itself.
"""

from collections.abc import Mapping
from typing import Any, Final

VERSION: Final = "8.17.0"
TYPES: Final = {
    "forwarded": ["connection", "allowed"],
    "not_inspected": ["connection", "allowed"],
    "redirected": ["connection", "allowed", "change"],
    "refused": ["connection", "denied"],
    "error": ["connection", "denied", "error"],
}
"""`event.type` by outcome."""
OUTAGES: Final = frozenset(
    {
        *("detection_unavailable", "directory_unavailable", "internal_model_missing", "internal_model_unavailable"),
        *("overloaded", "store_unavailable"),
    }
)
"""Codes of refusals that no rule is behind: something is down, missing or busy."""
SEVERITY: Final = {"forwarded": 1, "redirected": 2, "not_inspected": 4, "refused": 4, "error": 6}
PLACES: Final = {
    "time": "@timestamp",
    "id": "transaction.id",
    "seq": "event.sequence",
    "hash": "event.hash",
    "code": "event.reason",
    "user": "user.name",
    "address": "source.ip",
    "host": "destination.domain",
    "service": "service.target.name",
    "method": "http.request.method",
    "bytes_in": "http.request.bytes",
    "status": "http.response.status_code",
    "deciding": "rule.id",
    "policy": "rule.version",
    "node": "observer.name",
}
"""Where ECS has what a field of ours says; the others are under `sluice`."""


def ecs(record: Mapping[str, Any], original: str = "") -> dict[str, Any]:
    """Return the document of a record."""
    kind, outcome = str(record.get("event", "")), str(record.get("outcome", ""))
    flat: dict[str, Any] = {
        "ecs.version": VERSION,
        "event.kind": "alert" if kind in ("canary_failed", "audit_rewritten") else "event",
        "event.dataset": "sluice.audit",
        "event.module": "sluice",
        "event.action": outcome or kind,
        "observer.vendor": "Sluice",
        "observer.product": "Sluice",
        "observer.type": "proxy",
    }
    if kind == "request":
        refused = outcome in ("refused", "error")
        outcome = "error" if refused and str(record.get("code")) in OUTAGES else outcome
        flat |= {"event.category": ["network", "web"], "event.type": TYPES.get(outcome, ["connection"])}
        flat |= {"event.outcome": "failure" if refused else "success", "event.severity": SEVERITY.get(outcome, 4)}
    elif kind == "answer":
        flat |= {"event.category": ["network", "web"], "event.type": ["connection", "end"]}
    else:
        flat |= {"event.category": ["configuration"], "event.type": ["info"]}
    if original:
        flat["event.original"] = original
    for key, value in record.items():
        if key in PLACES and value not in ("", None):
            flat[PLACES[key]] = value
        elif key not in PLACES:
            flat[f"sluice.{key}"] = value
    if record.get("groups"):
        flat["user.roles"] = list(record["groups"])
    return _nested(flat)


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in flat.items():
        *outer, last = path.split(".")
        place = made
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return made

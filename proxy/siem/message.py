"""A record of the log as a line or a message for a SIEM. Pure.

Enters: a record and its line. Leaves: a line of JSON in the Elastic Common Schema, or a message of syslog (RFC 5424)
that holds one. Nothing that a record says can become a field or a second message.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from proxy.trail.ecs import ecs

FORMS: Final = ("ecs", "syslog")
AUDIT: Final = 13
"""The facility "log audit" (RFC 5424, table 1)."""
LEVELS: Final = {"error": 4, "refused": 5}
"""Severities by outcome; 6, informational, for all others."""
UNFIT: Final = str.maketrans(dict.fromkeys((*range(33), 127), "-"))


def written(form: str, record: Mapping[str, Any], line: bytes) -> bytes:
    """Return a record in one of `FORMS`."""
    document = orjson.dumps(ecs(record, line.decode("utf-8", "replace").rstrip("\n")))
    return document if form == "ecs" else syslog(record, document)


def syslog(record: Mapping[str, Any], document: bytes) -> bytes:
    """Return a message after RFC 5424; its text is the document, in UTF-8."""
    priority = AUDIT * 8 + LEVELS.get(str(record.get("outcome", "")), 6)
    node, kind = (_word(record.get(key), most) for key, most in (("node", 255), ("event", 32)))
    head = f"<{priority}>1 {_time(record.get('time'))} {node} sluice - {kind} - "
    return head.encode() + b"\xef\xbb\xbf" + document


def _word(value: object, most: int) -> str:
    return str(value or "-").encode("ascii", "replace").decode().translate(UNFIT)[:most]


def _time(value: object) -> str:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return "-"
    return at.isoformat(timespec="milliseconds") if at.tzinfo else "-"

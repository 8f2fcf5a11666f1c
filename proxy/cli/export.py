"""`sluice audit export`: the log's records in the form of a SIEM, on standard output.

Enters: the log. Leaves: lines of JSON in the Elastic Common Schema, or messages of syslog (RFC 5424) that hold them.
The log itself is not touched, and is what counts: the copy proves nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from proxy.errors import SettingsError
from proxy.trail.ecs import ecs

FORMS: Final = ("ecs", "syslog")
AUDIT: Final = 13
"""The facility "log audit" (RFC 5424, table 1)."""
LEVELS: Final = {"error": 4, "refused": 5}
"""Severities by outcome; 6, informational, for all others."""
UNFIT: Final = str.maketrans(dict.fromkeys((*range(33), 127), "-"))


def export(log: Path, form: str, after: int = 0) -> Iterator[bytes]:
    """Yield a line for each record after the one numbered `after`; raises `SettingsError`."""
    if form not in FORMS:
        raise SettingsError(f"--as must be one of {', '.join(FORMS)}")
    try:
        with log.open("rb") as file:
            for line in file:
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue  # torn by a crash: `sluice audit verify` tells of it
                if isinstance(record, dict) and int(record.get("seq", 0)) > after:
                    document = orjson.dumps(ecs(record, line.decode("utf-8", "replace").rstrip("\n")))
                    yield document if form == "ecs" else syslog(record, document)
    except OSError as error:
        raise SettingsError(f"{log}: cannot be read: {error.strerror}") from None


def syslog(record: dict[str, Any], document: bytes) -> bytes:
    """Return a message after RFC 5424; its text is the document, in UTF-8."""
    priority = AUDIT * 8 + LEVELS.get(str(record.get("outcome", "")), 6)
    at = datetime.fromisoformat(str(record["time"])).isoformat(timespec="milliseconds")
    node = str(record.get("node", "") or "-").encode("ascii", "replace").decode().translate(UNFIT)[:255]
    kind = str(record.get("event", "") or "-").encode("ascii", "replace").decode().translate(UNFIT)[:32]
    return f"<{priority}>1 {at} {node} sluice - {kind} - ".encode() + b"\xef\xbb\xbf" + document

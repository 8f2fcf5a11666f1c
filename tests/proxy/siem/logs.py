"""A real audit log that grows."""

from datetime import UTC, datetime
from pathlib import Path

from proxy.audit import Record
from proxy.trail.sinks import AuditFile

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def write(path: Path, count: int = 1, user: str = "王芳") -> None:
    """Add records to a log, as the proxy does."""
    made = AuditFile(path)
    for number in range(count):
        made.write(Record(f"SLC-{number}", NOON, "forwarded", user=user, service="openai-api").fields("proxy-1"))
    made.close()

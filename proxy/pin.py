"""The earlier version of the policy that a rollback pinned; kept in one small file of the state directory. Does I/O.

Enters: a version's id, and the digest of the policy's file at that moment. Leaves: the same, for as long as the file
stays as it was. A pin that cannot be read is none: then the file speaks.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from proxy.keys import hand_over

FILE: Final = "policy-pin.json"


@dataclass(frozen=True, slots=True)
class Pin:
    """A version that holds instead of the one on disk."""

    id: str
    """Label of the version, as `3@9f86d081884c`."""
    file: str
    """Digest of the policy's files when somebody went back; once they change, the pin is over."""
    by: str
    """Who went back."""
    passed: tuple[str, ...] = ()
    """Labels of the versions that were left behind; to go back once more is to go further."""
    closed: bool = False
    """Whether it is the emergency stop, which no change of the policy's files ends."""
    before: "Pin | None" = None
    """What was pinned when somebody closed; opening brings it back."""

    def speaks(self, content: str) -> bool:
        """Return whether it holds over files of this content; files that are away for a moment take nothing back."""
        return self.closed or content in (self.file, "")


def set_pin(state: Path, pin: Pin) -> None:
    """Keep a pin; a running proxy sees it within seconds. Raises `OSError`."""
    partial = state / f"{FILE}.partial"
    partial.write_bytes(orjson.dumps(asdict(pin)))
    partial.replace(state / FILE)
    hand_over(state)


def read_pin(state: Path) -> Pin | None:
    """Return the pin, or None where there is none."""
    try:
        return _pin(orjson.loads((state / FILE).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _pin(told: Any) -> Pin:
    before = told.get("before")
    return Pin(
        id=str(told["id"]),
        file=str(told["file"]),
        by=str(told["by"]),
        passed=tuple(map(str, told.get("passed", ()))),
        closed=told.get("closed") is True,
        before=_pin(before) if before is not None else None,
    )


def drop_pin(state: Path) -> None:
    """Forget the pin."""
    (state / FILE).unlink(missing_ok=True)

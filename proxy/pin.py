"""Which earlier version of the policy somebody went back to; kept in one small file of the state directory. Does I/O.

Enters: a version's id, and the digest of the policy's file at that moment. Leaves: the same, for as long as the file
stays as it was. A pin that cannot be read is none: then the file speaks.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson

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


def set_pin(state: Path, pin: Pin) -> None:
    """Keep a pin; a running proxy sees it within seconds. Raises `OSError`."""
    partial = state / f"{FILE}.partial"
    partial.write_bytes(orjson.dumps(asdict(pin)))
    partial.replace(state / FILE)


def read_pin(state: Path) -> Pin | None:
    """Return the pin, or None where there is none."""
    try:
        told = orjson.loads((state / FILE).read_bytes())
        return Pin(str(told["id"]), str(told["file"]), str(told["by"]), tuple(map(str, told.get("passed", ()))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def drop_pin(state: Path) -> None:
    """Forget the pin."""
    (state / FILE).unlink(missing_ok=True)

"""All targets: whoever imports this has them registered."""

from tests.fuzz import bodies, files, languages, looking, neighbours, trails, uploads, wires
from tests.fuzz.target import TARGETS

ROOMS = (bodies, files, languages, looking, neighbours, trails, uploads, wires)

__all__ = ["ROOMS", "TARGETS"]

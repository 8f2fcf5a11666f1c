"""What the packages ship, read once a process of tests: hundreds of tests want it, and nothing changes it meanwhile.

Enters: nothing. Leaves: the functions that read it, in their own modules, with a memory. Whoever imports them later has
these; the proxies of the tests end to end are processes of their own, and read as they always do.
"""

from functools import cache

from detectors import patterns, presidio
from proxy.services import catalogue


def read_once() -> None:
    """Give the catalogue, the rules and Presidio's recognizers a memory."""
    patterns.shipped_rules = cache(patterns.shipped_rules)
    presidio.shipped_recognizers = cache(presidio.shipped_recognizers)
    catalogue.load_catalogue = cache(catalogue.load_catalogue)

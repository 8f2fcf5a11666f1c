"""The specimens by which detection shows that it works, before anybody is served. Pure.

Enters: what searches. Leaves: nothing, or why nobody may be served by it.
"""

from typing import Final

from detectors.interface import Searcher
from proxy.workers.interface import WorkerFailed

SPECIMEN: Final = "联系人身份证11010519491231002X，卡号4111111111111111谢谢。 Reach me at canary@example.com."
"""Public specimens, one for each script."""
HOLDS: Final = frozenset({"CN_ID_CARD", "CREDIT_CARD", "EMAIL_ADDRESS"})


def must_find(finder: Searcher) -> None:
    """Raise `WorkerFailed` where a specimen is not found."""
    found = {finding.entity for finding in finder.find(SPECIMEN, HOLDS).findings}
    if missed := ", ".join(sorted(HOLDS - found)):
        raise WorkerFailed(f"detection has missed specimens of {missed}")

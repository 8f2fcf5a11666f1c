"""A worker has its share of what is said of all of them, and room for the largest body whatever its share is."""

import pytest

from proxy.overload.admission import Admission
from proxy.overload.doorkeeper import Connections
from proxy.settings.interface import Settings
from proxy.wire.body import Limits
from proxy.workers.worker import shared


@pytest.mark.parametrize("processes", [1, 2, 3, 64])
def test_limits_of_all_are_divided(processes: int) -> None:
    settings = Settings(
        limits=Limits(max_body=1000),
        admission=Admission(at_once=12, waiting=100, waiting_bytes=30_000, person_waiting_bytes=6000),
        connections=Connections(total=1000, address=100),
    )
    mine = shared(settings, processes)
    admission, connections = mine.admission, mine.connections
    assert admission.at_once == max(1, 12 // processes) and admission.waiting == max(1, 100 // processes)
    assert admission.waiting_bytes >= 1000 and admission.person_waiting_bytes >= 1000
    assert admission.waiting_bytes <= max(1000, 30_000 // processes)
    assert connections.total * processes >= 1000 and connections.address * processes >= 100
    assert mine.limits == settings.limits
    assert admission == admission.fitted(99, 1 << 40, 1000), "nothing is left to be fitted"
    assert shared(Settings(), processes).connections.total == 0, "what suits a machine suits each process"

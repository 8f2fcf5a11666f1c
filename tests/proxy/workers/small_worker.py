"""A worker for tests of the crew: it speaks on its pipe as a real one does, and serves nobody. Its text says how it is.

Enters: its pipe as the first argument. Leaves: what a worker says of itself; `dies`, `never ready` and `stays` in the
text of the settings make it do so.
"""

import os
import signal
import socket
import sys
import threading

from prometheus_client import CollectorRegistry, Counter, Gauge

from proxy.detecting.frames import Frame
from proxy.observe.merge import render
from proxy.workers.office import Office


def counted() -> bytes:
    """Return the metrics of a process that has seen one exchange, and that one waits."""
    registry = CollectorRegistry()
    Counter("sluice_exchanges", "Requests.", registry=registry).inc()
    Gauge("sluice_waiting", "Waiting.", registry=registry).set(1)
    return render(registry)


def main() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    over, stays = threading.Event(), []

    def pushed(frame: Frame) -> None:
        if frame.kind == "policy":
            threading.Thread(target=office.put, args=("stands", {"policy": frame.fields["version"]})).start()
        elif frame.kind == "leave" and not stays:
            threading.Thread(target=leave).start()
        elif frame.kind == "stop":
            over.set()

    def leave() -> None:
        office.put("stands", {"state": "leaving"})
        over.set()

    office = Office(socket.socket(fileno=int(sys.argv[1])), pushed, lambda: os._exit(1))
    text = office.put("brief").body.decode()
    if "never ready" in text:
        office.put("stands", {"why": "the settings say so"})
        os._exit(1)
    if "stays" in text:
        stays.append(True)
    office.put("stands", {"state": "ready"})
    office.put("metrics", {}, counted())
    if "dies" in text:
        os._exit(7)
    over.wait()
    os._exit(0)


if __name__ == "__main__":
    main()

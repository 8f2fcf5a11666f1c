"""A model for names on a server: the same call as for one on this machine. Does I/O through its client.

Enters: numbers of several windows, of however many texts. Leaves: their logits. Whatever the server does but answer as
it must is `Absent`: no window is to blame, and what was asked is unknown, never nothing. A server that keeps failing is
left alone for a while, so that nobody waits for its time-outs; then a single request tries whether it is back.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

import structlog

from detectors.interface import DetectorError
from detectors.ner.model import Absent, Floats, Inputs
from detectors.ner.session import Device
from proxy.inference import v2
from proxy.inference.client import Away, Client, NotThere

OUTPUT: Final = "logits"
FAILS: Final = 3
"""Failures in a row after which a server is left alone."""
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds for which it is, by how often that has happened in a row."""
HEADS: Final = 1 << 20
"""Bytes of what a server says of itself."""
NUMBER: Final = 32
"""Bytes of one number in an answer, at most, as JSON."""
TAGS: Final = 512
"""Tags that a model has at most."""

LOG = structlog.get_logger("sluice")


class Breaker:
    """Whether a server is asked at the moment; for all its models."""

    def __init__(self, name: str) -> None:
        """Take how it is called."""
        self.name = name
        self._failures = self._times = 0
        self._until = 0.0
        self._trying = False
        self._lock = Lock()

    def enter(self, now: float) -> None:
        """Ask for permission to ask; raises `Absent`."""
        with self._lock:
            if not self._until:
                return
            if now < self._until or self._trying:
                raise Absent("the server of the models for names is away")
            self._trying = True

    def worked(self) -> None:
        """Note an answer."""
        with self._lock:
            back = bool(self._until)
            self._failures = self._times = 0
            self._until, self._trying = 0.0, False
        if back:
            LOG.warning("the server of the models answers again", server=self.name)

    def failed(self, now: float, why: str) -> None:
        """Note a failure."""
        with self._lock:
            self._failures += 1
            self._trying = False
            if self._failures < FAILS:
                return
            first = not self._until
            self._until = now + PAUSES[min(self._times, len(PAUSES) - 1)]
            self._times += 1
        if first:
            LOG.error("the server of the models does not answer: names are unknown", server=self.name, code=why)


@dataclass(slots=True, eq=False)
class RemoteModel:
    """One model of a server."""

    name: str
    called: str
    """Its name on the server."""
    client: Client = field(repr=False)
    breaker: Breaker = field(repr=False)
    seconds: float
    binary: bool = False
    cost: int = 1
    padding: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    """What it must be given: numpy's type of numbers by name."""
    width: object = None
    """Tags, where the server says how many."""
    known: bool = False
    """Whether the server has said what the model is."""

    def run(self, inputs: Inputs) -> Floats:
        """Return logits [rows, length, tags]; raises `Absent`."""
        self.breaker.enter(monotonic())
        rows, length = next(iter(inputs.values())).shape[:2]
        most = HEADS + rows * length * TAGS * NUMBER
        try:
            if not self.known:
                self.describe()
            asking = v2.say(inputs, OUTPUT, binary=self.binary)
            path = f"/v2/models/{self.called}/infer"
            answer = self.client.post(path, asking.headers, asking.body, self.seconds, most)
            found = v2.read(answer.headers, answer.body, OUTPUT, rows, length)
        except (Away, v2.Unreadable) as error:
            self.breaker.failed(monotonic(), str(error))
            raise Absent(f"the server of the models for names: {error}") from None
        except BaseException:
            self.breaker.failed(monotonic(), "something failed here")
            raise
        self.breaker.worked()
        return found

    def describe(self) -> None:
        """Ask the server what the model is; raises `Away` or `Unreadable`."""
        server = self.client.get("/v2", self.seconds, HEADS)
        told = v2.read_model(self.client.get(f"/v2/models/{self.called}", self.seconds, HEADS).body)
        if OUTPUT not in told.outputs or not told.inputs:
            raise v2.Unreadable(f"its model {self.called} has no output {OUTPUT}, or no input")
        self.binary = v2.BINARY in v2.read_server(server.body)
        self.types = {name: v2.NUMPYS.get(kind, "int64") for name, kind in told.inputs.items()}
        width = (told.outputs[OUTPUT] or (-1,))[-1]
        self.width = width if width > 0 else None
        self.known = True


class Opener:
    """Opens models on a server, as `Local` opens them here."""

    def __init__(self, client: Client, seconds: float) -> None:
        """Take the server, and how long it may take to answer."""
        self._client, self._seconds = client, seconds
        self._breaker = Breaker(client.name)
        self.device = Device("server", 0, client.name)

    def close(self) -> None:
        """Let go of the connections to the server."""
        self._client.close()

    def __call__(
        self, name: str, file: Path, _device: Device, *, cost: int = 1, padding: Mapping[str, int] | None = None
    ) -> RemoteModel:
        """Return the model whose file is, or would be, `file`.

        Raises `DetectorError` where the server has not this very one. A server that is away is none of that: what it
        would find is unknown until it is back; only a model that is not ours must be known before.
        """
        called = name_of(name, file)
        made = RemoteModel(
            name, called, self._client, self._breaker, self._seconds, cost=cost, padding=dict(padding or {})
        )
        try:
            made.describe()
        except (NotThere, v2.Unreadable) as error:
            raise DetectorError(
                f"model {name}: the server {self._client.name} is asked for {called}: {error};"
                " export the models anew with `sluice models export`"
            ) from None
        except Away as error:
            if not file.exists():
                raise DetectorError(f"model {name}: the server {self._client.name} is asked for it: {error}") from None
            self._breaker.failed(monotonic(), str(error))
            LOG.error("the server of the models does not answer", server=self._client.name, code=str(error))
        return made


def name_of(name: str, file: Path) -> str:
    """Return what a model is called on a server: its name, and what tells its weights from others', if they are here.

    So a server with older weights than this version has is told, and never asked.
    """
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    except FileNotFoundError:
        return f"sluice-{name}"
    return f"sluice-{name}-{digest}"

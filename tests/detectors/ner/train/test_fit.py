"""A run that was stopped ends like one that was not. Needs PyTorch, so it runs where training does."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from detectors.ner.hashed import FEATURES  # noqa: E402
from detectors.ner.tags import TAGS  # noqa: E402
from detectors.ner.train.encode import Row  # noqa: E402
from detectors.ner.train.fit import Plan, Run  # noqa: E402


class Small(torch.nn.Module):
    """One layer over one feature."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layer = torch.nn.Linear(FEATURES, len(TAGS))

    def forward(self, ids):
        return self.layer(ids.float())


def rounds(first: int) -> Iterator[list[Row]]:
    return map(a_round, count(first))


def a_round(number: int) -> list[Row]:
    chance = np.random.default_rng(number)
    features = [chance.integers(0, 4, (6, FEATURES)).astype(np.int32) for _ in range(20)]
    return [Row((one,), (one[:, 0] % 3).astype(np.int64)) for one in features]


def weights(folder: Path, target: int, stop_after: int = 0) -> dict:
    plan = Plan(target=target, rate=0.01, quick=1.0, batch=30, warm=3)
    if stop_after:
        first = Run(Small(), [], plan, folder)
        made = first._step
        count = []

        def step(rows: list[Row]) -> torch.Tensor:
            count.append(1)
            if len(count) == stop_after:
                first._stop()
            return made(rows)

        first._step = step
        with pytest.raises(SystemExit, match="goes on from here"):
            first.fit(rounds)
    run = Run(Small(), [], plan, folder)
    run.fit(rounds)
    return run.averaged


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    whole, resumed = weights(tmp_path / "a", 400), weights(tmp_path / "b", 400, stop_after=5)
    assert all(torch.allclose(whole[name], resumed[name], atol=1e-6) for name in whole)


def test_the_rate_rises_stays_and_falls(tmp_path: Path) -> None:
    run = Run(Small(), [], Plan(target=1000, rate=1.0, quick=1.0, batch=10, warm=10), tmp_path)
    paces = []
    for step, seen in ((0, 0), (9, 100), (50, 600), (60, 825), (70, 1000)):
        run.progress.step, run.progress.seen = step, seen
        paces.append(run._pace())
    assert paces == pytest.approx([0.1, 1.0, 1.0, 0.5, 0.01])


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    run = Run(Small(), [], Plan(target=3000, rate=0.05, quick=1.0, batch=60, warm=3), tmp_path)
    before = run._step(a_round(0)[:10])
    run.fit(rounds)
    assert run._step(a_round(0)[:10]) < 0.8 * before


def test_a_student_learns_what_its_teachers_say_even_against_the_labels(tmp_path: Path) -> None:
    def always_the_last(numbers):
        chances = torch.zeros(*numbers[0].shape[:2], len(TAGS))
        chances[..., -1] = 1
        return chances

    plan = Plan(target=6000, rate=0.05, quick=1.0, batch=60, warm=3, guided=1.0)
    run = Run(Small(), [], plan, tmp_path, guide=always_the_last)
    run.fit(rounds)
    features = torch.from_numpy(np.stack([row.inputs[0] for row in a_round(0)]))
    assert (run.network(features).argmax(-1) == len(TAGS) - 1).all()

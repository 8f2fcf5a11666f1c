"""Names on a GPU beside the processor: windows a second of the shipped models, for a machine that has one.

Enters: nothing but this repository. Leaves: figures as JSON. `python -m bench.gpu`; it takes numpy, onnxruntime with
CUDA, tokenizers, google-re2 and PyYAML, and nothing else of what Sluice is made with.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import onnxruntime

from bench.detect_batches import as_batched, rates_of, run, windows_of
from detectors.ner.batch import GPU_PACE, Pace
from detectors.ner.names import Names, shipped, shipped_names
from detectors.ner.session import choose_device
from detectors.ner.tagger import Tagger
from detectors.ner.tags import LABELS

PROMPTS = Path(__file__).parents[1] / "tests" / "cases" / "prompts"
CALLERS = 32


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median and the range."""
    return {"median": round(statistics.median(values), 2), "min": round(min(values), 2), "max": round(max(values), 2)}


def texts(language: str) -> list[str]:
    """Return the hand-made prompts of a language."""
    lines = (PROMPTS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def models(rounds: int) -> dict[str, Any]:
    """Measure each model alone: the same batches on two threads, on all cores, and on the GPU."""
    told: dict[str, Any] = {}
    for kind, language in (("hashed", "zh"), ("latin", "en")):
        places = {
            "cpu, 2 threads": (choose_device("cpu", 2), Pace()),
            f"cpu, {os.cpu_count()} threads": (choose_device("cpu", os.cpu_count() or 1), Pace()),
            "gpu": (choose_device(), GPU_PACE),
        }
        taggers = {name: (shipped(kind, device)[0], pace) for name, (device, pace) in places.items()}
        some: Tagger = next(iter(taggers.values()))[0]
        rows = [window for text in texts(language) for window in windows_of(some, text)]
        calls: dict[str, Callable[[], object]] = {
            name: partial(_every, tagger, as_batched(tagger, rows, pace)) for name, (tagger, pace) in taggers.items()
        }
        rates = rates_of(calls, len(rows), rounds)
        told[kind] = {"windows": len(rows), **{f"{name}, windows/s": spread(each) for name, each in rates.items()}}
        slow = rates["cpu, 2 threads"]
        told[kind]["gpu over cpu with 2 threads"] = spread([a / b for a, b in zip(rates["gpu"], slow, strict=True)])
    return told


def _every(tagger: Tagger, batches: Sequence[Any]) -> None:
    for batch in batches:
        run(tagger, batch)


def whole(rounds: int) -> dict[str, Any]:
    """Measure names as the product finds them, rules and all, for 32 callers at once."""
    told: dict[str, Any] = {}
    finders = {"cpu": shipped_names(wish="cpu", threads=2), "gpu": shipped_names()}
    for language in ("zh", "en"):
        given = texts(language)
        found = {name: _places(finder, given) for name, finder in finders.items()}
        with ThreadPoolExecutor(CALLERS) as pool:
            calls = {
                name: partial(lambda finder, pool=pool, given=given: list(pool.map(finder, given)),
                              lambda text, finder=finder: finder.find(text, frozenset(LABELS)))
                for name, finder in finders.items()
            }  # fmt: skip
            rates = rates_of(calls, len(given), rounds)
        told[language] = {
            "texts": len(given),
            "findings on the processor": len(found["cpu"]),
            "findings that one of both has alone": len(found["cpu"] ^ found["gpu"]),
            **{f"{name}, texts/s": spread(each) for name, each in rates.items()},
        }
    return told


def _places(finder: Names, given: Sequence[str]) -> set[tuple[int, int, int, str]]:
    return {
        (number, one.start, one.end, one.entity)
        for number, text in enumerate(given)
        for one in finder.find(text, frozenset(LABELS))
    }


def main() -> None:
    """Print what was measured."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--out", type=Path)
    given = reader.parse_args()
    begun = time.monotonic()
    told = {
        "device": str(choose_device()),
        "onnxruntime": onnxruntime.__version__,
        "models": models(given.rounds),
        "names": whole(given.rounds),
    }
    told["seconds"] = round(time.monotonic() - begun, 1)
    text = json.dumps(told, indent=1, ensure_ascii=False)
    print(text)
    if given.out:
        given.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

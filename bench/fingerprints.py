"""Fingerprints at full size: how long documents take to register, how large the index is, what a prompt costs.

    .venv/bin/python -m bench.fingerprints --megabytes 100

Enters: how much text, half Chinese and half English, all made up. Leaves: figures on standard output, as JSON.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

from bench.exact_match import CHINESE, ENGLISH, resident
from detectors.company.fingerprint_build import FingerprintBuilder
from detectors.company.fingerprints import Fingerprints
from detectors.company.index_file import open_index
from detectors.company.keys import index_key
from detectors.company.text_files import Document, text_of

EACH = 100_000
"""Bytes of a document."""


def texts(megabytes: int, seed: int = 1) -> Iterator[str]:
    """Give documents of words and of ideographs, by turns."""
    pick = random.Random(seed)
    words = ["".join(pick.choices("etaoinshrdlucm", k=pick.randint(2, 9))) for _ in range(20_000)]
    ideographs = [chr(0x4E00 + pick.randrange(3_000)) for _ in range(3_000)]
    for number in range(megabytes * 1_000_000 // EACH):
        if number % 2:
            yield " ".join(pick.choices(words, k=EACH // 7))
        else:
            yield "".join(pick.choices([*ideographs, "，", "。\n"], k=EACH // 3))


def main() -> None:
    """Build, search, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--megabytes", type=int, default=100)
    megabytes = asked.parse_args().megabytes
    with tempfile.TemporaryDirectory() as state:
        folder = Path(state) / "indexes"
        folder.mkdir()
        key = index_key(Path(state), make=True)
        documents = (Document(f"{n}.txt", str(n), text.encode) for n, text in enumerate(texts(megabytes)))
        started = process_time()
        FingerprintBuilder(folder, "bench", {}, key, b"0" * 16, "").build(documents, text_of)
        built = process_time() - started
        detector = Fingerprints("DOCUMENT", open_index(folder / "bench.idx", key))
        sample = next(texts(1))
        prompts = {
            "Chinese, nothing": (CHINESE * 12)[:500],
            "English, nothing": (ENGLISH * 6)[:500],
            "Chinese, a passage of 200": ((CHINESE * 6)[:150] + "\n" + sample[1000:1200] + "\n" + CHINESE * 6)[:500],
        }
        times = {}
        for name, text in prompts.items():
            laps = []
            for _ in range(300):
                start = process_time()
                found = detector.find(text, detector.entities)
                laps.append(1000 * (process_time() - start))
            times[name] = {"median_ms": round(median(laps), 3), "findings": len(found)}
        size = round((folder / "bench.idx").stat().st_size / 1e6, 1)
        figures = {
            "megabytes": megabytes,
            "build_cpu_s": round(built, 1),
            "index_mb": size,
            "rss_mb": resident(),
            "ms": times,
        }
        print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

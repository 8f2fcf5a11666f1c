"""How often Sluice takes ordinary code, its documentation and its logs for something confidential.

Enters: the sources, stubs, notes and data of the packages installed beside it, and logs of tools that ran here. Leaves:
findings per 10,000 tokens by detector and entity, with rule, file and line. A value is never printed or kept: the
corpus is public, but the same command may be run over a company's own code.

    python -m bench.false_positives                      # 20 MB, all but the models, writes bench/results/
    python -m bench.false_positives --megabytes 2 --names --out /dev/null
"""

import argparse
import hashlib
import ipaddress
import json
import re
import subprocess
import sys
import sysconfig
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detectors.find import DEFAULT_ENTITIES, asked_of, shipped_detectors
from detectors.interface import CannotTell, Detector, Finding

RESULTS = Path(__file__).with_name("results") / "false_positives.json"
TOKEN = re.compile(r"[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]")
"""A word, a number or a sign: for code about as many as the tokens of language models."""

SOURCES = frozenset({".py", ".pyi", ".pyx", ".c", ".h", ".js", ".css"})
NOTES = frozenset(
    {".md", ".rst", ".txt", ".html", ".json", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".csv", ".xml", ".log"}
)
NOTES_BY_NAME = frozenset({"METADATA"})
LONGEST = 200_000
"""Characters of a file that are read."""

OURS = "sluice"
"""Our own pages show secrets on purpose."""

LOGS = {
    "pytest.log": "-m pytest -v -rA -p no:xdist tests/policies/test_match.py tests/policies/test_index.py",
    "pip-debug.log": "-m pip debug --verbose",
    "pip-inspect.log": "-m pip inspect --local",
    "pip-install.log": "-m pip install -vvv --no-index --dry-run numpy nothing-of-this-name",
    "imports.log": "-v -m email.message",
    "import-times.log": "-X importtime -m presidio_analyzer.analyzer_engine",
    "trace.log": "-m trace --trace --module this",
}
"""Logs that tools of Python write of their own work, by the arguments that Python is given."""

SHARE = {"sources": 0.7, "notes": 0.25}
"""Of the corpus; the rest is logs, as many as there are."""

NAMES = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})
"""What only a reader can tell true from false: authors sign their sources."""

SAMPLES = 5
"""Places that are named for each rule."""


@dataclass(slots=True)
class Corpus:
    """One kind of text."""

    name: str
    texts: list[tuple[str, str]] = field(repr=False)
    """Name and text of each file."""

    @property
    def tokens(self) -> int:
        """Tokens of all texts."""
        return sum(sum(1 for _ in TOKEN.finditer(text)) for _, text in self.texts)


@dataclass(slots=True)
class Tally:
    """What one detector found of one entity in one kind of text."""

    count: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def files(root: Path, wanted: Callable[[Path], bool], characters: int) -> Iterator[tuple[str, str]]:
    """Yield files in an order that no author chose, until there are enough characters."""
    found = [path for path in root.rglob("*") if wanted(path) and path.is_file() and not _ours(path, root)]
    for path in sorted(found, key=lambda path: hashlib.sha256(str(path.relative_to(root)).encode()).digest()):
        if characters <= 0:
            return
        try:
            text = path.read_text("utf-8")[:LONGEST]
        except (UnicodeDecodeError, OSError):
            continue
        if text.strip():
            characters -= len(text)
            yield str(path.relative_to(root)), text


def corpora(root: Path, logs: Sequence[Path], megabytes: float) -> list[Corpus]:
    """Return the kinds of text, `megabytes` together."""
    size = int(megabytes * 1e6)

    def is_source(path: Path) -> bool:
        return path.suffix in SOURCES

    def is_note(path: Path) -> bool:
        return path.suffix in NOTES or path.name in NOTES_BY_NAME

    return [
        Corpus("sources", list(files(root, is_source, int(size * SHARE["sources"])))),
        Corpus("notes", list(files(root, is_note, int(size * SHARE["notes"])))),
        Corpus("logs", [(path.name, path.read_text("utf-8", "replace")) for path in logs] if logs else made_logs()),
    ]


def made_logs() -> list[tuple[str, str]]:
    """Return logs that are made for the moment."""
    made = []
    for name, arguments in LOGS.items():
        done = subprocess.run(
            [sys.executable, *arguments.split()], capture_output=True, text=True, timeout=600, check=False
        )
        made.append((name, (done.stdout + done.stderr)[: 5 * LONGEST]))
    return made


def _ours(path: Path, root: Path) -> bool:
    return path.relative_to(root).parts[0].startswith((OURS, f"__editable__.{OURS}"))


def true_find(entity: str, value: str) -> str:
    """Return why a finding in public code is no false one, or nothing."""
    if entity in NAMES:
        return "a name, true or false"
    if entity == "EMAIL_ADDRESS":
        return "a mailbox that somebody published"
    if entity == "IP_ADDRESS":
        try:
            address = ipaddress.ip_network(value.strip("[]"), strict=False)
        except ValueError:
            return ""
        if address.is_private or address.is_loopback or address.is_reserved or address.is_multicast:
            return "an address of no one: loopback, private, documentation"
    return ""


def measure(
    corpus: Corpus, detectors: Sequence[Detector], entities: frozenset[str]
) -> tuple[dict[tuple[str, str, str], Tally], Counter[str]]:
    """Return what was found by detector, entity and reason, and what could not be told."""
    tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
    unknown: Counter[str] = Counter()
    for name, text in corpus.texts:
        for detector in detectors:
            try:
                found: Sequence[Finding] = detector.find(text, asked_of(detector, entities))
            except CannotTell:
                unknown[detector.name] += 1
                continue
            for finding in found:
                reason = true_find(finding.entity, text[finding.start : finding.end])
                tally = tallies[detector.name, finding.entity, reason]
                tally.count += 1
                tally.rules[finding.detector] += 1
                places = tally.places[finding.detector]
                if len(places) < SAMPLES:
                    places.append(f"{name}:{text.count(chr(10), 0, finding.start) + 1}")
    return tallies, unknown


def report(corpus: Corpus, tallies: dict[tuple[str, str, str], Tally], unknown: Counter[str]) -> dict[str, object]:
    """Return the figures of one kind of text."""
    tokens = max(1, corpus.tokens)
    rows = [
        {
            "detector": detector,
            "entity": entity,
            "true": reason,
            "count": tally.count,
            "per_10000_tokens": round(tally.count * 10_000 / tokens, 4),
            "rules": dict(tally.rules.most_common()),
            "places": dict(tally.places),
        }
        for (detector, entity, reason), tally in sorted(tallies.items(), key=lambda item: -item[1].count)
    ]
    false = sum(tally.count for (_, _, reason), tally in tallies.items() if not reason)
    return {
        "corpus": corpus.name,
        "files": len(corpus.texts),
        "characters": sum(len(text) for _, text in corpus.texts),
        "tokens": tokens,
        "false": false,
        "false_per_10000_tokens": round(false * 10_000 / tokens, 4),
        "could_not_tell": dict(unknown),
        "rows": rows,
    }


def show(result: dict[str, object], out: Callable[[str], object] = print) -> None:
    """Print one kind of text as a table."""
    out(
        f"\n{result['corpus']}: {result['files']} files, {result['tokens']} tokens, "
        f"{result['false_per_10000_tokens']} false findings per 10,000 tokens"
    )
    rows = result["rows"]
    assert isinstance(rows, list)
    for row in rows:
        rules = ", ".join(f"{rule} {count}" for rule, count in row["rules"].items())
        true = f"  ({row['true']})" if row["true"] else ""
        out(f"{row['count']:6}  {row['per_10000_tokens']:8.4f}  {row['entity']:30}  {rules}{true}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(sysconfig.get_paths()["purelib"]), help="folder of sources")
    parser.add_argument("--logs", type=Path, nargs="*", default=[], help="log files, instead of those it makes")
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--names", action="store_true", help="also the models for names, which take their time")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args(arguments)
    detectors = shipped_detectors(names=chosen.names)
    results = []
    for corpus in corpora(chosen.root, chosen.logs, chosen.megabytes):
        results.append(report(corpus, *measure(corpus, detectors, DEFAULT_ENTITIES | NAMES)))
        show(results[-1])
    tokens = sum(int(str(result["tokens"])) for result in results)
    false = sum(int(str(result["false"])) for result in results)
    total = round(false * 10_000 / max(1, tokens), 4)
    print(f"\ntogether: {tokens} tokens, {total} false findings per 10,000 tokens")
    command = f"python -m bench.false_positives --megabytes {chosen.megabytes:g}{' --names' * chosen.names}"
    whole = {"command": command, "tokens": tokens, "false_per_10000_tokens": total, "corpora": results}
    chosen.out.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

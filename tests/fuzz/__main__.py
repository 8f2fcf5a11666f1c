"""`make fuzz`: feeds every target for so many seconds, by changes at random or by atheris.

Enters: `--seconds`, names of targets, `--engine`. Leaves: a line a target, and the exit code 1 where a promise was
broken; the inputs that broke it in `.fuzz/crashes`, and what is worth going on from in `.fuzz/corpus`.
"""

import argparse
import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path

from hypothesis import settings

from tests.fuzz.engine import feed
from tests.fuzz.register import TARGETS
from tests.fuzz.target import Target

logging.disable()  # libraries say much of broken files
settings.register_profile("fuzz", deadline=None, derandomize=False)
settings.load_profile("fuzz")


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="targets; all if none")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--engine", choices=("changes", "atheris"), default="changes")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="where corpus and crashes are kept")
    parser.add_argument("--replay", type=Path, help="run one input, in a file as it was kept, and nothing else")
    parser.add_argument("--list", action="store_true", help="say which targets there are")
    given = parser.parse_args()
    unknown = set(given.names) - TARGETS.keys()
    if unknown:
        parser.error(f"no target is called {', '.join(sorted(unknown))}; see --list")
    if given.list:
        print("\n".join(f"{one.name}: {one.promise}" for one in TARGETS.values()))
        return 0
    if given.replay:
        TARGETS[given.replay.name.partition(".")[0]].run(given.replay.read_bytes())
        return 0
    failed = 0
    for one in [TARGETS[name] for name in given.names or TARGETS]:
        run = with_atheris if given.engine == "atheris" else by_changes
        failed += run(one, given.seconds, given.folder)
    return 1 if failed else 0


def by_changes(target: Target, seconds: float, folder: Path) -> bool:
    """Feed a target; returns whether its promise was broken."""
    told = feed(target, seconds=seconds, folder=folder / "corpus", crashes=folder / "crashes")
    print(f"{target.name}: {told.runs} inputs, {told.kept} kept", "" if told.failure is None else "BROKEN", flush=True)
    if told.failure is not None:
        traceback.print_exception(told.failure, limit=-6)
        print(f"  {target.promise}\n  kept in {told.file}", flush=True)
    return told.failure is not None


def with_atheris(target: Target, seconds: float, folder: Path) -> bool:
    """Let libFuzzer feed a target, in a process of its own, for it ends the one it runs in."""
    corpus, crashes = folder / "corpus" / target.name, folder / "crashes"
    for place in (corpus, crashes):
        place.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.with_atheris",
        target.name,
        str(corpus),
        f"-max_total_time={seconds:.0f}",
    ]
    command += ["-max_len=65536", "-timeout=120", "-rss_limit_mb=3000", f"-artifact_prefix={crashes / target.name}."]
    done = subprocess.run(command, check=False, env=os.environ)
    print(f"{target.name}: {'BROKEN' if done.returncode else 'kept its promise'}", flush=True)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())

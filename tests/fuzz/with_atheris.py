"""Feeds one target by atheris (libFuzzer, guided by coverage), where it is installed: `make fuzz ENGINE=atheris`.

Enters: a target's name, the folder of its corpus, options of libFuzzer. Leaves: what libFuzzer says; the process ends
with it.
"""

import logging
import sys
from hashlib import sha256
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["proxy", "policies", "detectors"], enable_loader_override=False):
    from tests.fuzz.register import TARGETS


def main() -> None:
    """Run until libFuzzer ends."""
    logging.disable()
    target, corpus = TARGETS[sys.argv[1]], Path(sys.argv[2])
    for data in target.seeds():
        (corpus / sha256(data).hexdigest()[:16]).write_bytes(data)
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

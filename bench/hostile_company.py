"""A small company's own data, for texts to be searched for: terms in all variants, labels, rows and a document.

Enters: a folder that is there as long as the detectors are. Leaves: detectors, as a policy's data classes make them.
"""

from pathlib import Path

from bench.hostile_texts import FIRST, GIVEN, LAST, SURNAMES, TERMS, prose
from detectors.company.exact import ExactMatch
from detectors.company.exact_build import ExactBuilder, Plan, column_of
from detectors.company.fingerprint_build import Document, FingerprintBuilder
from detectors.company.fingerprints import Fingerprints
from detectors.company.index_file import open_index
from detectors.company.keys import index_key
from detectors.company.labels import Labels
from detectors.company.text_files import text_of
from detectors.dictionary import Dictionary
from detectors.interface import Detector

VARIANTS = frozenset({"pinyin", "initials", "separated", "plural"})


def company_detectors(state: Path) -> tuple[Detector, ...]:
    """Return the detectors, whose indexes are built in `state`."""
    folder = state / "indexes"
    folder.mkdir()
    key = index_key(state, make=True)
    columns = tuple(column_of(each, ("account",)) for each in ("name:name", "account:account", "phone:phone"))
    names = [family + given for family in SURNAMES for given in GIVEN] + [f"{a} {b}" for a in FIRST for b in LAST]
    rows = [(name, f"6222{at:012d}", f"138{at:08d}") for at, name in enumerate(names)]
    ExactBuilder(folder, Plan("rows", columns, {}), key, b"0" * 16, "").build(iter(rows), lambda _: None)
    document = Document("minutes.txt", "1", prose("en")(20_000).encode)
    FingerprintBuilder(folder, "papers", {}, key, b"0" * 16, "").build(iter([document]), text_of)
    return (
        Dictionary("terms", "COMPANY_TERM", TERMS, ["Heron"], VARIANTS),
        Labels("labels", "COMPANY_LABEL", ["机密", "秘密", "confidential"]),
        ExactMatch("CUSTOMER", open_index(folder / "rows.idx", key)),
        Fingerprints("PAPER", open_index(folder / "papers.idx", key)),
    )

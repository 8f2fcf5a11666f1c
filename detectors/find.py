"""Ask all detectors about a text, once.

Enters: a text and the entities that policy wants. Leaves: a `Scan`: findings sorted and merged, and the entities that
nobody could answer for. A detector that fails makes its entities unknown, never absent; nothing kept here holds text.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cache
from threading import Lock
from typing import Final

from detectors.agree import agree
from detectors.combined import PartlyTold, combined
from detectors.entities import ENTITIES
from detectors.interface import Detector, Finding, Scan
from detectors.patterns import Patterns, shipped_rules
from detectors.phone import Phone
from detectors.presidio import Presidio, shipped_recognizers

DEFAULT_ENTITIES: Final = frozenset(
    {
        *("API_KEY", "CREDIT_CARD", "CRYPTO", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS"),
        *("PASSWORD", "PHONE_NUMBER", "PRIVATE_KEY"),
        *("CN_ID_CARD", "CN_PASSPORT", "CN_TRAVEL_PERMIT", "CN_UNIFIED_SOCIAL_CREDIT_CODE", "CN_VEHICLE_PLATE"),
        *("AU_ABN", "AU_MEDICARE", "AU_TFN", "IN_AADHAAR", "IN_GSTIN", "IN_PAN", "KR_FRN", "KR_RRN"),
        *("SG_NRIC_FIN", "TH_TNIN", "ZA_ID_NUMBER"),
        *("DE_HEALTH_INSURANCE", "DE_ID_CARD", "DE_SOCIAL_SECURITY", "DE_TAX_ID", "DE_VAT_ID", "ES_NIE", "ES_NIF"),
        *("FI_PERSONAL_IDENTITY_CODE", "IT_FISCAL_CODE", "PL_PESEL", "SE_PERSONNUMMER", "TR_NATIONAL_ID"),
        *("UK_DRIVING_LICENCE", "UK_NHS", "UK_NINO"),
        *("CA_SIN", "US_ITIN", "US_MBI", "US_SSN"),
    }
)
"""What is looked for when nobody says: kinds that are seldom found where they are not."""


def shipped_detectors(*, names: bool = True) -> tuple[Detector, ...]:
    """Return the detectors that come with Sluice, in the order they are asked; raises `DetectorError`.

    Without `names` the models for names are not loaded, and nobody answers for what they would find.
    """
    if not names:
        return shipped_patterns()
    from detectors.ner.names import shipped_names  # the model runtime takes a moment to import

    return (*shipped_patterns(), shipped_names())


@cache
def shipped_patterns() -> tuple[Detector, ...]:
    """Return what comes with Sluice and searches by pattern, the same each time; raises `DetectorError`."""
    return combined((Patterns(shipped_rules()), Phone(), Presidio(shipped_recognizers())))


class Finder:
    """Several detectors as one, with a memory of texts already seen; may be used from several threads."""

    def __init__(self, detectors: Sequence[Detector], cache_size: int = 4096, cache_key: bytes = b"") -> None:
        """Take the detectors, how many scans to remember, and a key of up to 64 bytes for their fingerprints."""
        self._detectors = tuple(detectors)
        self._entities = frozenset[str]().union(*(detector.entities for detector in self._detectors))
        self._cache = Cache(cache_size, cache_key)

    @property
    def entities(self) -> frozenset[str]:
        """All entities that can be asked for."""
        return self._entities

    @property
    def default(self) -> frozenset[str]:
        """The entities looked for when none are named: the default ones, and all of the company's own."""
        return self._entities & DEFAULT_ENTITIES | self._entities - ENTITIES.keys()

    def find(self, text: str, entities: frozenset[str] | None = None) -> Scan:
        """Return what is found of `entities` in `text`.

        An entity that no detector knows is unknown, as is one whose detector fails: policy decides as if it were there.
        """
        wanted = self.default if entities is None else entities
        mark = self._cache.mark(text, wanted)
        findings = self._cache.get(mark)
        if findings is not None:
            return Scan(findings)
        scan = self._ask(text, wanted)
        if not scan.unknown:
            self._cache.put(mark, scan.findings)
        return scan

    def _ask(self, text: str, wanted: frozenset[str]) -> Scan:
        found: list[Finding] = []
        unknown = set(wanted - self._entities)
        for detector in self._detectors:
            asked = detector.entities & wanted
            if not asked:
                continue
            try:
                found += detector.find(text, asked)
            except PartlyTold as partly:
                found += partly.findings
                unknown |= partly.entities & asked
            except Exception:  # whatever went wrong, nobody looked: that must not read as clean
                unknown |= asked
        return Scan(agree(merge(found)), frozenset(unknown))


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings sorted, with overlapping ones of the same entity made one that covers them all."""
    merged: dict[str, list[Finding]] = {}
    for finding in sorted(findings):
        row = merged.setdefault(finding.entity, [])
        if row and finding.start < row[-1].end:
            best = max(row[-1], finding, key=lambda one: one.score)
            end = max(row[-1].end, finding.end)
            because = tuple(dict.fromkeys((*row[-1].because, *finding.because)))
            row[-1] = Finding(row[-1].start, end, finding.entity, best.score, best.detector, because)
        else:
            row.append(finding)
    return tuple(sorted(finding for row in merged.values() for finding in row))


class Cache:
    """The findings of the texts seen last, by keyed fingerprint."""

    def __init__(self, size: int, key: bytes) -> None:
        """Take the number of texts to remember, nought for none, and the key of the fingerprints."""
        self._size = size
        self._key = key
        self._kept: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._lock = Lock()

    def mark(self, text: str, entities: frozenset[str]) -> bytes:
        """Return the fingerprint of a question."""
        data = text.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(len(data).to_bytes(8) + data, key=self._key, digest_size=32)
        digest.update("\0".join(sorted(entities)).encode("utf-8", "surrogatepass"))
        return digest.digest()

    def get(self, mark: bytes) -> tuple[Finding, ...] | None:
        """Return the findings kept under `mark`, if any are."""
        with self._lock:
            findings = self._kept.get(mark)
            if findings is not None:
                self._kept.move_to_end(mark)
            return findings

    def put(self, mark: bytes, findings: tuple[Finding, ...]) -> None:
        """Keep `findings`, and forget what was asked for longest ago."""
        with self._lock:
            self._kept[mark] = findings
            self._kept.move_to_end(mark)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

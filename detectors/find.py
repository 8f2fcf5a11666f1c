"""Ask all detectors about a text, once.

Enters: texts and the entities that policy wants. Leaves: a `Scan` of each: findings sorted and merged, and the entities
that nobody could answer for. A detector that fails makes its entities unknown, never absent; nothing kept here holds
text.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache, lru_cache, partial
from threading import Lock
from typing import Final

from detectors.agree import NAMES, agree, merge, settled
from detectors.allowance import allowed
from detectors.build_cache import building
from detectors.combined import Combined, PartlyTold, of_a_form
from detectors.entities import ENTITIES
from detectors.inside import inside
from detectors.interface import Beside, CannotTell, Detector, Finding, Scan, Together, is_secret
from detectors.patterns import seekers, shipped_rules
from detectors.phone import Numbers
from detectors.presidio import shipped_recognizers
from detectors.reading import read_text, reading_once
from detectors.views.through import through_seams, through_views

DEFAULT_ENTITIES: Final = frozenset(
    {
        *(
            "API_KEY",
            "CREDIT_CARD",
            "CRYPTO",
            "DATE_OF_BIRTH",
            "EMAIL_ADDRESS",
            "IBAN_CODE",
            "IP_ADDRESS",
            "MAC_ADDRESS",
        ),
        *("PASSWORD", "PHONE_NUMBER", "PRIVATE_KEY"),
        *(
            "CN_BANK_ACCOUNT",
            "CN_ID_CARD",
            "CN_PASSPORT",
            "CN_TRAVEL_PERMIT",
            "CN_UNIFIED_SOCIAL_CREDIT_CODE",
            "CN_VEHICLE_PLATE",
        ),
        *("AU_ABN", "AU_MEDICARE", "AU_TFN", "IN_AADHAAR", "IN_GSTIN", "IN_PAN", "KR_FRN", "KR_RRN"),
        *("SG_NRIC_FIN", "TH_TNIN", "ZA_ID_NUMBER"),
        *("DE_HEALTH_INSURANCE", "DE_ID_CARD", "DE_SOCIAL_SECURITY", "DE_TAX_ID", "DE_VAT_ID", "ES_NIE", "ES_NIF"),
        *(
            "FI_PERSONAL_IDENTITY_CODE",
            "FR_SOCIAL_SECURITY",
            "IT_FISCAL_CODE",
            "PL_PESEL",
            "SE_PERSONNUMMER",
            "TR_NATIONAL_ID",
        ),
        *("AU_BANK_ACCOUNT", "UK_BANK_ACCOUNT", "UK_DRIVING_LICENCE", "UK_NHS", "UK_NINO"),
        *("CA_SIN", "US_ITIN", "US_MBI", "US_SSN"),
    }
)
"""What is looked for when nobody says: kinds that are seldom found where they are not."""


REMEMBERED: Final = 256
"""Sets of entities of which it is known who can answer for them."""


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
    with building():
        return (Combined((*seekers(shipped_rules()), Numbers(), *shipped_recognizers())),)


OF_JOINED: Final = "joined\0"
OF_KEYED: Final = "keyed\0"
"""Beside the entities that are asked for, what tells the seams of texts from a text of the same words: no name holds
such a sign."""


KEPT_TEXTS: Final = 16_384
"""Texts whose findings are remembered: a conversation of thousands of turns comes again with each of them."""
KEPT_FINDINGS: Final = 2
"""Findings that are remembered for each of them, on average: some megabytes in all."""


type Answer = tuple[Finding, ...] | Exception
type Ask = Callable[[Sequence[str], frozenset[str]], Sequence[Answer]]
type Share = tuple[Detector, Ask, frozenset[str], bool]
"""A detector, how it is asked, what of it, and whether that is nothing but names."""


class Finder:
    """Several detectors as one, with a memory of texts already seen; may be used from several threads."""

    def __init__(
        self,
        detectors: Sequence[Detector],
        cache_size: int = KEPT_TEXTS,
        cache_key: bytes = b"",
        failed: Callable[[str], None] = lambda _why: None,
    ) -> None:
        """Take the detectors, how many scans to remember, and a key of up to 64 bytes for their fingerprints.

        `failed` hears which detector could not tell of a text, and why; never anything of the text.
        """
        self._failed = failed
        self._detectors = tuple((detector, asking(detector)) for detector in detectors)
        self._entities = frozenset[str]().union(*(detector.entities for detector, _ in self._detectors))
        self._default = self._entities & DEFAULT_ENTITIES | self._entities - ENTITIES.keys()
        self._asked = lru_cache(maxsize=REMEMBERED)(self._who_answers)
        self._cache = Cache(cache_size, cache_key)

    @property
    def entities(self) -> frozenset[str]:
        """All entities that can be asked for."""
        return self._entities

    @property
    def default(self) -> frozenset[str]:
        """The entities looked for when none are named: the default ones, and all of the company's own."""
        return self._default

    def find(self, text: str, entities: frozenset[str] | None = None) -> Scan:
        """Return what is found of `entities` in `text`.

        An entity that no detector knows is unknown, as is one whose detector fails: policy decides as if it were there.
        """
        return self.find_all((text,), entities)[0]

    def find_all(self, texts: Sequence[str], entities: frozenset[str] | None = None) -> list[Scan]:
        """Return for each text what `find` returns; what is asked of models is asked for all of them together."""
        wanted = self.default if entities is None else entities
        return self._remembering(texts, wanted, lambda new: self._ask(new, wanted))

    def _remembering(
        self,
        texts: Sequence[str],
        question: frozenset[str],
        ask: Callable[[Sequence[str]], Iterable[Scan]],
    ) -> list[Scan]:
        """Return what was found in texts when the same was asked of them, and ask about the others."""
        marks = [self._cache.mark(text, question) for text in texts]
        scans = {
            text: Scan(findings)
            for text, mark in zip(texts, marks, strict=True)
            if (findings := self._cache.get(mark)) is not None
        }
        new = dict.fromkeys(text for text in texts if text not in scans)
        scans.update(zip(new, ask(tuple(new)), strict=True))
        for text, mark in zip(texts, marks, strict=True):
            if text in new and not scans[text].unknown and not scans[text].opaque:
                self._cache.put(mark, scans[text].findings)
        return [scans[text] for text in texts]

    def find_spread(
        self, texts: Sequence[str], groups: Sequence[Hashable | None], entities: frozenset[str] | None = None
    ) -> list[Scan]:
        """Return for each text what `find_all` returns, and its share of what is spread over texts of one group."""
        wanted = self.default if entities is None else entities
        scans = self._find_each(texts, [is_secret(group) for group in groups], wanted)
        return through_seams(texts, groups, scans, wanted - NAMES, self._look_at_seams)

    def _find_each(self, texts: Sequence[str], secret: Sequence[bool], wanted: frozenset[str]) -> list[Scan]:
        """Return for each text what `find` returns; in secrets no names are looked for."""
        others = iter(self.find_all([text for text, no_name in zip(texts, secret, strict=True) if not no_name], wanted))
        bare = [text for text, no_name in zip(texts, secret, strict=True) if no_name]
        secrets = iter(self.find_all(bare, wanted - NAMES) if bare else ())
        return [next(secrets if no_name else others) for no_name in secret]

    def _look_at_seams(self, texts: Sequence[str], wanted: frozenset[str], keyed: bool) -> list[Scan]:
        """Return what is found where texts are joined; of values under keys, what has a form."""
        with of_a_form(keyed):
            question = wanted | {OF_KEYED if keyed else OF_JOINED}
            return self._remembering(texts, question, lambda new: self._look(new, wanted))

    def _ask(self, texts: Sequence[str], wanted: frozenset[str]) -> list[Scan]:
        """Return what is found in texts as they stand, and through every view of them."""
        with reading_once():
            return through_views(texts, list(self._look(texts, wanted)), wanted, partial(self._look, written=False))

    def _who_answers(self, wanted: frozenset[str]) -> tuple[tuple[Share, ...], frozenset[str]]:
        """Return which detectors are asked for what of some entities, and those that nobody knows."""
        shares = (
            (detector, ask, asked_of(detector, wanted), detector.entities & wanted <= NAMES)
            for detector, ask in self._detectors
        )
        return tuple(share for share in shares if share[2]), wanted - self._entities

    def _look(self, texts: Sequence[str], wanted: frozenset[str], *, written: bool = True) -> Iterator[Scan]:
        """Yield what is found in each text.

        What a detector sees beside its own is a guess from the sentence, so it counts in what somebody has written
        alone: in a view, which may turn a list of figures into anything, there is no sentence.
        """
        shares, nobody_knows = self._asked(wanted)
        found: list[list[Finding]] = [[] for _ in texts]
        unknown = [set(nobody_knows) for _ in texts]
        for detector, ask, all_of_it, only_names in shares if texts else ():
            asked = all_of_it if written else all_of_it & detector.entities
            places = unsettled(texts, found) if only_names else range(len(texts))
            for place, answer in zip(places, told(ask, [texts[one] for one in places], asked), strict=True):
                if isinstance(answer, Exception):
                    self._failed(why(detector, answer))
                    found[place] += answer.findings if isinstance(answer, PartlyTold) else ()
                    unknown[place] |= answer.entities & asked if isinstance(answer, PartlyTold) else asked
                else:
                    found[place] += answer
        return (Scan(agree(merge(one)), frozenset(none)) for one, none in zip(found, unknown, strict=True))


def asked_of(detector: Detector, wanted: frozenset[str]) -> frozenset[str]:
    """Return what a detector is asked for of some entities: its own, and along with these what it sees beside them."""
    own = detector.entities & wanted
    return own | detector.beside & wanted if own and isinstance(detector, Beside) else own


def unsettled(texts: Sequence[str], found: Sequence[Sequence[Finding]]) -> list[int]:
    """Return which texts may have a name: not those that are an identifier as a whole, as most cells of an export."""
    return [
        place
        for place, (text, findings) in enumerate(zip(texts, found, strict=True))
        if not (findings and settled(len(text), findings) and not holds_code(text))
    ]


def holds_code(text: str) -> bool:
    """Tell whether base64 in a text holds another one, whose names count whatever it is taken for itself."""
    try:
        return any(True for _ in inside(read_text(text)))
    except CannotTell:
        return True


def asking(detector: Detector) -> Ask:
    """Return what asks a detector about several texts."""
    return detector.find_all if isinstance(detector, Together) else partial(one_by_one, detector)


def one_by_one(detector: Detector, texts: Sequence[str], entities: frozenset[str]) -> list[Answer]:
    """Return what a detector finds in each text, or what it fails with."""
    answers: list[Answer] = []
    for text in texts:
        try:
            with allowed(len(text)):
                answers.append(detector.find(text, entities))
        except Exception as error:
            answers.append(error)
    return answers


def told(ask: Ask, texts: Sequence[str], entities: frozenset[str]) -> Sequence[Answer]:
    """Return the answer for each text; whatever goes wrong, nobody looked, which must not read as clean."""
    try:
        with allowed(sum(map(len, texts))):
            answers = ask(texts, entities)
    except Exception as error:
        answers = [error] * len(texts)
    return answers if len(answers) == len(texts) else [CannotTell("some texts went unanswered")] * len(texts)


def why(detector: Detector, error: Exception) -> str:
    """Return who could not tell and why. Messages of others than our own may quote the text."""
    said = str(error) if isinstance(error, CannotTell) else type(error).__name__
    return said if detector.name in said or isinstance(error, PartlyTold) else f"{detector.name}: {said}"


@lru_cache(maxsize=1024)
def named(entities: frozenset[str]) -> bytes:
    """Return the names as bytes that begin with their number of bytes, so that whatever follows is apart from them."""
    names = "\0".join(sorted(entities)).encode("utf-8", "surrogatepass")
    return len(names).to_bytes(8) + names


class Cache:
    """The findings of the texts seen last, by keyed fingerprint."""

    def __init__(self, size: int, key: bytes) -> None:
        """Take the number of texts to remember, nought for none, and the key of the fingerprints."""
        self._size = size
        self._key = key
        self._kept: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._findings = 0
        self._lock = Lock()

    def mark(self, text: str, entities: frozenset[str]) -> bytes:
        """Return the fingerprint of a question; the same for all where nothing is remembered."""
        if not self._size:
            return b""
        digest = hashlib.blake2b(named(entities), key=self._key, digest_size=32)
        digest.update(text.encode("utf-8", "surrogatepass"))
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
            self._findings += len(findings) - len(self._kept.pop(mark, ()))
            self._kept[mark] = findings
            while len(self._kept) > self._size or self._findings > self._size * KEPT_FINDINGS:
                _, forgotten = self._kept.popitem(last=False)
                self._findings -= len(forgotten)

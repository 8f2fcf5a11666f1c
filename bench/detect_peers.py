"""Peers of detection: stock Presidio, Presidio with a small spaCy model, detect-secrets, and a bare RE2 Set.

Enters: nothing. Leaves: functions from a text to how much they found. Each is used as its own documentation says, made
once, and is left out where it is not installed.
"""

import atexit
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import re2
import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from spacy.training import Example

from detectors.patterns import edged, shipped_rules

PACKAGES = (
    Path(__file__).parent / ".venv" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
)
SET_MEMORY = 256 << 20
WIDTH, DEPTH = 96, 4
"""Of spaCy's own small pipelines: HashEmbedCNN, the size class of ours."""

LASTING = ExitStack()
"""What peers need for as long as this process lives."""

Find = Callable[[str], int]
Sample = tuple[str, list[tuple[int, int, str]]]


class GivenNlp(SpacyNlpEngine):
    """Presidio's spaCy engine over a pipeline that is there already."""

    def __init__(self, pipeline: spacy.Language) -> None:
        super().__init__()
        self.nlp = {"en": pipeline}


def presidio(pipeline: spacy.Language | None = None) -> Find:
    """Return stock Presidio with its default recognizers for English, over a blank pipeline or a given one."""
    offline()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=GivenNlp(pipeline or spacy.blank("en")))
    return lambda text: len(engine.analyze(text, language="en"))


def offline() -> None:
    """Keep Presidio's e-mail recognizer from fetching the list of public suffixes while it is timed."""
    import tldextract
    from presidio_analyzer.predefined_recognizers.generic import email_recognizer, url_recognizer

    extract = tldextract.TLDExtract(suffix_list_urls=())
    for module in (email_recognizer, url_recognizer):
        if hasattr(module, "tldextract"):
            module.tldextract = type("Offline", (), {"extract": staticmethod(extract)})


def recognizers() -> int:
    """Return how many recognizers stock Presidio asks."""
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    return len(registry.recognizers)


def detect_secrets() -> Find | None:
    """Return detect-secrets with all its plugins, line by line as its own scanner does; none where it is missing."""
    if str(PACKAGES) not in sys.path:
        sys.path.append(str(PACKAGES))
    try:
        from detect_secrets.core.scan import scan_line
        from detect_secrets.settings import default_settings
    except ImportError:
        return None
    LASTING.enter_context(default_settings())
    atexit.register(LASTING.close)  # while its modules can still be imported
    return lambda text: sum(1 for line in text.splitlines() for _ in scan_line(line))


def bare_set() -> tuple[Find, int, int]:
    """Return a RE2 Set of all patterns that it takes, how many these are, and how many it does not take."""
    options = re2.Options()
    options.max_mem = SET_MEMORY
    options.log_errors = False
    made, taken, left = re2.Set.SearchSet(options), 0, 0
    made.Add("")  # fits every text: without it an answer would not tell "nothing" from "out of memory"
    for pattern in all_patterns():
        try:
            made.Add(pattern)
            taken += 1
        except Exception:  # look-around and back references, which RE2 does not have
            left += 1
    made.Compile()

    def match(text: str) -> int:
        found = made.Match(text.encode())
        if not found:
            raise MemoryError("the bare RE2 Set ran out of memory")
        return len(found) - 1

    return match, taken, left


def all_patterns() -> Iterator[str]:
    """Yield the patterns of our own rules and of all of Presidio's recognizers that we use, as they are written."""
    for rule in shipped_rules():
        yield edged(rule)
    from detectors.presidio import shipped_recognizers

    for gated in shipped_recognizers():
        for pattern in gated.recognizer.about.patterns:
            yield f"(?i){pattern.regex}"


def small_model(language: str, samples: Iterable[Sample], seconds: float) -> spacy.Language:
    """Return a pipeline with a tagger of names of spaCy's small size, trained for a moment.

    A moment is enough for the time it takes: that hangs on the network, and a little on how many names it sees. How
    well it sees them is not measured here.
    """
    spacy.util.fix_random_seed(1)
    pipeline = spacy.blank(language)
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2",
            "pretrained_vectors": None,
            "width": WIDTH,
            "depth": DEPTH,
            "embed_size": 2000,
            "window_size": 1,
            "maxout_pieces": 3,
            "subword_features": True,
        },
    }
    pipeline.add_pipe("ner", config={"model": model})
    examples = list(_examples(pipeline, samples))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        optimizer = pipeline.initialize(lambda: examples)
        order, until = random.Random(1), monotonic() + seconds
        while monotonic() < until:
            order.shuffle(examples)
            for batch in spacy.util.minibatch(examples, 32):
                pipeline.update(batch, sgd=optimizer, drop=0.2)
                if monotonic() >= until:
                    break
    return pipeline


def _examples(pipeline: spacy.Language, samples: Iterable[Sample]) -> Iterator[Example]:
    for text, spans in samples:
        document = pipeline.make_doc(text)
        kept = [document.char_span(start, end, label) for start, end, label in spans]
        entities = spacy.util.filter_spans([span for span in kept if span is not None])
        reference = document.copy()
        reference.set_ents(entities)
        yield Example(document, reference)

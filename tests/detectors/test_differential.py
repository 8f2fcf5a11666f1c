"""Against stock Presidio, over a large made-up corpus: the same findings, but for those we leave out on purpose.

The corpus is drawn from the patterns themselves: for each pattern of each recognizer in the table, numbers with right
and with wrong check digits, with and without a context word, one digit off, and with spaces around. Beside Chinese
characters ours finds what it finds beside spaces, and stock Presidio next to nothing.
"""

import random
import re
from functools import cache

import pytest
from presidio_analyzer import AnalyzerEngine, predefined_recognizers
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from detectors.divided import within_divided
from detectors.normalise import normalise
from detectors.presidio import LEAST_WITH_CONTEXT, Presidio, shipped_recognizers
from detectors.presidio import _continues as continues
from detectors.prove import marked
from detectors.reading import read_text
from detectors.spacy_pipeline import BlankEngine
from detectors.syntax import ANY, Atom, Unreadable, read
from tests.thorough import THOROUGH

GATED = {gated.entity: gated for gated in shipped_recognizers()}
OURS = Presidio(GATED.values())
VALUES, TRIES = 4 if THOROUGH else 1, 150
SENTENCES = 40
"""In one document: stock Presidio looks through all words of a document for each of its findings."""

WRITABLE = [chr(code) for code in range(33, 127)]


@cache
def members(text):
    """Return the printable characters that an atom matches; blanks only where it matches nothing else."""
    if text == ANY:
        return ["A", "7"]
    pattern = re.compile(text)
    return [character for character in WRITABLE if pattern.fullmatch(character)] or [" "]


def drawn(part, chance):
    """Return a text that a part of a pattern matches, edges aside."""
    if isinstance(part, Atom):
        return "" if part.edge else chance.choice(members(part.text))
    branch = chance.choice(part.branches)
    return "".join(
        drawn(item.part, chance)
        for item in branch
        for _ in range(chance.randint(item.least, item.least + 2 if item.most is None else item.most))
    )


def values(gated, chance):
    """Yield numbers of a recognizer, the right ones of its examples and drawn ones, and one digit off each."""
    for example in gated.examples:
        text, wanted = marked(example)
        yield from (text[start:end] for start, end in wanted)
    for pattern, compiled in zip(gated.recognizer.about.patterns, gated.recognizer.compiled, strict=True):
        try:
            tree = read(pattern.regex)
        except Unreadable:
            continue
        known = compiled if "(?<=" not in pattern.regex else None
        found = 0
        for _ in range(TRIES):
            value = drawn(tree, chance).strip()
            if normalise(value).text != value:  # an escape, which ours reads as what it stands for
                continue
            right = (
                value
                and (known is None or known.search(value))
                and gated.recognizer.validate_result(value) is not False
            )
            if right or chance.random() < 0.02:
                yield value
                digits = [place for place, character in enumerate(value) if character.isdigit()]
                if digits:
                    place = chance.choice(digits)
                    yield value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]
            found += bool(right)
            if found == VALUES:
                break


CONTEXT = sorted({term for gated in GATED.values() if gated.near for term in gated.near.terms if term.isascii()})
INNOCENT = "morning window garden yellow bottle little quiet jumped kettle happy mellow button forest humble"
FILLER = [
    word for word in INNOCENT.split() if not any(term.lower() in word or word in term.lower() for term in CONTEXT)
]
"""Words that are nobody's context, nor have any in them: stock Presidio takes a part of a word for the word."""


@cache
def corpus():
    """Return documents of sentences, the same in every run."""
    chance = random.Random(20240607)
    sentences = []
    for gated in GATED.values():
        terms = [term for term in gated.near.terms if term.isascii() and " " not in term] if gated.near else []
        for value in values(gated, chance):
            filler = " ".join(chance.choices(FILLER, k=14))
            sentences.append(f"{filler} {value} {filler} .")
            if terms:
                sentences.append(f"{filler} {chance.choice(terms)} {value} {filler} .")
    chance.shuffle(sentences)
    return tuple("\n".join(sentences[first : first + SENTENCES]) for first in range(0, len(sentences), SENTENCES))


@cache
def stock():
    """Return stock Presidio with the recognizers of the table, all for one language."""
    recognizers = [getattr(predefined_recognizers, gated.name)(supported_language="en") for gated in GATED.values()]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(["en"]), supported_languages=["en"])


@cache
def compared():
    """Return for each document what stock Presidio finds and what ours does: score by entity and place."""
    answers = []
    for text in corpus():
        there = {(one.entity_type, one.start, one.end): one.score for one in stock().analyze(text, "en")}
        here = {(one.entity, one.start, one.end): one.score for one in OURS.find(text, OURS.entities)}
        answers.append((text, there, here))
    return answers


def inside_a_token(_gated, text, start, end, _score):
    return continues(text, start) or continues(text, end)


def some_groups(gated, text, start, end, _score):
    return not (gated.near and gated.near.near(text, start, end)) and within_divided(text, start, end)


def nothing_confidential(gated, text, start, end, _score):
    return bool(gated.never and gated.never.fullmatch(text[start:end].encode()))


def something_else(gated, text, start, end, _score):
    return bool(gated.spoilt and gated.spoilt.near(text[:end], start, end))


def says_too_little(gated, text, start, end, _score):
    spoken = gated.near and gated.near.near(text, start, end)
    return not spoken and not (gated.alone and gated.alone.fullmatch(text[start:end].encode()))


def scores_too_low(gated, _text, _start, _end, score):
    return score < gated.minimum


ON_PURPOSE = {
    "a stretch of a longer token is nobody's number": inside_a_token,
    "some groups of a longer number are none": some_groups,
    "a form that is nothing confidential": nothing_confidential,
    "a word before it makes it something else": something_else,
    "no context word near, and the form alone says too little": says_too_little,
    "a score below what counts": scores_too_low,
}
"""Why ours leaves out what stock Presidio reports; each is a field of `rules/presidio.yaml`, or the law of tokens."""


def reason(text, entity, start, end, score):
    gated = GATED[entity]
    return next((why for why, holds in ON_PURPOSE.items() if holds(gated, text, start, end, score)), None)


def covered(here, entity, start, end):
    return any(one == entity and first <= start and end <= last for one, first, last in here)


def test_the_corpus_is_large_and_full_of_findings():
    texts = corpus()
    assert sum(map(len, texts)) > (600_000 if THOROUGH else 200_000) and all(text.isascii() for text in texts)
    assert {entity for _, there, _ in compared() for entity, _, _ in there} == GATED.keys()


def test_whatever_stock_presidio_finds_is_found_or_left_out_for_a_reason_on_the_list():
    missed, reasons = [], set()
    for text, there, here in compared():
        for (entity, start, end), score in there.items():
            if covered(here, entity, start, end):
                continue
            why = reason(text, entity, start, end, score)
            reasons.add(why)
            if why is None:
                missed.append((entity, text[start - 20 : end + 20], score))
    assert missed == []
    assert len(reasons) >= 3, "the corpus no longer has what the list is about"


def test_nothing_is_found_that_stock_presidio_does_not_find():
    extra = [
        (entity, text[start:end])
        for text, there, here in compared()
        for entity, start, end in here
        if (entity, start, end) not in there and not covered(there, entity, start, end)
    ]
    assert extra == []


def test_scores_are_stock_presidios_or_higher_for_a_word_it_does_not_see():
    differing = [
        (entity, text[start - 60 : end + 60], there[entity, start, end], score)
        for text, there, here in compared()
        for (entity, start, end), score in here.items()
        if (entity, start, end) in there and abs(there[entity, start, end] - score) > 1e-9
    ]
    for entity, around, stocks, score in differing:
        if score < stocks:  # it takes the finding itself, and a part of a word, for a context word
            assert any(term.lower() in around.lower() for term in GATED[entity].near.terms), (entity, around)
        assert score >= LEAST_WITH_CONTEXT


def test_the_sieve_loses_nothing_that_a_recognizer_finds_in_the_whole_text():
    for text in corpus()[::5]:
        reading = read_text(text)
        alone = {finding for gated in GATED.values() for finding in gated.seek(reading, [(0, len(reading.text))])}
        assert set(OURS.find(text, OURS.entities)) == alone


@pytest.fixture(scope="module")
def in_context():
    """Findings that ours makes beside spaces, each with the word that speaks for it."""
    found = []
    for text, _, here in compared()[:: 4 if THOROUGH else 2]:
        for entity, start, end in here:
            near = GATED[entity].near
            word = near.near(text, start, end) if near else ""
            found.append((entity, word, text[start:end].strip()))
    return found


def test_beside_chinese_ours_finds_the_same_and_stock_presidio_next_to_nothing(in_context):
    ours = stocks = 0
    missed = []
    for entity, word, value in in_context:
        text = f"请核对{word} {value}的资料"
        place = len(f"请核对{word} ")
        want = {(entity, place, place + len(value))}
        here = {(one.entity, one.start, one.end) for one in OURS.find(text, frozenset({entity}))}
        ours += covered(here, entity, place, place + len(value))
        missed += [(entity, text)] * (not covered(here, entity, place, place + len(value)))
        stocks += bool(want & {(one.entity_type, one.start, one.end) for one in stock().analyze(text, "en", [entity])})
    assert missed == []
    assert len(in_context) > 200
    assert stocks < 0.2 * ours

"""Filled templates have exact spans, agree with themselves, and vary."""

import re
from collections.abc import Callable
from random import Random

import pytest

from detectors.ner.tags import LABELS
from detectors.ner.train.fill import SLOT, Filler, Template, merged, short, templates
from detectors.ner.train.lists import DEVELOP, TRAIN, own
from detectors.normalise import normalise


def filler(seed: int = 1, part: str = TRAIN) -> Filler:
    return Filler(Random(seed), part, {})


def mentions(text: str, language: str = "zh", genre: str = "", seed: int = 1) -> list[tuple[str, str]]:
    record = filler(seed).fill(Template(genre, language, text))
    return [(record.text[start:end], label) for start, end, label in record.spans]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_is_filled_with_spans_that_fit(language: str) -> None:
    ours, forms = filler(), templates(language, TRAIN)
    assert len(forms) > 900
    for form in forms[::3]:
        record = ours.fill(form)
        assert normalise(record.text).text == record.text and not SLOT.search(record.text)
        last = 0
        for start, end, label in record.spans:
            assert last <= start < end <= len(record.text) and label in LABELS
            assert record.text[start:end].strip() == record.text[start:end]
            last = end


def test_the_same_seed_gives_the_same_text_and_another_seed_another() -> None:
    form = Template("", "zh", "{{PERSON}}在{{ORGANIZATION}}，住{{ADDRESS}}，电话{{PHONE}}")
    assert filler(4).fill(form) == filler(4).fill(form) != filler(5).fill(form)


def test_one_index_is_one_person_in_all_forms() -> None:
    for seed in range(30):
        (whole, _), (family, _), (given, _) = mentions(
            "{{PERSON#1}}: {{PERSON#1:family}}, {{PERSON#1:given}}", "en", seed=seed
        )
        assert family in whole or given in whole
        chinese = mentions("{{PERSON#1}}说：{{PERSON#1:family}}", seed=seed)
        assert chinese[0][0].startswith(chinese[1][0]) or "·" in chinese[0][0]


def test_an_english_title_stays_outside_and_a_chinese_one_inside() -> None:
    for seed in range(20):
        record = filler(seed).fill(Template("", "en", "Dear {{PERSON:title}},"))
        ((start, _, _),) = record.spans
        assert start > len("Dear ")
    chinese = {mentions("{{PERSON:title}}好", seed=seed)[0][0] for seed in range(60)}
    assert any(name.endswith("总") for name in chinese) and any(name.endswith("老师") for name in chinese)


def test_a_place_beside_an_address_belongs_to_it_and_glued_places_are_one() -> None:
    assert [label for _, label in mentions("寄到{{LOCATION:city}}{{ADDRESS:partial}}")] == ["ADDRESS"]
    assert [label for _, label in mentions("at {{ADDRESS:partial}}, {{LOCATION:city}} now", "en")] == ["ADDRESS"]
    assert [label for _, label in mentions("{{LOCATION:province}}{{LOCATION:city}}")] == ["LOCATION"]
    assert [label for _, label in mentions("{{ADDRESS}},{{LOCATION}}\n", "en")] == ["ADDRESS", "LOCATION"], "two cells"
    assert merged("A站B路1号", [(0, 2, "LOCATION", "station"), (2, 6, "ADDRESS", "")]) == (
        (0, 2, "LOCATION"),
        (2, 6, "ADDRESS"),
    )


def test_the_script_of_a_mixed_prompt_follows_the_words_around() -> None:
    for seed in range(10):
        (first, _), (second, _) = mentions("pls ask {{PERSON}} today，然后告诉{{PERSON}}结果", "mix", seed=seed)
        assert first.isascii() or re.search("[À-ɏạ-ỹ]", first)
        assert not second.isascii()


def test_a_firm_is_called_by_its_short_name() -> None:
    assert short("杭州（滨江）宏达科技股份有限公司", Random(2)).endswith(("宏达科技", "滨江宏达科技"))
    assert {short("Acme Foods Ltd.", Random(seed)) for seed in range(20)} == {"Acme Foods", "Acme"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_vary_and_those_to_develop_with_are_others(language: str) -> None:
    form = Template("", language, "{{PERSON}} / {{ORGANIZATION}} / {{ADDRESS}}")
    parts = {}
    for part in (TRAIN, DEVELOP):
        ours = filler(7, part)
        records = [ours.fill(form) for _ in range(400)]
        parts[part] = {
            record.text[start:end] for record in records for start, end, label in record.spans if label == "PERSON"
        }
    assert len(parts[TRAIN]) > 340, "hardly any name twice in 400"
    assert len(parts[TRAIN] & parts[DEVELOP]) < 12


def test_development_templates_are_not_trained_on() -> None:
    for language in ("zh", "en"):
        ours, theirs = ({form.text for form in templates(language, part)} for part in (TRAIN, DEVELOP))
        assert not ours & theirs and 0.05 < len(theirs) / len(ours) < 0.18


@pytest.mark.parametrize(
    ("variant", "right"),
    [
        ("lower", str.islower),
        ("upper", str.isupper),
        ("multiline", lambda text: "\n" in text),
        ("", lambda text: not text.islower()),
    ],
)
def test_an_address_of_a_country_comes_in_each_form(variant: str, right: Callable[[str], bool]) -> None:
    slot = f"{{{{ADDRESS:{variant}@us}}}}" if variant else "{{ADDRESS@us}}"
    found = [mentions(f"at {slot}.", "en", seed=seed)[0] for seed in range(40)]
    assert all(label == "ADDRESS" and right(text) for text, label in found)
    assert all(re.search(r"\b[A-Z]{2} \d{5}\b", text.upper()) for text, _ in found)


def test_a_slot_may_ask_for_somebody_of_a_country() -> None:
    families = set(own("english", "korean families"))
    found = [mentions("Dear {{PERSON@ko}},", "en", seed=seed)[0][0] for seed in range(40)]
    assert sum(bool(families & set(re.split("[ .]", name))) for name in found) > 35

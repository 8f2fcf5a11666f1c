"""The hand-made prompts are what their guide promises: exactly labelled, varied, and foreign to the training."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from detectors.checksums import CHECKSUMS
from detectors.entities import ENTITIES

ROOT = Path(__file__).parents[2]
PROMPTS = ROOT / "tests" / "cases" / "prompts"
TRAINING = ROOT / "detectors" / "ner" / "train"

AT_LEAST = {"zh": 170, "en": 150, "mixed": 40, "code": 30, "logs": 25, "tables": 25}
"""Prompts of each file."""

LABELS = ENTITIES.keys() | {"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"}
NOT_LABELLED = {"DATE_TIME", "URL", "UUID"}
"""Not confidential by themselves; the guide says so, and scores leave them out."""

PROVEN = {
    "CN_ID_CARD": "cn_id_card",
    "CREDIT_CARD": "bank_card",
    "CN_UNIFIED_SOCIAL_CREDIT_CODE": "cn_credit_code",
    "CN_VEHICLE_PLATE": "cn_vehicle_plate",
    "IBAN_CODE": "iban",
}
"""Labels whose values carry their own proof; one that failed it would be an unfair question."""

LONG = 800
TRADITIONAL = re.compile(
    "[請這個與們給電話張陳劉說點灣檔圖應該發問題會議紀錄員兩寫門號幫將鍾單價書護轉務閩閱稱傑東車區樓寶證業資訊產報語氣學國際銀對濾圍釋隱]"
)
VENDOR_KEYS = re.compile(
    r"AKIA[A-Z2-7]{16}|AKID[A-Za-z0-9]{32}|LTAI[A-Za-z0-9]{12}|sk-[A-Za-z0-9_\-]{20}|sk_live_[A-Za-z0-9]|gh[pousr]_[A-Za-z0-9]{36}"
    r"|glpat-[A-Za-z0-9]|xox[abp]-[0-9]|AIza[A-Za-z0-9_\-]{35}|npm_[A-Za-z0-9]{36}|SG\.[A-Za-z0-9_\-]{22}\."
    r"|hooks\.slack\.com/services/T|whsec_[A-Za-z0-9]|eyJ[A-Za-z0-9]+\.eyJ|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
SHARED = 60
SHARED_CHINESE = 24
"""Characters in a row that two texts do not share by chance; a Chinese one says more."""


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    lines = (PROMPTS / f"{name}.jsonl").read_text("utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def everything() -> list[dict[str, Any]]:
    return [row for name in AT_LEAST for row in rows(name)]


def plain(row: dict[str, Any]) -> str:
    """Return the text that offsets count in: without the marks that keep scanners of repositories calm."""
    return str(row["text"]).replace("¦", "")


def values() -> Iterator[tuple[str, str, str]]:
    """Yield every labelled value with its label and the prompt it stands in."""
    for row in everything():
        for start, end, label in row["spans"]:
            yield row["id"], label, plain(row)[start:end]


def squeezed(text: str) -> str:
    return " ".join(text.lower().split())


def windows(text: str) -> set[str]:
    long = {text[start : start + SHARED] for start in range(len(text) - SHARED + 1)}
    return long | set(re.findall(f"(?=([\u4e00-\u9fff，。：；？]{{{SHARED_CHINESE}}}))", text))


def strings(value: Any) -> Iterator[str]:
    """Yield every string of a JSON value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def templates() -> list[str]:
    found = []
    for path in sorted((TRAINING / "data" / "templates").rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                found += [squeezed(text) for text in strings(json.loads(line))]
    return found


@pytest.mark.parametrize("name", AT_LEAST)
def test_every_prompt_has_the_promised_form(name: str) -> None:
    for place, row in enumerate(rows(name), start=1):
        assert row.keys() == {"id", "lang", "kind", "text", "spans"}, row["id"]
        assert row["id"] == f"{name}-{place:03d}", "ids count the lines of their file"
        assert row["lang"] in {"zh", "en", "mix"} and re.fullmatch("[a-z]+", row["kind"]), row["id"]
        assert row["text"].strip(), f"{row['id']}: nothing to find anything in"


def test_no_file_stands_there_unread() -> None:
    assert {path.stem for path in PROMPTS.glob("*.jsonl")} == AT_LEAST.keys()


def test_offsets_slice_whole_values_in_order() -> None:
    for row in everything():
        text, last = plain(row), 0
        for start, end, label in row["spans"]:
            value = text[start:end]
            assert last <= start < end <= len(text), f"{row['id']}: spans overlap, or leave the text"
            assert value == value.strip(), f"{row['id']}: white space at the edge of a span of {label}"
            last = end


def test_labels_are_known() -> None:
    assert {label for _, label, _ in values()} <= LABELS - NOT_LABELLED


@pytest.mark.parametrize("label", PROVEN)
def test_numbers_that_prove_themselves_are_right(label: str) -> None:
    found = [(row, value) for row, one, value in values() if one == label]
    assert len(found) >= 5, "too few to score"
    assert [row for row, value in found if not CHECKSUMS[PROVEN[label]](value)] == []


def test_values_look_like_their_label() -> None:
    shapes = {
        "EMAIL_ADDRESS": r"[^@\s]+@[^@\s]+\.[a-z]{2,}",
        "IP_ADDRESS": r"\d{1,3}(\.\d{1,3}){3}",
        "MAC_ADDRESS": r"([0-9a-f]{2}:){5}[0-9a-f]{2}",
        "US_SSN": r"\d{3}-\d{2}-\d{4}",
        "PHONE_NUMBER": r"[+(]?\d[\d\s()\-]{5,19}\d",
    }
    for row, label, value in values():
        assert re.fullmatch(shapes.get(label, r"(?s).{1,600}"), value), f"{row}: this is no {label}"


@pytest.mark.parametrize("name", AT_LEAST)
def test_there_are_enough_of_each_kind(name: str) -> None:
    assert len(rows(name)) >= AT_LEAST[name]


def test_labels_that_the_model_is_judged_by_are_frequent() -> None:
    counts = Counter(label for _, label, _ in values())
    wanted = {"PERSON": 400, "ORGANIZATION": 150, "LOCATION": 100, "ADDRESS": 100, "PHONE_NUMBER": 80, "API_KEY": 20}
    assert {label for label, least in wanted.items() if counts[label] < least} == set()


def test_a_quarter_at_least_holds_nothing_to_find() -> None:
    free = [row for row in everything() if not row["spans"]]
    assert len(free) * 4 >= len(everything())


def test_some_prompts_are_long_and_some_in_traditional_characters() -> None:
    assert sum(len(row["text"]) > LONG for row in everything()) >= 15
    assert sum(len(TRADITIONAL.findall(row["text"])) >= 2 for row in everything()) >= 20


def test_no_prompt_stands_there_twice() -> None:
    counts = Counter(squeezed(plain(row)) for row in everything())
    assert max(counts.values()) == 1


def test_no_key_of_a_vendors_form_is_written_out() -> None:
    assert [row["id"] for row in everything() if VENDOR_KEYS.search(row["text"])] == []


def test_no_prompt_is_taken_from_the_training_templates() -> None:
    known = templates()
    assert len(known) > 100, "the templates moved: this promise is no longer kept by anyone"
    whole = set(known)
    pieces = {window for text in known for piece in re.split(r"[{}\[\]<>⟦⟧]", text) for window in windows(piece)}
    taken = [row["id"] for row in everything() if squeezed(plain(row)) in whole]
    shared = [row["id"] for row in everything() if not pieces.isdisjoint(windows(squeezed(plain(row))))]
    assert taken == [], "these are templates"
    assert shared == [], "these share a passage with a template"


def test_the_training_does_not_look_in_here() -> None:
    sources = [path for path in TRAINING.rglob("*.py") if re.search(r"cases.{1,8}prompts", path.read_text("utf-8"))]
    assert sources == []

"""What speaks for a finding is told in words of both languages, and nothing stays a detector's own short name."""

import re
from pathlib import Path

import pytest

import detectors
from detectors.interface import Finding
from detectors.patterns import CHECKS as KNOWN
from proxy.cli.reasons import CHECKS, WHOLE, because

CARD = "CREDIT_CARD"
CUES = re.compile(r"\"cue:([a-z-]+)\"")


@pytest.mark.parametrize(
    ("reasons", "en", "zh"),
    [
        ((), "by its form alone", "仅凭格式判断"),
        (("check:luhn",), "passes the check luhn (its check digit)", "通过校验 luhn（校验位正确）"),
        (
            ("check:real_password",),
            "passes the check real_password (no variable, no stand-in, no prose)",
            "通过校验 real_password（不是变量、占位示例或普通文字）",
        ),
        (("check:numbering plan CN",), "passes the check numbering plan CN", "通过校验 numbering plan CN"),
        (
            ("cue:联系人", "model:hashed"),
            "is announced by “联系人”, the model hashed says so",
            "由“联系人”引出，由模型 hashed 识别",
        ),
        (("cue:double",), "begins with a double family name", "以复姓开头"),
        (
            ("exact:a", "columns:2", "exact:a", "columns:3"),
            "is registered in the index a, 2 columns of one row, 3 columns of one row",
            "已登记在索引 a 中，同一行的 2 列，同一行的 3 列",
        ),
        (
            ("model:spacy:x", "called:ORG"),
            "the model spacy:x says so, which calls it ORG",
            "由模型 spacy:x 识别，模型标签：ORG",
        ),
        (
            ("term", "view:letters"),
            "is a term of the list, read another way: letters",
            "是名单中的词条，换一种读法：letters",
        ),
        (("new:thing",), "new:thing", "new:thing"),
        (("check:of_a_company",), "passes the check of_a_company", "通过校验 of_a_company"),
    ],
)
def test_a_finding_explains_itself(reasons: tuple[str, ...], en: str, zh: str) -> None:
    finding = Finding(0, 1, CARD, 1.0, "d", reasons)
    assert (because(finding), because(finding, "zh")) == (en, zh)


def test_every_check_says_in_both_languages_what_it_asks_of_a_value() -> None:
    assert set(KNOWN) - set(CHECKS) == set()
    assert [name for name, text in CHECKS.items() if not re.search("[一-鿿]", text.zh)] == []
    assert [name for name, text in CHECKS.items() if re.search("[一-鿿]", text.en)] == []


def test_every_cue_that_is_no_word_of_the_text_has_words() -> None:
    folder = Path(detectors.__path__[0]) / "ner"
    named = {cue for file in folder.glob("*.py") for cue in CUES.findall(file.read_text("utf-8"))}
    assert len(named) > 10 and {f"cue:{cue}" for cue in named} - set(WHOLE) == set()

"""What speaks for a finding is told in words of both languages, and nothing stays a detector's own short name."""

import re
from pathlib import Path

import pytest

import detectors
from detectors import repeats
from detectors.company import labels, variants
from detectors.interface import Finding
from detectors.phone import ANYWHERE, _reasons
from proxy import known
from proxy.cli.reasons import CHINESE, FORM, WHOLE, WORDS, because

CARD = "CREDIT_CARD"
CUES = re.compile(r"\"cue:([A-Za-z-]+)\"|\([A-Z_]+, \"([a-z-]+)\"")
"""A cue as the rules for names write it: in a finding, or in a table of patterns and their cues."""

HAN = re.compile("[一-鿿]")


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
        (("check:numbering plan CN",), "passes the check numbering plan CN", "通过校验 CN 编号规则"),
        (("label:brackets",), "is a marking: brackets", "标记：在括号里"),
        (("variant:pinyin",), "is written another way: pinyin", "另一种写法：拼音"),
        (
            ("cue:联系人", "model:hashed"),
            "is announced by “联系人”, our model for Chinese sees it by the words around",
            "由“联系人”引出，由自有的中文模型根据上下文识别",
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
        (
            ("model:latin", repeats.BECAUSE),
            "our model for Latin script sees it by the words around, is found elsewhere in the same request",
            "由自有的拉丁文字模型根据上下文识别，同一请求的别处已识别",
        ),
        (
            ("rule:names", known.BECAUSE),
            "was seen by the models for names, was found in an earlier request",
            "由名称模型识别，在之前的请求中识别过",
        ),
        (("new:thing",), "new:thing", "new:thing"),
        (("check:of_a_company",), "passes the check of_a_company", "通过校验 of_a_company"),
    ],
)
def test_a_finding_explains_itself(reasons: tuple[str, ...], en: str, zh: str) -> None:
    finding = Finding(0, 1, CARD, 1.0, "d", reasons)
    assert (because(finding), because(finding, "zh")) == (en, zh)


def test_every_kind_of_reason_and_every_cue_has_its_words_in_both_languages() -> None:
    for name, told in (*WORDS.items(), *WHOLE.items(), ("", FORM)):
        assert told.en and HAN.search(told.zh), name


def test_every_way_to_find_a_label_or_a_variant_has_its_chinese_name() -> None:
    for kind, ways in (("label", labels.SCORES), ("variant", variants.SCORES)):
        assert CHINESE[kind].keys() == ways.keys() and all(map(HAN.search, CHINESE[kind].values()))


def test_a_numbering_plan_is_told_in_chinese_as_the_rule_for_telephones_names_it() -> None:
    for region, told in ((ANYWHERE, "各国编号规则"), ("HK", "HK 编号规则")):
        assert because(Finding(0, 1, CARD, 1.0, "d", _reasons(region, "context:x")), "zh") == (
            f"符合规则 phone，通过校验 {told}，附近有“x”"
        )


def test_every_cue_that_is_no_word_of_the_text_has_words() -> None:
    folder = Path(detectors.__path__[0]) / "ner"
    rows = [row for file in folder.glob("*.py") for row in CUES.findall(file.read_text("utf-8"))]
    named = {f"cue:{cue or listed}" for cue, listed in rows}
    assert {"cue:double", "cue:sign-off", "cue:link"} <= named
    assert named - set(WHOLE) == set()

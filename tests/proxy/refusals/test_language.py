"""The language of a refusal, from what browsers, SDKs and broken clients send."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.refusals.language import pick
from tests.rows import each

CASES = {
    "Chinese browser": ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
    "Taiwan": ("zh-TW", "zh"),
    "script subtag": ("zh-Hans-CN", "zh"),
    "Cantonese": ("yue,en;q=0.5", "zh"),
    "English browser": ("en-US,en;q=0.9,zh;q=0.8", "en"),
    "British": ("en-GB", "en"),
    "weight before order": ("en;q=0.3, zh;q=0.7", "zh"),
    "order among equals": ("en, zh", "en"),
    "order among equals, Chinese first": ("zh, en", "zh"),
    "regional beats general": ("en;q=0.4, zh;q=0.5, en-US", "en"),
    "third language first": ("fr-FR, fr;q=0.9, zh;q=0.2", "zh"),
    "capitals": ("ZH-cn;Q=0.9", "zh"),
    "spaces": (" en ; q = 0.5 , zh ; q = 0.1", "en"),
    "Chinese refused": ("zh;q=0, *", "en"),
    "English refused": ("*, en;q=0", "zh"),
    "star beats a weaker name": ("en;q=0.2, *;q=0.8", "zh"),
    "no header": (None, "silent"),
    "empty header": ("", "silent"),
    "only star": ("*", "silent"),
    "star refused": ("*;q=0", "silent"),
    "third languages only": ("de-DE, fr;q=0.5", "default"),
    "third language and star": ("de, *;q=0.5", "default"),
    "both refused": ("zh;q=0, en;q=0", "default"),
    "broken weight": ("zh;q=high, en;q=0.1", "en"),
    "weight over one": ("zh;q=1.5, en;q=0.1", "en"),
    "too many digits": ("zh;q=0.12345, en", "en"),
    "other parameter": ("zh;level=1, en;q=0.1", "en"),
    "broken tag": ("zh_CN, en;q=0.1", "en"),
    "rubbish": (";;;,=,q=1,\x00", "silent"),
    "word beginning alike": ("zha", "default"),
}


@each(("default", "silent"), [("zh", "both"), ("en", "both"), ("en", "zh")])
@each(("field", "wanted"), CASES.values(), ids=CASES.keys())
def test_the_language_asked_for_is_picked_and_a_default_otherwise(field, wanted, default, silent):
    headers = () if field is None else (("accept", "*/*"), ("accept-language", field))
    assert pick(headers, default, silent) == {"default": default, "silent": silent}.get(wanted, wanted)


def test_a_header_in_two_fields_is_read_as_one():
    assert pick((("accept-language", "en;q=0.5"), ("accept-language", "zh")), "en") == "zh"


def test_an_endless_header_is_read_in_part():
    assert pick((("accept-language", "fr," * 100_000 + "zh"),), "en") == "en"


@given(st.text(alphabet="zhen-*;q=0.1, é\x00", max_size=60))
def test_no_header_raises(field):
    assert pick((("accept-language", field),), "en") in {"zh", "en", "both"}

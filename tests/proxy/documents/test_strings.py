"""Words are seen in bytes that nobody parses, and noise is not taken for words."""

import random

import pytest

from proxy.documents.strings import strings

SEEN = {
    "plain": (b"\0\1password=Sup3r\0\2", "password=Sup3r"),
    "wide Latin": (b"\0\0" + "user secret\0".encode("utf-16-le"), "user secret"),
    "wide Chinese": (b"\0\0" + "客户张三 13800138000".encode("utf-16-le"), "客户张三 13800138000"),
    "GBK": (b"\0\0" + "客户张三".encode("gbk") + b" 13800138000\0", "客户张三 13800138000"),
}


@pytest.mark.parametrize(("data", "want"), SEEN.values(), ids=SEEN.keys())
def test_words_are_seen(data: bytes, want: str):
    assert want in list(strings(data))


def test_short_runs_are_noise():
    assert list(strings(b"\0abc\0de\1\2fg")) == []


def test_plain_letters_are_not_taken_for_chinese_characters():
    assert list(strings(b"The quick brown fox")) == ["The quick brown fox"]


def test_random_bytes_hold_little():
    data = random.Random(7).randbytes(20_000)
    assert sum(map(len, strings(data))) < len(data) / 20

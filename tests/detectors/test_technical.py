"""Identifiers and words of technique are told from the names of people, companies and places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import technical
from detectors.interface import DetectorError
from detectors.technical import is_technical, words
from tests.rows import each

TECHNICAL = [
    *(
        "get_user_name",
        "userName",
        "UserNameField",
        "HTTPServer",
        "MAX_RETRIES",
        "_private",
        "__init__",
        "os.path",
        "a.b()",
    ),
    *("com.example.Order", "std::vector", "src/main/java", "foo(bar)", "items[0]", "@dataclass", "$HOME", "--verbose"),
    *("scikit-learn", "v1.2.3", "3.11.4", "deadbeef12", "md5", "utf8", "sha256sum", "Kafka", "Jenkins", "KUBERNETES"),
    *(
        "Spring Boot",
        "Redis Sentinel",
        "stack trace",
        "Internal Server Error",
        "线程池",
        "空指针异常",
        "连接超时",
        "主线程",
    ),
    *("Connection Pool", "`handler`", "worker,", "GET", "Mozilla", "Phoenix", "Oracle"),
]
NAMES = [
    *(
        "Grace Hopper",
        "Tom",
        "张伟",
        "王芳",
        "Siemens",
        "Berlin",
        "San Francisco",
        "McDonald",
        "DeShawn",
        "O'Brien",
        "LaToya",
    ),
    *(
        "Jean-Luc",
        "欧阳修",
        "北京",
        "腾讯",
        "Marie Curie",
        "VanDyke",
        "Mark",
        "Rich",
        "Jordan",
        "Julia Child",
        "Anna-Maria",
    ),
    *("Ruby Wong", "海淀区中关村大街", "MacArthur", "li wei", "J. Smith"),
]


@each("name", TECHNICAL)
def test_words_of_technique_are_known(name):
    assert is_technical(name)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_names(name):
    assert not is_technical(name)


def test_the_list_is_long_in_both_languages_and_plain():
    assert len(words()) > 900
    assert sum(not word.isascii() for word in words()) > 150
    assert all(word == word.strip().casefold() for word in words())


def test_a_list_that_cannot_be_read_stops_the_start(tmp_path, monkeypatch):
    for content in (None, "- a", "a: [b]", "a: '"):
        path = tmp_path / "technical.yaml"
        if content is not None:
            path.write_text(content, "utf-8")
        monkeypatch.setattr(technical, "TABLE", path)
        words.cache_clear()
        with pytest.raises(DetectorError, match=r"technical\.yaml"):
            words()
    words.cache_clear()


@given(st.text())
def test_any_text_is_told(name):
    assert is_technical(name) in (True, False)

"""A page's own words are left out at their places only, and only where they look like such; all else is read."""

import re
from urllib.parse import urlencode

import pytest

from proxy.adapters.forms import FORM
from proxy.adapters.web.places import Places

PLACES = Places(re.compile("/at|/deep#/0"), re.compile(r"[a-z]{1,9}|[A-Za-z0-9+/]{300,}"), "/q")
BLOB = "A" * 400


@pytest.mark.parametrize(
    ("fields", "parts", "opaque"),
    [
        ({"at": "token", "q": "token"}, [("user", "/q")], []),
        ({"at": "Ann Lee", "q": "x"}, [("other", "/at"), ("user", "/q")], []),
        ({"deep": '["word", "word"]'}, [("other", "/deep#/1")], []),
        ({"deep": '["two words"]'}, [("other", "/deep#/0")], []),
        ({"at": BLOB, "other": BLOB}, [], ["/other"]),
    ],
    ids=["at its place", "no such word", "inside JSON", "no such word inside JSON", "a long token"],
)
def test_a_word_is_left_out_by_its_place_and_its_looks(
    fields: dict[str, str], parts: list[tuple[str, str]], opaque: list[str]
) -> None:
    prompt = PLACES.read(urlencode(fields).encode(), FORM)
    assert ([(part.role, part.pointer) for part in prompt.parts], list(prompt.opaque)) == (parts, opaque)
    assert [file.pointer for file in prompt.files] == opaque


def test_what_is_left_out_stays_when_the_rest_is_rewritten() -> None:
    assert PLACES.read(b"at=token&q=Ann+Lee", FORM).rewrite(["someone"]) == b"at=token&q=someone"

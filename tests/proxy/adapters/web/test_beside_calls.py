"""What a page asks beside its turns is read in whatever form it comes; what begins as JSON is JSON or refused."""

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.errors import WireError
from tests.rows import each

PAGES = {"chatgpt-web": "/backend-api/anything", "claude-web": "/api/anything"}
FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data; boundary=b"
READ = {
    "a form": (FORM, b"a=1&note=hello+world", ["1", "hello world"]),
    "JSON in a form": (FORM, b"a=%7B%22x%22%3A%22hello%22%7D", ["hello"]),
    "JSON that is called a form": (FORM, b'{"note": "hello"}', ["hello"]),
    "nothing": ("", b"", []),
    "nothing of a form": (FORM, b"", []),
    "a list": ("application/json", b'["hello"]', ["hello"]),
    "lines of JSON": ("text/plain", b'{"a": "hello"}\n{"a": "you"}\n', ["hello", "you"]),
    "an upload": (UPLOAD, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nhello\r\n--b--\r\n', ["hello"]),
}


@each("page", PAGES)
@each(("kind", "body", "texts"), READ.values(), ids=READ)
def test_what_comes_in_another_form_than_json_is_read(page: str, kind: str, body: bytes, texts: list[str]) -> None:
    adapter = choose(Asked("POST", PAGES[page], (("content-type", kind),), page))
    prompt = adapter.read(body, kind)
    said = " ".join(part.text for part in prompt.parts)
    assert [text for text in texts if text not in said] == []
    assert prompt.rewrite([part.text for part in prompt.parts]) == body


@pytest.mark.parametrize("body", [b"{bad", b'{"a": "b", "a": "c"}', b' {"a": '])
def test_what_begins_as_json_and_is_none_is_refused(body: bytes) -> None:
    adapter = choose(Asked("POST", "/backend-api/anything", (("content-type", FORM),), "chatgpt-web"))
    with pytest.raises(WireError):
        adapter.read(body, FORM)

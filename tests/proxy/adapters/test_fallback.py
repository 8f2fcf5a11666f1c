"""Any body is read as text, or said to be unreadable; it is never taken for empty."""

import pytest

from proxy.adapters.fallback import Fallback
from proxy.adapters.interface import Refusal
from proxy.errors import Unreadable, WireError

UNREADABLE = {
    "bytes of no type": ("", b"\x00\x01\x02"),
    "a picture": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "a picture that is ASCII": ("image/png", b"hello"),
    "protobuf": ("application/x-protobuf", b"\n\x05hello"),
    "protobuf that looks like text": ("application/x-protobuf", b"hello"),
    "gRPC": ("application/grpc-web+proto", b"hello"),
    "Connect": ("application/connect+json", b"{}"),
    "another charset": ("text/plain; charset=utf-7", b"+YElTRw-"),
    "another charset of JSON": ('application/json;charset="GBK"', b"{}"),
    "not UTF-8": ("text/plain", "张".encode("gbk")),
    "a PDF": ("application/octet-stream", b"%PDF-1.4 hello"),
}


@pytest.mark.parametrize(("kind", "body"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_says_so(kind: str, body: bytes):
    with pytest.raises(Unreadable):
        Fallback().read(body, kind)


MALFORMED = {
    "half of JSON": ("application/json", b'{"a": '),
    "half of the lines": ("application/x-ndjson", b'{"a": 1}\n{"b": \n'),
    "a repeated key": ("application/json", b'{"a": 1, "a": 2}'),
    "a form with a broken escape": ("application/x-www-form-urlencoded", b"a=100%"),
    "an upload without end": ("multipart/form-data; boundary=b", b"--b\r\n\r\nx"),
    "an upload without boundary": ("multipart/form-data", b"--b--"),
}


@pytest.mark.parametrize(("kind", "body"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_breaks_its_own_rules_is_malformed_not_unreadable(kind: str, body: bytes):
    with pytest.raises(WireError) as caught:
        Fallback().read(body, kind)
    assert not isinstance(caught.value, Unreadable)


def test_only_the_changed_line_is_written_anew():
    prompt = Fallback().read(b'{"a":  "x"}\r\n\n{"a":  "y"}\n', "application/jsonl")
    assert prompt.rewrite(["x", "z"]) == b'{"a":  "x"}\r\n\n{"a":"z"}\n'


def test_only_the_changed_field_is_written_anew():
    prompt = Fallback().read(b"q=%61+b&r=c%20d&r=%E5%BC%A0", "application/x-www-form-urlencoded")
    assert [(part.pointer, part.text) for part in prompt.parts] == [("/q", "a b"), ("/r", "c d"), ("/r", "张")]
    assert prompt.rewrite(["a b", "c d", "[A&B] 新"]) == b"q=%61+b&r=c%20d&r=%5BA%26B%5D+%E6%96%B0"


def test_only_the_changed_section_is_written_anew():
    kind = "multipart/form-data; boundary=b"
    body = (
        b"--b\r\ncontent-disposition: form-data; name=a\r\n\r\nx\r\n"
        b'--b\r\nContent-Disposition:form-data;name="f"; filename="y.txt"\r\nContent-Length: 1\r\n\r\ny\r\n--b--\r\n'
    )
    prompt = Fallback().read(body, kind)
    assert [part.text for part in prompt.parts] == ["x", "y.txt", "y"]
    want = body.replace(b"Length: 1\r\n\r\ny", "Length: 3\r\n\r\n新".encode())
    assert prompt.rewrite(["x", "y.txt", "新"]) == want
    want = body.replace(b';name="f"; filename="y.txt"', b'; name="f"; filename="%22.txt"')
    assert prompt.rewrite(["x", '".txt', "y"]) == want


def test_a_section_that_would_hold_the_boundary_is_refused():
    prompt = Fallback().read(
        b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b"
    )
    with pytest.raises(WireError, match="boundary"):
        prompt.rewrite(["x\r\n--b--"])


def test_a_section_in_a_transfer_coding_is_not_taken_for_read():
    body = (
        b"--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n5byg\r\n--b--"
    )
    prompt = Fallback().read(body, "multipart/form-data; boundary=b")
    assert (list(prompt.parts), prompt.opaque) == ([], ("/a",))


def test_a_refusal_is_the_error_most_clients_know():
    answer = Fallback().refuse(Refusal(403, "blocked_by_policy", "no", "SL-1"))
    assert answer.status == 403
    assert b'"code":"blocked_by_policy"' in answer.body
    assert ("x-should-retry", "false") in answer.headers

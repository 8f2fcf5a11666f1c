"""An upload is read strictly: nothing travels between, before or after its sections."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.multipart import (
    MOST_SECTIONS,
    boundary_of,
    parse_multipart,
    write_multipart,
    write_section,
)
from proxy.errors import TooLarge, WireError

HEAD = b'Content-Disposition: form-data; name="a"'
WHOLE = b"--b\r\n" + HEAD + b"\r\n\r\nx\r\n--b--\r\n"

BOUNDARIES = {
    "bare": ("multipart/form-data; boundary=abc", b"abc"),
    "in quotes": ('multipart/form-data; charset=utf-8; boundary="a b"', b"a b"),
    "in capitals": ("Multipart/Form-Data; BOUNDARY=abc", b"abc"),
}


@pytest.mark.parametrize(("kind", "want"), BOUNDARIES.values(), ids=BOUNDARIES.keys())
def test_the_boundary_is_read_from_the_type(kind: str, want: bytes):
    assert want == boundary_of(kind)


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=张",
    ],
)
def test_a_type_without_one_clear_boundary_is_refused(kind: str):
    with pytest.raises(WireError, match="boundary"):
        boundary_of(kind)


def test_a_section_has_its_names_and_its_content():
    body = WHOLE.replace(b'"a"', '"图"; filename="a%22;b.csv"; filename*=UTF-8\'\'%E5%BC%A0'.encode()).replace(
        b"x", b"\r\n\r\n--bx\n"
    )
    with pytest.raises(WireError, match="header block"):
        parse_multipart(body, b"b")
    (section,) = parse_multipart(body.replace(b"--bx", b"--cx"), b"b")
    assert section.parameters == (("name", "图"), ("filename", 'a";b.csv'), ("filename*", "张"))
    assert section.content == b"\r\n\r\n--cx\n"


REFUSED = {
    "text before the sections": (b"hi\r\n" + WHOLE, "around its sections"),
    "text after the sections": (WHOLE + b"hi", "around its sections"),
    "no end": (WHOLE.removesuffix(b"--b--\r\n"), "closing boundary"),
    "half an end": (WHOLE.removesuffix(b"--\r\n"), "closing boundary"),
    "nothing": (b"", "closing boundary"),
    "bare line feeds": (WHOLE.replace(b"\r\n", b"\n"), "closing boundary"),
    "a space after the boundary": (WHOLE.replace(b"--b\r\n", b"--b \r\n"), "header block"),
    "no blank line": (WHOLE.replace(b"\r\n\r\n", b"\r\n"), "header block"),
    "an unknown header": (WHOLE.replace(HEAD, HEAD + b"\r\nX-Note: my card"), "unknown or broken header"),
    "a folded header": (WHOLE.replace(HEAD, HEAD + b"\r\n my card"), "unknown or broken header"),
    "a header twice": (WHOLE.replace(HEAD, HEAD + b"\r\n" + HEAD), "repeats a header"),
    "prose in a header": (WHOLE.replace(HEAD, "Content-Type: 张伟".encode()), "text in it"),
    "a header that is not UTF-8": (WHOLE.replace(b'"a"', b'"\xff"'), "not UTF-8"),
    "an unknown parameter": (WHOLE.replace(b'"a"', b'"a"; note="my card"'), "unknown content disposition"),
    "an unknown disposition": (WHOLE.replace(b"form-data", b"my card"), "unknown content disposition"),
    "a parameter twice": (WHOLE.replace(b'"a"', b'"a"; name="b"'), "repeats a parameter"),
    "an extended name of another charset": (
        WHOLE.replace(b'"a"', b"\"a\"; filename*=GBK''%D5%C5"),
        "extended file name",
    ),
    "an extended name that is not UTF-8": (WHOLE.replace(b'"a"', b"\"a\"; filename*=UTF-8''%D5"), "extended file name"),
}


@pytest.mark.parametrize(("body", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_where_text_could_hide_the_body_is_refused(body: bytes, reason: str):
    with pytest.raises(WireError, match=reason):
        parse_multipart(body, b"b")


def test_sections_without_end_are_too_large():
    with pytest.raises(TooLarge, match="sections"):
        parse_multipart(b"--b\r\n\r\n\r\n" * (MOST_SECTIONS + 2) + b"--b--", b"b")


@pytest.mark.parametrize("tail", [b"", b"\r\n"])
def test_an_empty_upload_has_no_sections(tail: bytes):
    assert parse_multipart(b"--b--" + tail, b"b") == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b c", "张", 'q"', "x;y"]),
            st.text(max_size=5).map(lambda name: name.encode("utf-8", "ignore").decode()),
            st.binary(max_size=30),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_a_client_library_writes_is_read_and_written_back(files):
    request = httpx.Request(
        "POST", "http://x", files=[(name, (filename or "f", content)) for name, filename, content in files]
    )
    body, boundary = request.read(), boundary_of(request.headers["content-type"])
    if any(boundary in content for _, _, content in files) or any("\\" in filename for _, filename, _ in files):
        return
    sections = parse_multipart(body, boundary)
    assert [section.content for section in sections] == [content for _, _, content in files]
    assert [dict(section.parameters)["name"] for section in sections] == [name for name, _, _ in files]
    again = [write_section(section, section.parameters, section.content) for section in sections]
    assert write_multipart(body, boundary, again) == body

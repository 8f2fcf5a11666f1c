"""An upload is read strictly: nothing travels between, before or after its sections."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.multipart import (
    MOST_SECTIONS,
    boundary_of,
    coded,
    open_envelope,
    parse_multipart,
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
    "bare line feeds": (WHOLE.replace(b"\r\n", b"\n"), "header block"),
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
    envelope = open_envelope(body, boundary)
    assert envelope.write(boundary, again, envelope.before, envelope.after) == body


ODD = {
    "words before": (b"hi\r\n" + WHOLE, b"hi", 1, b"--\r\n"),
    "words after": (WHOLE + b"hi", b"", 1, b"--\r\nhi"),
    "no end": (WHOLE.removesuffix(b"\r\n--b--\r\n"), b"", 1, None),
    "half an end": (WHOLE.removesuffix(b"--\r\n"), b"", 1, b""),
    "sections after the end": (WHOLE + WHOLE, b"", 1, b"--\r\n" + b"--b\r\n" + WHOLE[5:]),
}


@pytest.mark.parametrize(("body", "before", "count", "after"), ODD.values(), ids=ODD.keys())
def test_a_second_reading_leaves_no_byte_out(body: bytes, before: bytes, count: int, after: bytes | None):
    envelope = open_envelope(body, b"b")
    assert (envelope.before, len(envelope.sections)) == (before, count) and not envelope.usual
    if body != WHOLE + WHOLE:
        assert envelope.after == after
    own = [write_section(section, section.parameters, section.content) for section in envelope.sections]
    assert envelope.write(b"b", own, envelope.before, envelope.after) == body


@given(st.binary(max_size=60).map(lambda data: data.replace(b"0", b"\r\n--b").replace(b"1", b"\r\n\r\n")))
def test_whatever_can_be_cut_up_can_be_put_together_again(body: bytes):
    try:
        envelope = open_envelope(body, b"b")
    except WireError:
        return
    own = [write_section(section, section.parameters, section.content) for section in envelope.sections]
    assert envelope.write(b"b", own, envelope.before, envelope.after) == body


@pytest.mark.parametrize("words", [b"x\r\n--b", b"--b\r\n"])
def test_nothing_is_written_that_would_cut_the_body_anew(words: bytes):
    envelope = open_envelope(WHOLE, b"b")
    with pytest.raises(WireError, match="boundary"):
        envelope.write(b"b", [b"\r\n\r\n"], words, envelope.after)
    with pytest.raises(WireError, match="boundary"):
        envelope.write(b"b", [words], b"", envelope.after)


CODINGS = {
    "base64": (b"aGVsbG8g\r\nd29ybGQ=", b"hello world"),
    "quoted-printable": (b"=E4=BD=A0 hi=\r\n there", "你 hi there".encode()),
}


@pytest.mark.parametrize(("coding", "sent", "plain"), [(key, *value) for key, value in CODINGS.items()])
def test_a_transfer_coding_is_undone_and_made_again(coding: str, sent: bytes, plain: bytes):
    head = HEAD + b"\r\nContent-Transfer-Encoding: " + coding.encode()
    (section,) = parse_multipart(WHOLE.replace(HEAD, head).replace(b"\r\nx\r\n", b"\r\n" + sent + b"\r\n"), b"b")
    assert (section.coding, section.plain) == (coding, plain)
    new = "电话 [P] ".encode() * 20
    again = section.__class__(**{**vars_of(section), "content": coded(section, new)})
    assert again.plain == new


def vars_of(section) -> dict[str, object]:
    return {name: getattr(section, name) for name in section.__slots__}


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("base64", b"aGVs*"),
        ("base64", b"a"),
        ("quoted-printable", b"a =zz"),
        ("quoted-printable", b"a \r\nb"),
        ("quoted-printable", b"=4g"),
        ("quoted-printable", b"\xe4"),
        ("x-uuencode", b"x"),
    ],
)
def test_a_transfer_coding_that_is_broken_or_unknown_cannot_be_looked_into(coding: str, sent: bytes):
    head = HEAD + b"\r\nContent-Transfer-Encoding: " + coding.encode()
    (section,) = parse_multipart(WHOLE.replace(HEAD, head).replace(b"\r\nx\r\n", b"\r\n" + sent + b"\r\n"), b"b")
    assert section.plain is None

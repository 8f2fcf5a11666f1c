"""Which requests bring all of a file, interface by interface, and which bring or put together pieces."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import SealedFile
from proxy.exchange import Request
from proxy.wire.whole import is_piece, must_fit, size_in, type_of

GOOGLE = "https://generativelanguage.googleapis.com/upload/v1beta/files"
TUS = "application/offset+octet-stream"
FORM_TYPE = "multipart/form-data; boundary=Bb"


def request(url: str, method: str = "POST", declared: int | None = None, **fields: str) -> Request:
    host, _, path = url.removeprefix("https://").partition("/")
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Request(method, "https", host, 443, f"/{path}", headers, declared=declared)


def form(**fields: str) -> bytes:
    """Return a form with ten bytes of a file and these fields."""
    said = "".join(
        f'--Bb\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    file = f'--Bb\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{"x" * 10}\r\n--Bb--\r\n'
    return (said + file).encode()


def blocks(*ids: str) -> bytes:
    return (
        b'<?xml version="1.0"?><BlockList>%b</BlockList>' % "".join(f"<Latest>{id_}</Latest>" for id_ in ids).encode()
    )


def parts(*numbers: int, encoding: str = "utf-8") -> bytes:
    listed = "".join(f"<Part><ETag>x</ETag><PartNumber>{number}</PartNumber></Part>" for number in numbers)
    return f'<CompleteMultipartUpload xmlns="http://s3/">{listed}</CompleteMultipartUpload>'.encode(encoding)


def put(declared: int | None = None, query: str = "", **fields: str) -> Request:
    return request(f"https://a/b{query}", "PUT", declared, **fields)


def posted(declared: int | None = None, query: str = "") -> Request:
    return request(f"https://a/b{query}", "POST", declared, content_type=FORM_TYPE)


def and_again(asked: Request, name: str, value: str) -> Request:
    return replace(asked, headers=(*asked.headers, (name, value)))


WHOLE = b"x" * 10
ALL = request(GOOGLE, x_goog_upload_command="upload, finalize", x_goog_upload_offset="0")
PIECES = {
    "Google, which says twice where it lies": (and_again(ALL, "x-goog-upload-offset", "10"), True),
    "Google, which says twice what it is": (and_again(ALL, "x-goog-upload-command", "upload"), True),
    "two ranges": (and_again(put(content_range="bytes 0-9/10"), "content-range", "bytes 10-19/20"), True),
    "two offsets": (and_again(put(upload_offset="0", upload_length="10"), "upload-offset", "10"), True),
    "any other field that comes twice": (and_again(and_again(ALL, "accept", "a"), "accept", "b"), False),
    "Google, the whole": (request(GOOGLE, x_goog_upload_command="upload, finalize", x_goog_upload_offset="0"), False),
    "Google, the first piece": (request(GOOGLE, x_goog_upload_command="upload", x_goog_upload_offset="0"), True),
    "Google, the last": (request(GOOGLE, x_goog_upload_command="upload, finalize", x_goog_upload_offset="9"), True),
    "Google, what is announced": (request(GOOGLE, x_goog_upload_command="start"), False),
    "a range that is all": (request("https://a/b", "PUT", content_range="bytes 0-9/10"), False),
    "a range of more": (request("https://a/b", "PUT", content_range="bytes 0-9/20"), True),
    "a range of who knows": (request("https://a/b", "PUT", content_range="bytes 0-9/*"), True),
    "a later range": (request("https://a/b", "PUT", content_range="bytes 10-19/20"), True),
    "as long as announced": (request("https://a/b?comp=block", "PUT", 10), False),
    "shorter than announced": (request("https://a/b", "PUT", 11), True),
    "longer than announced": (request("https://a/b", "PUT", 9), True),
    "nothing announced": (request("https://a/b", "PUT", 0), False),
    "not announced at all": (request("https://a/b", "PUT"), False),
    "S3, a part": (request("https://a/b?partNumber=1&uploadId=x", "PUT"), True),
    "Azure, a block": (request("https://a/b?comp=block&blockid=x", "PUT"), True),
    "OpenAI, an unknown upload": (request("https://a/v1/uploads/u1/parts"), True),
    "Google, other than announced": (request(GOOGLE, declared=11, x_goog_upload_command="upload, finalize"), True),
    "a range that is all, of other bytes": (put(content_range="bytes 0-8/9"), True),
    "a range that is all, and more announced": (put(20, content_range="bytes 0-9/10"), True),
    "a range of no bytes": (put(content_range="lines 1-2/2"), True),
    "S3, the only part": (put(10, "?partNumber=1&uploadId=x"), False),
    "S3, a second part as long as the whole": (put(10, "?partNumber=2&uploadId=x"), True),
    "Azure, appended": (put(10, "?comp=appendblock"), True),
    "Azure, a page": (put(10, "?comp=page"), True),
    "Azure Data Lake, all": (put(10, "?action=append&position=0"), False),
    "Azure Data Lake, behind": (put(10, "?action=append&position=10"), True),
    "OSS, appended": (put(10, "?append&position=10"), True),
    "OpenAI, the only part": (request("https://a/v1/uploads/u1/parts", declared=10), False),
    "Qiniu, the only part": (put(10, "/objects/~/uploads/u/1"), False),
    "Qiniu, a second": (put(10, "/objects/~/uploads/u/2"), True),
    "Qiniu, older": (request("https://up.a/mkblk/4194304", declared=10), True),
    "tus, of nobody knows how much": (request("https://a/b", "PATCH", upload_offset="0", content_type=TUS), True),
    "tus, all": (request("https://a/b", "PATCH", 10, upload_offset="0", content_type=TUS), False),
    "tus, the first piece": (request("https://a/b", "PATCH", 20, upload_offset="0", content_type=TUS), True),
    "tus, the last piece": (request("https://a/b", "PATCH", 20, upload_offset="10", content_type=TUS), True),
    "tus, as long as the whole, behind it": (request("https://a/b", "PATCH", 10, upload_offset="10"), True),
    "tus, whose length comes with it": (request("https://a/b", "PATCH", upload_offset="0", upload_length="10"), False),
    "tus, made with all of it": (request("https://a/b", upload_length="10", content_type=TUS), False),
    "tus, made with a piece": (request("https://a/b", upload_length="20", content_type=TUS), True),
    "tus, one of several to put together": (request("https://a/b", upload_length="10", upload_concat="partial"), True),
    "IETF, all": (request("https://a/b", upload_complete="?1"), False),
    "IETF, more to come": (request("https://a/b", upload_complete="?0"), True),
    "IETF, the rest": (request("https://a/b", upload_complete="?1", upload_offset="10"), True),
    "IETF, an older draft": (request("https://a/b", upload_incomplete="?1"), True),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "piece"), PIECES.values(), ids=PIECES.keys())
def test_a_piece_is_told_from_the_whole(asked: Request, piece: bool) -> None:
    assert is_piece(asked, WHOLE) is piece


JSON = "application/json"
LISTS = {
    "Azure, one block": (put(99, "?comp=blocklist", content_type="application/xml"), blocks("a"), False),
    "Azure, two": (put(99, "?comp=blocklist", content_type="application/xml"), blocks("a", "b"), True),
    "Azure, one again": (put(None, "?comp=blocklist"), blocks("a", "a"), True),
    "Azure, no list": (put(None, "?comp=blocklist"), b"a, b", True),
    "Azure, with a DTD": (put(None, "?comp=blocklist"), b"<!DOCTYPE a>" + blocks("a"), True),
    "S3, one part": (request("https://a/b?uploadId=x"), parts(1), False),
    "S3, two": (request("https://a/b?uploadId=x"), parts(1, 2), True),
    "S3, two in UTF-16": (request("https://a/b?uploadId=x"), parts(1, 2, encoding="utf-16"), True),
    "OpenAI, one part": (
        request("https://a/v1/uploads/u/complete", declared=99, content_type=JSON), b'{"part_ids": ["a"]}', False),
    "OpenAI, two": (
        request("https://a/v1/uploads/u/complete", content_type=JSON), b'{"part_ids": ["a", "b"]}', True),
    "what else ends so": (request("https://a/v1/complete", content_type=JSON), b'{"prompt": "a"}', False),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "body", "piece"), LISTS.values(), ids=LISTS.keys())
def test_what_puts_several_together_is_no_more_looked_into_than_they(asked: Request, body: bytes, piece: bool) -> None:
    assert is_piece(asked, body) is piece


FORMS = {
    "no word of pieces": (posted(), form(), False),
    "as long as announced": (posted(10), form(), False),
    "shorter than announced": (posted(11), form(), True),
    "Dropzone, one of one": (posted(), form(dzchunkindex="0", dztotalchunkcount="1"), False),
    "Dropzone, one of two": (posted(), form(dzchunkindex="0", dztotalchunkcount="2"), True),
    "Plupload, one of one": (posted(), form(chunk="0", chunks="1"), False),
    "Plupload, the last of three": (posted(10), form(chunk="2", chunks="3"), True),
    "Resumable.js": (posted(), form(resumableChunkNumber="1", resumableTotalChunks="2"), True),
    "Flow.js, in the query": (posted(None, "?flowChunkNumber=1&flowTotalChunks=2"), form(), True),
    "an index alone": (posted(), form(chunk_index="0"), True),
    "an index alone, all that was announced": (posted(10), form(chunk_index="0"), False),
    "a later one as long as all": (posted(10), form(chunk_index="1"), True),
    "a word of that name": (posted(), form(chunks="yes"), False),
}


@pytest.mark.parametrize(("asked", "body", "piece"), FORMS.values(), ids=FORMS.keys())
def test_a_page_that_sends_a_form_for_each_piece_says_so_in_its_fields(
    asked: Request, body: bytes, piece: bool
) -> None:
    assert is_piece(asked, body) is piece


@given(st.integers(1, 40), st.data())
def test_a_file_cut_anywhere_never_passes_as_whole_in_either_half(size: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, size))
    for start, end in ((0, at), (at, size)):
        if 0 < end - start < size:
            body, span = b"x" * (end - start), f"bytes {start}-{end - 1}/{size}"
            assert is_piece(put(None, "", content_range=span), body)
            assert is_piece(put(size), body)
            assert is_piece(request("https://a/b", "PATCH", size, upload_offset=str(start)), body)


def test_the_length_of_a_file_in_a_form_is_that_of_its_section() -> None:
    assert size_in(form(a="b"), FORM_TYPE) == 10
    asked = request("https://a/v1/uploads/u/parts", "POST", 10, content_type=FORM_TYPE)
    must_fit(asked, form())
    with pytest.raises(SealedFile):
        must_fit(asked, form().replace(b"x" * 10, b"changed, and longer"))


FITS = {
    "as it came": (10, {}, None, True),
    "as long as before": (10, {}, b"y" * 10, True),
    "longer": (10, {}, b"y" * 11, False),
    "no length was said": (0, {}, b"y" * 11, True),
    "nothing was announced": (None, {}, b"y" * 11, True),
    "Google, whose announcement nobody saw": (None, {"x_goog_upload_command": "upload, finalize"}, b"y", False),
    "Google, to whom no length was said": (0, {"x_goog_upload_command": "upload, finalize"}, b"y", True),
    "a range": (None, {"content_range": "bytes 0-9/10"}, b"y" * 11, False),
    "a range, as long as before": (None, {"content_range": "bytes 10-19/20"}, b"y" * 10, True),
    "tus, with its length": (None, {"upload_length": "10"}, b"y" * 11, False),
    "tus, whose length nobody saw": (None, {"upload_offset": "0"}, b"y", False),
    "tus, as long as announced": (10, {"upload_offset": "0"}, b"y" * 10, True),
}


@pytest.mark.parametrize(("declared", "fields", "sent", "fits"), FITS.values(), ids=FITS.keys())
def test_a_rewritten_file_goes_only_where_its_length_was_not_said(
    declared: int | None, fields: dict[str, str], sent: bytes | None, fits: bool
) -> None:
    asked = put(declared, "", **fields)
    if fits:
        must_fit(asked, sent)
        return
    with pytest.raises(SealedFile, match="told how long"):
        must_fit(asked, sent)


def test_the_bytes_of_a_resumable_upload_are_no_json_whatever_the_client_calls_them() -> None:
    called = {"content_type": "application/json"}
    assert type_of(request(GOOGLE, x_goog_upload_command="upload, finalize", **called)) == ""
    assert type_of(request(GOOGLE, x_goog_upload_command="start", **called)) == "application/json"
    assert type_of(request("https://a/b", "PATCH", content_type=TUS)) == ""

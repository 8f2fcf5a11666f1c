"""What requests say of the stretches that they bring, and how a file goes that was gathered."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Request, header
from proxy.gather.stretch import OF_THE_STRETCH, Stretch, as_whole, stretch_of, waiting
from proxy.wire.whole import is_piece, must_fit

GOOGLE, TUS = "generativelanguage.googleapis.com", "files.example"


def request(method: str, host: str, declared: int | None, **fields: str) -> Request:
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Request(method, "https", host, 443, "/up", headers, declared=declared)


def google(command: str, offset: int, declared: int | None = 30, **fields: str) -> Request:
    return request("POST", GOOGLE, declared, x_goog_upload_command=command, x_goog_upload_offset=str(offset), **fields)


def ranged(said: str, host: str = "storage.googleapis.com", method: str = "PUT") -> Request:
    return request(method, host, 30, content_range=said)


def tus(offset: int, declared: int | None = 30, **fields: str) -> Request:
    return request("PATCH", TUS, declared, upload_offset=str(offset), tus_resumable="1.0.0", **fields)


TEN = b"0123456789"

STRETCHES = {
    "Google's first": (google("upload", 0), Stretch("google", 0, 10, 30, last=False)),
    "Google's, of unknown length": (google("upload", 0, None), Stretch("google", 0, 10, 0, last=False)),
    "Google's last": (google("upload, finalize", 20), Stretch("google", 20, 10, 30, last=True)),
    "Google's last, written otherwise": (google("Upload,Finalize", 20), Stretch("google", 20, 10, 30, last=True)),
    "a range": (ranged("bytes 0-9/30"), Stretch("range", 0, 10, 30, last=False)),
    "the last range": (ranged("bytes 20-29/30"), Stretch("range", 20, 10, 30, last=True)),
    "tus": (tus(10), Stretch("tus", 10, 10, 30, last=False)),
    "tus, the last": (tus(20), Stretch("tus", 20, 10, 30, last=True)),
    "tus, whose length comes late": (tus(20, 0, upload_length="30"), Stretch("tus", 20, 10, 30, last=True)),
}


@pytest.mark.parametrize(("asked", "told"), STRETCHES.values(), ids=STRETCHES.keys())
def test_a_request_says_where_its_bytes_lie(asked: Request, told: Stretch) -> None:
    assert stretch_of(asked, TEN) == told


NONE = {
    "a whole file": google("upload, finalize", 0, 10),
    "an announcement": google("start", 0),
    "a file that ends before it should": google("upload, finalize", 10),
    "more than was announced": google("upload", 25),
    "no number": request("POST", GOOGLE, 30, x_goog_upload_command="upload", x_goog_upload_offset="x"),
    "another length than was announced": ranged("bytes 0-9/31"),
    "another length than was announced, in tus": tus(0, 30, upload_length="31"),
    "a form": google("upload", 0, content_type="multipart/related; boundary=b"),
    "two words about one thing": replace(tus(10), headers=(*tus(10).headers, ("upload-offset", "20"))),
    "two protocols at once": google("upload", 0, upload_offset="0"),
    "coded": google("upload", 0, content_encoding="gzip"),
    "a range of another length": ranged("bytes 0-10/30"),
    "a range of unknown length": ranged("bytes 0-9/*"),
    "a range that the service would answer otherwise": ranged("bytes 0-9/30", "graph.microsoft.com"),
    "a host that only ends like one of Google's": ranged("bytes 0-9/30", "notgoogleapis.com"),
    "a range of a form": ranged("bytes 0-9/30", method="POST"),
    "tus without a length": tus(0, 0),
    "tus that nobody announced": tus(0, None),
    "one of several files that become one": tus(0, upload_concat="partial"),
    "the IETF's": tus(0, upload_complete="?0"),
    "anything": request("POST", TUS, 30),
}


@pytest.mark.parametrize("asked", NONE.values(), ids=NONE.keys())
def test_what_is_not_surely_a_stretch_is_none(asked: Request) -> None:
    assert stretch_of(asked, TEN) is None


ENDS = {
    "with its place": google("upload, finalize", 30),
    "finalize alone": google("finalize", 30),
    "without a place": request("POST", GOOGLE, 30, x_goog_upload_command="finalize"),
}


@pytest.mark.parametrize("asked", ENDS.values(), ids=ENDS.keys())
def test_the_end_of_a_file_may_come_without_bytes(asked: Request) -> None:
    stretch = stretch_of(asked, b"")
    assert stretch == Stretch("google", 30, 0, 30, last=True)
    assert not is_piece(as_whole(asked, stretch), b"x" * 30)


def test_nothing_that_goes_on_is_no_stretch() -> None:
    assert stretch_of(google("upload", 10), b"") is None
    assert stretch_of(request("POST", GOOGLE, 0, x_goog_upload_command="finalize"), b"") is None


SAID = {
    "google": (200, "x-goog-upload-status", "active"),
    "range": (308, "range", "bytes=0-9"),
    "tus": (204, "upload-offset", "10"),
}


@pytest.mark.parametrize("case", [google("upload", 0), ranged("bytes 0-9/30"), tus(0)], ids=SAID.keys())
def test_a_stretch_is_answered_in_the_words_of_its_protocol(case: Request) -> None:
    stretch = stretch_of(case, TEN)
    assert stretch is not None
    answer, (status, name, value) = waiting(stretch.protocol, stretch.end), SAID[stretch.protocol]
    assert (answer.status, header(answer.headers, name), answer.body) == (status, value, b"")


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["google", "range", "tus"]),
    st.lists(st.sampled_from(sorted(OF_THE_STRETCH)), max_size=4, unique=True),
)
def test_a_gathered_file_goes_as_a_whole_one_whose_length_is_right(
    before: int, size: int, protocol: str, names: list[str]
) -> None:
    total = before + size
    asked = {
        "google": google("upload, finalize", before, total),
        "range": ranged(f"bytes {before}-{total - 1}/{total}"),
        "tus": tus(before, total),
    }[protocol]
    more = tuple((name, "sha1 x") for name in names if name in OF_THE_STRETCH)
    asked = Request(asked.method, "https", asked.host, 443, "/up", (*asked.headers, *more), declared=total)
    stretch = stretch_of(asked, b"x" * size)
    assert stretch is not None and stretch.last and is_piece(asked, b"x" * size)
    whole = as_whole(asked, stretch)
    assert not is_piece(whole, b"x" * total)
    must_fit(whole, b"x" * total)
    assert not {name for name, _ in whole.headers} & OF_THE_STRETCH, "they were about the last stretch alone"


@given(
    st.sampled_from(["POST", "PUT", "PATCH"]),
    st.dictionaries(
        st.sampled_from(
            ["x_goog_upload_command", "x_goog_upload_offset", "content_range", "upload_offset", "upload_length"]
        ),
        st.one_of(
            st.sampled_from(["upload", "upload, finalize", "bytes 0-9/30", "0", "20", "30", "9" * 30]),
            st.text(max_size=12),
        ),
    ),
    st.one_of(st.none(), st.integers(0, 40)),
    st.binary(max_size=40),
)
def test_no_head_however_odd_is_taken_for_more_than_a_piece(
    method: str, fields: dict[str, str], declared: int | None, body: bytes
) -> None:
    asked = request(method, GOOGLE, declared, **fields)
    stretch = stretch_of(asked, body)
    if stretch is not None:
        assert not body or is_piece(asked, body), "whole files go their usual way"
        assert stretch.size == len(body) and stretch.start >= 0 and (not stretch.total or stretch.end <= stretch.total)

"""Files that are announced and then sent elsewhere: tied to their announcement, and a piece is never the whole."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.fallback import Fallback
from proxy.errors import StoreError
from proxy.exchange import Request
from proxy.store.sqlite import SqliteStore
from proxy.uploads import LASTS, MOST, Uploads, size_of, with_rest

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
LATER = NOW + LASTS + timedelta(seconds=1)
GOOGLE = "https://generativelanguage.googleapis.com/upload/v1beta/files"


def request(url: str, method: str = "POST", declared: int | None = None, **fields: str) -> Request:
    host, _, path = url.removeprefix("https://").partition("/")
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Request(method, "https", host, 443, f"/{path}", headers, declared=declared)


@dataclass(frozen=True)
class Announced:
    """An announcement and its answer, as public clients know them."""

    url: str
    said: Any
    answer: Any
    sent_to: str
    size: int = 0
    head: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


ANNOUNCED = {
    "ChatGPT": Announced(
        "https://chatgpt.com/backend-api/files",
        {"file_name": "a.pdf", "file_size": 1234, "use_case": "my_files"},
        {"status": "success", "upload_url": "https://blobs.example.net/files/abc/raw?se=1&sig=x", "file_id": "f"},
        "https://blobs.example.net/files/abc/raw?se=1&sig=x",
        1234,
    ),
    "Gemini": Announced(
        GOOGLE,
        {"file": {"display_name": "a"}},
        None,
        f"{GOOGLE}?upload_id=AB12&upload_protocol=resumable",
        77,
        (("x-goog-upload-url", f"{GOOGLE}?upload_id=AB12&upload_protocol=resumable"),),
        (("x-goog-upload-header-content-length", "77"), ("x-goog-upload-command", "start")),
    ),
    "OpenAI uploads": Announced(
        "https://api.openai.com/v1/uploads",
        {"filename": "a", "bytes": 99, "purpose": "batch", "mime_type": "text/plain"},
        {"id": "upload_1", "object": "upload", "bytes": 99},
        "https://api.openai.com/v1/uploads/upload_1/parts",
        99,
    ),
    "Kimi": Announced(
        "https://www.kimi.com/api/pre-sign-url",
        {"action": "file", "name": "a.pdf"},
        {"url": "https://prod-chat.tos.example/a.pdf?X-Tos-Signature=x", "object_name": "a.pdf"},
        "https://prod-chat.tos.example/a.pdf?X-Tos-Signature=x",
    ),
    "Perplexity": Announced(
        "https://www.perplexity.ai/rest/uploads/create_upload_url",
        {"filename": "a.pdf", "content_type": "application/pdf", "file_size": 5},
        {"s3_bucket_url": "https://bucket-of-it.s3.example/", "fields": {"key": "x", "policy": "y"}},
        "https://bucket-of-it.s3.example/",
        5,
    ),
    "Yuanbao": Announced(
        "https://yuanbao.tencent.com/api/resource/genUploadInfo",
        {"fileName": "a.pdf", "docFrom": "localDoc"},
        {"bucketName": "hunyuan-prod-125", "region": "ap-guangzhou", "location": "/a/b.pdf"},
        "https://hunyuan-prod-125.cos.accelerate.myqcloud.com/a/b.pdf",
    ),
    "tus": Announced(
        "https://host.example/files",
        None,
        None,
        "https://host.example/files/24e533e",
        100,
        (("location", "/files/24e533e"),),
        (("upload-length", "100"), ("tus-resumable", "1.0.0")),
    ),
}


def learned(case: Announced, uploads: Uploads | None = None) -> Uploads:
    uploads = uploads or Uploads()
    asked = request(case.url, **{name.replace("-", "_"): value for name, value in case.fields})
    said = b"" if case.said is None else json.dumps(case.said).encode()
    uploads.learn("it", asked, said, case.head, b"", NOW)
    uploads.learn("it", asked, said, (), b"" if case.answer is None else json.dumps(case.answer).encode(), NOW)
    return uploads


@pytest.mark.parametrize("case", ANNOUNCED.values(), ids=ANNOUNCED.keys())
def test_where_an_answer_says_that_a_file_goes_is_opened_and_known_as_the_services(case: Announced) -> None:
    uploads = learned(case)
    to = request(case.sent_to)
    for method in ("PUT", "POST", "PATCH"):
        file = uploads.find(method, to.host, to.path, NOW)
        assert file is not None and (file.service, file.size) == ("it", case.size)
    assert uploads.watches(to.host.upper(), NOW)
    assert uploads.find("GET", to.host, to.path, NOW) is None
    assert uploads.find("PUT", "elsewhere.example", to.path, NOW) is None
    assert uploads.find("PUT", to.host, to.path, LATER) is None and not uploads.watches(to.host, LATER)


def test_a_file_of_one_session_is_not_taken_for_that_of_another() -> None:
    uploads = learned(ANNOUNCED["Gemini"])
    assert (
        uploads.find("POST", "generativelanguage.googleapis.com", "/upload/v1beta/files?upload_id=other", NOW) is None
    )


@given(st.binary(max_size=80), st.text(max_size=40))
def test_no_answer_however_odd_harms_or_is_kept_for_ever(body: bytes, text: str) -> None:
    uploads = Uploads()
    asked = request("https://a.example/files")
    uploads.learn("it", asked, body, (("location", text),), body, NOW)
    uploads.learn("it", asked, body, (), json.dumps({"url": f"https://{text}", text: [text]}).encode(), NOW)
    assert len(uploads.known) <= 6


def test_the_oldest_address_makes_way() -> None:
    uploads = Uploads()
    for number in range(0, MOST // 2 + 150, 150):
        answer = [f"https://h{number + each}.example/a" for each in range(150)]
        uploads.learn("it", request("https://a.example/files"), b"", (), json.dumps(answer).encode(), NOW)
    assert len(uploads.known) == MOST
    assert not uploads.watches("h0.example", NOW) and uploads.watches(f"h{MOST // 2}.example", NOW)


def test_what_was_announced_outlives_the_proxy_and_every_process_knows_of_it(tmp_path: Path) -> None:
    key = b"k" * 32
    stores = [SqliteStore(tmp_path / "sluice.db") for _ in range(3)]
    first, other, again = (Uploads(store, key) for store in stores)
    assert not other.watches("blobs.example.net", NOW)
    learned(ANNOUNCED["ChatGPT"], first)
    to = request(ANNOUNCED["ChatGPT"].sent_to)
    for uploads in (first, other, again):
        assert uploads.watches(to.host, NOW)
        file = uploads.find("PUT", to.host, to.path, NOW)
        assert file is not None and (file.service, file.size) == ("it", 1234)
        assert uploads.find("PUT", to.host, to.path, LATER) is None
    held = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"blobs.example" not in held and b"/files/abc" not in held, "no address stands in the clear"
    assert not Uploads(stores[0], b"o" * 32).watches(to.host, NOW), "nor as a plain digest"
    for store in stores:
        store.close()


def test_time_takes_announcements_out_of_the_store(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "sluice.db")
    learned(ANNOUNCED["ChatGPT"], Uploads(store, b"k"))
    assert len(store.files_since(0, NOW, 9)) == 2
    store.purge(NOW + LASTS - timedelta(seconds=1))
    assert len(store.files_since(0, NOW, 9)) == 2
    store.purge(NOW + LASTS)
    assert store.files_since(0, NOW, 9) == []
    store.close()


def test_a_store_that_fails_has_no_news_and_keeps_nothing_silently(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "sluice.db")
    uploads = Uploads(store, b"k")
    store.close()
    assert not uploads.watches("blobs.example.net", NOW)
    with pytest.raises(StoreError):
        learned(ANNOUNCED["ChatGPT"], uploads)
    assert uploads.watches("blobs.example.net", NOW), "this process knows of it all the same"


PIECES = {
    "all of it": (10, False),
    "less": (11, True),
}


@pytest.mark.parametrize(("declared", "piece"), PIECES.values(), ids=PIECES.keys())
def test_a_piece_counts_as_not_looked_into_and_its_texts_are_read_all_the_same(declared: int, piece: bool) -> None:
    whole, asked = b"x" * 10, request("https://a/b", "PUT", declared)
    prompt = Fallback().read(whole, "text/plain")
    marked = with_rest(prompt, asked, whole)
    assert tuple(marked.opaque) == (("#rest",) if piece else ())
    assert [part.text for part in marked.parts] == ["x" * 10] and marked.rewrite(["y"]) == b"y"
    assert with_rest(prompt, asked, b"") is prompt


SIZES = {
    "once": ({"file_size": 5}, 5),
    "in words": ({"fileSize": "5"}, 5),
    "the same twice": ({"size": 5, "file": {"bytes": 5}}, 5),
    "two files": ([{"size": 5}, {"size": 6}], 0),
    "no number": ({"size": True, "bytes": "9" * 5000, "file_size": "five"}, 0),
}


@pytest.mark.parametrize(("said", "size"), SIZES.values(), ids=SIZES.keys())
def test_the_length_is_what_the_announcement_says(said: Any, size: int) -> None:
    assert size_of((), said) == size


def test_of_files_that_are_put_together_later_no_length_is_that_of_the_whole() -> None:
    assert size_of((("upload-length", "5"), ("upload-concat", "partial")), None) == 0

"""Files in requests of their own, through the real proxy: resumable, in parts, and to an object store nobody lists.

Google's and OpenAI's client libraries, unmodified; for pages, the calls as public client code makes them.
"""

import io
import json
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from google import genai
from google.genai import types

from proxy.demo.manner import Manner
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.standins import ExternalStandIn, path_of
from tests.e2e.street import HOSTS, Street, load_planted, open_street
from tests.proxy.documents.files import word

CARD = next(each for each in load_planted() if each.name == "card with spaces")
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")
STORE = "files-of-somebody.example.net"
GEMINI = "generativelanguage.googleapis.com"
HARMLESS = b"Quarterly report of nothing at all.\n" * 9
POLICY = """
policy: 上传 / Uploads
version: 1
owner: 合规部
otherwise: forbid
services:
  in use: {ids: [openai-api, openai-chatgpt, google-gemini-api, perplexity]}
data_classes:
  personal: {entities: [CN_ID_CARD, PHONE_NUMBER, EMAIL_ADDRESS, CREDIT_CARD]}
rules:
  - {id: office-use, verdict: allowed, when: {service: in use}, redact: [personal]}
"""


class Stores(ExternalStandIn):
    """The vendors' file services, as their clients expect them."""

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:  # noqa: ARG002 - always at once
        path, command = path_of(seen), seen.header("x-goog-upload-command")
        if command == "start":
            url = f"https://{GEMINI}/upload/v1beta/files?upload_id=AbC&upload_protocol=resumable"
            extra = (("x-goog-upload-url", url), ("x-goog-upload-status", "active"))
            await send_whole(reply, 200, "text/plain", b"", extra)
        elif command:
            done = "final" if "finalize" in command else "active"
            body = json.dumps({"file": {"name": "files/1", "sizeBytes": str(len(seen.body)), "state": "ACTIVE"}})
            await send_whole(reply, 200, "application/json", body.encode(), (("x-goog-upload-status", done),))
        elif path.startswith("/v1/uploads"):
            await send_whole(reply, 200, "application/json", json.dumps(upload(path, seen)).encode())
        elif seen.header("upload-length"):
            await send_whole(reply, 201, "text/plain", b"", (("location", "/v1/files/24e533e"),))
        elif path == "/backend-api/files":
            named = {"status": "success", "file_id": "file-1", "upload_url": f"https://{STORE}/c/f1?sig=secret"}
            await send_whole(reply, 200, "application/json", json.dumps(named).encode())
        else:
            await send_whole(reply, 201, "application/json", b"{}")


def upload(path: str, seen: Seen) -> dict[str, Any]:
    if path.endswith("/parts"):
        return {"id": "part_1", "object": "upload.part", "created_at": 1, "upload_id": "upload_1"}
    asked = seen.json()
    made = {"id": "upload_1", "object": "upload", "created_at": 1, "expires_at": 9, "status": "pending"}
    return made | {"bytes": asked.get("bytes", 0), "filename": asked.get("filename", ""), "purpose": "user_data"}


@pytest.fixture(scope="module")
def module_street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    hosts = (*HOSTS, GEMINI, STORE, "www.perplexity.ai", "ppl-ai-file-upload.s3.amazonaws.com")
    with open_street(tmp_path_factory.mktemp("uploads"), POLICY, hosts=hosts, standin=Stores) as street:
        yield street
        street.expect_silence()


@pytest.fixture
def street(module_street: Street) -> Iterator[Street]:
    """The street with an empty record, checked for leaks when the test is over."""
    module_street.reset()
    yield module_street
    module_street.expect_no_leak()


def bodies(street: Street) -> bytes:
    return b"".join(seen.body for seen in street.external.requests)


def to_gemini(street: Street, data: bytes) -> Any:
    with street.client() as client, pytest.MonkeyPatch.context() as patched:
        patched.setattr("google.genai._api_client.INITIAL_RETRY_DELAY", 0.01)  # it asks again after 1, 2 and 4 seconds
        options = types.HttpOptions(httpx_client=client)
        sdk = genai.Client(api_key="k", http_options=options)
        config = types.UploadFileConfig(mime_type="text/plain", display_name="report")
        return sdk.files.upload(file=io.BytesIO(data), config=config)


def test_googles_client_uploads_a_harmless_file_whole(street: Street) -> None:
    assert to_gemini(street, HARMLESS).size_bytes == len(HARMLESS)
    assert [seen.body for seen in street.external.requests][1:] == [HARMLESS]
    assert [line["inspection"] for line in street.request_records()[-2:]] == ["full", "full"]


def test_googles_client_is_told_why_a_file_that_would_change_its_length_does_not_go(street: Street) -> None:
    with pytest.raises(Exception, match="holds confidential data"):
        to_gemini(street, HARMLESS + CARD.text.encode())
    assert all(seen.header("x-goog-upload-command") == "start" for seen in street.external.requests)
    assert street.last_record()["code"] == "confidential_file"


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's client cuts files into 64 bytes at a time; else it does so from 8 MiB on."""
    monkeypatch.setattr("google.genai._api_client.CHUNK_SIZE", 64)


@pytest.mark.usefixtures("in_pieces")
def test_a_file_that_googles_client_cuts_goes_in_one_request_when_it_is_whole(street: Street) -> None:
    before = len(street.request_records())
    assert to_gemini(street, HARMLESS).size_bytes == len(HARMLESS)
    _, whole = street.external.requests
    assert (whole.body, whole.header("x-goog-upload-command")) == (HARMLESS, "upload, finalize")
    assert (whole.header("x-goog-upload-offset"), whole.header("content-length")) == ("0", str(len(HARMLESS)))
    assert [line["inspection"] for line in street.request_records()[before:]] == ["full", "full"]


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("before", (44, 52, 60))
def test_a_number_that_googles_client_cuts_in_two_is_found_in_the_whole(street: Street, before: int) -> None:
    with pytest.raises(Exception, match="holds confidential data"):
        to_gemini(street, b"x" * (before - 1) + b" " + CARD.value.encode() + b"\n" + HARMLESS)
    assert [seen.header("x-goog-upload-command") for seen in street.external.requests] == ["start"]
    assert street.last_record()["code"] == "confidential_file"


def test_the_last_piece_of_a_file_whose_others_are_unknown_is_refused(street: Street) -> None:
    fields = {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "20", "content-type": "text/plain"}
    url = f"https://{GEMINI}/upload/v1beta/files?upload_id=other"
    answer = street.post(url, content=CARD.value[:9].encode(), headers=fields)
    assert (answer.status_code, street.external.requests) == (400, [])
    assert street.last_record()["code"] == "unreadable_part"
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT", "told in the service's own shape"


def test_a_page_can_read_that_its_piece_is_taken(street: Street) -> None:
    fields = {"x-goog-upload-command": "upload", "x-goog-upload-offset": "0", "origin": "https://gemini.google.com"}
    url = f"https://{GEMINI}/upload/v1beta/files?upload_id=page"
    answer = street.post(url, content=HARMLESS, headers=fields)
    assert (answer.status_code, answer.headers["x-goog-upload-status"]) == (200, "active")
    assert answer.headers["access-control-allow-origin"] == "https://gemini.google.com"
    assert "x-goog-upload-status" in answer.headers["access-control-expose-headers"]
    assert street.external.requests == []


def to_openai(street: Street, data: bytes, part: int) -> Any:
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    with openai.DefaultHttpxClient(proxy=street.proxy.url, verify=trust, trust_env=False) as client:
        sdk = openai.OpenAI(api_key="sk-standin-0000-no-real-key", http_client=client, max_retries=2)
        return sdk.uploads.upload_file_chunked(
            file=data, filename="a.txt", bytes=len(data), mime_type="text/plain", purpose="user_data", part_size=part
        )


def test_openais_client_uploads_a_file_of_one_part(street: Street) -> None:
    assert to_openai(street, HARMLESS, 1 << 20).id == "upload_1"
    assert HARMLESS in bodies(street) and len(street.external.requests) == 3
    assert {line["inspection"] for line in street.request_records()[-3:]} == {"full"}


def test_openais_client_is_refused_the_first_part_of_several_once(street: Street) -> None:
    before = len(street.request_records())
    with pytest.raises(openai.BadRequestError, match="cannot be checked"):
        to_openai(street, HARMLESS, 100)
    assert len(street.external.requests) == 1 and len(street.request_records()) == before + 2


def test_openais_client_is_told_why_a_part_that_would_change_its_length_does_not_go(street: Street) -> None:
    with pytest.raises(openai.PermissionDeniedError, match="holds confidential data"):
        to_openai(street, IDENTITY.text.encode(), 1 << 20)
    assert len(street.external.requests) == 1


@pytest.mark.parametrize("size", [len(HARMLESS), 100], ids=["whole", "in pieces"])
@pytest.mark.parametrize("text", [HARMLESS, HARMLESS + CARD.text.encode()], ids=["harmless", "confidential"])
def test_a_file_by_tus_is_read_whole_and_goes_in_one_request(street: Street, text: bytes, size: int) -> None:
    size = max(size, len(text)) if size > 100 else size
    made = street.post("https://api.openai.com/v1/files", headers={"upload-length": str(len(text))})
    assert made.status_code == 201
    with street.client() as client:
        for at in range(0, len(text), size):
            fields = {"upload-offset": str(at), "content-type": "application/offset+octet-stream"}
            answer = client.patch(
                "https://api.openai.com/v1/files/24e533e", content=text[at : at + size], headers=fields
            )
            if at + size < len(text):
                end = str(at + size)
                assert (answer.status_code, answer.headers["upload-offset"]) == (204, end)
                assert len(street.external.requests) == 1, "nothing goes out yet"
    if text == HARMLESS:
        assert answer.status_code == 201 and street.external.requests[1].body == HARMLESS
        assert street.external.requests[1].header("upload-offset") == "0"
    else:
        assert (answer.status_code, street.last_record()["code"]) == (403, "confidential_file")
        assert len(street.external.requests) == 1


def on_chatgpt(street: Street, data: bytes, kind: str) -> httpx.Response:
    """Do as the page does: announce the file, then send it where the answer says."""
    page = {"origin": "https://chatgpt.com", "sec-fetch-mode": "cors"}
    with street.client() as client:
        named = {"file_name": "a", "file_size": len(data), "use_case": "my_files"}
        answer = client.post("https://chatgpt.com/backend-api/files", json=named, headers=page)
        fields = {"x-ms-blob-type": "BlockBlob", "content-type": kind}
        return client.put(answer.json()["upload_url"], content=data, headers=page | fields)


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(("data", "kind"), [(HARMLESS, "text/plain"), (word(["nothing"]), WORD)], ids=["text", "Word"])
def test_a_file_of_a_page_goes_to_a_store_that_no_catalogue_lists_and_is_read_on_its_way(
    street: Street, data: bytes, kind: str
) -> None:
    assert on_chatgpt(street, data, kind).status_code == 201
    assert street.external.requests[1].body == data and street.external.requests[1].host == STORE
    record = street.last_record()
    assert (record["service"], record["activity"], record["inspection"]) == ("openai-chatgpt", "upload", "full")


@pytest.mark.parametrize(
    ("data", "kind"), [(CARD.text.encode(), "text/plain"), (word([CARD.text]), WORD)], ids=["text", "Word"]
)
def test_a_file_of_a_page_with_confidential_data_does_not_reach_the_store(
    street: Street, data: bytes, kind: str
) -> None:
    answer = on_chatgpt(street, data, kind)
    assert answer.status_code == 403 and "机密" in answer.text + "机密" * ("confidential" in answer.text)
    assert answer.headers["access-control-allow-origin"] == "https://chatgpt.com", "the page can read why"
    assert len(street.external.requests) == 1 and street.last_record()["code"] == "confidential_file"


def test_what_else_lies_in_the_store_is_nobodys_business(street: Street) -> None:
    on_chatgpt(street, HARMLESS, "text/plain")
    before = len(street.request_records())
    with street.client() as client:
        assert client.put(f"https://{STORE}/of/somebody/else", content=b"anything").status_code == 201
        assert client.get(f"https://{STORE}/c/f1").status_code == 201
    assert len(street.request_records()) == before


def test_a_form_to_a_bucket_of_the_catalogue_is_read_without_an_announcement(street: Street) -> None:
    files = {"file": ("a.txt", CARD.text.encode(), "text/plain")}
    url = "https://ppl-ai-file-upload.s3.amazonaws.com/"
    answer = street.post(url, data={"key": "uploads/a.txt", "policy": "x"}, files=files)
    assert answer.status_code == 201 and b"[CREDIT_CARD_" in bodies(street)
    assert (street.last_record()["service"], street.last_record()["activity"]) == ("perplexity", "upload")

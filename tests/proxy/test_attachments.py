"""Files in requests are read, and go back changed into the very place they came from."""

import base64
import json
from collections.abc import Callable

import pytest

from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.fallback import Fallback
from proxy.adapters.interface import Adapter, Prompt
from proxy.adapters.openai_chat import OpenAIChat
from proxy.attachments import read_prompt
from proxy.documents.document import Document, Limits
from proxy.documents.read import read_document
from proxy.errors import SealedFile, Unreadable
from tests.proxy.documents.files import PHONE, coded, drawing, everything, pdf, read, word, zipped

KIND = "multipart/form-data; boundary=b"
LETTER = word(["tel 138", "0013", "8000"])
DIGITAL = pdf(f"a page with {PHONE} on it")


class Here:
    """Reads files in this process, without looking at pictures."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def read(self, data: bytes, name: str) -> Document:
        self.names.append(name)
        return read_document(data, name, Limits(ocr=False, seconds=100))


def upload(data: bytes, name: str = "a.bin", kind: str = "application/octet-stream") -> bytes:
    return (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n'
        b"--b\r\nContent-Disposition: form-data; "
        + f'name="file"; filename="{name}"\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n'.encode()
        + data
        + b"\r\n--b--\r\n"
    )


def section(body: bytes) -> bytes:
    return body.split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n--b--\r\n")


def in_chat(data: bytes) -> bytes:
    uri = "data:application/x;base64," + base64.b64encode(data).decode()
    part = {"type": "file", "file": {"filename": "a.docx", "file_data": uri}}
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": [part]}]}).encode()


def of_chat(body: bytes) -> bytes:
    return base64.b64decode(json.loads(body)["messages"][0]["content"][0]["file"]["file_data"].partition(",")[2])


def in_message(data: bytes) -> bytes:
    source = {"type": "base64", "media_type": "application/x", "data": base64.b64encode(data).decode()}
    block = {"type": "document", "title": "a.docx", "source": source}
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": [block]}]}).encode()


def of_message(body: bytes) -> bytes:
    return base64.b64decode(json.loads(body)["messages"][0]["content"][0]["source"]["data"])


def in_json(data: bytes) -> bytes:
    inner = {"inlineData": {"mimeType": "application/x", "data": base64.b64encode(data).decode()}}
    return json.dumps({"contents": [{"parts": [inner]}], "wrapped": json.dumps(inner)}).encode()


def of_json(body: bytes) -> bytes:
    one = json.loads(body)["contents"][0]["parts"][0]["inlineData"]["data"]
    assert json.loads(json.loads(body)["wrapped"])["inlineData"]["data"] == one
    return base64.b64decode(one)


type Way = tuple[Adapter, str, Callable[[bytes], bytes], Callable[[bytes], bytes]]

WAYS: dict[str, Way] = {
    "an upload": (Fallback(), KIND, upload, section),
    "a chat": (OpenAIChat(), "application/json", in_chat, of_chat),
    "a message": (AnthropicMessages(), "application/json", in_message, of_message),
    "JSON of nobody's, also in a string": (Fallback(), "application/json", in_json, of_json),
    "a body by itself": (Fallback(), "application/octet-stream", bytes, bytes),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


def attached(way: Way, data: bytes, reader: Here | None = None) -> tuple[Prompt, bytes]:
    adapter, kind, put, _ = way
    body = put(data)
    return read_prompt(adapter, body, kind, reader or Here()), body


def redacted(prompt: Prompt, value: str) -> list[str]:
    return [part.text.replace(value, "[P]") for part in prompt.parts]


@every_way
def test_unchanged_texts_give_the_same_body(way: Way):
    prompt, body = attached(way, LETTER)
    assert any(f"tel {PHONE}" in part.text for part in prompt.parts) and not prompt.opaque
    assert prompt.rewrite([part.text for part in prompt.parts]) == body


@every_way
def test_a_changed_file_stands_where_it_came_from(way: Way):
    prompt, _ = attached(way, LETTER)
    made = way[3](prompt.rewrite(redacted(prompt, PHONE)))
    assert "tel [P]" in everything(read(made)) and PHONE not in everything(read(made))


@every_way
def test_a_file_that_holds_what_must_go_and_cannot_be_written_is_an_error(way: Way):
    prompt, body = attached(way, DIGITAL)
    assert not prompt.opaque and prompt.rewrite([part.text for part in prompt.parts]) == body
    with pytest.raises(SealedFile):
        prompt.rewrite(redacted(prompt, PHONE))


@every_way
def test_what_cannot_be_looked_into_stays_opaque_beside_what_can(way: Way):
    prompt, body = attached(way, zipped({"a.txt": PHONE.encode(), "b.png": coded(drawing("x"))}))
    assert all(pointer.endswith("b.png") for pointer in prompt.opaque) and prompt.opaque
    assert way[3](prompt.rewrite(redacted(prompt, PHONE))) != way[3](body)


@every_way
def test_without_a_reader_nothing_is_read(way: Way):
    adapter, kind, put, _ = way
    if kind == "application/octet-stream":
        with pytest.raises(Unreadable):
            read_prompt(adapter, put(LETTER), kind, None)
        return
    prompt = read_prompt(adapter, put(LETTER), kind, None)
    assert prompt.opaque and not any(PHONE in part.text for part in prompt.parts)


def test_the_length_of_a_section_is_told_anew():
    prompt, _ = attached(WAYS["an upload"], LETTER)
    made = prompt.rewrite(redacted(prompt, PHONE))
    assert f"Content-Length: {len(section(made))}".encode() in made


NAMES = {"an upload": "a.bin", "a chat": "a.docx", "a message": "a.docx", "JSON of nobody's, also in a string": ""}


@pytest.mark.parametrize("way", NAMES)
def test_the_reader_is_told_the_name(way: str):
    reader = Here()
    attached(WAYS[way], LETTER, reader)
    assert reader.names[0] == NAMES[way]


def test_a_page_and_a_mail_are_files_and_other_text_is_text():
    page = read_prompt(Fallback(), upload(b"<p>138<b>0013</b>8000", "a.html", "text/html"), KIND, Here())
    assert PHONE in [part.text for part in page.parts]
    mail = b"From: a\r\nTo: b\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(
        PHONE.encode()
    )
    assert PHONE in [part.text for part in read_prompt(Fallback(), upload(mail, "a.eml"), KIND, Here()).parts]
    reader = Here()
    note = read_prompt(Fallback(), upload(f"tel {PHONE}".encode(), "a.txt"), KIND, reader)
    assert f"tel {PHONE}" in [part.text for part in note.parts] and reader.names == []


def test_a_note_in_another_encoding_goes_back_in_it():
    prompt, _ = attached(WAYS["an upload"], f"电话 {PHONE}".encode("gb18030"))
    assert section(prompt.rewrite(redacted(prompt, PHONE))) == "电话 [P]".encode("gb18030")


UNREADABLE = {
    "bytes nobody knows": (b"\0\1\2", "application/octet-stream"),
    "text that is said to be a picture": (b"hello", "image/png"),
    "frames of a program": (b"\0\0\0\x02{}", "application/connect+json"),
    "a declared charset": ("张".encode("gbk"), "text/plain; charset=x-other"),
    "a picture, with no OCR": (coded(drawing("x")), "image/png"),
}


@pytest.mark.parametrize(("body", "kind"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_body_of_which_nothing_can_be_read_is_unreadable(body: bytes, kind: str):
    with pytest.raises(Unreadable):
        read_prompt(Fallback(), body, kind, Here())


def test_sound_stays_opaque():
    sound = {
        "type": "input_audio",
        "input_audio": {"format": "wav", "data": base64.b64encode(b"RIFF\0\0\0\0WAVEfmt ").decode()},
    }
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": [sound]}]}).encode()
    assert read_prompt(OpenAIChat(), body, "application/json", Here()).opaque == (
        "/messages/0/content/0/input_audio/data",
    )


def test_model_stream_and_roles_are_those_of_the_request():
    body = json.loads(in_chat(LETTER)) | {"stream": True}
    prompt = read_prompt(OpenAIChat(), json.dumps(body).encode(), "application/json", Here())
    assert (prompt.model, prompt.stream) == ("m", True)
    assert {part.role for part in prompt.parts if PHONE in part.text} == {"user"}

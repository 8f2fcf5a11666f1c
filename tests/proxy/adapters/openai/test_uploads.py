"""Uploads of the family: batches and training files are read and written line by line, by whatever reads forms."""

import json

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Prompt
from proxy.adapters.multipart import parse_multipart

BOUNDARY = "x7Fq"
PLACEHOLDER = "[PERSON_7K2F9ABC]"


def section(name: str, content: bytes, file: str = "", kind: str = "") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


def read(path: str, *sections: bytes) -> Prompt:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    adapter = choose(Asked("POST", path, (("content-type", kind),)))
    return adapter.read(b"".join(sections) + f"--{BOUNDARY}--\r\n".encode(), kind)


def redacted(prompt: Prompt, name: str) -> bytes:
    """Return the content of a section with every Zhang Wei taken out."""
    body = prompt.rewrite([part.text.replace("张伟", PLACEHOLDER) for part in prompt.parts])
    (found,) = [one for one in parse_multipart(body, BOUNDARY.encode()) if dict(one.parameters)["name"] == name]
    return found.content


def chat(text: str) -> dict:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}


def line(number: int, url: str, body: dict) -> dict:
    return {"custom_id": f"张伟-{number}", "method": "POST", "url": url, "body": body}


FILES = {
    "a batch": (
        "batch",
        [
            line(1, "/v1/chat/completions", chat("给张伟写信")),
            line(2, "/v1/responses", {"model": "gpt-5.5", "input": [{"role": "user", "content": "张伟?"}]}),
            line(3, "/v1/embeddings", {"model": "e", "input": ["张伟", "Ann"]}),
        ],
    ),
    "to train with": (
        "fine-tune",
        [chat("谁是张伟") | {"tools": [{"arguments": '{"who":"张伟"}'}]}, {"messages": [{"content": "Ann"}]}],
    ),
    "to judge with": (
        "evals",
        [{"item": {"question": "张伟的电话", "reference": "张伟"}}, {"item": {"question": "b"}}],
    ),
}


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "open"])
@pytest.mark.parametrize(("purpose", "lines"), FILES.values(), ids=FILES.keys())
def test_every_line_of_a_file_is_read_and_written(purpose: str, lines: list[dict], last: bool, ending: bytes):
    content = ending.join(json.dumps(one, ensure_ascii=False).encode() for one in lines) + ending * last
    prompt = read(
        "/v1/files",
        section("purpose", purpose.encode()),
        section("file", content, "requests.jsonl", "application/jsonl"),
    )
    assert prompt.opaque == ()
    new = redacted(prompt, "file")
    assert new.count(b"\n") == content.count(b"\n")
    want = [json.loads(json.dumps(one, ensure_ascii=False).replace("张伟", PLACEHOLDER)) for one in lines]
    assert [json.loads(one) for one in new.split(b"\n") if one.strip()] == want


def test_one_line_alone_is_read_too():
    content = json.dumps(line(1, "/v1/chat/completions", chat("给张伟写信")), ensure_ascii=False).encode() + b"\n"
    prompt = read("/v1/files", section("file", content, "one.jsonl"))
    assert json.loads(redacted(prompt, "file"))["body"] == chat(f"给{PLACEHOLDER}写信")


def test_a_piece_of_an_upload_is_read_as_far_as_its_lines_are_whole():
    whole = json.dumps(line(1, "/v1/chat/completions", chat("给张伟写信")), ensure_ascii=False)
    content = f'"content": "张伟"}}]}}}}\n{whole}\n{whole}\n{whole[:40]}'.encode()
    prompt = read("/v1/uploads/upload_1/parts", section("data", content, "part"))
    new = redacted(prompt, "data")
    assert "张伟".encode() not in new
    assert json.loads(new.split(b"\n")[1])["body"] == chat(f"给{PLACEHOLDER}写信")
    assert new.startswith(f'"content": "{PLACEHOLDER}"'.encode())


FORMS = {
    "a picture to edit": ("/v1/images/edits", "image[]", "image/png", "/image[]"),
    "a picture to vary": ("/v1/images/variations", "image", "image/png", "/image"),
    "sound to transcribe": ("/v1/audio/transcriptions", "file", "audio/wav", "/file"),
    "sound to translate": ("/v1/audio/translations", "file", "audio/wav", "/file"),
    "a film to go on with": ("/v1/videos", "input_reference", "image/png", "/input_reference"),
    "a file of a container": ("/v1/containers/cntr_1/files", "file", "application/zip", "/file"),
}


@pytest.mark.parametrize(("path", "field", "kind", "opaque"), FORMS.values(), ids=FORMS.keys())
def test_words_beside_a_file_are_read_and_the_file_is_opaque(path: str, field: str, kind: str, opaque: str):
    prompt = read(
        path,
        section("prompt", "张伟在照片里".encode()),
        section("language", b"zh"),
        section(field, b"\x89PNG\r\n\x1a\n\x00\xff" * 9, "zhangwei.bin", kind),
    )
    assert [(part.pointer, part.text) for part in prompt.parts if not part.pointer.endswith("#name")] == [
        ("/prompt", "张伟在照片里"),
        ("/language", "zh"),
        (f"/{field}#filename", "zhangwei.bin"),
    ]
    assert list(prompt.opaque) == [opaque]
    assert redacted(prompt, "prompt") == f"{PLACEHOLDER}在照片里".encode()


JOBS = {
    "a batch": ("/v1/batches", {"input_file_id": "file-1", "endpoint": "/v1/responses", "metadata": {"by": "张伟"}}),
    "training": ("/v1/fine_tuning/jobs", {"training_file": "file-1", "model": "gpt-4o", "suffix": "张伟"}),
    "a search": ("/v1/vector_stores/vs_1/search", {"query": ["张伟的合同"], "max_num_results": 3}),
    "an evaluation": ("/v1/evals", {"name": "张伟", "testing_criteria": [{"input": [{"content": "{{item.张伟}}"}]}]}),
    "a page to read": ("/v1/ocr", {"document": {"type": "document_url", "document_url": "https://a.example/张伟.pdf"}}),
}


@pytest.mark.parametrize(("path", "body"), JOBS.values(), ids=JOBS.keys())
def test_what_starts_a_job_is_read_like_any_body(path: str, body: dict):
    headers = (("content-type", "application/json"),)
    prompt = choose(Asked("POST", path, headers)).read(json.dumps(body, ensure_ascii=False).encode(), headers[0][1])
    changed = prompt.rewrite([part.text.replace("张伟", PLACEHOLDER) for part in prompt.parts])
    assert json.loads(changed) == json.loads(json.dumps(body, ensure_ascii=False).replace("张伟", PLACEHOLDER))


def test_a_page_that_is_sent_to_be_read_is_opaque():
    body = {
        "model": "mistral-ocr-latest",
        "document": {"image_url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAA"},
    }
    prompt = choose(Asked("POST", "/v1/ocr", (("content-type", "application/json"),))).read(
        json.dumps(body).encode(), "application/json"
    )
    assert list(prompt.opaque) == ["/document/image_url"]

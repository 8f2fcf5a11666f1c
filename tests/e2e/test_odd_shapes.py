"""What is labelled, coded, named or shaped otherwise than usual goes through the real proxy too, or is told why not."""

import base64
import json
import re
from collections.abc import Iterator

import httpx
import pytest

from proxy.demo.manner import Manner
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.standins import ExternalStandIn, path_of
from tests.e2e.street import CHAT, Street, completion, content_of, load_planted, open_street

IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")
PLACEHOLDER = "[CN_ID_CARD_"


class Echo(ExternalStandIn):
    """Answers with the prompt, under the label that the request names."""

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        label = seen.header("x-label")
        if not label or not path_of(seen).endswith("/chat/completions"):
            await super().route(seen, reply, manner)
            return
        asked = json.loads(seen.body)
        said = asked["messages"][-1]["content"]
        if not asked.get("stream"):
            await send_whole(reply, 200, label, json.dumps({"choices": [{"message": {"content": said}}]}).encode())
            return
        await reply.start(200, (("content-type", label),))
        for piece in (said[:20], said[20:24], said[24:]):
            event = {"choices": [{"index": 0, "delta": {"content": piece}}]}
            await reply.send(b"data: " + json.dumps(event).encode() + b"\n\n")
        await reply.send(b"data: [DONE]\n\n")
        await reply.end()


@pytest.fixture(scope="module")
def own_street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    limits = {"text": 300_000}
    with open_street(tmp_path_factory.mktemp("odd"), standin=Echo, limits=limits) as street:
        yield street
        street.expect_silence()


@pytest.fixture
def street(own_street: Street) -> Iterator[Street]:
    own_street.reset()
    yield own_street
    own_street.expect_no_leak()


def said(answer: httpx.Response) -> str:
    """Return the text of a streamed answer."""
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    return "".join(event["choices"][0]["delta"]["content"] for event in events)


@pytest.mark.parametrize("label", ["application/octet-stream", "text/html; charset=utf-8"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_an_answer_with_a_wrong_label_is_restored(street: Street, label: str, stream: bool) -> None:
    answer = street.post(CHAT, json=completion(IDENTITY.text, stream=stream), headers={"x-label": label})
    assert answer.headers["content-type"] == label
    assert (said(answer) if stream else content_of(answer)) == IDENTITY.text
    assert PLACEHOLDER.encode() in street.external.requests[0].body


@pytest.mark.parametrize("text", ["[[[{}]]]", "[[{}, 1], {{", '{{"id": {}}}', '["{}", {}]'])
def test_a_text_that_looks_like_json_comes_back_as_it_was(street: Street, text: str) -> None:
    text = text.format(*[IDENTITY.value] * 2)
    answer = street.post(CHAT, json=completion("说：" + text), headers={"x-label": "application/json"})
    assert content_of(answer) == "说：" + text
    answer = street.post(CHAT, json=completion(text + " "), headers={"x-label": "application/json"})
    assert content_of(answer).split() == text.split()


CODED = {
    "GBK": ("gbk", "application/json; charset=gbk"),
    "GB 18030": ("gb18030", "application/json; charset=gb18030"),
    "UTF-16 by its mark": ("utf-16", "application/json"),
    "UTF-16": ("utf-16", "application/json; charset=utf-16"),
    "UTF-8 with a mark": ("utf-8-sig", "application/json"),
}


@pytest.mark.parametrize(("codec", "kind"), CODED.values(), ids=CODED)
@pytest.mark.parametrize("text", [IDENTITY.text, "你好"], ids=["confidential", "harmless"])
def test_json_in_another_charset_is_read_and_goes_on_in_utf8(street: Street, codec: str, kind: str, text: str) -> None:
    body = json.dumps(completion(text), ensure_ascii=False).encode(codec)
    answer = street.post(CHAT, content=body, headers={"content-type": kind})
    assert answer.status_code == 200, answer.text
    assert content_of(answer).endswith(text)
    (seen,) = street.external.requests
    assert seen.header("content-type") == "application/json; charset=utf-8"
    assert json.loads(seen.body.decode("utf-8"))["model"] == "gpt-4o"
    assert street.last_record()["inspection"] == "full"


def test_json_against_its_charset_is_refused_and_says_so(street: Street) -> None:
    answer = street.post(CHAT, content=b'{"a": "\xff\xff"}', headers={"content-type": "application/json; charset=gbk"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_body")
    assert street.external.requests == []


HEAD = b'Content-Disposition: form-data; name="note"'
SECTION = b"--b\r\n" + HEAD + b"\r\n\r\n%s\r\n"
END = b"--b--\r\n"
VALUE = IDENTITY.value.encode()
CODED_HEAD = HEAD + b"\r\nContent-Transfer-Encoding: base64"
UPLOADS = {
    "words before": (b"%s\r\n" % VALUE + SECTION % b"hi" + END, 200),
    "words after": (SECTION % b"hi" + END + VALUE, 200),
    "no end": (SECTION % VALUE, 200),
    "half an end": (SECTION % VALUE + b"--b", 200),
    "base64": (SECTION.replace(HEAD, CODED_HEAD) % base64.b64encode(IDENTITY.text.encode()) + END, 200),
    "sections after the end": (SECTION % b"hi" + END + SECTION % VALUE + END, 400),
    "a coding of nobody's": (SECTION.replace(HEAD, HEAD + b"\r\nContent-Transfer-Encoding: x") % VALUE + END, 400),
}


@pytest.mark.parametrize(("body", "status"), UPLOADS.values(), ids=UPLOADS)
def test_an_odd_upload_is_read_to_its_last_byte_or_refused(street: Street, body: bytes, status: int) -> None:
    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = street.post("https://api.openai.com/v1/feedback", content=body, headers=kind)
    assert answer.status_code == status, answer.text
    if status == 200:
        out = street.external.requests[0].body
        told = out + b"".join(base64.b64decode(one) for one in re.findall(rb"\r\n([A-Za-z0-9+/=\r\n]{40,})\r\n--", out))
        assert PLACEHOLDER.encode() in told and base64.b64encode(VALUE)[:12] not in out
        assert street.last_record()["inspection"] == "full"
    else:
        assert answer.json()["error"]["code"] == "unreadable_part" and street.external.requests == []


def test_a_value_in_the_name_of_a_header_field_is_refused_and_says_so(street: Street) -> None:
    answer = street.post(CHAT, json=completion("hi"), headers={f"x-{IDENTITY.value}": "1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "confidential_header")
    assert "name of a header field" in answer.json()["error"]["message"]
    assert street.external.requests == []
    assert street.post(CHAT, json=completion("hi"), headers={"x-note-to-self-1": "1"}).status_code == 200


def test_a_text_that_is_too_long_to_be_looked_through_is_told_so_at_once(street: Street) -> None:
    answer = street.post(CHAT, json=completion("word " * 100_000))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "text_too_long")
    assert "300,000" in answer.json()["error"]["message"] and "最多可检查" in answer.json()["error"]["message"]
    assert street.external.requests == []
    assert street.last_record()["code"] == "text_too_long"

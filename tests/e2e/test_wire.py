"""What curl and plain HTTP clients see over HTTP/1.1 and HTTP/2, and what the witness saw of them."""

import asyncio
import shutil
import ssl
import subprocess
import zlib

import brotli
import httpx
import orjson
import pytest
import zstandard

from tests.e2e.street import CHAT, Street, completion, content_of, load_planted
from tests.e2e.tunnel import open_tunnel, read_until

CARD = next(each for each in load_planted() if each.name == "card with spaces")
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)
def test_both_versions_of_http_are_redacted_and_restored(street: Street, case, http2: bool) -> None:
    answer = street.post(CHAT, http2=http2, json=completion(case.text))
    version = "HTTP/2" if http2 else "HTTP/1.1"
    assert (200, version) == (answer.status_code, answer.http_version)
    assert content_of(answer).endswith(case.text)
    (seen,) = street.external.requests
    assert (seen.method, seen.host, seen.path) == ("POST", "api.openai.com", "/v1/chat/completions")
    assert version == seen.protocol
    assert str(len(seen.body)) == seen.header("content-length")


def test_text_that_is_not_confidential_leaves_byte_for_byte(street: Street) -> None:
    turn = b'{"role":"user","content":"caf\\u00e9 \xe4\xbd\xa0\xe5\xa5\xbd"}'
    body = b'{ "model":"gpt-4o",  "messages":[' + turn + b'], "x_new":1.50 }'
    street.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert body == street.external.requests[0].body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate"])
def test_a_compressed_request_is_read_like_any_other(street: Street, coding: str) -> None:
    plain = orjson.dumps(completion(CARD.text))
    coded = {
        "gzip": lambda data: zlib.compress(data, wbits=31),
        "deflate": zlib.compress,
        "br": brotli.compress,
        "zstd": zstandard.ZstdCompressor().compress,
    }[coding](plain)
    headers = {"content-type": "application/json", "content-encoding": coding}
    answer = street.post(CHAT, content=coded, headers=headers)
    assert content_of(answer).endswith(CARD.text)
    assert b"[CREDIT_CARD_" in street.external.requests[0].body


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("flag", ["--http1.1", "--http2"])
def test_curl_is_served(street: Street, flag: str) -> None:
    done = subprocess.run(
        ["curl", flag, "-sS", "--max-time", "20", "--data-binary", "@-", "-H", "content-type: application/json", CHAT],
        input=orjson.dumps(completion(IDENTITY.text)),
        capture_output=True,
        env={"HTTPS_PROXY": street.proxy.url, "CURL_CA_BUNDLE": str(street.proxy.ca), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.stderr == b""
    assert orjson.loads(done.stdout)["choices"][0]["message"]["content"].endswith(IDENTITY.text)
    assert {"--http1.1": "HTTP/1.1", "--http2": "HTTP/2"}[flag] == street.external.requests[0].protocol


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_client_that_asks_before_it_sends_a_large_body_is_served(street: Street) -> None:
    """curl sends `Expect: 100-continue` for bodies over a megabyte."""
    text = "word " * 300_000 + CARD.value
    done = subprocess.run(
        ["curl", "--http1.1", "-sS", "--max-time", "60", "--data-binary", "@-", "-H", "content-type: text/plain", CHAT],
        input=orjson.dumps(completion(text)),
        capture_output=True,
        env={"HTTPS_PROXY": street.proxy.url, "CURL_CA_BUNDLE": str(street.proxy.ca), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert orjson.loads(done.stdout)["choices"][0]["message"]["content"].endswith(text)
    assert b"[CREDIT_CARD_" in street.external.requests[0].body[-200:]


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_of_many_requests_at_once_each_gets_its_own_answer(street: Street, http2: bool) -> None:
    texts = [f"Write to person{number}@northwind-traders.com, please." for number in range(24)]
    answers = asyncio.run(ask_all(street, texts, http2))
    assert [content_of(answer).endswith(text) for answer, text in zip(answers, texts, strict=True)] == [True] * 24
    assert b"northwind" not in street.external.everything()
    assert len({seen.body for seen in street.external.requests}) == 24


async def ask_all(street: Street, texts: list[str], http2: bool) -> list[httpx.Response]:
    """Ask all at once; over HTTP/2 on one connection."""
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    # Not threads: the sync HTTP/2 client of httpx mixes up its own streams when threads share it.
    async with httpx.AsyncClient(
        proxy=street.proxy.url, verify=trust, http2=http2, trust_env=False, timeout=100
    ) as client:
        return await asyncio.gather(*(client.post(CHAT, json=completion(text)) for text in texts))


def test_a_service_that_is_down_is_a_native_error_and_a_record(street: Street) -> None:
    street.external.stop()
    try:
        answer = street.post(CHAT, json=completion("hello"))
    finally:
        street.external.start()
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "service_unreachable")
    assert street.last_record()["id"] in answer.json()["error"]["message"]
    assert street.post(CHAT, json=completion("hello")).status_code == 200


def test_a_forbidden_request_is_refused_from_its_headers_while_the_body_is_still_to_come(
    street: Street, trust: ssl.SSLContext
) -> None:
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: api.deepseek.com\r\ncontent-type: application/json\r\n"
        b"content-length: 50000000\r\n\r\n" + b'{"messages":'
    )
    with open_tunnel(street, "api.deepseek.com", trust) as tunnel:
        tunnel.sendall(head)
        answer = read_until(tunnel, b"blocked_by_policy")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"x-should-retry: false" in answer.lower()
    assert street.external.requests == []
    assert street.last_record()["inspection"] == "not_needed"


def test_every_refusal_tells_caches_and_sdks_not_to_keep_or_repeat_it(street: Street) -> None:
    answer = street.post("https://api.deepseek.com/v1/chat/completions", json=completion("hi"))
    assert (
        answer.status_code,
        answer.headers["x-should-retry"],
        answer.headers["cache-control"],
    ) == (403, "false", "no-store")


@pytest.mark.parametrize(
    ("language", "present", "absent"),
    [
        ("zh-CN,zh;q=0.9", "请使用内部模型。", "Use the internal model."),
        ("en-GB,en;q=0.9", "Use the internal model.", "请使用内部模型。"),
    ],
    ids=["zh", "en"],
)
def test_a_refusal_speaks_the_clients_language(street: Street, language: str, present: str, absent: str) -> None:
    answer = street.post(
        "https://api.deepseek.com/v1/chat/completions", json=completion("hi"), headers={"accept-language": language}
    )
    message = answer.json()["error"]["message"]
    assert present in message and absent not in message

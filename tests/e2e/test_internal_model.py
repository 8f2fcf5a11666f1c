"""The company's own model: what it is sent, what it must never be sent, and what happens when it is down."""

import pytest

from proxy.demo.manner import Mode
from tests.e2e.street import CHAT, INTERNAL_KEY, Street, completion, content_of

FALCON = "Summarise Project Falcon."
VENDOR_KEY = "sk-vendor-credential-not-for-us"
COOKIE = "session=vendor-cookie-not-for-us"

CREDENTIALS = {
    "authorization": f"Bearer {VENDOR_KEY}",
    "x-api-key": VENDOR_KEY,
    "api-key": VENDOR_KEY,
    "cookie": COOKIE,
    "openai-organization": "org-vendor-not-for-us",
    "x-forwarded-for": "203.0.113.7",
}

MESSAGES = "https://api.anthropic.com/v1/messages"


def message(text: str, **more: object) -> dict:
    return {"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{"role": "user", "content": text}], **more}


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("url", [CHAT, MESSAGES], ids=["openai", "anthropic"])
def test_vendor_credentials_and_cookies_never_reach_it(street: Street, url: str, http2: bool) -> None:
    body = completion(FALCON) if url == CHAT else message(FALCON)
    answer = street.post(url, http2=http2, json=body, headers=CREDENTIALS)
    assert answer.status_code == 200
    (seen,) = street.internal.requests
    got = street.internal.everything()
    assert [word for word in (VENDOR_KEY, COOKIE, "not-for-us", "203.0.113.7") if word.encode() in got] == []
    assert (f"Bearer {INTERNAL_KEY}", street.internal.address) == (seen.header("authorization"), seen.host)
    assert street.external.requests == []


def test_the_internal_key_never_reaches_the_service_nor_the_client(street: Street) -> None:
    inside = street.post(CHAT, json=completion(FALCON))
    outside = street.post(CHAT, json=completion("hello"), headers=CREDENTIALS)
    everything = street.external.everything() + inside.content + outside.content
    assert INTERNAL_KEY.encode() not in everything + str(inside.headers).encode() + str(outside.headers).encode()
    assert f"Bearer {VENDOR_KEY}" == street.external.requests[0].header("authorization")


def test_one_connection_may_carry_both_kinds_without_mixing_them(street: Street) -> None:
    for http2 in (False, True):
        street.reset()
        with street.client(http2=http2) as client:
            for text in (FALCON, "hello", "整理一下华星科技的合同。", "bye"):
                assert content_of(client.post(CHAT, json=completion(text), headers=CREDENTIALS)).endswith(text)
        assert [seen.json()["messages"][0]["content"] for seen in street.external.requests] == ["hello", "bye"]
        assert len(street.internal.requests) == 2
        assert VENDOR_KEY.encode() not in street.internal.everything()


@pytest.mark.parametrize("mode", [Mode.FAIL, Mode.GARBAGE], ids=["failing", "talking nonsense"])
@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_a_broken_internal_model_is_a_native_error_and_nothing_goes_outside(
    street: Street, sdk: str, mode: Mode
) -> None:
    street.internal.manner.mode = mode
    base = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}[sdk]
    answer = street.employee.ask({"sdk": sdk, "base_url": base, "prompt": FALCON})
    assert answer["error"]["status"] == 503
    assert answer["attempts"] == 1
    assert street.external.requests == []


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_a_stream_of_nonsense_is_a_native_error_and_nothing_goes_outside(street: Street, sdk: str) -> None:
    street.internal.manner.mode = Mode.GARBAGE
    base = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}[sdk]
    answer = street.employee.ask({"sdk": sdk, "base_url": base, "prompt": FALCON, "body": {"stream": True}})
    assert "company's model" in answer["error"]["message"] and "公司内部模型" in answer["error"]["message"]
    assert street.external.requests == []


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_a_compressed_stream_from_inside_is_read(street: Street, sdk: str) -> None:
    street.internal.manner.mode = Mode.GZIP
    base = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}[sdk]
    answer = street.employee.ask({"sdk": sdk, "base_url": base, "prompt": FALCON, "body": {"stream": True}})
    assert "error" not in answer and "The internal stand-in model heard" in str(answer)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_an_internal_model_that_is_down_is_a_native_error_and_nothing_goes_outside(
    street: Street, sdk: str, stream: bool
) -> None:
    street.internal.stop()
    try:
        base = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}[sdk]
        answer = street.employee.ask({"sdk": sdk, "base_url": base, "prompt": FALCON, "body": {"stream": stream}})
    finally:
        street.internal.start()
    assert (answer["error"]["status"], answer["attempts"]) == (503, 1)
    assert "公司内部模型" in answer["error"]["message"] and "company's own model" in answer["error"]["message"]
    assert street.external.requests == []


def test_a_stream_that_breaks_off_inside_is_not_taken_for_a_whole_answer(street: Street) -> None:
    street.internal.manner.mode = Mode.RESET
    answer = street.employee.ask(
        {"sdk": "anthropic", "base_url": "https://api.anthropic.com", "prompt": FALCON, "body": {"stream": True}}
    )
    assert "error" in answer
    assert street.external.requests == []

"""Streams are not lumped, proved by the order of events.

The stand-in sends a few pieces, then holds the rest until the client has the first one in its hands. Whoever waits for
the end before passing on the beginning waits for ever: the stand-in gives up, and the test fails.
"""

import httpx
import orjson
import pytest

from proxy.demo.manner import Mode
from tests.e2e.street import CHAT, Street, completion, load_planted

CARD = next(each for each in load_planted() if each.name == "card with spaces")
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")

URLS = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
@pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)
def test_the_first_piece_is_with_the_client_before_the_service_has_sent_the_last(street: Street, sdk, case) -> None:
    manner = street.external.manner
    manner.hold_after = 6
    asked = {"sdk": sdk, "base_url": URLS[sdk], "prompt": case.text, "body": {"stream": True}}
    answer = street.employee.ask(asked, on_piece=lambda _: manner.released.set())
    assert not manner.waited_in_vain
    assert "done" in answer
    assert "".join(street.employee.pieces).endswith(case.text)


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_a_redirected_answer_streams_too(street: Street, sdk) -> None:
    manner = street.internal.manner
    manner.hold_after = 4
    asked = {"sdk": sdk, "base_url": URLS[sdk], "prompt": "On Project Falcon", "body": {"stream": True}}
    street.employee.ask(asked, on_piece=lambda _: manner.released.set())
    assert not manner.waited_in_vain
    assert "".join(street.employee.pieces).endswith("On Project Falcon")


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("piece", [1, 3, 1000], ids=["by characters", "by threes", "in one piece"])
def test_a_placeholder_cut_anywhere_is_restored(street: Street, http2: bool, piece: int) -> None:
    street.external.manner.piece = piece
    body = completion(CARD.text, stream=True)
    with street.client(http2=http2) as client, client.stream("POST", CHAT, json=body) as answer:
        lines = [line for line in answer.iter_lines() if line]
    assert ("HTTP/2" if http2 else "HTTP/1.1") == answer.http_version
    assert lines[-1] == "data: [DONE]"
    text = "".join(delta_of(line) for line in lines[:-1])
    assert text.endswith(CARD.text)


def delta_of(line: str) -> str:
    choices = orjson.loads(line.removeprefix("data: "))["choices"]
    return choices[0]["delta"].get("content") or "" if choices else ""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_service_that_compresses_unasked_is_restored_all_the_same(street: Street, stream: bool) -> None:
    street.external.manner.mode = Mode.GZIP
    street.external.manner.piece = 1000
    answer = street.post(CHAT, json=completion(CARD.text, stream=stream))
    assert CARD.text in answer.text


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_a_broken_off_stream_breaks_off_for_the_client_and_the_proxy_goes_on(street: Street, http2: bool) -> None:
    street.external.manner.mode = Mode.RESET
    with pytest.raises(httpx.HTTPError):
        street.post(CHAT, http2=http2, json=completion(CARD.text, stream=True))
    street.external.manner.mode = Mode.NORMAL
    assert street.post(CHAT, http2=http2, json=completion("next")).status_code == 200


def test_a_failure_of_the_service_is_passed_on_as_it_is(street: Street) -> None:
    street.external.manner.mode = Mode.FAIL
    answer = street.post(CHAT, json=completion("hello"))
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "server_error")

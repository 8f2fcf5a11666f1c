"""A declarative adapter reads, writes and refuses as the data says."""

import pytest

from proxy.adapters.interface import Adapter, Asked, Refusal, Speaker
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai_chat import refuse
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.errors import WireError

SHAPE = PathShape((TextAt("/response"),))
PLAIN = JsonAdapter("plain", SHAPE, refuse, shapes("/model", "/options/mode"), lambda *_: "user")


def test_every_leaf_but_the_interfaces_own_words_is_a_part() -> None:
    prompt = PLAIN.read(
        b'{"model": "m1", "prompt": "Ann", "options": {"mode": "fast", "stop": ["x"]}, "stream": true}', ""
    )
    assert [(part.pointer, part.role, part.text) for part in prompt.parts] == [
        ("/prompt", "user", "Ann"),
        ("/options/stop/0", "user", "x"),
    ]
    assert (prompt.model, prompt.stream) == ("m1", True)
    assert (
        prompt.rewrite(["[P]", "x"])
        == b'{"model":"m1","prompt":"[P]","options":{"mode":"fast","stop":["x"]},"stream":true}'
    )


def test_what_the_path_says_of_model_and_stream_counts() -> None:
    bound = JsonAdapter("plain", SHAPE, refuse, model="gemini-x", stream=True)
    prompt = bound.read(b'{"prompt": "Ann"}', "application/json")
    assert (prompt.model, prompt.stream) == ("gemini-x", True)


def test_it_is_itself_for_every_request_and_speaks_only_what_it_was_told() -> None:
    adapter: Adapter = PLAIN
    assert adapter.at(Asked("POST", "/")) is PLAIN
    assert not isinstance(PLAIN, Speaker), "nothing says how the company's model could answer"
    assert PLAIN.refuse(Refusal(403, "blocked_by_policy", "no", "SL-1")).status == 403


def test_a_body_that_is_no_object_is_an_error() -> None:
    with pytest.raises(WireError):
        PLAIN.read(b"[1]", "application/json")

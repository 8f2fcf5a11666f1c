"""Old completions as an adapter: one prompt goes to the company's model, what it cannot do is refused."""

import json

import pytest

from proxy.adapters.interface import Asked, Refusal, Speaker
from proxy.adapters.openai.completions import COMPLETIONS, role_of
from proxy.errors import Untranslatable, WireError


def asked(**body: object) -> dict:
    return json.loads(COMPLETIONS.to_chat(json.dumps(body).encode(), "qwen"))


FIELDS: dict[str, tuple[dict, dict]] = {
    "a prompt": ({"prompt": "客户"}, {}),
    "a list of one": ({"prompt": ["客户"]}, {}),
    "sampling": (
        {"prompt": "客户", "max_tokens": 9, "temperature": 0, "top_p": 0.5, "stop": ["完"], "seed": 1},
        {"max_tokens": 9, "temperature": 0, "top_p": 0.5, "stop": ["完"], "seed": 1},
    ),
    "stream": ({"prompt": "客户", "stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
    "what stays behind": (
        {"prompt": "客户", "user": "zhangwei", "logprobs": 5, "n": 2, "suffix": "", "echo": False, "extra": {"a": 1}},
        {},
    ),
}


@pytest.mark.parametrize(("body", "want"), FIELDS.values(), ids=FIELDS.keys())
def test_the_prompt_is_what_the_person_says_and_only_known_fields_cross_over(body, want):
    assert asked(**body) == {"model": "qwen", "messages": [{"role": "user", "content": "客户"}], **want}


REFUSED = {
    "several prompts": ({"prompt": ["a", "b"]}, Untranslatable, "one text only"),
    "token ids": ({"prompt": [1, 2]}, Untranslatable, "token ids"),
    "one token id": ({"prompt": [1]}, WireError, "prompt must be a string"),
    "no prompt": ({}, WireError, "prompt must be a string"),
    "what lies before a suffix": ({"prompt": "a", "suffix": "b"}, Untranslatable, "without suffix"),
    "the prompt again": ({"prompt": "a", "echo": True}, Untranslatable, "without echo"),
}


@pytest.mark.parametrize(("body", "error", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_companys_model_cannot_do_is_refused_with_what_to_do(body, error, why):
    with pytest.raises(error, match=why):
        asked(**body)


def test_it_speaks_and_refuses_as_the_service_would():
    assert isinstance(COMPLETIONS, Speaker)
    bound = COMPLETIONS.at(Asked("POST", "/openai/deployments/x/completions"))
    assert bound.refuse(Refusal(403, "blocked_by_policy", "no", "SL-1")).status == 400
    assert isinstance(bound, Speaker), "bound to a request, it speaks still"


def test_prompt_and_suffix_are_the_persons():
    assert [role_of({}, path) for path in (("prompt",), ("prompt", 0), ("suffix",), ("stop", 0))] == [
        *("user", "user", "user", "other"),
    ]

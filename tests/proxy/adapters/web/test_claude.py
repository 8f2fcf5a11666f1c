"""claude.ai: the calls are told apart; the first turn, with its attached texts, can be told to the company's model."""

import json

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.web.claude import CLAUDE, ROOT_OF_ALL
from proxy.errors import WireError


@pytest.mark.parametrize(
    ("path", "want"),
    [
        ("/api/organizations/o1/chat_conversations/c1/completion", "claude-web"),
        ("/api/organizations/o1/chat_conversations/c1/retry_completion?rendering_mode=raw", "claude-web"),
        ("/api/organizations/o1/chat_conversations/c1/title", "claude-web-beside"),
        ("/api/organizations/o1/projects/p1/docs", "claude-web-beside"),
        ("/v1/messages", "anthropic-messages"),
    ],
)
def test_calls_are_told_apart_by_path(path: str, want: str) -> None:
    assert choose(Asked("POST", path, (("content-type", "application/json"),), "claude-web")).id == want


def test_beside_the_turn_a_refusal_is_the_error_that_the_page_shows() -> None:
    asked = Asked("POST", "/api/organizations/o/projects", (("content-type", "application/json"),), "claude-web")
    answer = choose(asked).refuse(Refusal(403, "blocked_by_policy", "no", "SL-1"))
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (403, "no")


def test_the_first_turn_takes_its_attached_texts_along() -> None:
    attached = [{"file_name": "a.txt", "extracted_content": "Ann"}, {"extracted_content": "Lee"}]
    body = json.dumps({"prompt": "Hi", "parent_message_uuid": ROOT_OF_ALL, "attachments": attached}).encode()
    assert json.loads(CLAUDE.to_chat(body, "qwen3"))["messages"] == [
        {"role": "user", "content": "Hi\n\na.txt:\nAnn\n\nLee"}
    ]


@pytest.mark.parametrize(
    "tree",
    [
        {"prompt": "x", "parent_message_uuid": "5b0b1c2d-0000-4000-8000-000000000001"},
        {"prompt": "x", "files": ["5b0b1c2d"]},
        {"prompt": "x", "sync_sources": [{"uuid": "u"}]},
        {"prompt": "x", "attachments": [{"file_name": "Ann.pdf"}]},
        {"prompt": 7},
        {},
    ],
    ids=["a later turn", "files", "linked documents", "an attachment without text", "no text", "nothing"],
)
def test_what_the_vendor_keeps_cannot_be_told_to_another_model(tree: dict[str, object]) -> None:
    with pytest.raises(WireError) as caught:
        CLAUDE.to_chat(json.dumps(tree).encode(), "qwen3")
    assert "Ann" not in str(caught.value)

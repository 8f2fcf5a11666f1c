"""What takes a text and gives back something else; test_conformance.py drives the rest."""

import pytest

from proxy.adapters.interface import Speaker
from proxy.adapters.openai.inputs import EMBEDDINGS, MEDIA, RERANK, role_of
from proxy.answers.restore import restore_body


@pytest.mark.parametrize("adapter", [EMBEDDINGS, MEDIA, RERANK], ids=lambda adapter: adapter.id)
def test_a_model_that_chats_cannot_stand_in_for_it(adapter):
    assert not isinstance(adapter, Speaker)


def test_what_a_person_gives_is_the_persons():
    assert [role_of({}, path) for path in (("input", 3), ("prompt",), ("documents", 0, "text"), ("user",), ())] == [
        *("user", "user", "user", "other", "other"),
    ]


@pytest.mark.parametrize(
    ("adapter", "body", "want"),
    [
        (
            MEDIA,
            b'{"data":[{"b64_json":"iVBO","revised_prompt":"[P_7K2F9ABC] rides"}]}',
            '"revised_prompt":"张伟 rides"',
        ),
        (RERANK, b'{"results":[{"index":0,"document":{"text":"[P_7K2F9ABC]"}}]}', '"text":"张伟"'),
    ],
    ids=["a picture", "an order"],
)
def test_what_the_answer_says_again_is_restored(adapter, body: bytes, want: str):
    body = body.replace(b"[P_", b"[PERSON_")
    restored, count = restore_body(body, "application/json", adapter.shape, {"[PERSON_7K2F9ABC]": "张伟"}.get)
    assert (count, want in restored.decode()) == (1, True)

"""Which leaves of a request are the interface's own, and who wrote the others."""

import pytest

from proxy.adapters.google.words import CODE_ASSIST, IGNORED, SIGNATURES, both, role_at


def test_every_spelling_of_a_pointer_is_known() -> None:
    assert set(both(["/toolConfig/aB"])) == {"/toolConfig/aB", "/tool_config/aB", "/toolConfig/a_b", "/tool_config/a_b"}
    assert ("contents", 0, "parts", 0, "inline_data", "mimeType") in IGNORED < CODE_ASSIST
    assert "/request/contents/*/parts/*/thought_signature" in SIGNATURES


TREE = {
    "contents": [{"role": "user"}, {"role": "model"}, {}, {"role": "stranger"}, "x"],
    "request": {"contents": {"role": "MODEL"}},
}


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (("contents", 0, "parts", 0, "text"), "user"),
        (("contents", 1, "parts", 0, "text"), "assistant"),
        (("contents", 2, "parts", 0, "text"), "user"),
        (("contents", 3, "parts", 0, "text"), "other"),
        (("contents", 4), "other"),
        (("contents", 0, "parts", 0, "functionResponse", "response", "a"), "tool"),
        (("request", "contents", "parts", "text"), "assistant"),
        (("request", "system_instruction", "parts", 0, "text"), "system"),
        (("labels", "contents"), "other"),
        (("instances", 0, "prompt"), "user"),
        (("tools", 0), "other"),
    ],
)
def test_each_leaf_has_an_author(path: tuple, role: str) -> None:
    assert role_at(TREE, path) == role

"""Who wrote a leaf, as data."""

import pytest

from proxy.adapters.vendors.roles import roles

TREE = {
    "input": {"messages": [{"role": "USER"}, {"role": "bot"}, {"role": 7}, "x"]},
    "talk": [{"from": "BOT"}],
    "chat": "text",
}
TELL = roles({"/input": "user", "/system": "system"}, "/input/messages", "/chat")


@pytest.mark.parametrize(
    ("path", "want"),
    [
        (("input", "messages", 0, "content"), "user"),
        (("input", "messages", 1, "content"), "assistant"),
        (("input", "messages", 2, "content"), "other"),
        (("input", "messages", 3), "other"),
        (("input", "prompt"), "user"),
        (("system",), "system"),
        (("chat",), "other"),
        (("chat", 0, "content"), "other"),
        (("model",), "other"),
    ],
)
def test_lists_say_it_themselves_and_fields_by_their_name(path: tuple, want: str) -> None:
    assert TELL(TREE, path) == want


def test_the_role_may_have_another_key_and_other_names() -> None:
    tell = roles({}, "/talk", key="from", names={"bot": "assistant"})
    assert tell(TREE, ("talk", 0, "text")) == "assistant"

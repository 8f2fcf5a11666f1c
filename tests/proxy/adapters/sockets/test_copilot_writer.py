"""What the two pages of Copilot are told is valid JSON in their own frames, whatever the frame that asked says."""

import json

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.sockets.copilot_writer import ChatWriter, HubWriter
from proxy.framing.message import SEPARATOR, unpack
from proxy.internal.answer import Finished, Started, TextDelta

VALUES = st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.integers())


@given(VALUES, st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=4))
def test_the_pieces_joined_are_the_answer(name, pieces: list[str]) -> None:
    events = [Started("", ""), *map(TextDelta, pieces), Finished("stop")]
    chat, hub = ChatWriter({"conversationId": name}, "a"), HubWriter({"invocationId": name}, "a")
    told = [json.loads(each) for each in unpack(chat.write([*events]) + chat.end())]
    assert "".join(each["text"] for each in told if each["event"] == "appendText") == "".join(pieces)
    assert isinstance(told[0]["conversationId"], str) and told[-1]["event"] == "done"
    packed = unpack(hub.write([*events]) + hub.end())
    assert all(each.endswith(SEPARATOR) and each.count(SEPARATOR) == 1 for each in packed)
    records = [json.loads(each[:-1]) for each in packed]
    arguments = [each["arguments"][0] for each in records if each["type"] == 1]
    assert "".join(each.get("writeAtCursor", "") for each in arguments) == "".join(pieces)
    assert records[-2]["item"]["messages"][0]["text"] == "".join(pieces)
    assert records[-1]["type"] == 3 and isinstance(records[-1]["invocationId"], str)

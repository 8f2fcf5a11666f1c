"""Events never show what they carry."""

import pytest

from proxy.internal.answer import Failed, Finished, ReasoningDelta, TextDelta, ToolDelta


@pytest.mark.parametrize(
    "event",
    [
        TextDelta("张伟 4111"),
        ReasoningDelta("张伟 4111"),
        ToolDelta(0, "张伟 4111"),
        Finished("stop", stop_sequence="张伟 4111"),
        Failed("张伟 4111"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_no_text_shows_in_a_repr(event):
    assert "4111" not in repr(event)
    assert "张伟" not in str(event)

"""Model and stream are found where a format says them."""

import re

import pytest

from proxy.adapters.interface import Asked
from proxy.adapters.openai_chat import refuse
from proxy.adapters.shape import PathShape
from proxy.adapters.vendors.field_adapter import FieldAdapter

NAMED = FieldAdapter("named", PathShape(()), refuse, model_at="/options/name", stream_at={"/mode": frozenset({"live"})})
PLACED = FieldAdapter(
    "placed", PathShape(()), refuse, model_path=re.compile(r"/run/(?P<model>.+)"), stream_path=re.compile(r".*_stream")
)


@pytest.mark.parametrize(
    ("adapter", "path", "body", "want"),
    [
        (NAMED, "/", b'{"options": {"name": "m"}, "mode": "live"}', ("m", True)),
        (NAMED, "/", b'{"options": {"name": 7}, "mode": "dead", "stream": true, "model": "x"}', ("", False)),
        (NAMED, "/", b"{}", ("", False)),
        (PLACED, "/run/a%2Fb_stream", b'{"model": "x"}', ("a/b_stream", True)),
        (PLACED, "/run/m", b'{"stream": true}', ("m", True)),
        (PLACED, "/other", b'{"model": "x"}', ("x", False)),
    ],
)
def test_model_and_stream_are_where_the_format_has_them(adapter, path, body, want) -> None:
    prompt = adapter.at(Asked("POST", path)).read(body, "application/json")
    assert (prompt.model, prompt.stream) == want

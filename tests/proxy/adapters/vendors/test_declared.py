"""What an interface declares to be base64 is read, however short it is."""

import base64
import json

import pytest

from proxy.adapters.prompt import Rules, TreePrompt, read_json
from proxy.adapters.vendors.declared import with_declared


def read(data: str) -> TreePrompt:
    body = json.dumps({"files": [{"bytes": data}], "bytes": data}, ensure_ascii=False).encode()
    return with_declared(read_json(body, Rules()), ["/files/*/bytes"])


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_short_text_is_read_where_it_is_declared_and_nowhere_else() -> None:
    prompt = read(coded("张伟"))
    assert [(part.pointer, part.text) for part in prompt.parts] == [
        ("/files/0/bytes#data", "张伟"),
        ("/bytes", coded("张伟")),
    ]
    again = json.loads(prompt.rewrite(["[P]", "x"]))
    assert again == {"files": [{"bytes": coded("[P]")}], "bytes": "x"}


def test_json_in_it_is_entered() -> None:
    prompt = read(coded('{"name": "Ann", "n": 13800138000}'))
    assert [part.pointer for part in prompt.parts][:2] == ["/files/0/bytes#data#/name", "/files/0/bytes#data#/n"]
    inner = json.loads(base64.b64decode(json.loads(prompt.rewrite(["[P]", "[Q]", "x"]))["files"][0]["bytes"]))
    assert inner == {"name": "[P]", "n": "[Q]"}


def test_bytes_that_nobody_reads_are_named() -> None:
    prompt = read("iVBORw0KGgo=")
    assert prompt.opaque == ("/files/0/bytes",) and [part.pointer for part in prompt.parts] == ["/bytes"]


@pytest.mark.parametrize("data", ["no base64!", "", "张伟"])
def test_what_is_no_base64_is_read_as_it_stands(data: str) -> None:
    assert [part.text for part in read(data).parts] == [data, data] and read(data).opaque == ()

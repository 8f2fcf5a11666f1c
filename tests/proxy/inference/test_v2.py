"""Tensors come back as they were sent, whatever way they travel; an answer of another kind is none."""

from contextlib import suppress
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.inference import v2
from proxy.inference.v2 import LENGTH, Unreadable

SHAPE = (2, 3, 4)
NUMBERS = np.arange(24, dtype=np.float32).reshape(SHAPE)


def told(**changes: Any) -> dict[str, Any]:
    return {"name": "logits", "datatype": "FP32", "shape": [*SHAPE], "data": NUMBERS.ravel().tolist(), **changes}


def plain(output: object) -> bytes:
    return orjson.dumps({"outputs": [output]})


def test_raw_bytes_and_numbers_say_the_same() -> None:
    raw = NUMBERS.astype("<f4").tobytes()
    output = told(parameters={"binary_data_size": len(raw)})
    del output["data"]
    head = plain(output)
    as_bytes = v2.read({LENGTH: str(len(head))}, head + raw, "logits", 2, 3)
    as_json = v2.read({}, plain(told()), "logits", 2, 3)
    assert (as_bytes == NUMBERS).all() and (as_json == NUMBERS).all()
    nested = v2.read({}, plain(told(data=NUMBERS.tolist())), "logits", 2, 3)
    assert (nested == NUMBERS).all()


def test_what_is_asked_holds_every_input_with_its_type() -> None:
    inputs = {"ids": np.array([[1, 2]], np.int64), "mask": np.array([[1, 1]], np.int32)}
    asked = v2.say(inputs, "logits", binary=False)
    said = orjson.loads(asked.body)
    assert [(one["name"], one["shape"], one["datatype"], one["data"]) for one in said["inputs"]] == [
        ("ids", [1, 2], "INT64", [1, 2]),
        ("mask", [1, 2], "INT32", [1, 1]),
    ]
    asked = v2.say(inputs, "logits", binary=True)
    size = int(asked.headers[LENGTH])
    assert asked.body[size:] == inputs["ids"].astype("<i8").tobytes() + inputs["mask"].astype("<i4").tobytes()
    assert orjson.loads(asked.body[:size])["outputs"] == [{"name": "logits", "parameters": {"binary_data": True}}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"outputs": 1}',
        b'{"outputs": [1]}',
        plain(told(name="other")),
        plain(told(shape=[1, 3, 4])),
        plain(told(shape=[2, 3])),
        plain(told(shape=[2, 3, 0])),
        plain(told(shape=[2, 3, True])),
        plain(told(shape="2,3,4")),
        plain(told(datatype="BYTES")),
        plain(told(data=[1.0])),
        plain(told(data=None)),
        plain(told(data=["x"] * 24)),
        plain(told(data=[[1.0], [1.0, 2.0]])),
        plain(told(parameters={"binary_data_size": 96})),
        plain(told(parameters={"binary_data_size": 4})),
    ],
)
def test_another_answer_is_none(body: bytes) -> None:
    with pytest.raises(Unreadable):
        v2.read({}, body, "logits", 2, 3)


@pytest.mark.parametrize("length", ["x", "-1", "9999", "", "²"])
def test_a_length_of_the_head_that_is_none(length: str) -> None:
    with pytest.raises(Unreadable):
        v2.read({LENGTH: length}, plain(told()), "logits", 2, 3)


@given(st.binary(max_size=200), st.none() | st.integers(0, 300).map(str))
def test_any_bytes_are_an_answer_or_unreadable(body: bytes, length: str | None) -> None:
    for read in (v2.read_model, v2.read_server):
        with suppress(Unreadable):
            read(body)
    with pytest.raises(Unreadable):
        v2.read({} if length is None else {LENGTH: length}, body, "logits", 2, 3)


def test_a_server_and_a_model_say_what_they_are() -> None:
    assert v2.read_server(b'{"name": "triton", "extensions": ["binary_tensor_data", 1]}') == {"binary_tensor_data"}
    body = orjson.dumps(
        {
            "inputs": [{"name": "ids", "datatype": "INT64", "shape": [-1, "-1"]}],
            "outputs": [{"name": "logits", "datatype": "FP32", "shape": ["-1", -1, "17"]}],
        }
    )
    assert v2.read_model(body) == v2.Described({"ids": "INT64"}, {"logits": (-1, -1, 17)})

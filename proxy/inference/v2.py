"""The Open Inference Protocol v2 over HTTP, as bytes: what is asked of a model, and what it answers. Pure.

Enters: tensors. Leaves: the same tensors on the other side, or `Unreadable`: an answer of another shape, of another
type, or with too few bytes is none. Tensors go as raw bytes where the server has the extension for that (Triton has),
as JSON numbers elsewhere (MLServer). The numbers spell what people wrote, so they show in no error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson

from detectors.ner.model import Array, Floats, Inputs

TYPES: Final[Mapping[str, str]] = {
    "bool": "BOOL",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "float16": "FP16",
    "float32": "FP32",
}
"""numpy's names of types, and the protocol's."""
NUMPYS: Final[Mapping[str, str]] = {said: name for name, said in TYPES.items()}
BINARY: Final = "binary_tensor_data"
"""The extension by which tensors go as raw bytes."""
LENGTH: Final = "inference-header-content-length"
"""The header field that says how long the JSON before the raw bytes is."""
AXES: Final = 3
"""Of logits: rows, length, tags."""


class Unreadable(Exception):
    """What came is no answer of the protocol; says why in words of ours."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request's head and body."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Described:
    """What a server says of a model."""

    inputs: Mapping[str, str]
    """Types by name."""
    outputs: Mapping[str, tuple[int, ...]]
    """Shapes by name; -1 for what varies."""


def say(inputs: Inputs, output: str, *, binary: bool) -> Asking:
    """Return what asks for one output."""
    tensors: list[dict[str, Any]] = []
    raw: list[bytes] = []
    for name, numbers in inputs.items():
        whole = np.ascontiguousarray(numbers)
        tensor: dict[str, Any] = {"name": name, "shape": list(whole.shape), "datatype": TYPES[whole.dtype.name]}
        if binary:
            raw.append(whole.astype(whole.dtype.newbyteorder("<"), copy=False).tobytes())
            tensor["parameters"] = {"binary_data_size": len(raw[-1])}
        else:
            tensor["data"] = whole.ravel().tolist()
        tensors.append(tensor)
    wanted: dict[str, Any] = {"name": output}
    if binary:
        wanted["parameters"] = {"binary_data": True}
    head = orjson.dumps({"inputs": tensors, "outputs": [wanted]})
    if not binary:
        return Asking({"content-type": "application/json"}, head)
    return Asking({"content-type": "application/octet-stream", LENGTH: str(len(head))}, b"".join((head, *raw)))


def read(headers: Mapping[str, str], body: bytes, output: str, rows: int, length: int) -> Floats:
    """Return the logits in an answer, [rows, length, tags]; raises `Unreadable`."""
    told = headers.get(LENGTH)
    if told is not None and not (told.isascii() and told.isdecimal() and int(told) <= len(body)):
        raise Unreadable("the length of its head is none")
    size = len(body) if told is None else int(told)
    for tensor in objects(table(body[:size]).get("outputs")):
        if tensor.get("name") == output:
            return logits(tensor, body[size:], rows, length)
    raise Unreadable("it has no such output")


def logits(tensor: Mapping[str, Any], raw: bytes, rows: int, length: int) -> Floats:
    """Return the numbers of one output; raises `Unreadable`."""
    shape, parameters = tensor.get("shape"), tensor.get("parameters")
    if not isinstance(shape, list) or any(type(one) is not int or one < 1 for one in shape) or len(shape) != AXES:
        raise Unreadable("its shape is none of logits")
    if shape[:2] != [rows, length] or tensor.get("datatype") not in ("FP32", "FP16"):
        raise Unreadable("its shape or type is not what was asked for")
    kind = np.dtype("<f4" if tensor["datatype"] == "FP32" else "<f2")
    many = shape[0] * shape[1] * shape[2]
    if isinstance(parameters, dict) and "binary_data_size" in parameters:
        if parameters["binary_data_size"] != many * kind.itemsize or len(raw) != many * kind.itemsize:
            raise Unreadable("it has too few bytes, or too many")
        numbers: Array = np.frombuffer(raw, kind)
    else:
        try:
            numbers = np.array(tensor.get("data"), np.float32).ravel()  # some servers nest it
        except (ValueError, TypeError, OverflowError):
            raise Unreadable("its numbers are none") from None
        if numbers.size != many:
            raise Unreadable("it has too few numbers, or too many")
    return numbers.reshape(shape).astype(np.float32, copy=False)


def read_server(body: bytes) -> frozenset[str]:
    """Return the extensions of a server; raises `Unreadable`."""
    extensions = table(body).get("extensions", [])
    return frozenset(one for one in extensions if isinstance(one, str)) if isinstance(extensions, list) else frozenset()


def read_model(body: bytes) -> Described:
    """Return what a server says of a model; raises `Unreadable`."""
    told = table(body)
    inputs = {str(one.get("name")): str(one.get("datatype")) for one in objects(told.get("inputs"))}
    outputs = {str(one.get("name")): shape_in(one.get("shape")) for one in objects(told.get("outputs"))}
    return Described(inputs, outputs)


def shape_in(shape: object) -> tuple[int, ...]:
    """Return a shape; raises `Unreadable`."""
    if not isinstance(shape, list):
        raise Unreadable("a shape is missing")
    try:
        return tuple(int(one) for one in shape)  # Triton says whole numbers as strings in places
    except (ValueError, TypeError):
        raise Unreadable("a shape is none") from None


def table(body: bytes) -> Mapping[str, Any]:
    """Return a JSON object; raises `Unreadable`."""
    try:
        told = orjson.loads(body)
    except ValueError:
        raise Unreadable("it is no JSON") from None
    if not isinstance(told, dict):
        raise Unreadable("it is no object")
    return told


def objects(value: object) -> list[dict[str, Any]]:
    """Return a list of objects; raises `Unreadable`."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Unreadable("a list of objects is missing")
    return value

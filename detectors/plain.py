"""Frozen values as plain JSON and back: texts, numbers, flags, tuples, and data classes of those.

Enters: a value, or JSON and the type that it must have. Leaves: the one from the other. JSON of any other form is
`Unfit`; nothing is converted, guessed or left out.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAliasType, Union, get_args, get_origin, get_type_hints


class Unfit(Exception):
    """The JSON is not of the type."""


type Reader = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """Return a value as JSON: tuples and data classes become lists."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if is_dataclass(value):
        return [plain(getattr(value, one.name)) for one in fields(value)]
    return value


@cache
def reader_of(kind: Any) -> Reader:
    """Return what makes a value of a type from JSON, or raises `Unfit`."""
    if isinstance(kind, TypeAliasType):
        return reader_of(kind.__value__)
    if kind in (str, int, float, bool, NoneType):
        return _exactly(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return _record(kind, tuple(reader_of(hints[one.name]) for one in fields(kind)))
    origin, parts = get_origin(kind), get_args(kind)
    if origin is tuple and len(parts) == 2 and parts[1] is ...:
        return _row(reader_of(parts[0]))
    if origin is tuple:
        return _record(lambda *values: values, tuple(map(reader_of, parts)))
    if origin in (UnionType, Union):
        return _one_of(tuple(map(reader_of, parts)))
    raise TypeError(f"{kind} has no plain form")


def _exactly(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise Unfit
        return value

    return read


def _row(one: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise Unfit
        return tuple(map(one, value))

    return read


def _record(make: Callable[..., Any], parts: tuple[Reader, ...]) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not list or len(value) != len(parts):
            raise Unfit
        return make(*(part(one) for part, one in zip(parts, value, strict=True)))

    return read


def _one_of(ways: tuple[Reader, ...]) -> Reader:
    def read(value: Any) -> Any:
        for way in ways:
            try:
                return way(value)
            except Unfit:
                continue
        raise Unfit

    return read

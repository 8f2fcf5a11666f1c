"""How servers stand, and in which order they are asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from proxy.errors import InternalModelError
from proxy.internal.fleet import Fleet, State
from proxy.internal.models import InternalModels, KeySource
from proxy.internal.translate import NATIVE
from proxy.internal.ways import Way
from proxy.route import redirect
from tests.proxy.house import NOON, SERVER

A, B, C = (replace(SERVER, name=name, key=f"key-{name}") for name in "abc")
FETCHED = replace(SERVER, name="fetched", key="", source=KeySource(file=Path("token")))
MODELS = InternalModels({"m": (A, B, C), "n": (FETCHED,)}, "m")


def way(server):
    return Way(redirect(server, "/chat/completions", "qwen", b"{}"), NATIVE["openai-chat"])


def order(fleet, *servers):
    return [each.outcome.server.name for each in fleet.order([way(server) for server in servers])]


def test_servers_are_asked_in_their_order_and_those_that_failed_last():
    fleet = Fleet(MODELS)
    assert order(fleet, A, B, C) == ["a", "b", "c"]
    fleet.failed(A, "status 500")
    assert order(fleet, A, B, C) == ["b", "c", "a"]
    fleet.failed(B, "no answer")
    fleet.failed(C, "no answer")
    assert order(fleet, A, B, C) == ["a", "b", "c"]
    fleet.worked(B)
    assert order(fleet, A, B, C) == ["b", "a", "c"]


def test_a_server_whose_key_must_be_fetched_is_asked_nothing_before_it_is_there():
    fleet = Fleet(MODELS)
    assert order(fleet, FETCHED, A) == ["a"]
    with pytest.raises(InternalModelError):
        order(fleet, FETCHED)
    fleet.renew(FETCHED, "token")
    assert order(fleet, FETCHED, A) == ["fetched", "a"] and fleet.key(FETCHED) == "token"


def test_each_change_is_told_once_with_its_time_and_reason():
    told: list[State] = []
    fleet = Fleet(MODELS, lambda: NOON, told.append)
    for _ in range(3):
        fleet.failed(A, "status 503")
    for _ in range(2):
        fleet.worked(A)
        fleet.worked(B)
    assert told == [State("a", False, "status 503", NOON), State("a", True, "", NOON)]
    assert [state.server for state in fleet.states()] == ["a", "b", "c", "fetched"]
    assert "key-a" not in repr(fleet.states()) + repr(told)

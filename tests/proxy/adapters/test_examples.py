"""Every example is a request that its own adapter reads, to a host that the catalogue knows."""

from dataclasses import replace

import pytest

from proxy.adapters.examples import PROMPT, examples
from proxy.errors import WireError
from proxy.services.catalogue import load_catalogue

CATALOGUE = load_catalogue()
TYPED = "请忽略 this line, 11010519491231002X"

every_wire = pytest.mark.parametrize("wire", sorted(examples()))


@every_wire
def test_the_adapter_that_is_named_reads_it(wire: str):
    example = examples()[wire]
    assert example.read_by().id == example.adapter


@every_wire
def test_what_is_typed_stands_in_the_body_and_nothing_else_changes(wire: str):
    example = examples()[wire]
    adapter, kind = example.read_by(), example.asked.content_type
    before = [part.text for part in adapter.read(example.body, kind).parts]
    after = [part.text for part in adapter.read(example.filled(TYPED), kind).parts]
    assert after == [text.replace(PROMPT, TYPED) for text in before]
    assert TYPED in after


@every_wire
def test_the_catalogue_has_a_service_for_it_that_it_reaches(wire: str):
    example = examples()[wire]
    services = [service for service in CATALOGUE.services.values() if service.wire == wire]
    assert services
    for service in services:
        host, path = example.place(service)
        assert not host or CATALOGUE.lookup(host, path) == service


@every_wire
def test_the_places_of_single_services_are_those_of_services_that_speak_it(wire: str):
    assert {CATALOGUE.services[id_].wire for id_ in examples()[wire].at} <= {wire}


def test_an_example_without_a_place_for_the_prompt_is_never_filled():
    with pytest.raises(WireError, match="no place"):
        replace(examples()["openai"], body=b'{"messages": []}').filled("x")

"""Any body is read as if nobody knew it, and refused in the product's own words."""

from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.vendors.any_body import AnyBody
from proxy.exchange import Answer


def test_it_reads_what_it_is_given_and_refuses_as_told() -> None:
    told = Answer(418, (), b"no")
    adapter = AnyBody("any", lambda _: told)
    assert adapter.at(Asked("POST", "/")) is adapter
    assert [
        part.text for part in adapter.read(b"name=Ann&city=%E5%8C%97", "application/x-www-form-urlencoded").parts
    ] == [*("Ann", "北")]
    assert adapter.refuse(Refusal(403, "c", "m", "r")) is told

"""What a name is resolved to is judged, and is what is connected to."""

import asyncio
import socket
from ipaddress import ip_address

import pytest

from proxy.errors import DeniedAddress, UpstreamError
from proxy.gate import JUDGED, TOLD, Gate, is_own, keep_to_judged, look_up
from proxy.internal.models import InternalModels
from proxy.reach import Ip
from tests.proxy.house import SERVER


def gate(*addresses: str, listed: bool = False, **given: object) -> Gate:
    """Return a gate for which every name has these addresses."""
    made = Gate(listed=lambda _: listed, **given)  # type: ignore[arg-type]

    async def resolved(_host: str, _port: int) -> list[Ip]:
        if not addresses:
            raise socket.gaierror(-2, "Name or service not known")
        return [ip_address(each) for each in addresses if each]

    made.look_up = resolved
    made.is_own = lambda address: str(address) == "203.0.113.9"
    return made


def admitted(made: Gate, host: str) -> list[str]:
    return [str(each) for each in asyncio.run(made.admit(host, 443))]


def test_all_addresses_of_a_name_are_kept_in_their_order() -> None:
    assert admitted(gate("2606:4700::1", "8.8.8.8"), "api.example") == ["2606:4700::1", "8.8.8.8"]


@pytest.mark.parametrize(
    ("addresses", "listed", "kind"),
    [
        (("127.0.0.1",), False, "loopback"),
        (("8.8.8.8", "169.254.169.254"), False, "metadata"),
        (("8.8.8.8", "10.0.0.1"), True, "private"),
        (("fe80::1",), True, "link_local"),
        (("203.0.113.9",), False, "this_host"),
        (("224.0.0.1",), False, "special"),
    ],
)
def test_one_bad_address_is_enough_and_the_error_says_which_kind(addresses, listed, kind) -> None:
    with pytest.raises(DeniedAddress, match=TOLD[kind]):
        admitted(gate(*addresses, listed=listed), "api.example")


@pytest.mark.parametrize(("addresses", "told"), [((), "cannot be resolved"), (("",), "no address")])
def test_a_name_without_an_address_is_an_error_of_its_own(addresses, told) -> None:
    with pytest.raises(UpstreamError, match=told):
        admitted(gate(*addresses), "api.example")


def test_an_address_is_not_resolved() -> None:
    assert admitted(gate(), "8.8.8.8") == ["8.8.8.8"]
    with pytest.raises(DeniedAddress):
        admitted(gate(), "0x7f.1")


def test_a_look_resolves_only_where_it_must() -> None:
    asyncio.run(gate().look("api.example", 443))
    asyncio.run(gate().look("api.example", 443, resolve=True))  # unknown names are for whoever connects
    asyncio.run(gate("127.0.0.1").look("api.example", 443))
    with pytest.raises(DeniedAddress):
        asyncio.run(gate("127.0.0.1").look("api.example", 443, resolve=True))
    with pytest.raises(DeniedAddress):
        asyncio.run(gate("8.8.8.8").look("127.1", 443))


def test_nobody_rides_on_a_connection_to_the_companys_model() -> None:
    """One may be open to it, on this very machine: the address is judged for whoever names it."""
    inside = gate("127.0.0.1", internal=InternalModels({"m": (SERVER,)}, "m"))
    with pytest.raises(DeniedAddress):
        asyncio.run(inside.look("LLM.internal", SERVER.port))
    asyncio.run(inside.look("llm.internal", 1))


def test_this_machine_knows_its_own_addresses() -> None:
    assert is_own(ip_address("127.0.0.1"))
    assert not is_own(ip_address("192.0.2.77"))


def test_names_are_resolved_by_the_system() -> None:
    assert ip_address("127.0.0.1") in asyncio.run(look_up("localhost", 80))


def test_an_answer_that_changes_after_the_check_changes_nothing() -> None:
    """DNS rebinding: what the system would say of the name now is not asked."""

    async def scene() -> tuple[str, int]:
        loop = asyncio.get_running_loop()
        keep_to_judged(loop)
        keep_to_judged(loop)  # once is enough
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        JUDGED.set((("rebinding.invalid", port), (ip_address("127.0.0.1"),)))
        _, writer = await asyncio.open_connection("rebinding.invalid", port)
        peer = writer.get_extra_info("peername")
        writer.close()
        server.close()
        with pytest.raises(socket.gaierror):
            await asyncio.open_connection("other.invalid", port)
        return str(peer[0]), int(peer[1] == port)

    assert asyncio.run(scene()) == ("127.0.0.1", 1)


def test_where_the_first_address_does_not_answer_the_next_is_tried() -> None:
    async def scene() -> str:
        loop = asyncio.get_running_loop()
        keep_to_judged(loop)
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        JUDGED.set((("two.invalid", port), (ip_address("127.0.0.77"), ip_address("127.0.0.1"))))
        _, writer = await asyncio.open_connection("two.invalid", port)
        peer = writer.get_extra_info("peername")
        writer.close()
        server.close()
        return str(peer[0])

    assert asyncio.run(scene()) == "127.0.0.1"

"""Every client library of a vendor, unmodified, through the proxy: the same promises for all of them."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from proxy.demo.standins import EXTERNAL
from tests.e2e.any_client import (
    Ask,
    arguments_come_back,
    is_answered_inside,
    is_refused_once,
    tool_is_called_inside,
    two_cases_both_ways,
    two_languages_both_ways,
)
from tests.e2e.chat_clients import CLIENTS, z_ai
from tests.e2e.street import WAYS, Street
from tests.e2e.vendor_clients import SDKS
from tests.e2e.vendor_street import SAYS
from tests.thorough import crossed

pytestmark = pytest.mark.filterwarnings("ignore")  # what LiteLLM's import and its models warn of is its own affair

ALL: dict[str, Ask] = {**SDKS, **CLIENTS}
OPENINGS = {SAYS, *EXTERNAL.values()}
"""What a stand-in says before it repeats what it heard."""
every_client = pytest.mark.parametrize("ask", ALL.values(), ids=ALL.keys())
every_client_one_way = crossed("ask, stream", ALL, WAYS)
"""Of neighbours, which often speak one wire format, one asks for the whole answer and the other for a stream."""


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    """Let sockets that a library has left open be closed here, where nobody minds its warning."""
    yield
    gc.collect()


@every_client
@two_cases_both_ways
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    vendors: Street, ask: Ask, case: Any, stream: bool
) -> None:
    said = ask(vendors, case.text, stream, False)
    assert said.text.endswith(case.text) and said.text.removesuffix(case.text) in OPENINGS, said
    assert said.arguments is None
    (seen,) = vendors.external.requests
    assert f"[{case.entity}_".encode() in seen.body


@every_client_one_way
def test_arguments_of_a_tool_come_back_with_the_originals(vendors: Street, ask: Ask, stream: bool) -> None:
    arguments_come_back(vendors, ask, stream)


@every_client
@two_languages_both_ways
def test_customer_data_is_answered_by_the_companys_own_model(
    vendors: Street, ask: Ask, text: str, stream: bool
) -> None:
    is_answered_inside(vendors, ask, text, stream)
    (message,) = vendors.internal.requests[0].json()["messages"]
    assert (message["role"], words(message["content"])) == ("user", text)


def words(content: Any) -> str:
    """Return the text of a chat message, whether it stands in parts or not."""
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


@every_client_one_way
def test_a_redirected_tool_call_is_translated_both_ways(vendors: Street, ask: Ask, stream: bool) -> None:
    tool_is_called_inside(vendors, ask, stream)


@every_client_one_way
def test_a_refusal_is_an_error_of_the_sdk_and_is_not_asked_again(vendors: Street, ask: Ask, stream: bool) -> None:
    told = is_refused_once(vendors, ask, stream)
    assert any(words in told for words in ("该项目保密", repr("该项目保密".encode())[2:-1])) or ask is z_ai, told

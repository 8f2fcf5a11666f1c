"""What a page lets slip beside its main call, on services that are allowed: nothing confidential leaves in it.

Each row is a request as a browser or a page's script makes it, with a planted value in it. It arrives with a
placeholder in the value's place, or is refused; what policy forbids does not arrive at all.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest

from tests.e2e.any_client import CARD, CROW, FALCON, IDENTITY
from tests.e2e.street import Street

OPENED = {
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "accept": "text/html,application/xhtml+xml",
    "accept-language": "en",
}
SCRIPT = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"}
BEACON = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty", "content-type": "text/plain;charset=UTF-8"}
CHATGPT, CLAUDE, PERPLEXITY = "https://chatgpt.com", "https://claude.ai", "https://www.perplexity.ai"

type Asks = Callable[[httpx.Client, str], httpx.Response]


def link(address: str, spelt: Callable[[str], str] = quote) -> Asks:
    return lambda client, text: client.get(address.replace("Q", spelt(text)), headers=OPENED)


def told(address: str, body: Callable[[str], Any], headers: dict[str, str] | None = None) -> Asks:
    return lambda client, text: client.post(address, json=body(text), headers=headers or SCRIPT)


DEEP_LINKS: dict[str, Asks] = {
    "a deep link to ChatGPT": link(f"{CHATGPT}/?q=Q"),
    "a deep link to ChatGPT, with pluses": link(f"{CHATGPT}/?hints=search&q=Q", quote_plus),
    "a deep link to a temporary chat of ChatGPT": link(f"{CHATGPT}/?temporary-chat=true&prompt=Q"),
    "a deep link to Claude": link(f"{CLAUDE}/new?q=Q"),
    "a deep link to Perplexity": link(f"{PERPLEXITY}/search?q=Q"),
    "a deep link to Perplexity, its newer path": link(f"{PERPLEXITY}/search/new?q=Q&copilot=true", quote_plus),
}
BESIDE: dict[str, Asks] = {
    "telemetry of ChatGPT": told(f"{CHATGPT}/ces/v1/t", lambda text: {"event": "typed", "properties": {"text": text}}),
    "telemetry of ChatGPT, as a beacon": told(f"{CHATGPT}/ces/v1/m", lambda text: {"series": [{"note": text}]}, BEACON),
    "telemetry of Claude": told(f"{CLAUDE}/api/event_logging/batch", lambda text: {"events": [{"data": text}]}),
    "telemetry of Perplexity": told(f"{PERPLEXITY}/rest/event/analytics", lambda text: {"event_data": {"query": text}}),
    "a share link of ChatGPT": told(
        f"{CHATGPT}/backend-api/share/create", lambda text: {"conversation_id": "c-1", "title": text}
    ),
    "a share link of Claude": told(
        f"{CLAUDE}/api/organizations/o/chat_conversations/c/share", lambda text: {"chat_snapshot_name": text}
    ),
    "a share link of Perplexity": told(f"{PERPLEXITY}/rest/thread/share", lambda text: {"title": text, "access": 2}),
    "a title of ChatGPT": told(f"{CHATGPT}/backend-api/conversation/init", lambda text: {"title": text}),
    "a draft of ChatGPT": told(f"{CHATGPT}/backend-api/autocompletions", lambda text: {"input_text": text}),
    "completion while typing at Perplexity": told(f"{PERPLEXITY}/rest/autosuggest/list", lambda text: {"query": text}),
}
every = pytest.mark.parametrize("asks", [*DEEP_LINKS.values(), *BESIDE.values()], ids=[*DEEP_LINKS, *BESIDE])


@every
def test_planted_values_leave_as_placeholders_or_not_at_all(vendor_street: Street, asks: Asks) -> None:
    answer = asks(vendor_street.kept(), f"{CARD.text} {IDENTITY.text}")
    came = [seen.path + seen.body.decode() for seen in vendor_street.external.requests]
    assert vendor_street.leaks(vendor_street.external.everything()) == []
    if came:
        assert CARD.entity in came[0] and IDENTITY.entity in came[0] and answer.status_code == 200
    else:
        assert answer.status_code in (204, 400, 403)
    vendor_street.expect_no_leak()


@every
def test_what_must_not_leave_does_not_slip_out_beside_the_main_call(vendor_street: Street, asks: Asks) -> None:
    for text in (CROW, FALCON[1]):  # forbidden; for the company's own model alone
        answer = asks(vendor_street.kept(), text)
        assert vendor_street.external.requests == [] and answer.status_code in (204, 400, 403)
        assert vendor_street.last_record()["outcome"] == "refused"


@pytest.mark.parametrize("asks", DEEP_LINKS.values(), ids=DEEP_LINKS.keys())
def test_a_deep_link_that_is_refused_is_a_page_that_a_person_can_read(vendor_street: Street, asks: Asks) -> None:
    answer = asks(vendor_street.kept(), CROW)
    assert answer.headers["content-type"].startswith("text/html") and "This project is secret" in answer.text
    assert "Crow" not in answer.text

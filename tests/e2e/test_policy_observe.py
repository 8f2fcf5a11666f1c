"""A rule that is only observed changes no byte on the wire, and is told of in the record."""

from pathlib import Path

import httpx
import pytest

from tests.e2e.street import CHAT, Street, load_planted, open_street

CARD = next(each for each in load_planted() if each.name == "card with spaces")
PHONE = next(each for each in load_planted() if each.language == "zh" and each.entity == "PHONE_NUMBER")

PLAIN = """policy: 观察 / Observing
version: 1
otherwise: forbid
data_classes:
  个人信息: {entities: [CREDIT_CARD, PHONE_NUMBER]}
rules:
  - id: all-use
    verdict: allowed
    when: {service: any}
"""
OBSERVED = """  - id: no-personal-data
    mode: observe
    verdict: forbidden
    when: {service: any, data: 个人信息}
    reason: {zh: 不得外传, en: It stays inside}
    instead: {zh: 请删去, en: Take it out}
  - id: taken-out
    mode: observe
    verdict: allowed
    when: {service: any}
    redact: 个人信息
    label: {zh: 标注, en: Label}
    unreadable: refuse
"""

REQUESTS = {
    "with a card": (CHAT, b'{ "model":"gpt-4o",  "messages":[{"role":"user","content":"%s"}], "x":1.50 }'
                    % CARD.text.encode(), "application/json"),
    "streamed": (CHAT, b'{"stream":true,"messages":[{"role":"user","content":"%s"}]}' % PHONE.text.encode(),
                 "application/json"),
    "in a query": (f"{CHAT}?note=4111+1111+1111+1111&x=%7e", b'{"messages":[]}', "application/json"),
    "with a picture": (CHAT, b'{"messages":[{"role":"user","content":[{"type":"image_url","image_url":'
                       b'{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"}}]}]}',
                       "application/json"),
    "in a format nobody knows": ("https://chatgpt.com/backend-api/x", b'{"a": ["%s"]}' % CARD.value.encode(),
                                 "application/json"),
    "nothing found": (CHAT, b'{"messages":[{"role":"user","content":"hello \\u4f60"}]}', "application/json"),
}  # fmt: skip


def heads(street: Street) -> list[object]:
    return [(seen.method, seen.host, seen.path, seen.headers, seen.body) for seen in street.external.requests]


def send(street: Street) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    answers = {}
    for name, (url, body, kind) in REQUESTS.items():
        answer: httpx.Response = street.post(url, content=body, headers={"content-type": kind})
        headers = [(key, value) for key, value in answer.headers.multi_items() if key != "date"]
        answers[name] = (answer.status_code, headers, answer.content)
    return answers


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory):
    """What was sent and answered without the observed rules and with them, and the records of the latter."""
    seen = []
    for policy in (PLAIN, PLAIN + OBSERVED):
        folder: Path = tmp_path_factory.mktemp("observe")
        with open_street(folder, policy) as street:
            answers = send(street)
            seen.append((answers, heads(street), street.request_records()))
    return seen


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_the_same_to_the_last_byte(both, name: str) -> None:
    (without, _, _), (observed, _, _) = both
    assert without[name] == observed[name] and without[name][0] == 200


def test_what_leaves_is_the_same_to_the_last_byte_and_is_what_the_client_sent(both) -> None:
    (_, without, _), (_, observed, _) = both
    assert without == observed and len(observed) == len(REQUESTS)
    assert [seen[4] for seen in observed] == [body for _, body, _ in REQUESTS.values()]


def test_the_record_says_which_rules_would_have_changed_what(both) -> None:
    _, (_, _, records) = both
    told = {name: (line["observed"], line["would"]) for name, line in zip(REQUESTS, records, strict=True)}
    assert told["with a card"] == (["no-personal-data", "taken-out"], "forbidden")
    assert told["streamed"][1] == told["in a query"][1] == "forbidden"
    assert "no-personal-data" not in told["nothing found"][0] and told["nothing found"][1] != "forbidden"
    assert {line["outcome"] for line in records} == {"forwarded"}
    assert {line["verdict"] for line in records} == {"allowed"}

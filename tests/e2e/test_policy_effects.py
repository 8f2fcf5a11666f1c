"""What rules demand besides their verdict, seen on the wire by real clients: treatments, labels, notices, quotas."""

import asyncio
import re
import ssl
from collections import Counter
from collections.abc import Iterator

import httpx
import orjson
import pyrage
import pytest

from proxy.demo.process import Employee
from tests.e2e.street import OUTSIDE_HOST, Street, completion, content_of, load_planted, open_street, run_here

OPENAI, ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com"
GROQ, DEEPSEEK = "https://api.groq.com/openai/v1", "https://api.deepseek.com/v1"
LABEL = "\n\n本内容由AI生成\nAI-generated"
AUDITOR = pyrage.x25519.Identity.generate()
API = "http://sluice.internal/api"
TOOL = {"type": "function", "function": {"name": "note", "parameters": {"type": "object", "properties": {"text": {}}}}}
KEY = next(each for each in load_planted() if each.entity == "API_KEY")


@pytest.fixture(scope="module")
def effects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A street of its own, with a policy of effects."""
    settings = {"inspect": [OUTSIDE_HOST], "auditor_keys": [str(AUDITOR.to_public())]}
    with open_street(tmp_path_factory.mktemp("effects"), "effects.yaml", **settings) as street:
        yield street
        street.expect_silence()


@pytest.fixture
def street(effects: Street) -> Iterator[Street]:
    """The same with an empty record."""
    effects.reset()
    yield effects


def ask(employee: Employee, sdk: str, text: str, **body) -> dict:
    return employee.ask(
        {"sdk": sdk, "base_url": {"openai": OPENAI, "anthropic": ANTHROPIC}[sdk], "prompt": text, "body": body}
    )


def said(sdk: str, answer: dict) -> str:
    done = answer["done"]
    return done["choices"][0]["message"]["content"] if sdk == "openai" else done["content"][-1]["text"]


# -- treatments --------------------------------------------------------------------------------------------------------


def test_each_value_leaves_as_its_class_asks_and_only_placeholders_come_back(street: Street) -> None:
    phone, mail, card = "13912345678", "mary.wang@northwind-traders.com", "4111 1111 1111 1111"
    identity = "11010519491231002X"
    text = f"联系 {phone} 或 {mail}，证件 {identity}，卡号 {card}。"
    answer = street.post(f"{OPENAI}/chat/completions", json=completion(text))
    left = street.external.requests[0].json()["messages"][0]["content"]
    assert re.fullmatch(r"联系 139\*{4}5678 或 ，证件 \[居民身份证号\]，卡号 \[CREDIT_CARD_[0-9A-Z]{8}\]。", left)
    assert f"联系 139****5678 或 ，证件 [居民身份证号]，卡号 {card}。" in content_of(answer)
    record = street.last_record()
    assert record["redacted"] == {"CN_ID_CARD": 1, "CREDIT_CARD": 1, "EMAIL_ADDRESS": 1, "PHONE_NUMBER": 1}
    assert (record["values"]["PHONE_NUMBER"], record["characters"] > 20) == (1, True)
    everything = street.external.everything()
    assert not [value for value in (phone, mail, identity, card) if value.encode() in everything]


def test_a_message_that_is_withheld_goes_nowhere(street: Street) -> None:
    refused = street.post(f"{OPENAI}/chat/completions", json=completion(KEY.text))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked_by_policy")
    assert street.external.requests == [] and street.last_record()["deciding"] == "keys-are-withheld"


# -- copies for the auditor --------------------------------------------------------------------------------------------


def test_of_what_a_rule_seals_only_the_auditor_reads_what_was_sent(street: Street, tmp_path) -> None:
    phone = "13912345678"
    assert street.post(f"{OPENAI}/chat/completions", json=completion(f"联系 {phone}")).status_code == 200
    record = street.last_record()
    assert (record["detail"], len(record["sealed"])) == ("sealed", 64)
    identity = tmp_path / "auditor.key"
    identity.write_text(str(AUDITOR))
    opened = run_here(
        *("audit", "open", record["id"], "--identity", str(identity), "--config", str(street.proxy.config), "--raw"),
        secrets=street.proxy.secrets,
    )
    assert orjson.loads(opened.stdout) == completion(f"联系 {phone}"), opened.stderr
    kept = [path.read_bytes() for path in (street.proxy.folder / "state").rglob("*") if path.is_file()]
    assert not any(phone.encode() in each for each in kept)


# -- labels ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
@pytest.mark.parametrize("text", ["推荐一部电影", "Recommend a film"], ids=["zh", "en"])
def test_an_answer_ends_with_its_label(street: Street, sdk: str, text: str, stream: bool) -> None:
    before = len(street.records())
    got = said(sdk, ask(street.employee, sdk, text, stream=stream))
    assert got.endswith(text + LABEL) and got.count("AI生成") == 1
    if stream:
        assert "".join(street.employee.pieces) == got
    assert street.answers(1, before, labelled=True)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_tool_call_and_an_answer_in_json_stay_as_they_are(street: Street, stream: bool) -> None:
    called = ask(street.employee, "openai", "write", tools=[TOOL], stream=stream)["done"]["choices"][0]
    assert called["finish_reason"] == "tool_calls" and not called["message"]["content"]
    assert orjson.loads(called["message"]["tool_calls"][0]["function"]["arguments"]) == {"text": "write"}
    form = {"type": "json_object"}
    answer = ask(street.employee, "openai", '{"a": 1}', response_format=form, stream=stream)
    assert said("openai", answer).endswith('{"a": 1}')


# -- notices -----------------------------------------------------------------------------------------------------------


def test_a_notice_is_read_confirmed_and_then_the_sdk_is_served(street: Street) -> None:
    asked = {"sdk": "openai", "base_url": GROQ, "prompt": "hello"}
    refused = street.employee.ask(asked)
    assert (refused["error"]["class"], refused["error"]["code"]) == (
        "PermissionDeniedError",
        "acknowledgement_required",
    )
    message = refused["error"]["message"]
    assert "免费版可能使用您的输入训练模型。" in message and "Free tiers may train on what you type." in message
    assert (refused["attempts"], street.external.requests) == (1, [])
    [link] = set(re.findall(r"http://sluice\.internal/\S+", message))
    with street.client() as client:
        page = client.get(link)
        assert page.status_code == 200 and "curl" in page.text and "free-tier" in page.text
        foreign = client.post(f"{API}/acknowledgements", json={"notice": "free-tier"})
        assert foreign.status_code == 403
        done = client.post(f"{API}/acknowledgements", json={"notice": "free-tier"}, headers={"x-sluice": "1"})
    assert done.status_code == 200, done.text
    assert said("openai", street.employee.ask(asked)).endswith("hello")
    assert street.last_record()["acknowledged"] == ["free-tier"]
    assert [seen.host for seen in street.external.requests] == ["api.groq.com"]


# -- quotas ------------------------------------------------------------------------------------------------------------


def test_of_twenty_requests_at_once_exactly_seven_go_out(street: Street) -> None:
    answers = asyncio.run(at_once(street, 20))
    assert Counter(answer.status_code for answer in answers) == {200: 7, 403: 13}
    assert len(street.external.requests) == 7
    refused = [answer.json()["error"]["message"] for answer in answers if answer.status_code == 403]
    assert all("7" in message or "更多" in message or "more" in message for message in refused)
    again = street.post(f"{DEEPSEEK}/chat/completions", json=completion("one more"))
    assert (again.status_code, street.last_record()["deciding"]) == (403, "seven-a-day")
    assert re.search(r"seven-a-day|Seven a day|每日七次", again.json()["error"]["message"])
    assert len(street.external.requests) == 7


async def at_once(street: Street, count: int) -> list[httpx.Response]:
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    async with httpx.AsyncClient(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=100) as client:
        url = f"{DEEPSEEK}/chat/completions"
        return await asyncio.gather(*(client.post(url, json=completion(f"n{number}")) for number in range(count)))


# -- outside the catalogue ---------------------------------------------------------------------------------------------


def test_ai_that_nobody_listed_is_found_on_hosts_that_are_looked_into(street: Street) -> None:
    refused = street.post(f"https://{OUTSIDE_HOST}/v1/chat/completions", json=completion("hello"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked_by_policy")
    record = street.last_record()
    assert (record["service"], record["tags"], record["deciding"]) == (
        "unlisted",
        ["unlisted"],
        "unlisted-is-forbidden",
    )
    count = len(street.request_records())
    assert street.post(f"https://{OUTSIDE_HOST}/orders", json={"x": 1}).status_code == 200
    assert len(street.request_records()) == count and len(street.external.requests) == 1

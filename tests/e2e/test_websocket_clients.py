"""Real clients of WebSockets through the real proxy: vendors' own libraries, a hub of SignalR."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import dashscope
import openai
import pytest
from dashscope.audio.tts_v2 import SpeechSynthesizer
from google import genai

from tests.e2e.sockets import PATIENCE, Sockets, open_sockets
from tests.e2e.street import load_planted
from tests.proxy.cli.invoke import sluice

PLANTED = load_planted()
CARD = next(each for each in PLANTED if each.name == "card with spaces")
IDENTITY = next(each for each in PLANTED if each.name == "resident identity number")
CUSTOMER = "请总结华星科技的合同"
"""What must go to the company's own model."""

both = pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)


@pytest.fixture(scope="module")
def module_sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    """One running street for the tests of this module."""
    with open_sockets(tmp_path_factory.mktemp("sockets")) as sockets:
        yield sockets


@pytest.fixture
def sockets(module_sockets: Sockets, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sockets]:
    """The street with an empty record, checked for leaks when the test is over; it is the way out of this process."""
    module_sockets.standin.reset()
    module_sockets.street.internal.reset()
    for name, value in {
        "HTTPS_PROXY": module_sockets.street.proxy.url,
        "https_proxy": module_sockets.street.proxy.url,
        "SSL_CERT_FILE": str(module_sockets.street.proxy.ca),
        "WEBSOCKET_CLIENT_CA_BUNDLE": str(module_sockets.street.proxy.ca),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(dashscope, "api_key", "none")
    yield module_sockets
    module_sockets.expect_no_leak()


def gpt(sockets: Sockets) -> tuple[openai.OpenAI, dict[str, Any]]:
    client = openai.OpenAI(api_key="sk-none", base_url="https://api.openai.com/v1")
    return client, {"ssl": sockets.trust, "proxy": sockets.street.proxy.url}


OPENAIS_WAY = pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning")
"""How OpenAI's library opens a connection."""


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def spoken(connection: Any) -> tuple[str, str]:
    """Return what a response says in pieces, and what it says at its end."""
    said, whole = "", ""
    for event in connection:
        assert event.type != "error", event
        if event.type == "response.output_text.delta":
            said += event.delta
        elif event.type == "response.output_text.done":
            whole = event.text
        elif event.type == "response.done":
            return said, whole
    raise AssertionError("the connection ended")


@both
@OPENAIS_WAY
def test_realtime_with_openais_own_library(sockets: Sockets, case) -> None:
    client, options = gpt(sockets)
    with client.realtime.connect(model="gpt-realtime", websocket_connection_options=options) as connection:
        connection.session.update(session={"type": "realtime", "instructions": f"Never say {case.value}."})
        connection.conversation.item.create(item=user(case.text))
        connection.response.create()
        assert spoken(connection) == (case.text, case.text)
        heard = len(sockets.standin.messages)
        connection.conversation.item.create(item=user(CUSTOMER))
        connection.response.create()
        said, whole = spoken(connection)
        assert said == whole and "内部" in said and CUSTOMER in said
        connection.conversation.item.create(item=user("and in English?"))
        connection.response.create(response={"output_modalities": ["audio"]})
        for event in connection:
            if event.type == "error":
                break
        assert event.error.code == "not_translatable" and "Sluice" in event.error.message
    assert len(sockets.standin.messages) == heard, "once it is inside, the service hears nothing of it"
    update, item, create = (json.loads(text) for text in sockets.standin.texts())
    assert f"[{case.entity}_" in update["session"]["instructions"]
    assert f"[{case.entity}_" in item["item"]["content"][0]["text"]
    assert create["type"] == "response.create"
    (asked,) = sockets.street.internal.requests
    told = [message["content"] for message in asked.json()["messages"]]
    assert [f"[{case.entity}_" in text for text in told] == [True, True, True, False], "with all that was said before"


@both
@OPENAIS_WAY
def test_responses_over_a_websocket_with_openais_own_library(sockets: Sockets, case) -> None:
    client, options = gpt(sockets)

    def answered(**asked: Any) -> tuple[str, str]:
        connection.response.create(model="gpt-5", **asked)
        said = ""
        for event in connection:
            if event.type == "response.output_text.delta":
                said += event.delta
            elif event.type == "response.completed":
                assert event.response.output_text == said
                return said, event.response.id
        raise AssertionError("the connection ended")

    with client.responses.connect(websocket_connection_options=options) as connection:
        said, first = answered(input=case.text)
        assert said == case.text
        said, second = answered(input=CUSTOMER, previous_response_id=first)
        assert "内部" in said and CUSTOMER in said
        answered(input="and in English?", previous_response_id=second)
        connection.response.create(model="gpt-5", input=CUSTOMER, previous_response_id="resp_nobody_knows")
        error = connection.recv()
        assert (error.type, error.status) == ("error", 400) and "Sluice" in error.error.message
    assert len(sockets.standin.messages) == 1
    assert [len(asked.json()["messages"]) for asked in sockets.street.internal.requests] == [3, 5]
    assert {line["adapter"] for line in sockets.messages()[-4:]} == {"openai-responses-socket"}


@both
def test_gemini_live_with_googles_own_library(sockets: Sockets, case) -> None:
    async def talk() -> list[str]:
        client = genai.Client(api_key="none", http_options={"base_url": "https://generativelanguage.googleapis.com"})
        config = {"response_modalities": ["TEXT"], "system_instruction": f"Never say {case.value}."}
        answers = []
        async with client.aio.live.connect(model="gemini-live", config=config) as session:
            for text in (case.text, CUSTOMER, "and in English?"):
                await session.send_client_content(turns={"role": "user", "parts": [{"text": text}]})
                answers.append("".join([part.text or "" async for part in session.receive()]))
        return answers

    answer, inside, after = asyncio.run(asyncio.wait_for(talk(), PATIENCE))
    assert answer == case.text
    assert "内部" in inside and CUSTOMER in inside and "nternal" in after
    setup, turn = (json.loads(message) for message in sockets.standin.messages)
    assert f"[{case.entity}_" in json.dumps([setup["setup"], turn]), "redacted in both"
    assert [len(asked.json()["messages"]) for asked in sockets.street.internal.requests] == [4, 6]


@both
def test_speech_with_dashscopes_own_library(sockets: Sockets, case) -> None:
    url = "wss://dashscope.aliyuncs.com/api-ws/v1/inference"
    speech = SpeechSynthesizer(model="cosyvoice-v2", voice="longxiaochun_v2", url=url)
    assert speech.call(case.text) == b"\xff\xfb sound"
    spoken = [json.loads(text)["payload"]["input"].get("text", "") for text in sockets.standin.texts()]
    assert f"[{case.entity}_" in "".join(spoken)


def test_speech_that_is_refused_is_an_error_of_dashscopes_own_library(sockets: Sockets) -> None:
    url = "wss://dashscope.aliyuncs.com/api-ws/v1/inference"
    speech = SpeechSynthesizer(model="cosyvoice-v2", voice="longxiaochun_v2", url=url)
    with pytest.raises(Exception, match="Sluice"):
        speech.call(CUSTOMER, timeout_millis=10_000)
    assert "华星" not in sockets.standin.everything().decode()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@both
def test_spark_with_iflyteks_own_library(sockets: Sockets, case, stream: bool) -> None:
    llm = pytest.importorskip("sparkai.llm.llm", reason="IFLYTEK'S LIBRARY IS NOT INSTALLED: spark-ai-python")
    keys = {"spark_app_id": "a", "spark_api_key": "k", "spark_api_secret": "s"}
    spark = llm.ChatSparkLLM(spark_api_url="wss://spark-api.xf-yun.com/v3.5/chat", streaming=stream, **keys)

    def said(text: str) -> str:
        asked = [llm.HumanMessage(content=text)]
        if stream:
            return "".join(chunk.content for chunk in spark.stream(asked, llm_output={}))
        return str(spark.generate([asked]).generations[0][0].text)

    assert said(case.text) == case.text
    assert f"[{case.entity}_" in json.loads(sockets.standin.texts()[-1])["payload"]["message"]["text"][-1]["content"]
    heard = len(sockets.standin.messages)
    answer = said(CUSTOMER)
    assert "内部" in answer and CUSTOMER in answer
    with pytest.raises(ConnectionError, match=r"10013.*Sluice"):
        said("Tell them of Project Crow.")
    assert len(sockets.standin.messages) == heard


RECORD = "\x1e"


@both
def test_a_hub_of_signalr(sockets: Sockets, case) -> None:
    """Several records in a message, the text so far and pieces after it."""
    chat = {"type": 4, "target": "chat", "invocationId": "7", "arguments": [{"message": {"text": case.text}}]}
    with sockets.connect("substrate.office.com/m365Copilot/Chathub/o@t?X-SessionId=s1") as connection:
        connection.send('{"protocol":"json","version":1}' + RECORD)
        assert connection.recv(PATIENCE) == "{}" + RECORD
        connection.send(json.dumps(chat) + RECORD + '{"type":1,"target":"Metrics","arguments":[{}]}' + RECORD)
        records: list[dict[str, Any]] = []
        while not records or records[-1]["type"] != 3:
            message = str(connection.recv(PATIENCE))
            assert message.endswith(RECORD)
            records += [json.loads(record) for record in message.split(RECORD)[:-1]]
    shown = ""
    for record in records:
        for argument in record.get("arguments", ()):
            shown = argument["messages"][0]["text"] if "messages" in argument else shown + argument["writeAtCursor"]
    assert shown == case.text
    assert next(one for one in records if one["type"] == 2)["item"]["messages"][0]["text"] == case.text
    assert f"[{case.entity}_" in sockets.standin.texts()[1] and "Metrics" in sockets.standin.texts()[1]


def test_a_self_test_says_its_words_on_a_websocket_and_is_caught_there(sockets: Sockets) -> None:
    services = ("ms-copilot", "ms-m365-copilot", "character-ai")
    street = sockets.street
    where = street.proxy.url.removeprefix("http://")
    every = ("canary", "--json", "--config", str(street.proxy.config), "--proxy", where)
    done = sluice(*every, *services, **street.proxy.secrets)
    told = {each["service"]: (each["result"], each["status"], each["left"]) for each in json.loads(done.stdout)}
    assert told == dict.fromkeys(services, ("caught", 101, []))
    said = sockets.standin.everything().decode()
    assert "[CN_ID_CARD_" in said and "[API_KEY_" in said
    assert "sk-proj-" not in said and "canary" not in str(sockets.standin.requests[-1].headers).lower()

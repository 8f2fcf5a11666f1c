"""A connection that is a conversation goes over to the company's model, and nothing of it to the service again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.genai import _live_converters
from google.genai.types import LiveServerMessage
from openai.types.realtime import RealtimeServerEvent
from openai.types.responses import ResponsesServerEvent
from pydantic import TypeAdapter

from policies.load import parse_policy
from proxy.adapters.sockets import session
from proxy.websocket.answers import end_answers
from proxy.websocket.interface import Delivery
from tests.proxy.adapters.inside import CALL, chat_stream
from tests.proxy.house import CUSTOMER, POLICY, SECRET, Tenant, open_house
from tests.proxy.sockets import Socket, sent
from tests.proxy.websocket.test_answers import HERE, Model, chunked, half

REALTIME = "api.openai.com/v1/realtime?model=gpt-realtime"
RESPONSES = "api.openai.com/v1/responses"
LIVE = "generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SPARK = "spark-api.xf-yun.com/v3.5/chat"
SAYS = chunked(chat_stream({"content": "Hel"}, {"content": "lo"}))
CALLS = chunked(chat_stream(*CALL, reason="tool_calls"))


SERVICES = "openai-chatgpt, google-gemini-api, iflytek-spark]"
IN_USE = POLICY.read_text("utf-8").replace("openai-chatgpt]", SERVICES)
FORBIDS = IN_USE + "\n  - {id: no-numbers, verdict: forbidden, when: {data: personal}}\n"


@pytest.fixture
def tenant(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Tenant]:
    text = getattr(request, "param", IN_USE)
    opened = open_house(tmp_path, policy=parse_policy(text, "p", lambda _name: ""))
    yield opened
    opened.close()


@pytest.fixture
def model(tenant: Tenant) -> Iterator[Model]:
    model = Model(tenant)
    yield model
    model.close()


def say(socket: Socket, /, **event: Any) -> list[dict[str, Any]]:
    """Let the client say an event that goes inside; return what it is told at once."""
    delivery = socket.say(json.dumps(event, ensure_ascii=False))
    assert delivery.to_server == () and delivery.closing is None
    return [json.loads(one.content) for one in delivery.to_client]


def goes_out(socket: Socket, /, **event: Any) -> str:
    (told,) = sent(socket.say(json.dumps(event, ensure_ascii=False)))
    return told


def answer(model: Model, socket: Socket, body: bytes = SAYS, /, **event: Any) -> list[dict[str, Any]]:
    """Let the company's model answer an event; return what the client is told."""
    for server in model.listening:
        server.close()
    model.pushed.clear()
    model.answers(HERE, body)
    assert say(socket, **event) == []
    return model.wait(socket)


def asked(model: Model) -> dict[str, Any]:
    return model.asked[-1][1]


def item(text: str, **more: Any) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}, **more}


# -- OpenAI's Realtime ---------------------------------------------------------------------------------------------


def test_a_realtime_session_goes_on_inside_with_all_that_was_said(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, REALTIME).open()
    socket.hear(
        '{"type":"session.created","event_id":"e","session":{"model":"gpt-realtime","instructions":"Be kind."}}'
    )
    out = goes_out(socket, **item(f"call {SECRET}"))
    placeholder = json.loads(out)["item"]["content"][0]["text"].split()[-1]
    assert SECRET not in out
    goes_out(socket, type="response.create")
    spoken = {
        "id": "i2",
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_audio", "transcript": "Yes"}],
    }
    socket.hear(json.dumps({"type": "response.output_item.done", "event_id": "e", "output_index": 0, "item": spoken}))
    told = say(socket, **item(f"about {CUSTOMER}"))
    assert [each["type"] for each in told] == ["conversation.item.added", "conversation.item.done"]
    name = told[0]["item"]["id"]
    assert told[0]["previous_item_id"] == "i2" and name
    body = chunked(chat_stream({"content": placeholder[:5]}, {"content": placeholder[5:]}))
    told = answer(model, socket, body, type="response.create")
    assert [each["type"] for each in told if "delta" not in each["type"]] == [
        "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
        "response.output_text.done", "response.content_part.done", "conversation.item.done",
        "response.output_item.done", "response.done",
    ]  # fmt: skip
    for each in told:
        TypeAdapter(RealtimeServerEvent).validate_python(each)
    assert told[-1]["response"]["output"][0]["content"][0]["text"] == SECRET, "restored"
    assert asked(model)["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": f"call {placeholder}"},
        {"role": "assistant", "content": "Yes"},
        {"role": "user", "content": f"about {CUSTOMER}"},
    ]
    told = answer(model, socket, type="response.create", response={"instructions": "Be short."})
    assert asked(model)["messages"][0]["content"] == "Be short."
    assert asked(model)["messages"][-1] == {"role": "assistant", "content": placeholder}, "what it answered itself, too"
    told = say(socket, **item(f"and {SECRET}, without a name?"))
    assert SECRET in json.dumps(told), "told as it was said"
    assert told[0]["type"] == "conversation.item.added", "the service hears nothing more"
    lines = [line for line in tenant.records() if line["event"] == "request" and line["method"] == "MESSAGE"]
    inside = [line for line in lines if line["outcome"] == "redirected"]
    assert len(inside) == 4 and len({line["conversation"] for line in inside[1:]}) == 1


@pytest.mark.parametrize("old", [False, True])
def test_a_tool_is_called_and_its_result_goes_inside_too(tenant: Tenant, model: Model, old: bool) -> None:
    socket = Socket(tenant, REALTIME, **({"openai-beta": "realtime=v1"} if old else {})).open()
    tool = {"type": "function", "name": "find", "parameters": {"type": "object", "properties": {}}}
    goes_out(socket, type="session.update", session={"tools": [tool], "instructions": "x"})
    told = say(socket, **item(CUSTOMER))
    assert ("conversation.item.created" in {each["type"] for each in told}) == old
    told = answer(model, socket, CALLS, type="response.create")
    called = told[-1]["response"]["output"][0]
    assert (called["name"], json.loads(called["arguments"])) == ("find", {"q": "客户"})
    assert asked(model)["tools"][0]["function"]["name"] == "find"
    say(socket, type="conversation.item.create", item={"type": "function_call_output", "call_id": "k1", "output": "42"})
    told = answer(model, socket, type="response.create")
    assert [each["role"] for each in asked(model)["messages"]] == ["system", "user", "assistant", "tool"]
    names = {each["type"] for each in told}
    assert ("response.text.delta" in names) == old and ("response.output_text.delta" in names) != old


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "sound": ({"type": "input_audio_buffer.append", "audio": "AAAA"}, session.NO_SOUND),
    "an answer in sound": (
        {"type": "response.create", "response": {"output_modalities": ["audio"]}}, session.TEXT_ONLY),
    "what nobody knows": ({"type": "something.else"}, session.OTHER),
    "a message in sound": (
        {"type": "conversation.item.create", "item": {"type": "message", "role": "user",
         "content": [{"type": "input_audio", "audio": "AAAA"}]}}, "held in sound"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_companys_model_cannot_be_given_is_refused_plainly_and_the_session_goes_on(
    tenant: Tenant, model: Model, name: str
) -> None:
    event, _ = REFUSED[name]
    socket = Socket(tenant, REALTIME).open()
    say(socket, **item(CUSTOMER))
    (told,) = say(socket, **event)
    assert (told["type"], told["error"]["code"]) == ("error", "not_translatable")
    assert answer(model, socket, type="response.create")[-1]["response"]["status"] == "completed"


def test_a_session_that_was_held_in_sound_is_told_to_nobody_else(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, REALTIME).open()
    heard = {"id": "a1", "type": "message", "role": "user", "content": [{"type": "input_audio", "transcript": None}]}
    socket.hear(json.dumps({"type": "conversation.item.added", "event_id": "e", "item": heard}))
    say(socket, **item(CUSTOMER))
    (told,) = say(socket, type="response.create")
    assert told["error"]["code"] == "not_translatable" and model.asked == []


def test_while_one_answer_is_under_way_another_is_refused(tenant: Tenant, model: Model) -> None:
    model.answers(HERE, half("Hel"), holds=True)
    socket = Socket(tenant, REALTIME).open()
    say(socket, **item(CUSTOMER))
    say(socket, type="response.create")
    (told,) = say(socket, type="response.create")
    assert told["error"]["code"] == "not_translatable"
    tenant.loop.run_until_complete(end_answers(socket.flow.metadata["sluice_conversation"]))


@pytest.mark.parametrize("tenant", [FORBIDS], indirect=True)
def test_what_is_forbidden_is_refused_inside_too(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    say(socket, **item(CUSTOMER))
    (told,) = say(socket, **item(SECRET))
    assert told["error"]["code"] == "blocked_by_policy"


def test_a_session_too_long_to_be_remembered_is_not_taken_over(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST", 900)
    socket = Socket(tenant, REALTIME).open()
    goes_out(socket, **item("word " * 300))
    say(socket, **item(CUSTOMER))
    (told,) = say(socket, type="response.create")
    assert told["error"]["code"] == "not_translatable"


# -- Responses over a WebSocket --------------------------------------------------------------------------------------


def test_a_response_goes_on_with_those_before_it_wherever_they_were_made(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, RESPONSES).open()
    goes_out(socket, type="response.create", model="gpt-5", input=f"call {SECRET}", stream_id="l1")
    head = {"id": "resp_theirs", "object": "response"}
    done = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done."}]}
    for kind, output in (("response.created", []), ("response.completed", [done])):
        event = {"type": kind, "sequence_number": 1, "stream_id": "l1", "response": {**head, "output": output}}
        socket.hear(json.dumps(event))
    go_on = {"type": "response.create", "model": "gpt-5", "stream_id": "l2"}
    told = answer(model, socket, **go_on, previous_response_id="resp_theirs", input=CUSTOMER)
    for each in told:
        TypeAdapter(ResponsesServerEvent).validate_python(each)
    assert {each["stream_id"] for each in told} == {"l2"}
    own = told[-1]["response"]["id"]
    messages = asked(model)["messages"]
    assert SECRET not in json.dumps(messages) and [each["role"] for each in messages] == ["user", "assistant", "user"]
    answer(model, socket, **go_on, previous_response_id=own, input="and then?")
    assert [each["content"] for each in asked(model)["messages"]][3:] == ["Hello", "and then?"]
    goes_out(socket, type="response.create", model="gpt-5", input="something else")
    (told,) = say(socket, **go_on, previous_response_id="resp_unknown", input=CUSTOMER)
    assert told["error"]["code"] == "not_translatable", "one that only the service knows"


def test_a_response_that_calls_a_tool_goes_on_with_its_result(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, RESPONSES).open()
    tool = {"type": "function", "name": "find", "parameters": {"type": "object"}}
    told = answer(model, socket, CALLS, type="response.create", model="gpt-5", input=CUSTOMER, tools=[tool])
    response = told[-1]["response"]
    (call,) = response["output"]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "42"}
    answer(model, socket, type="response.create", previous_response_id=response["id"], input=[result])
    assert [each["role"] for each in asked(model)["messages"]] == ["user", "assistant", "tool"]


# -- Gemini Live -----------------------------------------------------------------------------------------------------


def turn(text: str, **more: Any) -> dict[str, Any]:
    turns = [{"role": "user", "parts": [{"text": text}]}]
    return {"client_content": {"turns": turns, "turn_complete": True, **more}}


def read(told: list[dict[str, Any]]) -> list[LiveServerMessage]:
    return [LiveServerMessage.model_validate(_live_converters._LiveServerMessage_from_mldev(one)) for one in told]


def test_a_live_session_goes_on_inside(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, LIVE).open()
    goes_out(socket, setup={"model": "models/gemini-live", "systemInstruction": {"parts": [{"text": "Be kind."}]}})
    goes_out(socket, **turn(f"call {SECRET}"))
    for said in ({"modelTurn": {"parts": [{"text": "Do"}]}}, {"modelTurn": {"parts": [{"text": "ne"}]}}):
        socket.hear(json.dumps({"serverContent": said}))
    told = answer(model, socket, **turn(CUSTOMER))
    assert "".join(one.text or "" for one in read(told)) == "Hello"
    assert read(told)[-1].server_content.turn_complete and read(told)[-1].usage_metadata.total_token_count == 19
    messages = asked(model)["messages"]
    assert [each["content"] for each in messages if each["role"] != "user"] == ["Be kind.", "Done"]
    assert SECRET not in json.dumps(messages)
    assert say(socket, **turn("more", turn_complete=False)) == []
    answer(model, socket, realtime_input={"text": "now"})
    assert json.dumps(asked(model)["messages"][-1]["content"]).count("now") == 1
    delivery = socket.say(json.dumps({"realtimeInput": {"audio": {"data": "AAAA", "mimeType": "audio/pcm"}}}))
    assert delivery.to_server == () and b"Sluice" in delivery.to_client[0].content


def test_a_setup_that_must_stay_inside_begins_there_and_a_tool_is_called(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, LIVE).open()
    tools = [{"functionDeclarations": [{"name": "find", "parameters": {"type": "OBJECT"}}]}]
    setup = {"model": "models/m", "tools": tools, "systemInstruction": {"parts": [{"text": CUSTOMER}]}}
    assert say(socket, setup=setup) == [{"setupComplete": {}}]
    told = answer(model, socket, CALLS, **turn("find it"))
    (call,) = read(told)[-1].tool_call.function_calls
    assert (call.name, call.args) == ("find", {"q": "客户"})
    result = {"functionResponses": [{"id": call.id, "name": "find", "response": {"n": 42}}]}
    answer(model, socket, toolResponse=result)
    assert [each["role"] for each in asked(model)["messages"]] == ["system", "user", "assistant", "tool"]


def test_sound_that_the_service_alone_has_heard_is_told_to_nobody_else(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, LIVE).open()
    goes_out(socket, setup={"model": "models/m"})
    conversation = socket.flow.metadata["sluice_conversation"]
    conversation.session.note_sent(b'{"realtimeInput":{"audio":{"data":"AAAA"}}}')
    say_it = json.dumps(turn(CUSTOMER))
    assert b"Sluice" in socket.say(say_it).to_client[0].content and model.asked == []


# -- Spark -----------------------------------------------------------------------------------------------------------


def spark(*texts: dict[str, Any], **payload: Any) -> dict[str, Any]:
    chat = {"domain": "generalv3.5", "temperature": 0.5, "max_tokens": 99}
    return {
        "header": {"app_id": "a"},
        "parameter": {"chat": chat},
        "payload": {"message": {"text": [*texts]}, **payload},
    }


def test_spark_is_answered_inside_in_its_own_frames(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, SPARK).open()
    before = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}]
    told = answer(model, socket, **spark(*before, {"role": "assistant", "content": "Yes?"},
                                         {"role": "user", "content": f"{CUSTOMER} {SECRET}"}))  # fmt: skip
    assert [each["header"]["status"] for each in told] == [0, 1, 2]
    assert "".join(each["payload"]["choices"]["text"][0]["content"] for each in told) == "Hello"
    assert told[-1]["payload"]["usage"]["text"]["total_tokens"] == 19 and {each["header"]["code"] for each in told} == {
        0
    }
    body = asked(model)
    assert [each["role"] for each in body["messages"]] == ["system", "user", "assistant", "user"]
    assert (body["temperature"], body["max_tokens"]) == (0.5, 99) and SECRET not in json.dumps(body)
    function = {"name": "find", "parameters": {"type": "object", "properties": {}}}
    told = answer(model, socket, CALLS, **spark({"role": "user", "content": CUSTOMER}, functions={"text": [function]}))
    call = told[-1]["payload"]["choices"]["text"][0]["function_call"]
    assert (call["name"], json.loads(call["arguments"])) == ("find", {"q": "客户"})


def test_a_model_that_fails_is_told_in_sparks_own_way(tenant: Tenant, model: Model) -> None:
    socket = Socket(tenant, SPARK).open()
    (told,) = answer(model, socket, chunked(b"busy", "503 No"), **spark({"role": "user", "content": CUSTOMER}))
    assert told["header"]["code"] and "Sluice" in told["header"]["message"]


def test_what_is_plain_is_redacted_restored_and_its_arguments_too(tenant: Tenant) -> None:
    socket = Socket(tenant, SPARK).open()
    out = json.loads(goes_out(socket, **spark({"role": "user", "content": f'say "{SECRET}"'})))
    placeholder = out["payload"]["message"]["text"][0]["content"].split('"')[1]
    assert SECRET not in json.dumps(out)
    pieces = [json.dumps({"n": placeholder})[:9], json.dumps({"n": placeholder})[9:]]
    said = ""
    for number, piece in enumerate(pieces):
        call = {"content": "", "function_call": {"name": "note", "arguments": piece}, "role": "assistant"}
        choices = {"status": number * 2, "seq": number, "text": [call]}
        frame = {"header": {"code": 0, "sid": "s", "status": number * 2}, "payload": {"choices": choices}}
        for one in socket.hear(json.dumps(frame)):
            said += json.loads(one)["payload"]["choices"]["text"][0]["function_call"]["arguments"]
    assert json.loads(said) == {"n": SECRET}


@pytest.mark.parametrize("where", [REALTIME, RESPONSES, LIVE, SPARK])
@pytest.mark.parametrize(
    "body", ["{}", "[]", "hello", '{"type":7}', '{"type":"response.create","response":7,"input":7}']
)
def test_hostile_messages_break_nothing(tenant: Tenant, where: str, body: str) -> None:
    socket = Socket(tenant, where).open()
    assert isinstance(socket.say(body), Delivery)
    socket.hear(body)
    conversation = socket.flow.metadata["sluice_conversation"]
    if conversation.session is not None:
        conversation.session.take_over()
        assert socket.say(body).to_server == () or where == RESPONSES

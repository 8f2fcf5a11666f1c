"""The openai package, unmodified, through the proxy: all of OpenAI's interface that carries words, besides chat."""

import io
import json
import re
import ssl
import warnings
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from proxy.demo.manner import Mode
from tests.e2e.any_client import every_value_one_way
from tests.e2e.openai_family import Family
from tests.e2e.street import Planted, Street, load_planted

PLANTED = {each.name: each for each in load_planted()}
CARD, IDENTITY = PLANTED["card with spaces"], PLANTED["resident identity number"]
BOTH = [CARD, IDENTITY]
FALCON = "Summarise Project Falcon."

BASE = "https://api.openai.com/v1"

NOTE = {
    "type": "function",
    "name": "write_note",
    "strict": False,
    "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}
PATCH = {"type": "custom", "name": "apply_patch", "description": "Edit files"}

two_languages = pytest.mark.parametrize("case", BOTH, ids=lambda case: case.name)
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@pytest.fixture
def family(street: Street) -> Iterator[Street]:
    """The street, whose external stand-in speaks all of OpenAI's interface."""
    street.external.route = Family(street.external).route
    yield street
    del street.external.route


def sdk(street: Street, base_url: str = BASE, **more: Any) -> openai.OpenAI:
    """Return the SDK, which goes through the proxy and trusts it."""
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    client = openai.DefaultHttpxClient(proxy=street.proxy.url, verify=trust, trust_env=False)
    return openai.OpenAI(api_key="sk-standin-0000-no-real-key", base_url=base_url, http_client=client, **more)


def ask(street: Street, said: Any, /, *, stream: bool, **more: Any) -> Any:
    """Return the answer of Responses, its events read by the SDK's accumulator if it is streamed."""
    with sdk(street) as client:
        if not stream:
            return client.responses.create(model="gpt-5.5", input=said, **more)
        with client.responses.stream(model="gpt-5.5", input=said, **more) as events:
            told = list(events)
            joined = "".join(event.delta for event in told if event.type == "response.output_text.delta")
            final = events.get_final_response()
            assert joined == final.output_text, "the pieces and the whole are the same words"
            return final


def left(street: Street) -> dict[str, Any]:
    """Return the one body that left the company."""
    (seen,) = street.external.requests
    body = seen.json()
    assert isinstance(body, dict)
    return body


@every_value_one_way
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    family: Street, case: Planted, stream: bool
) -> None:
    answer = ask(family, case.text, stream=stream, instructions=f"The person is {case.value}.")
    body = left(family)
    before, after = case.prompt.split("{}")
    assert re.fullmatch(re.escape(before) + rf"\[{case.entity}_[0-9A-Z]+\]" + re.escape(after), body["input"])
    assert f"[{case.entity}_" in body["instructions"]
    assert answer.output_text.endswith(case.text)
    assert family.last_record()["adapter"] == "openai-responses"


@whole_and_streamed
@two_languages
def test_calls_of_several_tools_come_back_with_the_originals(family: Street, case: Planted, stream: bool) -> None:
    answer = ask(family, [{"role": "user", "content": case.text}], stream=stream, tools=[NOTE, PATCH])
    call, patch = answer.output
    assert json.loads(call.arguments) == {"text": case.text}
    assert (patch.type, patch.input) == ("custom_tool_call", case.text)


@two_languages
def test_items_of_earlier_turns_are_redacted_like_any(family: Street, case: Planted) -> None:
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": case.text}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": json.dumps({"text": case.value})},
        {"type": "function_call_output", "call_id": "c1", "output": case.text},
    ]
    answer = ask(family, items, stream=False)
    assert answer.output_text.endswith(case.text)
    said = json.dumps(left(family)["input"])
    assert said.count(f"[{case.entity}_") == 3
    assert len(set(re.findall(r"\[[A-Z_]+_[0-9A-Z]{8}\]", said))) == 1


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({}, 403, "blocked_by_policy"), ({"api-key": "x"}, 400, "content_filter")],
    ids=["OpenAI", "Azure"],
)
def test_a_refusal_is_the_sdks_own_error_and_at_azure_its_content_filters(
    family: Street, headers: dict[str, str], status: int, code: str
) -> None:
    with (
        sdk(family, "https://api.deepseek.com/v1", default_headers=headers) as client,
        pytest.raises(openai.APIStatusError) as no,
    ):
        client.responses.create(model="m", input="hello")
    assert (no.value.status_code, no.value.code) == (status, code)
    assert "DeepSeek is not to be used" in no.value.message and "禁止使用 DeepSeek" in no.value.message
    assert family.external.requests == []


@whole_and_streamed
@pytest.mark.parametrize("text", [FALCON, "整理一下华星科技的合同。"], ids=["en", "zh"])
def test_customer_data_is_answered_by_the_companys_own_model(family: Street, text: str, stream: bool) -> None:
    answer = ask(family, text, stream=stream)
    assert answer.output_text.endswith(text)
    assert "nternal" in answer.output_text or "内部替身模型" in answer.output_text
    assert (answer.model, answer.status) == ("gpt-5.5", "completed")
    assert answer.usage.total_tokens > 0
    assert family.external.requests == []
    assert family.internal.requests[0].json()["model"] == "standin-model"


@whole_and_streamed
@pytest.mark.parametrize("tool", [NOTE, PATCH], ids=lambda tool: tool["name"])
def test_the_companys_own_model_calls_the_clients_tools(family: Street, tool: dict[str, Any], stream: bool) -> None:
    first = ask(family, FALCON, stream=stream, tools=[tool])
    (call,) = first.output
    assert call.name == tool["name"]
    assert FALCON in (call.input if call.type == "custom_tool_call" else call.arguments)
    items = [{"role": "user", "content": FALCON}, call.to_dict()]
    items.append({"type": f"{call.type}_output", "call_id": call.call_id, "output": "written"})
    second = ask(family, items, stream=stream, tools=[tool])
    assert second.output_text.endswith("written")
    roles = [message["role"] for message in family.internal.requests[1].json()["messages"]]
    assert roles == ["user", "assistant", "tool"]
    assert family.external.requests == []


def test_the_companys_own_model_is_shown_pictures_and_asked_for_json(family: Street) -> None:
    picture = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    ask(
        family,
        [{"role": "user", "content": [{"type": "input_text", "text": FALCON}, picture]}],
        stream=False,
        text={"format": {"type": "json_schema", "name": "note", "schema": schema}},
    )
    asked = family.internal.requests[0].json()
    assert asked["messages"][0]["content"][1]["image_url"]["url"] == picture["image_url"]
    assert asked["response_format"]["json_schema"]["schema"] == schema


@pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
def test_history_that_the_service_keeps_is_refused_and_goes_nowhere(family: Street, field: str) -> None:
    with pytest.raises(openai.BadRequestError) as no:
        ask(family, FALCON, stream=False, **{field: "id_1"})
    assert no.value.code == "not_translatable"
    assert (family.external.requests, family.internal.requests) == ([], [])


@whole_and_streamed
def test_a_model_of_the_company_that_is_down_is_an_error_and_never_half_an_answer(family: Street, stream: bool) -> None:
    family.internal.manner.mode = Mode.RESET if stream else Mode.FAIL
    with pytest.raises(openai.APIError):
        ask(family, FALCON, stream=stream)
    assert family.external.requests == []


@whole_and_streamed
@two_languages
def test_completions_are_redacted_and_restored(family: Street, case: Planted, stream: bool) -> None:
    with sdk(family) as client:
        answer: Any = client.completions.create(model="m", prompt=case.text, stream=stream)
        text = "".join(chunk.choices[0].text for chunk in answer) if stream else answer.choices[0].text
    assert f"[{case.entity}_" in left(family)["prompt"]
    assert text.endswith(case.text)
    assert family.last_record()["activity"] == "complete"


@whole_and_streamed
def test_completions_of_customer_data_are_the_companys_own_models(family: Street, stream: bool) -> None:
    with sdk(family) as client:
        answer: Any = client.completions.create(model="m", prompt=FALCON, stream=stream)
        text = "".join(chunk.choices[0].text for chunk in answer) if stream else answer.choices[0].text
    assert text.endswith(FALCON) and "nternal" in text
    assert family.external.requests == []


@two_languages
def test_what_is_to_become_vectors_is_redacted(family: Street, case: Planted) -> None:
    with sdk(family) as client:
        answer = client.embeddings.create(model="e", input=[case.text, "hello"], encoding_format="float")
    assert answer.data[0].embedding == [0.25, 0.5]
    assert f"[{case.entity}_" in left(family)["input"][0]
    assert family.last_record()["activity"] == "embed"


def test_token_ids_cannot_be_read_and_are_refused_where_policy_says_nothing(family: Street) -> None:
    with sdk(family) as client, pytest.raises(openai.BadRequestError) as no:
        client.embeddings.create(model="e", input=[[100264, 9906], [1917]], encoding_format="float")
    assert no.value.code == "unreadable_part"
    assert family.external.requests == []


@two_languages
def test_what_a_picture_is_to_show_is_redacted_and_told_again_restored(family: Street, case: Planted) -> None:
    with sdk(family) as client:
        answer = client.images.generate(model="gpt-image-2", prompt=case.text)
    assert f"[{case.entity}_" in left(family)["prompt"]
    assert answer.data is not None and answer.data[0].revised_prompt == case.text


def test_a_batch_is_redacted_line_by_line_and_its_results_are_restored(family: Street) -> None:
    lines = [
        {
            "custom_id": str(number),
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "gpt-4o", "messages": [{"role": "user", "content": case.text}]},
        }
        for number, case in enumerate(BOTH)
    ]
    file = io.BytesIO(b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines))
    with sdk(family) as client:
        taken = client.files.create(file=("batch.jsonl", file), purpose="batch")
        started = client.batches.create(
            input_file_id=taken.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        finished = client.batches.retrieve(started.id)
        assert finished.output_file_id is not None
        results = client.files.content(finished.output_file_id).content
    sent = family.external.requests[0].body.decode()
    assert [f"[{case.entity}_" in sent for case in BOTH] == [True, True]
    said = [json.loads(line)["response"]["body"]["choices"][0]["message"]["content"] for line in results.splitlines()]
    assert [text.partition(": ")[2] for text in said] == [case.text for case in BOTH]


@two_languages
def test_a_run_of_an_assistant_is_redacted_and_restored_as_it_streams(family: Street, case: Planted) -> None:
    with warnings.catch_warnings(), sdk(family) as client:
        warnings.simplefilter("ignore", DeprecationWarning)  # the vendor's own, for assistants
        with client.beta.threads.create_and_run_stream(
            assistant_id="asst_1", thread={"messages": [{"role": "user", "content": case.text}]}
        ) as stream:
            text = "".join(stream.text_deltas)
            (message,) = stream.get_final_messages()
    assert f"[{case.entity}_" in left(family)["thread"]["messages"][0]["content"]
    assert text.endswith(case.text)
    assert message.content[0].text.value == text


WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the vendor's own, for assistants
def test_a_thread_of_customer_data_lives_with_the_companys_model(family: Street) -> None:
    with sdk(family) as client:
        beta = client.beta
        assistant = beta.assistants.create(model="gpt-4o", instructions=f"You know {FALCON}")
        thread = beta.threads.create(messages=[{"role": "user", "content": FALCON}], metadata={"case": "7"})
        assert assistant.id.startswith("asst_") and thread.id.startswith("thread_") and thread.metadata == {"case": "7"}
        added = beta.threads.messages.create(thread.id, role="user", content=CARD.text)
        assert added.content[0].text.value == CARD.text, "told as it was said"
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert (run.status, run.assistant_id) == ("completed", assistant.id)
        assert beta.threads.runs.retrieve(run.id, thread_id=thread.id).status == "completed"
        said = [message.content[0].text.value for message in beta.threads.messages.list(thread.id, order="asc")]
        assert said[:2] == [FALCON, CARD.text] and "nternal" in said[2] and CARD.value in said[2]
        more = [{"role": "user", "content": "and now?"}]
        ask = {"thread_id": thread.id, "assistant_id": assistant.id, "additional_messages": more}
        with beta.threads.runs.stream(**ask) as stream:
            streamed = "".join(stream.text_deltas)
            (message,) = stream.get_final_messages()
        assert message.content[0].text.value == streamed and "and now?" in streamed
        listed = list(beta.threads.messages.list(thread.id))
        assert [each.role for each in listed] == ["assistant", "user", "assistant", "user", "user"]
        assert beta.threads.messages.retrieve(message.id, thread_id=thread.id).run_id == listed[0].run_id
        assert len(list(beta.threads.runs.list(thread.id))) == 2
        assert beta.threads.delete(thread.id).deleted
        with pytest.raises(openai.APIStatusError, match="Sluice"):
            beta.threads.messages.create(thread.id, role="user", content="are you there?")
    assert family.external.requests == [], "the service hears nothing of it"
    first, second = (one.json()["messages"] for one in family.internal.requests)
    assert FALCON in first[0]["content"] and first[0]["role"] == "system" and CARD.value not in json.dumps(first)
    assert [each["role"] for each in second] == ["system", "user", "assistant", "user"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_run_inside_waits_for_the_output_of_a_function(family: Street) -> None:
    with sdk(family) as client:
        runs = client.beta.threads.runs
        run = client.beta.threads.create_and_run(
            assistant_id="asst_1", thread={"messages": [{"role": "user", "content": FALCON}]},
            tools=[{"type": "function", "function": WEATHER}], instructions="Call it.",
        )  # fmt: skip
        assert run.status == "requires_action"
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        assert call.function.name == "weather"
        outputs = [{"tool_call_id": call.id, "output": "sunny"}]
        done = runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=outputs)
        assert done.id == run.id and runs.retrieve(run.id, thread_id=run.thread_id).status == done.status
    roles = [each["role"] for each in family.internal.requests[-1].json()["messages"]]
    assert roles == ["system", "user", "assistant", "tool"] and family.external.requests == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_files_of_a_thread_are_refused_inside(family: Street) -> None:
    content = [{"type": "text", "text": FALCON}, {"type": "image_file", "image_file": {"file_id": "file_1"}}]
    with sdk(family) as client, pytest.raises(openai.BadRequestError) as no:
        client.beta.threads.create_and_run(
            assistant_id="asst_1", thread={"messages": [{"role": "user", "content": content}]}
        )
    assert no.value.code == "not_translatable"
    assert (family.external.requests, family.internal.requests) == ([], [])

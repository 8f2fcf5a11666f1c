"""Refusals on vendors' sockets, as their own client libraries read them."""

import json

from google.genai import _live_converters
from google.genai.types import LiveServerMessage

from proxy.adapters.interface import Refusal
from proxy.adapters.sockets.spark import INPUT_REFUSED, SPARK
from proxy.adapters.sockets.vendor_apis import LIVE, TASKS

REFUSAL = Refusal(403, "blocked_by_policy", "未发送。", "SLC-20261127-7K2F9Q")


def test_a_refusal_on_spark_ends_the_answer_with_its_own_code() -> None:
    (told,) = SPARK.refuse_message(REFUSAL, b"{}")
    header = json.loads(told)["header"]
    assert (header["code"], header["message"], header["status"]) == (INPUT_REFUSED, "未发送。", 2)


def test_a_refusal_on_dashscope_is_a_failure_of_the_task() -> None:
    (told,) = TASKS.refuse_message(REFUSAL, b'{"header":{"action":"continue-task","task_id":"t1"}}')
    header = json.loads(told)["header"]
    assert (header["task_id"], header["event"], header["error_message"]) == ("t1", "task-failed", "未发送。")


def test_a_refusal_on_gemini_is_a_turn_that_its_client_library_reads() -> None:
    told = [json.loads(one) for one in LIVE.refuse_message(REFUSAL, b'{"client_content":{}}')]
    read = [LiveServerMessage.model_validate(_live_converters._LiveServerMessage_from_mldev(one)) for one in told]
    assert read[0].text == "未发送。"
    assert read[1].server_content is not None and read[1].server_content.turn_complete


def test_a_session_of_gemini_that_may_not_begin_is_closed() -> None:
    assert list(LIVE.refuse_message(REFUSAL, b'{"setup":{"model":"m"}}')) == []

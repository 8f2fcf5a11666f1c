"""Vendors' interfaces over a WebSocket: DashScope's tasks, Gemini Live, and the register of these and Spark's.

As their client libraries write and read them; none seen live. Sound and pictures are not looked into, so that policy
decides over them.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import TextAt, find
from proxy.adapters.sockets.live import LiveSession
from proxy.adapters.sockets.session import SessionSocket
from proxy.adapters.sockets.socket_adapter import SocketAdapter, SocketEntry, SocketShape
from proxy.adapters.sockets.spark import SPARK

TASK_IGNORED: Final = shapes(
    "/header/action", "/header/task_id", "/header/streaming", "/payload/model", "/payload/task_group", "/payload/task",
    "/payload/function", "/payload/parameters/format", "/payload/parameters/voice", "/payload/parameters/text_type",
    "/payload/parameters/language_hints/*", "/payload/parameters/sample_rate", "/payload/resources/*/resource_id",
    "/payload/resources/*/resource_type", "/payload/input/directive", "/payload/input/dialog_id",
)  # fmt: skip

SETUP: Final = (
    "model", "generationConfig/responseModalities/*", "generation_config/response_modalities/*",
    "generationConfig/speechConfig/voiceConfig/prebuiltVoiceConfig/voiceName", "generationConfig/mediaResolution",
    "systemInstruction/role", "system_instruction/role",
)  # fmt: skip
SOUNDS: Final = ("audio", "video", "mediaChunks/*", "media_chunks/*")
LIVE_IGNORED: Final = shapes(
    *(f"/setup/{leaf}" for leaf in SETUP),
    "/clientContent/turns/*/role", "/client_content/turns/*/role",
    *(
        f"/{given}/{sound}/{kind}"
        for given in ("realtimeInput", "realtime_input")
        for sound in SOUNDS
        for kind in ("mimeType", "mime_type")
    ),
    *(
        f"/{response}/{leaf}"
        for response in ("toolResponse", "tool_response")
        for leaf in ("functionResponses/*/id", "functionResponses/*/name")
    ),
)  # fmt: skip
"""Both spellings: the vendor's own client library mixes them."""


def tell_task(refusal: Refusal, message: Any) -> Sequence[Any]:
    """Return the event of a task that failed."""
    task = next((found for _, found in find(message, "/header/task_id") if isinstance(found, str)), "")
    header = {"task_id": task, "event": "task-failed", "error_code": "DataInspectionFailed"}
    return ({"header": {**header, "error_message": refusal.message, "attributes": {}}, "payload": {}},)


def tell_live(refusal: Refusal, message: Any) -> Sequence[Any]:
    """Return a turn of the model's that says it; a session whose setup is refused never begins, and is closed."""
    if isinstance(message, dict) and "setup" in message:
        return ()
    turn = {"role": "model", "parts": [{"text": refusal.message}]}
    return ({"serverContent": {"modelTurn": turn}}, {"serverContent": {"turnComplete": True}})


TASKS: Final = SocketAdapter(
    id="dashscope-tasks",
    shape=SocketShape(
        texts=(TextAt("/payload/output/sentence/text", whole=True), TextAt("/payload/output/text", whole=True)),
        ends=(
            {"/payload/output/sentence/sentence_end": frozenset({True})},
            {"/header/event": frozenset({"task-finished", "task-failed"})},
        ),
    ),
    ignored=TASK_IGNORED,
    telling=tell_task,
    tested="sdk",
)

LIVE: Final = SessionSocket(
    id="gemini-live",
    shape=SocketShape(
        texts=(
            TextAt("/serverContent/modelTurn/parts/*/text"),
            TextAt("/serverContent/outputTranscription/text"),
            TextAt("/serverContent/inputTranscription/text"),
        ),
        ends=(
            {"/serverContent/turnComplete": frozenset()},
            {"/serverContent/generationComplete": frozenset()},
            {"/serverContent/interrupted": frozenset()},
        ),
    ),
    ignored=LIVE_IGNORED,
    telling=tell_live,
    tested="sdk",
    opens=LiveSession,
)

ENTRIES: Final = (
    SocketEntry(SPARK, re.compile(r"/[\w.-]+/(?:chat|multimodal)/?|/chat/[\w.-]+/?"), frozenset({"spark"})),
    SocketEntry(TASKS, re.compile(r"/api-ws/v\d+/inference/?"), frozenset({"dashscope"})),
    SocketEntry(LIVE, re.compile(r".*\bBidiGenerateContent(?:Constrained)?/?")),
)

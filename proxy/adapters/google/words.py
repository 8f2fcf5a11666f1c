"""The words of Gemini's interface that are no text of a person, in both spellings, and who wrote what is.

Enters: names of the interface. Leaves: the leaves that are ignored, and those that hold signatures of thoughts, which
must go back as they came.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, Final

from proxy.adapters.google.spelling import snake_name
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import Shape, shapes
from proxy.adapters.vendors.roles import NAMES, message_at, role_of
from proxy.exchange import Role

PART: Final = (
    "/thoughtSignature", "/inlineData/mimeType", "/fileData/mimeType", "/functionCall/id", "/functionResponse/id",
    "/functionResponse/scheduling", "/executableCode/language", "/executableCode/id", "/codeExecutionResult/outcome",
    "/codeExecutionResult/id", "/mediaResolution/level", "/videoMetadata/startOffset", "/videoMetadata/endOffset",
)  # fmt: skip

REQUEST: Final = (
    "/model", "/contents/*/role", "/systemInstruction/role", "/cachedContent", "/serviceTier",
    *(f"{where}/parts/*{leaf}" for where in ("/contents/*", "/systemInstruction") for leaf in PART),
    "/toolConfig/functionCallingConfig/mode", "/tools/*/functionDeclarations/*/behavior",
    "/safetySettings/*/category", "/safetySettings/*/threshold", "/safetySettings/*/method",
    *(f"/generationConfig/{leaf}" for leaf in (
        "maxOutputTokens", "seed", "responseMimeType", "responseModalities/*", "mediaResolution",
        "thinkingConfig/thinkingBudget", "thinkingConfig/thinkingLevel", "imageConfig/aspectRatio",
        "imageConfig/imageSize", "speechConfig/languageCode", "speechConfig/voiceConfig/prebuiltVoiceConfig/voiceName",
    )),
)  # fmt: skip
"""Leaves of a request to generate content."""

OTHERS: Final = (
    "/taskType", "/outputDimensionality", "/content/role", "/content/parts/*/thoughtSignature", "/ttl", "/expireTime",
    "/name", "/parameters/sampleCount", "/parameters/aspectRatio", "/parameters/personGeneration", "/parameters/seed",
)  # fmt: skip
"""Leaves of the other calls: embeddings, caches, pictures."""

HOLDERS: Final = (
    "",
    "/generateContentRequest",
    "/request",
    "/requests/*",
    "/batch/inputConfig/requests/requests/*/request",
)
"""Where a request may stand within another."""

FUNCTION_RESPONSE: Final = frozenset({"functionResponse", "function_response"})


def both(leaves: Iterable[str]) -> Iterator[str]:
    """Yield pointers in every spelling, each step in either."""
    for leaf in leaves:
        for steps in product(*({step, snake_name(step)} for step in leaf.split("/"))):
            yield "/".join(steps)


IGNORED: Final[frozenset[Shape]] = shapes(*both(holder + leaf for holder in HOLDERS for leaf in (*REQUEST, *OTHERS)))

SIGNATURES: Final = tuple(
    both(holder + where + "/parts/*/thoughtSignature" for holder in HOLDERS for where in ("/contents/*", "/content"))
)
"""Where a request holds signatures of thoughts."""

CODE_ASSIST: Final[frozenset[Shape]] = IGNORED | shapes(*both((
    "/project", "/userPromptId", "/requestId", "/requestType", "/userAgent", "/request/sessionId", "/tierId",
    "/metadata/ideType", "/metadata/platform", "/metadata/pluginType", "/cloudaicompanionProject",
)))  # fmt: skip
"""The same, with the words of the envelope that Code Assist puts around a request."""


def role_at(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: the result of a function is the tool's, though a user turn carries it."""
    for place, step in enumerate(path):
        if step in ("systemInstruction", "system_instruction"):
            return "system"
        if step == "contents" and len(path) > place + 1:
            if not FUNCTION_RESPONSE.isdisjoint(path[place:]):
                return "tool"
            one = place + 1 + isinstance(path[place + 1], int)  # a single message may stand without a list
            message = message_at(tree, path[:one])
            silent = isinstance(message, dict) and "role" not in message
            return "user" if silent else role_of(message, "role", NAMES)
        if step in ("content", "prompt"):
            return "user"
    return "other"

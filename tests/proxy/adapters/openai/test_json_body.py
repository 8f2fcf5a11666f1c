"""An interface of the family reads what it can, passes what is sealed, and refuses as its host does."""

import base64
import json

from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.openai.json_body import JsonBody
from proxy.adapters.openai.shapes import DeltaShape
from proxy.adapters.openai_chat import refuse

SEAL = base64.b64encode(bytes(range(128, 256))).decode()
BODY = JsonBody("test", DeltaShape(), refuse, sealed=("/seal",), tokens="input")


def test_what_is_sealed_passes_and_token_ids_are_opaque():
    prompt = BODY.read(json.dumps({"seal": SEAL, "input": [100264, 7], "text": "张伟"}).encode(), "")
    assert ([part.text for part in prompt.parts], list(prompt.opaque)) == (["张伟"], ["/input"])


def test_it_is_bound_to_where_a_request_goes():
    refusal = Refusal(403, "blocked_by_policy", "no", "SL-1")
    assert BODY.at(Asked("POST", "/v1/x")).refuse(refusal).status == 403
    assert BODY.at(Asked("POST", "/v1/x", wire="azure")).refuse(refusal).status == 400
    assert BODY.refuse(refusal).status == 403, "binding changes nothing of the adapter itself"

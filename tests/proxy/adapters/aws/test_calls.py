"""What the address of a call of Bedrock says."""

import pytest

from proxy.adapters.aws.calls import Call, call_of
from proxy.adapters.interface import Asked


@pytest.mark.parametrize(
    ("path", "want"),
    [
        ("/model/amazon.nova-pro-v1%3A0/converse", Call("amazon.nova-pro-v1:0", False)),
        ("/gateway/model/m/converse-stream/?x=1", Call("m", True)),
        (
            "/model/arn%3Aaws%3Abedrock%3Aeu%3A1%3Ainference-profile%2Feu.m/invoke",
            Call("arn:aws:bedrock:eu:1:inference-profile/eu.m", False),
        ),
        ("/model/m/invoke-with-response-stream", Call("m", True)),
        ("/v1/chat", Call("", False)),
    ],
)
def test_the_address_says_model_and_verb(path: str, want: Call) -> None:
    assert call_of(Asked("POST", path)) == want

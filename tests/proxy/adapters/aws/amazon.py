"""Amazon's own client, whose requests a handler answers in place of the network."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import botocore.loaders
import botocore.session
import httpx
from botocore.awsrequest import AWSResponse
from botocore.config import Config

LOADER = botocore.loaders.create_loader()
"""Remembers what it has read of Amazon's descriptions of its services, which is most of what a client costs."""

type Handler = Callable[[httpx.Request], httpx.Response]


class Raw(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, amt: int = 512, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield the body in pieces."""
        del decode_content
        while piece := self.read(amt):
            yield piece


def client(handler: Handler, *, key: bool = True) -> Any:
    """Return a client of Bedrock that signs its requests, or with `key` sends an API key."""
    session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    session.set_credentials("AKIDEXAMPLE", "secret")
    settings = {"auth_scheme_preference": "httpBearerAuth"} if key else {}
    made = session.create_client("bedrock-runtime", "us-east-1", config=Config(**settings))

    def send(request: Any, **_: Any) -> AWSResponse:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = {
            name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()
        }
        answer = handler(httpx.Request(request.method, request.url, headers=headers, content=body))
        return AWSResponse(request.url, answer.status_code, dict(answer.headers), Raw(answer.read()))

    made.meta.events.register("before-send.bedrock-runtime", send)
    return made

"""gRPC, gRPC-Web and Connect with protobuf: nothing of them can be read, but a refusal can be told in their own way.

Cursor, Windsurf, Warp, and Google's interfaces when they are called by gRPC. There is no public schema, so the whole
request is unreadable: policy refuses it or lets it pass unread. A refusal of a stream has HTTP status 200, and says in
its end what went wrong; that some clients show other fields than the message is uncertain.
"""

import base64
from dataclasses import dataclass, replace
from typing import Final, NoReturn, Self
from urllib.parse import quote

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.interface import AnswerShape, Asked, Refusal
from proxy.adapters.vendors.refusing import final, tell
from proxy.errors import Unreadable
from proxy.exchange import Answer
from proxy.wire import json_text

WORDS: Final = {7: "permission_denied", 3: "invalid_argument", 9: "failed_precondition", 14: "unavailable"}
"""Numbers of gRPC's statuses that are not tried again, with the one that is, and Connect's words for them."""
END: Final = 0x02
"""Flag of the message that ends a stream of Connect."""
TRAILERS: Final = 0x80
"""Flag of the message with the trailers of gRPC-Web."""
PLAIN: Final = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""Characters that a message of gRPC may hold unescaped, beside letters and digits."""


def number_of(refusal: Refusal) -> int:
    """Return the number of the status that a refusal is."""
    if refusal.again:
        return 14
    if refusal.status >= 500:
        return 9
    return 3 if refusal.status in (400, 413) else 7


def framed(flag: int, data: bytes) -> bytes:
    """Return a message of a stream."""
    return bytes([flag]) + len(data).to_bytes(4) + data


def trailers(refusal: Refusal) -> dict[str, str]:
    """Return a refusal as gRPC's trailers."""
    return {"grpc-status": str(number_of(refusal)), "grpc-message": quote(refusal.message, safe=PLAIN)}


@dataclass(frozen=True, slots=True)
class Unread:
    """What both have in common: nothing is read."""

    id: str
    kind: str = ""
    """Media type of the request, which that of the answer must be."""
    shape: AnswerShape = AnyShape()  # noqa: RUF009 - it has no state
    tested: str = "format"
    reads: bool = False
    """What the table of what is covered asks."""

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one request."""
        return replace(self, kind=asked.content_type.partition(";")[0].strip().lower())

    def read(self, body: bytes, content_type: str) -> NoReturn:  # noqa: ARG002 - what every adapter is given
        """Raise `Unreadable`."""
        raise Unreadable("the request is in protobuf, whose fields have no names")


@dataclass(frozen=True, slots=True)
class Grpc(Unread):
    """Requests of gRPC and gRPC-Web."""

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as trailers: alone in the header fields, or as the one message of gRPC-Web."""
        told = trailers(refusal)
        headers = (("content-type", self.kind), ("cache-control", "no-store"))
        if not self.kind.startswith("application/grpc-web"):
            return Answer(200, (*headers, *told.items()), b"")
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        body = framed(TRAILERS, lines.encode("ascii"))
        return Answer(200, headers, base64.b64encode(body) if "-text" in self.kind else body)


@dataclass(frozen=True, slots=True)
class Connect(Unread):
    """Requests of Connect, one message or a stream of them."""

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as JSON, or as the end of a stream."""
        told = {"code": WORDS[number_of(refusal)], "message": refusal.message}
        if not self.kind.startswith("application/connect+"):
            return tell(refusal, told, status=final(refusal.status))
        headers = (("content-type", self.kind), ("cache-control", "no-store"))
        return Answer(200, headers, framed(END, json_text.dump({"error": told})))


GRPC: Final = Grpc("grpc")
CONNECT: Final = Connect("connect-proto")

"""mitmproxy's flows ↔ our nouns: the one place that reads and writes them.

Enters: a flow. Leaves: a `Request`, or the flow changed as an outcome says. Names of the destination must agree: a
host in the URL and another in the Host header is how a filter is told one story and the server another.
"""

import re
from typing import Final

from mitmproxy import connection, http

from proxy.errors import Misdirected, WireError
from proxy.exchange import Answer, Forward, Headers, Redirect, Request, header
from proxy.gather.stretch import CHANGES
from proxy.identity.interface import CERTIFIED, LOGIN, VOUCHED
from proxy.overload.admission import Baggage
from proxy.shell.patience import is_address
from proxy.shell.stream import BAGGAGE, GOES_INSIDE, OUR_ANSWER
from proxy.tenants import FIELDS, Tenants

CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""What stands in no field (RFC 9110, section 5.5): where one reader sees a sign, another sees the next line."""

METHOD: Final = re.compile(r"[A-Z]{3,}(?:-[A-Z]{3,})*")
"""A method that is a word, as all registered ones are; whatever else stands there is text that nobody would read."""

VERSIONS: Final = frozenset({"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"})

BROKEN_HEAD: Final = "sluice_broken_head"
"""Metadata key of a flow after whose answer nothing more is read on an HTTP/1 connection."""

AT_HOME: Final = "sluice_at_home"
"""Metadata key of a flow that is for the proxy itself."""

PASSED_BY: Final = "sluice_passed_by"
"""Metadata key of a flow that is none of our business."""

NOT_RESTORED: Final = "sluice_not_restored"
"""Metadata key of a flow whose answer passes with its placeholders, for want of a way to restore it."""


def must_be_plain(flow: http.HTTPFlow) -> None:
    """Raise `WireError` for a head that a server may read in another way than we do.

    mitmproxy takes lines that continue, bare CR and NUL, and sends them on as they came.
    """
    request = flow.request
    flow.metadata[BROKEN_HEAD] = True
    if request.http_version not in VERSIONS:
        raise WireError("the request is in no version of HTTP that Sluice reads")
    if METHOD.fullmatch(request.method) is None:
        raise WireError("the request has a method that no interface has")
    if CONTROL.search(request.data.method + request.data.path + request.data.authority):
        raise WireError("the request line holds a control character")
    if any(CONTROL.search(name + value) for name, value in request.headers.fields):
        raise WireError("a header field holds a control character, or goes on in a second line")
    del flow.metadata[BROKEN_HEAD]


def names_of(flow: http.HTTPFlow) -> frozenset[str]:
    """Return every name the client gave for its destination: URL or CONNECT, Host or :authority, SNI."""
    given = (flow.request.host, flow.request.host_header or "", flow.client_conn.sni or "")
    return frozenset(name for one in given if (name := bare_host(one)))


def bare_host(authority: str) -> str:
    """Return the host of `host`, `host:port` or `[v6]:port`, in lower case without a final dot."""
    host = authority.strip().lower()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    return host.rstrip(".")


def host_of(flow: http.HTTPFlow) -> str:
    """Return the one host that the request is for; raises `Misdirected` where the client names several."""
    names = names_of(flow)
    hosts = {name for name in names if not is_address(name)} or names
    if len(hosts) > 1:
        raise Misdirected("the request names different hosts as its destination")
    return next(iter(hosts), "")


def client_of(flow: http.HTTPFlow) -> tuple[str, str]:
    """Return the user name that has passed a login, or a client certificate's, or nothing, and the address."""
    login = flow.metadata.get(LOGIN) or flow.metadata.get(CERTIFIED) or ""
    peer = flow.client_conn.peername or ("",)
    return login, str(peer[0])


def request_of(flow: http.HTTPFlow, host: str) -> Request:
    """Return the request's head, with what a front says of the person; its body is read when it is there.

    What stands for a method and is none goes nowhere, a record included: it may be a value.
    """
    return Request(
        method=flow.request.method if METHOD.fullmatch(flow.request.method) else "",
        scheme=flow.request.scheme,
        host=host,
        port=flow.request.port,
        path=flow.request.path,
        headers=(*headers_of(flow.request.headers), *flow.metadata.get(VOUCHED, ())),
    )


def headers_of(headers: http.Headers) -> Headers:
    """Return header fields with names in lower case."""
    return tuple(
        (name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")) for name, value in headers.fields
    )


def answer(flow: http.HTTPFlow, made: Answer) -> None:
    """Set our own answer on the flow; nothing of it goes upstream, or came from there."""
    fields = [(name.encode(), value.encode()) for name, value in made.headers]
    flow.response = http.Response.make(made.status, made.body, http.Headers(fields))
    flow.metadata[OUR_ANSWER] = True
    flow.request.headers.pop("expect", None)
    if flow.metadata.get(BROKEN_HEAD) and not flow.request.is_http2:
        flow.response.headers["connection"] = "close"


def bring(flow: http.HTTPFlow, request: Request, body: bytes) -> bytes:
    """Put a file in place of its last stretch, as if it had come in one request; returns the file.

    It waits as a body of its length does; raises `Overloaded` where there is no room for that.
    """
    baggage = flow.metadata.get(BAGGAGE)
    if isinstance(baggage, Baggage) and (stopped := baggage.grow(len(body))) is not None:
        raise stopped
    for name in CHANGES:
        flow.request.headers.pop(name, None)
        if value := header(request.headers, name):
            flow.request.headers[name] = value
    flow.request.content = body
    return body


def announced(flow: http.HTTPFlow) -> int:
    """Return how many bytes of body the head announces; 0 where it does not say."""
    told = flow.request.headers.get("content-length", "0")
    return int(told) if told.isdecimal() else 0


def send(flow: http.HTTPFlow, outcome: Forward | Redirect) -> None:
    """Change the request as the outcome says."""
    flow.request.trailers = None
    if isinstance(outcome, Redirect):
        redirect(flow, outcome)
        return
    for name in outcome.without:
        flow.request.headers.pop(name, None)
    for name, value in outcome.replaced:
        flow.request.headers[name] = value
    flow.request.path = outcome.path
    if outcome.body is not None:
        flow.request.content = outcome.body


def restrict(flow: http.HTTPFlow, tenants: Tenants) -> None:
    """Put in the fields by which a service refuses other accounts, in place of any that the client wrote."""
    if fields := tenants.fields_for(names_of(flow)):
        for name in FIELDS:
            flow.request.headers.pop(name, None)
    for name, value in fields:
        flow.request.headers[name] = value


def redirect(flow: http.HTTPFlow, outcome: Redirect) -> None:
    """Point the request at the company's model; nothing of the client's head is left."""
    request = flow.request
    port = "" if outcome.port == {"http": 80, "https": 443}.get(outcome.scheme) else f":{outcome.port}"
    authority = f"[{outcome.host}]{port}" if ":" in outcome.host else f"{outcome.host}{port}"
    request.headers = http.Headers([(name.encode(), value.encode()) for name, value in outcome.headers])
    request.data.host, request.data.port = outcome.host, outcome.port
    request.method, request.scheme, request.path = "POST", outcome.scheme, outcome.path
    if request.is_http2 or request.is_http3:
        request.authority = authority
    else:
        request.authority = ""  # with an upstream proxy it still names the service
        request.headers.insert(0, "Host", authority)
    request.content = outcome.body
    flow.metadata[GOES_INSIDE] = True
    # A fresh connection of its own, without the client's upstream proxy.
    flow.server_conn = connection.Server(address=(outcome.host, outcome.port))

"""How a refusal reaches whoever asked: the request's headers and a refusal enter, an HTTP answer leaves.

A browser that opens a page gets a page, a beacon gets silence, everyone else the error that their client understands.
A script of another origin must be able to read the refusal, so cross-origin requests are answered as the service
would. No header value of the client may be copied into an answer unless it is well-formed.
"""

import re
from typing import Final

import orjson

from proxy.adapters.interface import Adapter, Refusal
from proxy.exchange import Answer, Headers, header
from proxy.refusals.page import page
from proxy.refusals.refusal import Explanation

ORIGIN: Final = re.compile(r"null|[a-z][a-z0-9+.-]*://[a-z0-9\[\]:._-]+", re.ASCII | re.IGNORECASE)
"""A serialised origin (RFC 6454, section 6.2)."""

TOKENS: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: ?, ?[!#$%&'*+.^_`|~0-9A-Za-z-]+)*", re.ASCII)
"""A list of tokens (RFC 9110, section 5.6.2)."""


def answer_for(
    headers: Headers, method: str, adapter: Adapter | None, refusal: Explanation, cors: bool = True
) -> Answer:
    """Return the answer that tells a client of `refusal`.

    `headers` are the request's, with names in lower case; `adapter` is None where no wire format is known. With `cors`
    false, nothing is said to other origins.
    """
    method = method.upper()
    if cors and is_preflight(headers, method):
        return Answer(204, preflight_headers(headers), b"")
    if is_unread(headers, method):
        answer = Answer(204, (("cache-control", "no-store"),), b"")
    elif is_navigation(headers, method):
        answer = page(refusal)
    elif adapter is not None:
        answer = adapter.refuse(refusal)
    else:
        answer = plain(refusal)
    extra = {"cache-control": "no-store", "x-should-retry": "false"}
    if refusal.again and answer.status >= 400:  # a chat turn of a page is no error to its script
        answer = Answer(refusal.status, answer.headers, answer.body)
        extra |= {"x-should-retry": "true", "retry-after": str(refusal.again)}
    if cors:
        extra |= cors_headers(headers)
    body = b"" if method == "HEAD" else answer.body
    return Answer(answer.status, merge(answer.headers, extra), body)


def is_navigation(headers: Headers, method: str) -> bool:
    """Return whether a person is opening a page."""
    mode = header(headers, "sec-fetch-mode").lower()
    if mode:
        return mode == "navigate"
    # Older browsers, and Safari before 16.4, send no fetch metadata.
    return method == "GET" and "text/html" in header(headers, "accept").lower() and not header(headers, "upgrade")


def is_unread(headers: Headers, method: str) -> bool:
    """Return whether no script can read the answer: a beacon or a hyperlink's ping."""
    if method != "POST":
        return False
    if header(headers, "content-type").lower().startswith("text/ping"):
        return True
    dest, mode = header(headers, "sec-fetch-dest").lower(), header(headers, "sec-fetch-mode").lower()
    return (dest, mode) == ("empty", "no-cors")


def is_preflight(headers: Headers, method: str) -> bool:
    """Return whether a browser asks if it may ask (Fetch, section 3.3.2)."""
    return (
        method == "OPTIONS" and bool(cors_headers(headers)) and bool(header(headers, "access-control-request-method"))
    )


def cors_headers(headers: Headers) -> dict[str, str]:
    """Return the fields that let a script of the request's origin read the answer; none without a valid origin."""
    origin = header(headers, "origin")
    if not ORIGIN.fullmatch(origin):
        return {}
    return {"access-control-allow-origin": origin, "access-control-allow-credentials": "true", "vary": "origin"}


def preflight_headers(headers: Headers) -> Headers:
    """Return the permission to send the request, so that its refusal can be read; it is not to be remembered."""
    allowed = cors_headers(headers)
    for asked, granted in (
        ("access-control-request-method", "access-control-allow-methods"),
        ("access-control-request-headers", "access-control-allow-headers"),
    ):
        value = header(headers, asked)
        if TOKENS.fullmatch(value):
            allowed[granted] = value
    return tuple((allowed | {"access-control-max-age": "0", "cache-control": "no-store"}).items())


def plain(refusal: Refusal) -> Answer:
    """Return the refusal as JSON in the shape that most clients look for."""
    error = {"message": refusal.message, "type": "policy_violation", "param": None, "code": refusal.code}
    if refusal.status != 403:
        error["type"] = "invalid_request_error" if refusal.status < 500 else "server_error"
    body = orjson.dumps({"error": error | {"reference": refusal.reference}})
    return Answer(refusal.status, (("content-type", "application/json"),), body)


def merge(headers: Headers, extra: dict[str, str]) -> Headers:
    """Return `headers` with the fields of `extra`, which replace those of the same name; `vary` is added to."""
    if "vary" in extra and header(headers, "vary"):
        extra = extra | {"vary": f"{header(headers, 'vary')}, {extra['vary']}"}
    kept = tuple((name, value) for name, value in headers if name not in extra)
    return kept + tuple(extra.items())

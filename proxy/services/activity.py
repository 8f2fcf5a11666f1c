"""What a person does with a service: method, path and headers enter, one of eight words leaves.

`prompt` sends words to a model, `complete` asks for the rest of a text or of code, `embed` for its vectors, `train`
teaches a model, `upload` sends a file, `download` fetches one, `visit` loads a page or what a page is made of, `other`
is the rest (reading an API, a preflight). At first only headers are known, later also whether a body came. A request
that carries text must never be called `visit`, `download` or `other`: where it is doubtful it is a `prompt`.
"""

import re
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote

from proxy.exchange import Headers, header
from proxy.services.service import Service

type Activity = Literal["prompt", "complete", "embed", "train", "upload", "download", "visit", "other"]

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that ask for something (RFC 9110, section 9.2.1)."""

PAGE_PARTS: Final = frozenset(
    {"audio", "audioworklet", "document", "embed", "font", "frame", "iframe", "image", "manifest", "object", "script"}
    | {"serviceworker", "sharedworker", "style", "track", "video", "worker", "xslt"}
)
"""Values of `Sec-Fetch-Dest` (Fetch, section 2.2.5) with which a browser loads a page or a part of one."""

ASSETS: Final = frozenset({"script", "style", "image", "font", "audio", "video", "track", "manifest"})
"""Those whose answers hold no conversation, and may stay compressed."""

ASSET: Final = re.compile(r"\.(?:avif|css|gif|html?|ico|jpe?g|js|map|mjs|otf|png|svg|ttf|wasm|webmanifest|webp|woff2?)")

TEXT_FIELDS: Final = frozenset({"content", "input", "message", "prompt", "q", "query", "question", "text"})
"""Query fields that hold a prompt in deep links and in the few APIs that ask by GET."""

FILE_ENDPOINT: Final = re.compile(
    r"/(?:files?|uploads?|attachments?|(?:[a-z]+[-_])*uploads?|uploads?[-_][a-z_-]+|prepare[-_]upload|uploadtoken"
    r"|genuploadinfo|convert_document|createagentservicefileuploadurl|completeagentservicefileupload"
    r"|getuploadfileurl[a-z]+)(?=[/:]|$)"
)
"""A path segment by which services take files; presigned and multi-step uploads announce the file there first."""

FILE_CONTENT: Final = re.compile(
    r"/(?:files?|attachments?|uploads?)/[^/]+/(?:content|download)/?$|/downloads?(?:/[^/]+)?/?$"
)
"""Ends of paths by which services give files back."""

CALLS: Final[tuple[tuple[Activity, re.Pattern[str]], ...]] = (
    (
        "train",
        re.compile(
            r"(?!.*:(?:stream)?generatecontent/?$)"  # of a tuned model
            r".*/(?:fine[_-]tun(?:es|ing)|tuned?models|training[_-]jobs|finetune[sd]?)(?:[/:].*)?"
        ),
    ),
    (
        "embed",
        re.compile(
            r".*(?:/embed(?:ding)?s?|:(?:async)?(?:batch)?embed(?:content|text)s?)/?"
            r"|.*/(?:services|wenxinworkshop)/embeddings/.+"
        ),
    ),
    (
        "complete",
        re.compile(
            r"(?!.*/(?:chat|agents)/completions/?$|.*/apps/[^/]+/completion/?$)"
            r".*/(?:completions|completion|infill|code[_-]completions?)/?"
        ),
    ),
)
"""Paths of the interfaces that do something else with a text than to answer it; the first that fits counts."""

FORMS: Final = {
    "huggingchat": re.compile(r"(?:/chat)?/conversation"),
    "spark": re.compile(r"/iflygpt[\w-]*/u/chat_message/(?:web/)?chat/?$"),
}
"""Paths to which pages post each prompt as a form in parts, as others post files."""

FILE_TYPE: Final = re.compile(
    r"image/|audio/|video/|multipart/|application/(?:pdf|zip|octet-stream|msword|vnd\.(?:openxmlformats|ms-|oasis))"
)


def activity(method: str, path: str, headers: Headers, service: Service | None, *, body: bool = False) -> Activity:
    """Return what the request does; `path` is with its query, header names are in lower case.

    `body` says that a body has come, announced or not.
    """
    method = method.upper()
    if header(headers, "upgrade").strip().lower() == "websocket":
        return "prompt"
    bare, _, query = path.partition("?")
    bare = unquote(bare).lower()
    if body or sends_body(method, headers):
        return "upload" if sends_file(bare, headers, service) else call_of(bare)
    if holds_text(bare, query):
        return "prompt"
    if method == "POST" and header(headers, "upload-length").strip():
        return "upload"  # tus announces a file in the head alone
    if method == "GET" and FILE_CONTENT.search(bare):
        return "download"
    return "visit" if method == "GET" and loads_page(bare, headers) else "other"


def call_of(path: str) -> Activity:
    """Return what an interface does with the text that is sent to `path`."""
    return next((word for word, pattern in CALLS if pattern.fullmatch(path)), "prompt")


def sends_body(method: str, headers: Headers) -> bool:
    """Return whether a body comes with the request.

    HTTP/2 needs no header to send one, so a method that usually has a body is believed to have it unless it says 0.
    """
    if method in SAFE or method == "DELETE":
        return announces_body(headers)
    return header(headers, "content-length").strip() != "0"


def announces_body(headers: Headers) -> bool:
    """Return whether the headers say that a body follows."""
    return header(headers, "content-length").strip() not in {"", "0"} or bool(header(headers, "transfer-encoding"))


def sends_file(path: str, headers: Headers, service: Service | None) -> bool:
    """Return whether the body is a file, or the first step of sending one."""
    if service is not None and (turn := FORMS.get(service.wire or "")) and turn.match(path):
        return False
    content_type = header(headers, "content-type").strip().lower()
    return (
        FILE_TYPE.match(content_type) is not None
        or FILE_ENDPOINT.search(path) is not None
        or header(headers, "x-goog-upload-command") != ""
    )


def holds_text(path: str, query: str) -> bool:
    """Return whether the address itself carries a prompt, as `/?q=…` and `/prompt/…` do."""
    if re.search(r"/prompt/[^/]", path):
        return True
    return any(name.lower() in TEXT_FIELDS for name, value in parse_qsl(query) if value.strip())


def loads_page(path: str, headers: Headers) -> bool:
    """Return whether a GET loads a page or something that a page is made of."""
    wanted = header(headers, "sec-fetch-dest").strip().lower()
    if wanted in PAGE_PARTS or header(headers, "sec-fetch-mode").strip().lower() == "navigate":
        return True
    if ASSET.fullmatch(path[path.rfind(".") :] if "." in path else ""):
        return True
    return not wanted and "text/html" in header(headers, "accept").lower()

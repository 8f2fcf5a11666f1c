"""Files that travel in a request of their own: announced to a service, then sent to an address that it gave for them.

Enters: a request that announces a file, with the head and the body of its answer; later a request to such an address.
Leaves: whose file it is, how long it was said to be, and whether a request holds all of it. What an answer names is
opened and read from then on, wherever it lies; a piece of a file is never taken for a file that was looked into, for
what is cut in two shows in neither half. Kept for some hours, in the store, so that a restart forgets none and every
process knows of all: addresses as keyed digests, services and sizes, no word of a file.
"""

import hmac
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import structlog

from proxy.adapters.interface import Prompt
from proxy.errors import SluiceError, StoreError
from proxy.exchange import Headers, Part, Request, header
from proxy.services.catalogue import canonical_host
from proxy.store.interface import ExpectedFile, Store
from proxy.wire import json_text
from proxy.wire.whole import NUMBER, is_piece, plain

LASTS: Final = timedelta(hours=24)
"""How long an address is known; those of object stores are good for less."""
MOST: Final = 40_000
"""Places known at once, two for an address; the oldest is forgotten."""
MOST_IN_ANSWER: Final = 200
LARGEST_ANSWER: Final = 1024 * 1024

SIZES: Final = frozenset(
    {"filesize", "size", "bytes", "sizebytes", "contentlength", "bytesize", "filebytes", "totalbytes", "uploadlength"}
)
"""Keys under which a client says how long its file is; compared in lower case without `_` and `-`."""
BUCKETS: Final = frozenset({"bucket", "bucketname"})
BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")
ADDRESSES: Final = ("x-goog-upload-url", "location")
"""Header fields by which a service says where the bytes go; the second is that of tus and of Google's older form."""
SESSION: Final = ("upload_id", "uploadid")
"""Query fields that tell apart files sent to one path."""
SENDS: Final = frozenset({"PUT", "POST", "PATCH"})
ABOUT: Final = SENDS | {"HEAD", "DELETE"}
"""Methods that send a file, ask how far it has come (tus) or give it up."""
LOG = structlog.get_logger("sluice")


@dataclass(slots=True)
class Uploads:
    """All files announced lately; one for the whole proxy, asked from its loop and from its workers."""

    store: Store | None = None
    """Where they outlive the proxy; none keeps them in memory alone."""
    key: bytes = field(default=b"", repr=False)
    """Keys the digests of places."""
    known: dict[str, ExpectedFile] = field(default_factory=dict, repr=False)
    """By digest of a place: an address with its session, a host, or the name of a bucket, whose store's hosts begin so.

    The latest come last.
    """
    last: int = 0
    """Number in the store of the last one that is known here."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def watches(self, host: str, now: datetime) -> bool:
        """Return whether files are expected at `host`."""
        name = canonical_host(host)
        return self.expected([("host", name), ("bucket", name.partition(".")[0])], now) is not None

    def find(self, method: str, host: str, path: str, now: datetime) -> ExpectedFile | None:
        """Return the file that a request may be about: announced for its address, or for one above it."""
        if method.upper() not in ABOUT:
            return None
        name, (bare, session) = canonical_host(host), split(path)
        places = [(name, above, each) for above in upwards(bare) for each in dict.fromkeys((session, ""))]
        return self.expected([*places, ("bucket", name.partition(".")[0])], now)

    def learn(self, service: str, request: Request, said: bytes, headers: Headers, body: bytes, now: datetime) -> None:
        """Remember what the answer to an announcement names; `said` is the announcement, `body` is empty for its head.

        What is no JSON names nothing. Raises `StoreError`.
        """
        sent, answer = parsed(said), parsed(body)
        size = size_of(request.headers, sent)
        here = f"https://{request.host}"
        named = [value for name in ADDRESSES if (value := header(headers, name))]
        named += [value for _, value in strings(answer) if value.lower().startswith("https://")]
        named += [f"{announced}/{id_}" for announced in own_place(request) for id_ in own_ids(answer)]
        buckets = [value for key, value in strings(answer) if plain(key) in BUCKETS and BUCKET.fullmatch(value)]
        file = ExpectedFile(service, size, now + LASTS)
        made: dict[Place, ExpectedFile] = {}
        for each in named[:MOST_IN_ANSWER]:
            made |= dict.fromkeys(places_of(each if "://" in each else here + each), file)
        made |= {("bucket", name): replace(file, size=0) for name in buckets[:MOST_IN_ANSWER]}
        if made:
            self.keep({self.digest(place): file for place, file in made.items()})

    def keep(self, files: Mapping[str, ExpectedFile]) -> None:
        """Remember files by the digests of their places; raises `StoreError`."""
        with self.lock:
            self.add(files)
        if self.store is not None:
            self.store.put_files(files, MOST)

    def expected(self, places: Sequence["Place"], now: datetime) -> ExpectedFile | None:
        """Return the file of the first of these places at which one is expected."""
        digests = [self.digest(place) for place in places]
        with self.lock:
            if (found := self.first(digests, now)) is None and self.catch_up(now):
                found = self.first(digests, now)
            return found

    def first(self, digests: Sequence[str], now: datetime) -> ExpectedFile | None:
        """Return what is known here of the first of these places."""
        known = (self.known.get(digest) for digest in digests)
        return next((one for one in known if one is not None and one.until > now), None)

    def catch_up(self, now: datetime) -> bool:
        """Take in what other processes, or this one before it was started again, have kept; whether there was any.

        A store that cannot be read has no news: nothing is forwarded without it anyway, for no record can be kept.
        """
        try:
            news = self.store.files_since(self.last, now, MOST) if self.store is not None else ()
        except StoreError as error:
            LOG.error("announced files cannot be looked up", exc_info=error)
            return False
        if news:
            self.last = news[-1][0]
            self.add({place: file for _, place, file in news})
        return bool(news)

    def add(self, files: Mapping[str, ExpectedFile]) -> None:
        """Take in files, and forget the oldest where there are too many."""
        for digest, file in files.items():
            self.known.pop(digest, None)
            self.known[digest] = file
        while len(self.known) > MOST:
            del self.known[next(iter(self.known))]

    def digest(self, place: "Place") -> str:
        """Return what a place is called in memory and in the store."""
        return hmac.digest(self.key, "\0".join(place).encode("utf-8", "surrogatepass"), "sha256").hex()


type Place = tuple[str, ...]


def places_of(address: str) -> Iterator[Place]:
    """Yield the places that an address stands for: itself, and its host; none for what is no address."""
    try:
        parts = urlsplit(address)
        host = canonical_host(parts.hostname or "")
    except ValueError:
        return
    if host and parts.scheme == "https":
        yield (host, *split(f"{parts.path}?{parts.query}"))
        yield ("host", host)


@dataclass(frozen=True, slots=True)
class Piece:
    """A prompt that is but a piece of a file: what is in it is looked through, and it is not taken for the whole."""

    prompt: Prompt

    @property
    def parts(self) -> Sequence[Part]:
        """The texts of the piece."""
        return self.prompt.parts

    @property
    def opaque(self) -> Sequence[str]:
        """What could not be looked into, the rest of the file among it."""
        return (*self.prompt.opaque, "#rest")

    @property
    def model(self) -> str:
        """The model asked for."""
        return self.prompt.model

    @property
    def stream(self) -> bool:
        """Whether a streamed answer is asked for."""
        return self.prompt.stream

    def rewrite(self, texts: Sequence[str]) -> bytes:
        """Return the piece with all texts in their places."""
        return self.prompt.rewrite(texts)


def with_rest(prompt: Prompt, request: Request, body: bytes) -> Prompt:
    """Return the prompt of a decoded body, marked where it is but a piece of a file."""
    return Piece(prompt) if body and is_piece(request, body) else prompt


def size_of(headers: Headers, said: Any) -> int:
    """Return how long an announced file is; 0 where that is not said once, or of one of several pieces."""
    if header(headers, "upload-concat"):
        return 0
    for name in ("x-goog-upload-header-content-length", "x-upload-content-length", "upload-length"):
        if NUMBER.fullmatch(value := header(headers, name).strip()):
            return int(value)
    found = {int(value) for key, value in leaves(said) if plain(key) in SIZES and NUMBER.fullmatch(str(value))}
    return found.pop() if len(found) == 1 else 0


def own_place(request: Request) -> Iterator[str]:
    """Yield the path below which a file is sent that was announced there: only `/uploads` is such a place."""
    bare = request.path.partition("?")[0].rstrip("/")
    if bare.endswith("/uploads"):
        yield bare


def own_ids(answer: Any) -> Iterator[str]:
    """Yield the id that an answer gives to what was announced."""
    id_ = answer.get("id") if isinstance(answer, Mapping) else None
    if isinstance(id_, str) and re.fullmatch(r"[\w.-]{1,200}", id_):
        yield id_


def split(path: str) -> tuple[str, str]:
    """Return a path without its query, and the session that the query names."""
    bare, _, query = path.partition("?")
    fields = {name.lower(): values for name, values in parse_qs(query).items()}
    return bare.rstrip("/"), next((fields[name][0] for name in SESSION if name in fields), "")


def upwards(bare: str) -> Iterator[str]:
    """Yield a path and the two above it, but not the root above another."""
    yield bare
    for _ in range(2):
        bare = bare.rpartition("/")[0]
        if bare:
            yield bare


def parsed(body: bytes) -> Any:
    """Return a body as JSON, or None."""
    if not 0 < len(body) <= LARGEST_ANSWER:
        return None
    try:
        return json_text.parse(body)
    except SluiceError:
        return None


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str | int]]:
    """Yield the strings and whole numbers in a JSON value, each with its key."""
    held = [(key, value)]
    while held:
        key, value = held.pop()
        if isinstance(value, Mapping):
            held += value.items()
        elif isinstance(value, list):
            held += ((key, one) for one in value)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            yield key, value


def strings(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the strings in a JSON value, each with its key."""
    yield from ((key, one) for key, one in leaves(value) if isinstance(one, str))

"""Requests that carry a value where, or how, a filter may not look.

Enters: a random generator and a value. Leaves: a request to an AI service. A text becomes a chat completion; the other
rows put the value into fields, files, codings and addresses.
"""

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random
from urllib.parse import quote

from bench.evasion.values import Value

CHAT = "/v1/chat/completions"
JSON = ("content-type", "application/json")
BOUNDARY = "x7MA4YWxkTrZu0gW"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as a client sends it."""

    body: bytes = field(repr=False)
    path: str = field(default=CHAT, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(JSON,), repr=False)
    method: str = "POST"
    pieces: tuple[str, ...] = field(default=(), repr=False)
    """What of the value must not stand in what goes out, where that is not the value itself."""
    earlier: tuple[bytes, ...] = field(default=(), repr=False)
    """Bodies that the same person has sent before, one request each."""
    host: str = "api.openai.com"
    live: str = ""
    """How a running proxy is sent the body, where that is no request that could be handed to the pipeline."""


Wire = Callable[[Random, Value], Sent]


def messages(*said: object, role: str = "user", **more: object) -> bytes:
    """Return a chat completion."""
    told = [{"role": role, "content": each} for each in said]
    return json.dumps({"model": "gpt-5", "messages": told, **more}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def halves(rng: Random, text: str, count: int) -> list[str]:
    """Return a text cut into pieces of three characters at least."""
    size = len(text) // count
    cuts = [place * size + (rng.choice((-1, 0, 0, 1)) if size > 4 else 0) for place in range(1, count)]
    edges = [0, *cuts, len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def turns(rng: Random, value: Value) -> Sent:
    """Spread it over several messages of a conversation, with answers between."""
    pieces = halves(rng, value.text, rng.choice((2, 2, 3)))
    leads = ("", "前一半是", "the first part is ", "记住:")
    told = []
    for place, piece in enumerate(pieces):
        lead = rng.choice(leads if not place else ("", "然后是", "then comes ", "接着"))
        before = value.before if not place else ""
        told.append({"role": "user", "content": before + lead + piece})
        told.append({"role": "assistant", "content": rng.choice(("好的。", "OK, go on.", "Noted."))})
    told.append({"role": "user", "content": value.after or "go on"})
    body = json.dumps({"model": "gpt-5", "messages": told}, ensure_ascii=False).encode()
    return Sent(body, pieces=tuple(pieces))


def both_sides(rng: Random, value: Value) -> Sent:
    """Spread it over a user's and an assistant's turns, as whoever writes the history himself can."""
    pieces = halves(rng, value.text, rng.choice((2, 2, 3)))
    roles = rng.choice((("user", "assistant", "user"), ("assistant", "user", "assistant")))
    told = [{"role": role, "content": piece} for role, piece in zip(roles, pieces, strict=False)]
    told[0]["content"] = value.before + told[0]["content"]
    told[-1]["content"] += rng.choice(("", " " + value.after, "，谢谢"))
    told = [{"role": "user", "content": "hi"}, *told, {"role": "user", "content": "go on"}]
    return Sent(json.dumps({"model": "gpt-5", "messages": told}, ensure_ascii=False).encode(), pieces=tuple(pieces))


def cut_word(rng: Random, value: Value) -> Sent:
    """Cut a term, what leads to a password, or a private key's first line over parts or turns."""
    text, kind = value.text, value.kind
    if kind == "password":
        told = [value.before, text + rng.choice(("", " ", "\n"))]
        if not value.twin and rng.random() < 0.5:
            told = [rng.choice(("What is the password?", "请问密码是多少？", "请输入密码：", "登录口令是")), text]
        pieces: tuple[str, ...] = (text,)
    elif kind == "private":
        named = rng.choice(("PUBLIC KEY", "CERTIFICATE") if value.twin else ("PRIVATE KEY", "RSA PRIVATE KEY"))
        whole = f"-----BEGIN {named}-----\n{text}\n-----END {named}-----"
        at = rng.choice((9, 15, len(named) + 16, len(named) + 17, len(named) + 17 + len(text) // 2))
        told, pieces = [whole[:at], whole[at:]], tuple(text.split("\n"))
    else:
        at = rng.randint(1, len(text) - 1)
        told, pieces = [value.before + text[:at], text[at:] + value.after], (text[:at] + "\n" + text[at:],)
    if rng.random() < 0.5:
        content = [{"type": "text", "text": one} for one in told]
        return Sent(messages(content), pieces=pieces)
    roles = rng.choice((("user", "user"), ("user", "assistant"), ("assistant", "user")))
    said = [{"role": role, "content": one} for role, one in zip(roles, told, strict=True)]
    said = [{"role": "user", "content": "hi"}, *said, {"role": "user", "content": "ok"}]
    return Sent(json.dumps({"model": "gpt-5", "messages": said}, ensure_ascii=False).encode(), pieces=pieces)


def across(rng: Random, value: Value) -> Sent:
    """Spread it over the instructions and what the person says, as it is or in other signs."""
    numerals, wide = (
        str.maketrans("0123456789", "零一二三四五六七八九"),
        str.maketrans("0123456789", "０１２３４５６７８９"),
    )
    pieces = halves(rng, value.text.translate(rng.choice(({}, numerals, wide))), 2)
    roles = rng.choice((("system", "user"), ("tool", "user"), ("user", "user"), ("user", "tool")))
    told = [value.before + pieces[0], pieces[1] + value.after]
    said = [{"role": role, "content": text} for role, text in zip(roles, told, strict=True)]
    return Sent(json.dumps({"model": "gpt-5", "messages": said}, ensure_ascii=False).encode(), pieces=tuple(pieces))


def drip(rng: Random, value: Value) -> Sent:
    """Spread it over requests that do not repeat each other; what counts is the piece that makes it whole."""
    pieces = halves(rng, value.text, rng.choice((2, 2, 3)))
    first = ("", "前一半是", "the first part is ", "记住:")
    told = [value.before + rng.choice(first) + pieces[0]]
    told += [rng.choice(("", "然后是", "then comes ", "接着")) + piece for piece in pieces[1:]]
    return Sent(messages(told[-1]), pieces=(pieces[-1],), earlier=tuple(map(messages, told[:-1])))


def parts(rng: Random, value: Value) -> Sent:
    """Spread it over parts of one message, or over fields of a form."""
    pieces = halves(rng, value.text, rng.choice((2, 3)))
    if rng.random() < 0.25:
        fields = "&".join(f"f{place}={quote(piece)}" for place, piece in enumerate([value.before, *pieces]))
        kind = ("content-type", "application/x-www-form-urlencoded")
        return Sent(fields.encode(), "/v1/feedback", (kind,), pieces=tuple(pieces))
    content = [{"type": "text", "text": piece} for piece in (value.before, *pieces, value.after) if piece]
    return Sent(messages(content), pieces=tuple(pieces))


def anywhere(rng: Random, value: Value) -> Sent:
    """Put it into a field that is no message."""
    text = value.sentence
    tool = {"type": "function", "function": {"name": "look_up", "description": text, "parameters": {"type": "object"}}}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": json.dumps({"q": text})}}
    return Sent(
        rng.choice(
            (
                messages("hello", metadata={"note": text}),
                messages("hello", user=text),
                messages("hello", tools=[tool]),
                messages(text, role="system"),
                messages("hello", response_format={"type": "json_schema", "json_schema": {"title": text}}),
                json.dumps({"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]}).encode(),
            )
        )
    )


def tools(rng: Random, value: Value) -> Sent:
    """Put it into what a coding agent sends: a file, a diff, the output of a shell."""
    named = {"key": "COMMIT" if value.twin else "API_KEY", "email": "PACKAGE" if value.twin else "OWNER"}
    name = named.get(value.kind, "NUMBER")
    shown = rng.choice(
        (
            f"diff --git a/.env b/.env\n+{name}={value.text}\n-DEBUG=1\n",
            f"$ env | grep --color=always .\n\x1b[1;32m{name}\x1b[0m=\x1b[01;31m\x1b[K{value.text}\x1b[m\x1b[K\n$ ",
            f"$ env\nPATH=/usr/bin\n{name}={value.text}\n$ ",
            f'// config.ts\nexport const x = {{ {name.lower()}: "{value.text}" }};\n',
            f"2026-11-27T10:00:01 INFO request done {name.lower()}={value.text} in 12 ms\n",
        )
    )
    told = [{"role": "tool", "tool_call_id": "c1", "content": shown}]
    return Sent(json.dumps({"model": "m", "messages": told}).encode())


def inner(rng: Random, value: Value) -> Sent:
    """Wrap it in JSON in strings, to four levels."""
    text = value.sentence
    for _ in range(rng.randint(1, 4)):
        text = json.dumps({"data": text}, ensure_ascii=rng.random() < 0.5)
    return Sent(messages(text))


def query(rng: Random, value: Value) -> Sent:
    """Put it into an address."""
    once = quote(value.sentence, safe="")
    asked = rng.choice((once, quote(once, safe="")))
    path = rng.choice((f"/v1/search?q={asked}", f"/v1/files/{asked}", f"/v1/x?a=1&{asked}=2"))
    if value.kind == "id" and rng.random() < 0.5:
        pieces = halves(rng, value.text, rng.choice((2, 3)))
        fields = "&".join(f"{name}={piece}" for name, piece in zip("abc", pieces, strict=False))
        return Sent(b"", rng.choice((f"/v1/search?{fields}", "/v1/x/" + "/".join(pieces))), (), "GET", tuple(pieces))
    return Sent(b"", path, (), "GET")


def fields(rng: Random, value: Value) -> Sent:
    """Put it into a field of the head: one of the person's own, or one that a program fills."""
    text = value.text
    head = rng.choice(
        (("x-note", text), ("referer", f"https://intranet.example/?q={quote(text)}"),
         ("user-agent", f"agent/1.0 ({text})"), ("x-stainless-lang", text), ("idempotency-key", text),
         ("x-request-id", f"req-{text}"), ("openai-organization", text), ("x-forwarded-for", text),
         ("accept-language", f"{text}, en;q=0.5"), ("sec-ch-ua-model", f'"{text}"'), ("tracestate", f"vendor={text}"),
         ("if-none-match", f'"{text}"'), ("trailer", text), ("cache-control", f"no-cache, {text}"))
    )  # fmt: skip
    return Sent(messages("hello"), headers=(JSON, head))


def credentials(rng: Random, value: Value) -> Sent:
    """Put it into what the service itself has written, or where a password stands."""
    basic = base64.b64encode(f"me:{value.text}".encode()).decode()
    head = rng.choice((("cookie", f"draft={value.text}; theme=dark"), ("x-auth", f"Basic {basic}")))
    return Sent(messages("hello"), headers=(JSON, head))


def graphql(rng: Random, value: Value) -> Sent:
    """Put it into variables, a batch, an alias, or the query itself."""
    text = value.sentence
    asked = "mutation Send($m: String!) { send(message: $m) { id } }"
    one = {"operationName": "Send", "query": asked, "variables": {"m": text}}
    literal = {"query": f"mutation {{ a1: send(message: {json.dumps(text)}) {{ id }} }}"}
    asked = rng.choice((one, [one, one], literal, {"variables": {"list": [{"m": text}]}}))
    return Sent(json.dumps(asked).encode(), path="/graphql")


def multipart(*sections: tuple[str, bytes]) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Return an upload of sections, each with its head."""
    body = b"".join(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + b"\r\n" for head, data in sections)
    kind = ("content-type", f"multipart/form-data; boundary={BOUNDARY}")
    return body + f"--{BOUNDARY}--\r\n".encode(), (kind,)


def odd_multipart(rng: Random, value: Value) -> Sent:
    """Use what of multipart is seldom used."""
    text = value.sentence.encode()
    plain = 'Content-Disposition: form-data; name="purpose"'
    how = rng.randrange(6)
    if how == 0:
        body, head = multipart((plain, b"a"), (plain, text))
    elif how == 1:
        body, head = multipart((plain, text))
        body = body.removesuffix(b"--\r\n")
    elif how == 2:
        body, head = multipart((plain, b"a"))
        body = text + b"\r\n" + body
    elif how == 3:
        body, head = multipart((plain, b"a"))
        body += text
    elif how == 4:
        body, head = multipart((plain + "\r\nContent-Transfer-Encoding: base64", base64.b64encode(text)))
    else:
        name = f"Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''{quote(value.text)}.txt"
        body, head = multipart((name, b"hello"))
    return Sent(body, "/v1/files", head)


def endpoint(rng: Random, value: Value) -> Sent:
    """Use an interface of the vendor that is no chat."""
    text = value.sentence
    path, body = rng.choice(
        (
            ("/v1/embeddings", {"model": "e", "input": [text]}),
            ("/v1/moderations", {"input": text}),
            ("/v1/images/generations", {"prompt": text}),
            ("/v1/batches", {"metadata": {"description": text}}),
            ("/v1/threads", {"messages": [{"role": "user", "content": text}]}),
            ("/v1/audio/speech", {"input": text, "voice": "x"}),
            ("/v1/feedback", {"comment": text}),
            ("/v1/telemetry/events", {"events": [{"name": "typed", "props": {"draft": text}}]}),
        )
    )
    return Sent(json.dumps(body).encode(), path)


def chunked(rng: Random, value: Value) -> Sent:
    """Send one piece of a resumable upload: the half of a file with the half of a value."""
    body = (value.before + value.text[: len(value.text) // 2]).encode()
    head = ("content-range", f"bytes 0-{len(body) - 1}/{len(body) * 2}")
    kind = ("content-type", rng.choice(("application/octet-stream", "text/plain", "application/offset+octet-stream")))
    return Sent(body, "/v1/uploads/u1/parts", (kind, head), "PUT", pieces=(value.text[: len(value.text) // 2],))


def twice(rng: Random, value: Value) -> Sent:
    """Give one key of an object twice."""
    said = [json.dumps(value.sentence), '"hello"']
    rng.shuffle(said)
    body = f'{{"model":"m","messages":[{{"role":"user","content":{said[0]},"content":{said[1]}}}]}}'
    return Sent(body.encode())


def keys(rng: Random, value: Value) -> Sent:
    """Put it into a key, or into a number."""
    text = value.text
    if text.isdigit() and rng.random() < 0.5:
        number = rng.choice(
            (text, f"{text}.0", f"-{text}", f"-{text}.0e0", f"{text[0]}.{text[1:]}e{len(text) - 1}", f"{text}00E-2")
        )
        return Sent(messages("hi", metadata={"n": "?"}).replace(b'"?"', number.encode()), pieces=(text, number))
    return Sent(messages("hi", **{rng.choice(("metadata", "logit_bias")): {text: 1}}))


def codings(rng: Random, value: Value) -> Sent:
    """Compress the body in ways that are allowed, seldom, or nobody's."""
    plain = messages(value.sentence)
    body, named = rng.choice(
        (
            (gzip.compress(gzip.compress(plain)), "gzip, gzip"),
            (gzip.compress(plain), "x-gzip"),
            (gzip.compress(plain), "GZip"),
            (zlib.compress(plain), "deflate"),
            (plain.hex().encode(), "hex"),
            (base64.b64encode(plain), "base64"),
            (plain, "utf-8"),
            (plain, "aws-chunked"),
        )
    )
    return Sent(body, headers=(JSON, ("content-encoding", named)))


def members(rng: Random, value: Value) -> Sent:
    """Hide it behind the end of a compressed body."""
    plain, harmless = messages(value.sentence), messages("hello")
    body, named = rng.choice(
        (
            (gzip.compress(harmless) + gzip.compress(plain), "gzip"),
            (gzip.compress(harmless) + plain, "gzip"),
            (zlib.compress(harmless) + plain, "deflate"),
            (gzip.compress(plain)[:-9], "gzip"),
            (b"\x50\x2a\x4d\x18" + len(plain).to_bytes(4, "little") + plain, "zstd"),
        )
    )
    return Sent(body, headers=(JSON, ("content-encoding", named)))


def charsets(rng: Random, value: Value) -> Sent:
    """Declare another charset, or use one."""
    plain = messages(value.sentence)
    text = plain.decode()
    body, named = rng.choice(
        (
            (plain, "cp037"),
            (plain, "utf-7"),
            (plain, "rot13"),
            (text.encode("utf-16"), "utf-16"),
            (text.encode("utf-16-le"), "utf-8"),
            (text.encode("gb18030"), "gbk"),
            (text.encode("cp037", "replace"), "utf-8"),
        )
    )
    return Sent(body, headers=(("content-type", f"application/json; charset={named}"),))


def oddities(rng: Random, value: Value) -> Sent:
    """Break the rules of UTF-8."""
    plain = messages(value.sentence)
    text = value.text.encode()
    body = rng.choice(
        (
            b"\xef\xbb\xbf" + plain,
            plain.replace(text, b"".join(bytes((0xC0 | one >> 6, 0x80 | one & 63)) for one in text)),
            plain.replace(text, text[:4] + b"\xed\xa0\x80" + text[4:]),
            plain.replace(text, text[:4] + b"\\ud800" + text[4:]),
            plain.replace(text, text[:4] + b"\\u0000" + text[4:]),
            plain.replace(text, text[:4] + b"\x00" + text[4:]),
        )
    )
    return Sent(body, pieces=(value.text, value.text[4:]))


def exhausting(rng: Random, value: Value) -> Sent:
    """Wear the filter out: very deep, or thousands of near misses, with the value at the end."""
    if rng.random() < 0.3:
        depth = 5000
        return Sent(b"[" * depth + json.dumps(value.sentence).encode() + b"]" * depth, "/v1/x")
    filling = rng.choice(("1", "a", "@a.", "1 ", "中", "%31", "\\u0031", "=")) * 20_000
    return Sent(messages(filling + "\n" + value.sentence))


def sent_text(text: str, body: Callable[..., bytes] = messages) -> Sent:
    """Return a text as a chat completion."""
    return replace(Sent(b""), body=body(text))


def archive(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return made.getvalue()

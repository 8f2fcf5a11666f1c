"""A small server of the Open Inference Protocol v2, with the shipped models in onnxruntime; it makes up no answer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import orjson

from detectors.ner.names import MODELS
from proxy.inference.remote import name_of

KINDS = {"BOOL": "?", "INT32": "<i4", "INT64": "<i8", "FP32": "<f4"}
FILES = {kind: MODELS / kind / "model.onnx" for kind in ("hashed", "latin")}


@dataclass
class Manner:
    """How the server behaves, and what it has seen."""

    binary: bool = True
    token: str = ""
    status: int = 200
    sleeps: float = 0.0
    spoils: str = ""
    """What becomes of an answer: `short`, `shape`, `json` or nothing."""
    rows: list[int] = field(default_factory=list)
    """Rows of each request for an inference."""
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0


class Sessions:
    """The models, opened when they are first asked for."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.files = files
        self.opened: dict[str, Any] = {}
        self.lock = threading.Lock()

    def get(self, name: str) -> Any:
        with self.lock:
            if name not in self.opened and name in self.files:
                self.opened[name] = onnxruntime.InferenceSession(str(self.files[name]))
            return self.opened.get(name)


def describe(session: Any) -> dict[str, Any]:
    types = {"tensor(int32)": "INT32", "tensor(int64)": "INT64", "tensor(float)": "FP32"}
    return {
        kind: [
            {"name": one.name, "datatype": types[one.type], "shape": [s if type(s) is int else -1 for s in one.shape]}
            for one in some
        ]
        for kind, some in (("inputs", session.get_inputs()), ("outputs", session.get_outputs()))
    }


def handler(sessions: Sessions, manner: Manner) -> type[BaseHTTPRequestHandler]:  # noqa: C901  # a class with its methods
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            manner.connections += 1
            super().setup()

        def log_message(self, *_: object) -> None:
            pass

        def reply(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def allowed(self) -> bool:
            if manner.token and self.headers.get("authorization") != f"Bearer {manner.token}":
                self.reply(401, b"{}")
                return False
            time.sleep(manner.sleeps)
            if manner.status != 200:
                self.reply(manner.status, b'{"error": "no"}')
                return False
            return True

        def do_GET(self) -> None:
            if not self.allowed():
                return
            if self.path == "/v2":
                extensions = ["binary_tensor_data"] if manner.binary else []
                self.reply(200, orjson.dumps({"name": "small", "version": "1", "extensions": extensions}))
                return
            session = sessions.get(self.path.removeprefix("/v2/models/"))
            if session is None:
                self.reply(404, b"{}")
            else:
                self.reply(200, orjson.dumps(describe(session)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            manner.seen.append(body)
            if not self.allowed():
                return
            session = sessions.get(self.path.removeprefix("/v2/models/").removesuffix("/infer"))
            size = int(self.headers.get("inference-header-content-length", len(body)))
            asked, raw, inputs = orjson.loads(body[:size]), body[size:], {}
            for one in asked["inputs"]:
                if "data" in one:
                    numbers = np.array(one["data"], KINDS[one["datatype"]])
                else:
                    length = one["parameters"]["binary_data_size"]
                    numbers, raw = np.frombuffer(raw[:length], KINDS[one["datatype"]]), raw[length:]
                inputs[one["name"]] = numbers.reshape(one["shape"])
            (logits,) = session.run(["logits"], inputs)
            manner.rows.append(logits.shape[0])
            output: dict[str, Any] = {"name": "logits", "datatype": "FP32", "shape": list(logits.shape)}
            if manner.spoils == "shape":
                output["shape"] = [output["shape"][0] + 1, *output["shape"][1:]]
            data = logits.astype("<f4").tobytes()
            if manner.binary:
                output["parameters"] = {"binary_data_size": len(data)}
                head = orjson.dumps({"outputs": [output]})
                answer = head + (data[:-4] if manner.spoils == "short" else data)
                self.reply(200, answer, inference_header_content_length=str(len(head)))
            else:
                output["data"] = logits.ravel().tolist()[: -1 if manner.spoils == "short" else None]
                self.reply(200, b"<html>" if manner.spoils == "json" else orjson.dumps({"outputs": [output]}))

    return Handler


@contextmanager
def serving(manner: Manner, files: dict[str, Path] | None = None, port: int = 0) -> Iterator[str]:
    """Serve the shipped models, or others by name, and yield the server's address."""
    named = {name_of(kind, file): file for kind, file in FILES.items()} if files is None else files
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(Sessions(named), manner))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""`sluice record` takes a format down from a real exchange, and what it writes passes the adapters' own tests."""

import json
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from websockets.sync.client import connect

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.adapters.sockets.copilot import CHAT
from proxy.capture.mask import ORIGINALS, PERSON, SENTENCE
from proxy.demo.authority import make_authority, server_context
from proxy.demo.manner import Manner
from proxy.demo.process import end, importable, sluice
from proxy.demo.seen import Reply, Seen
from proxy.demo.standins import ExternalStandIn
from tests import nursery
from tests.e2e.socket_standin import SocketStandIn
from tests.e2e.street import HOSTS, OUTSIDE_HOST, completion
from tests.proxy.adapters.test_conformance import Stream

SECRETS = ("Mira", "Lotz", "合同", "13912345678", "sess-cookie-8841", "tok-7736", "c0ffee1234")
"""Words of the person, and what identifies them, none of which may be in a file."""
TYPED = f"Mira Lotz 合同 13912345678 {SENTENCE}"


class NewFormat(ExternalStandIn):
    """A page that has changed its format: what it is told stands in `blocks[]`, and its answer comes under `bits`."""

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Repeat what was typed, three characters at a time."""
        if seen.path.partition("?")[0] != "/api/v9/turn":
            await super().route(seen, reply, manner)
            return
        text = seen.json()["blocks"][0]["payload"]
        await reply.start(200, (("content-type", "text/event-stream"), ("set-cookie", "sess-cookie-8841")))
        for at in range(0, len(text), 3):
            event = {"type": "bits_delta", "trace": "c0ffee1234", "bits": {"text": text[at : at + 3]}}
            await reply.send(f"event: bits_delta\nid: {at}77\ndata: {json.dumps(event)}\n\n".encode())
        await reply.send(b"data: [DONE]\n\n")
        await reply.end()


@dataclass
class Recording:
    """The running command, and what stands round it."""

    port: int
    folder: Path
    external: NewFormat | SocketStandIn
    trust: Callable[[], ssl.SSLContext]
    process: subprocess.Popen[bytes]

    def post(self, url: str, **options: Any) -> httpx.Response:
        with httpx.Client(proxy=f"http://127.0.0.1:{self.port}", verify=self.trust(), trust_env=False) as client:
            return client.post(url, headers={"cookie": "sid=sess-cookie-8841", "authorization": "tok-7736"}, **options)

    def ended(self) -> tuple[int, str]:
        said, _ = self.process.communicate(timeout=100)
        return self.process.returncode, said.decode()

    def written(self) -> dict[str, dict[str, Any]]:
        files = sorted(self.folder.rglob("*.yaml"))
        return {str(file.relative_to(self.folder)): yaml.safe_load(file.read_text("utf-8")) for file in files}

    def expect_no_words(self) -> None:
        for file in self.folder.rglob("*.yaml"):
            assert [word for word in SECRETS if word.lower() in file.read_text("utf-8").lower()] == []


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def recording(
    folder: Path,
    host: str,
    *words: str,
    language: str = "C.UTF-8",
    standin: type[NewFormat] | type[SocketStandIn] = NewFormat,
) -> Iterator[Recording]:
    """Start stand-in and command, and wait until it listens."""
    authority = make_authority(folder)
    hosts = (*HOSTS, "copilot.microsoft.com")
    external = standin(server_context(authority, hosts))
    external.start()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    resolve = {f"{name}:443": external.address for name in hosts}
    settings = {"state": "state", "resolve": resolve, "upstream_ca": str(authority.pem)}
    (folder / "sluice.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    where = ("--config", str(folder / "sluice.yaml"), "--out", str(folder / "out"), "--listen", f"127.0.0.1:{port}")
    process = nursery.begin(
        sluice("record", "--host", host, *where, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": language, **importable()},
    )
    ca = folder / "state" / "sluice-ca.pem"
    try:
        deadline = time.monotonic() + 60
        while not listens(port):
            assert process.poll() is None and time.monotonic() < deadline, "it did not start"
            time.sleep(0.1)
        yield Recording(port, folder / "out", external, lambda: ssl.create_default_context(cafile=str(ca)), process)
    finally:
        end(process)
        external.stop()


def test_a_known_format_is_taken_down_as_cases_that_the_tables_take(tmp_path: Path) -> None:
    with recording(tmp_path, "openai.com") as run:
        body = completion(TYPED, stream=True, user="Mira Lotz", metadata={"合同": "c0ffee1234"})
        answer = run.post("https://api.openai.com/v1/chat/completions?trace=c0ffee1234", json=body)
        assert answer.text.endswith("data: [DONE]\n\n"), "the page works as ever"
        code, said = run.ended()
        assert code == 0, said
        run.expect_no_words()
        written = run.written()
    assert sorted(written) == ["answers/openai-chat.yaml", "wires/openai-chat.yaml"]
    (request,) = written["wires/openai-chat.yaml"].values()
    (stream,) = written["answers/openai-chat.yaml"].values()
    adapter = choose(Asked("POST", request["path"], (("content-type", "application/json"),), request["wire"]))
    prompt = adapter.read(request["body"].encode(), "application/json")
    assert [[part.role, part.pointer] for part in prompt.parts] == [part[:2] for part in request["parts"]]
    assert ["user", "/messages/0/content", PERSON] in request["parts"] and prompt.stream
    restored = Stream(adapter, stream["type"], stream["body"].encode(), stream["texts"])
    assert restored.read([restored.body]) == restored.texts
    assert all(original in stream["texts"][0] for original in ORIGINALS.values())
    assert "/messages/0/content" in said and "read by openai-chat" in said and "restored by openai-chat" in said


def test_a_new_format_shows_where_prompt_and_answer_stand(tmp_path: Path) -> None:
    with recording(tmp_path, "chatgpt.com", "--keep", "bits", "--keep", "turn", language="zh_CN.UTF-8") as run:
        body = {"blocks": [{"kind": "text", "payload": TYPED, "owner": "Mira"}], "Mira Lotz": {"seq": 77812}}
        run.post("https://chatgpt.com/api/v9/turn", json=body)
        code, said = run.ended()
        assert code == 0, said
        run.expect_no_words()
        written = run.written()
    (request,) = written["wires/fallback.yaml"].values()
    (stream,) = written["answers/fallback.yaml"].values()
    shape = json.loads(request["body"])
    assert request["path"] == "/api/v9/turn"
    assert shape["blocks"][0] == {
        "kind": "text",
        "payload": f"Xxxx Xxxx 字字 00000000000 {SENTENCE}",
        "unnamed1": "Xxxx",
    }
    assert shape["unnamed2"] == {"seq": 10000}
    assert stream["body"].startswith('event: bits_delta\nid: 000\ndata: {"type":"bits_delta","trace":"x0xxxx0000",')
    assert [text.count(original) for text in stream["texts"] for original in ORIGINALS.values()] == [1, 1]
    assert "/blocks/0/payload" in said and "回答位于 text" in said and "'owner', 'Mira Lotz'" in said


def test_other_hosts_and_other_requests_pass_and_leave_nothing(tmp_path: Path) -> None:
    with recording(tmp_path, "chatgpt.com") as run:
        other = ssl.create_default_context(cafile=str(tmp_path / "standin-ca.pem"))
        with httpx.Client(proxy=f"http://127.0.0.1:{run.port}", verify=other, trust_env=False) as client:
            answer = client.post(f"https://{OUTSIDE_HOST}/x", json={"text": TYPED})
        assert answer.status_code == 200, "tunnelled: the certificate is the server's own"
        assert run.post("https://chatgpt.com/api/v9/turn", json={"blocks": [{"payload": "Mira"}]}).status_code == 200
        run.process.terminate()
        code, said = run.ended()
        assert code == 1 and "Nothing was recorded" in said
        assert run.written() == {}


def test_a_websocket_is_taken_down_as_cases_that_the_tables_take(tmp_path: Path) -> None:
    with recording(tmp_path, "copilot.microsoft.com", standin=SocketStandIn) as run:
        where, proxy = "wss://copilot.microsoft.com/c/api/chat?accessToken=tok-7736", f"http://127.0.0.1:{run.port}"
        content = [{"type": "text", "text": TYPED}]
        with connect(where, ssl=run.trust(), proxy=proxy) as socket:
            socket.send(json.dumps({"event": "setOptions", "supportedFeatures": ["Mira"]}))
            socket.send(json.dumps({"event": "send", "conversationId": "c0ffee1234", "content": content}))
            while json.loads(socket.recv(10))["event"] != "done":
                pass
            code, said = run.ended()
        assert code == 0, said
        run.expect_no_words()
        written = run.written()
    (request,) = written["wires/ms-copilot.yaml"].values()
    (stream,) = written["answers/ms-copilot.yaml"].values()
    assert json.loads(request["body"])["event"] == "send" and "setOptions" not in request["body"]
    restored = Stream(CHAT, stream["type"], stream["body"].encode(), stream["texts"])
    assert restored.read([restored.body]) == restored.texts
    assert all(original in stream["texts"][0] for original in ORIGINALS.values())
    assert "/content/0/text" in said and "restored by ms-copilot" in said

"""Acts one scene: an employee asks through the proxy, and the stand-ins tell what reached them.

Enters: a stage with everything running. Leaves: what was typed, what left, what came back, and which promises were
kept. It judges by the stand-ins' bytes, never by a log.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from policies.decision import Text
from proxy.demo import speak_anthropic
from proxy.demo.authority import make_authority, server_context
from proxy.demo.process import Employee, RunningProxy, run_sluice, start_proxy
from proxy.demo.scenes import HOSTS, Fate, Scene
from proxy.demo.seen import Seen
from proxy.demo.standins import ExternalStandIn, InternalStandIn

PERSON: Final = "alice"

INTERNAL_KEY: Final = "internal-standin-key"

KEY_VARIABLE: Final = "SLUICE_DEMO_INTERNAL_KEY"


class DemoTrouble(Exception):
    """The demo cannot go on, for a reason that is not the proxy's."""


@dataclass(frozen=True, slots=True)
class Stage:
    """All that is running while scenes are acted."""

    proxy: RunningProxy
    external: ExternalStandIn
    internal: InternalStandIn
    employee: Employee


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that had to come true, and whether it did."""

    words: Text
    kept: bool


@dataclass(frozen=True, slots=True)
class Played:
    """A scene as it came out."""

    scene: Scene
    outside: tuple[Seen, ...]
    """Requests that reached the external stand-in."""
    inside: tuple[Seen, ...]
    """Requests that reached the internal stand-in."""
    came_back: str
    refused: bool
    attempts: int
    """HTTP requests the SDK sent, retries included."""
    promises: tuple[Promise, ...]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return all(promise.kept for promise in self.promises)


@contextmanager
def set_stage(folder: Path, **more: Any) -> Iterator[Stage]:
    """Start stand-ins, proxy and employee below `folder`, and end them all at the end; `more` are settings besides."""
    authority = make_authority(folder)
    external = ExternalStandIn(server_context(authority, HOSTS))
    internal = InternalStandIn()
    external.start()
    internal.start()
    try:
        policy = files("proxy.demo").joinpath("policy.yaml").read_text("utf-8")
        settings = demo_settings(external.address, internal.address, authority.pem)
        proxy = start_proxy(folder / "sluice", {**settings, **more}, policy, {KEY_VARIABLE: INTERNAL_KEY})
        try:
            employee = Employee.start(proxy.environment())
            try:
                yield Stage(proxy, external, internal, employee)
            finally:
                employee.stop()
        finally:
            proxy.stop()
    finally:
        internal.stop()
        external.stop()


def demo_settings(external: str, internal: str, upstream_ca: Path) -> dict[str, Any]:
    """Return the settings that lead every host of the demo to the stand-ins."""
    return {
        "resolve": {f"{host}:443": external for host in HOSTS},
        "upstream_ca": str(upstream_ca),
        "internal_model": {
            "url": f"http://{internal}/v1",
            "key_env": KEY_VARIABLE,
            "models": {"*": "standin-model"},
            "speaks": ["openai-chat"],
        },
        "identity": {"networks": [{"cidr": "127.0.0.0/8", "user": PERSON}]},
        "language": "both",
        "contact": "it-help@example.com",
    }


def act(scene: Scene, stage: Stage) -> Played:
    """Act one scene; raises `DemoTrouble` where an SDK is missing or a grant cannot be given."""
    stage.external.reset()
    stage.internal.reset()
    if scene.grants[0]:
        give_grant(stage.proxy, *scene.grants)
    asked = {"sdk": scene.sdk, "base_url": scene.base_url, "prompt": scene.prompt, "body": {"stream": scene.stream}}
    said = stage.employee.ask(asked)
    if "missing" in said:
        raise DemoTrouble(f"the package {said['missing']!r} is not installed: pip install openai anthropic")
    outside, inside = tuple(stage.external.requests), tuple(stage.internal.requests)
    refused = "error" in said
    came_back = said["error"]["message"] if refused else text_of(scene.sdk, said["done"])
    played = Played(scene, outside, inside, came_back, refused, said["attempts"], ())
    everything = stage.external.everything()
    return Played(scene, outside, inside, came_back, refused, said["attempts"], tuple(judge(played, everything)))


def give_grant(proxy: RunningProxy, service: str, rule: str) -> None:
    """Give the demo's person a grant through the command line; raises `DemoTrouble`."""
    who = ("--person", PERSON, "--service", service, "--rule", rule)
    why = ("--until", "2h", "--by", "张敏", "--purpose", "demo")
    done = run_sluice("grants", "add", "--config", str(proxy.config), *who, *why, secrets=proxy.secrets)
    if done.returncode:
        raise DemoTrouble(f"`sluice grants add` failed: {done.stderr.decode('utf-8', 'replace').strip()}")


def text_of(sdk: str, answer: Mapping[str, Any]) -> str:
    """Return the text of an SDK's answer."""
    if sdk == "openai":
        return answer["choices"][0]["message"]["content"] or ""
    return "".join(block.get("text") or "" for block in answer["content"])


def typed(seen: Seen, sdk: str) -> str:
    """Return the person's text as it stands in a request that a stand-in received."""
    body = seen.json()
    if sdk == "anthropic":
        return speak_anthropic.heard(body)[0]
    return str(body["messages"][-1]["content"])


def judge(played: Played, everything: bytes) -> Iterator[Promise]:
    """Yield the promises of a scene; `everything` is all that reached the external stand-in."""
    scene = played.scene
    leaked = any(value.encode() in everything for value in scene.confidential)
    yield Promise(Text("nothing confidential left the company", "机密内容未离开公司"), not leaked)
    match scene.fate:
        case Fate.FORBIDDEN | Fate.UNGRANTED:
            yield Promise(Text("nothing was sent anywhere", "未向任何地方发送"), not played.outside + played.inside)
            yield Promise(Text("the SDK raised its own error", "SDK 收到其原生错误"), played.refused)
            yield Promise(Text("the SDK did not retry", "SDK 没有重试"), played.attempts == 1)
        case Fate.REDACTED | Fate.GRANTED:
            yield Promise(Text("the service got one request", "服务收到一次请求"), len(played.outside) == 1)
            yield Promise(Text("the answer holds the originals again", "回答已还原原文"), restored(played))
        case Fate.REDIRECTED:
            yield Promise(Text("the service saw nothing", "外部服务什么也没收到"), not played.outside)
            yield Promise(Text("the internal model got one request", "内部模型收到一次请求"), len(played.inside) == 1)
            yield Promise(Text("the client reads its own protocol", "客户端按自己的协议读到回答"), restored(played))


def restored(played: Played) -> bool:
    """Return whether the answer came, and says again all that the person typed."""
    return not played.refused and played.scene.prompt in played.came_back

"""Which canaries fly: services and what the settings say of them enter, requests leave. Pure.

A request is the example of the service's wire format with the canary's words in it, and bears a signed mark. A service
whose requests nobody can write gets one without words, which shows whether policy forbids it whole; one whose address
nobody knows is a result at once, and never a guess.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from policies.problem import nearest
from proxy.adapters.examples import Example, examples
from proxy.canary.judge import FIELD, WORDLESS, Result, Wanted, prompt
from proxy.canary.spoken import spoken
from proxy.errors import SettingsError
from proxy.exchange import Headers
from proxy.services.catalogue import Catalogue
from proxy.services.service import Service


@dataclass(frozen=True, slots=True)
class Shot:
    """One canary, ready to fly."""

    service: str
    mark: str
    host: str
    path: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"
    messages: tuple[bytes, ...] = field(default=(), repr=False)
    """What is said on a WebSocket, where it is one."""
    knock: bool = False
    """Whether it carries no words, for nobody knows how: it proves that policy lets nothing through, or nothing."""


def plan(
    catalogue: Catalogue, wanted: Mapping[str, Wanted], fresh: Callable[[], str], sign: Callable[[str], str]
) -> list[Shot | Result]:
    """Return a shot for each service, or the result where none can be made; raises `SettingsError`.

    `fresh` gives a new mark, `sign` the header that bears it.
    """
    services = [service_called(catalogue, id_) for id_ in wanted]
    return [shot(service, wanted[service.id], fresh(), sign) for service in services]


def service_called(catalogue: Catalogue, id_: str) -> Service:
    """Return the service with this id; raises `SettingsError`."""
    service = catalogue.services.get(id_)
    if service is None:
        near = nearest(id_, catalogue.services)
        raise SettingsError(
            f"canary: no service has the id {id_!r}" + (f"; did you mean {near}?" if near else ""),
            f"canary：没有 id 为 {id_!r} 的服务" + (f"；是否指 {near}？" if near else ""),
        )
    return service


def shot(service: Service, wanted: Wanted, mark: str, sign: Callable[[str], str]) -> Shot | Result:
    """Return the request of one canary; a result where it cannot be written or sent."""
    example = examples().get(service.wire or "")
    if example is None and (way := spoken().get(service.wire or "")) is not None:
        words = prompt(mark)
        messages = way.messages(words)
        path = wanted.path or way.address(words)
        return Shot(
            service.id,
            mark,
            wanted.host or way.host,
            path,
            ((FIELD, sign(mark)),),
            b"",
            method="GET",
            messages=messages,
        )
    if example is None:
        host = wanted.host or next(iter(service.hosts), "")
        mark = WORDLESS + mark[len(WORDLESS) :]
        head = (("content-type", "application/json"), (FIELD, sign(mark)))
        knock = Shot(service.id, mark, host, wanted.path or "/", head, b"{}", knock=True)
        return knock if host else Result(service.id, "no_adapter", "no_adapter")
    host, path = example.place(service)
    if not (wanted.host or host):
        return Result(service.id, "not_reached", "no_host")
    headers = (*example.headers, *key_field(example, wanted.key), (FIELD, sign(mark)))
    return Shot(service.id, mark, wanted.host or host, wanted.path or path, headers, example.filled(prompt(mark)))


def key_field(example: Example, key: str) -> Iterable[tuple[str, str]]:
    """Return the header that carries a service's key, where there is one."""
    if not key:
        return ()
    if example.key is None:
        raise SettingsError(
            f"canary: services that speak {example.wire} take no key; a page logs in with cookies",
            f"canary：使用 {example.wire} 的服务不接受密钥；网页以 Cookie 登录",
        )
    name, before = example.key
    return ((name, before + key),)

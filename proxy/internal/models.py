"""The company's own models and the servers of each, as the settings describe them. Nouns and pure choices.

Enters: the name of the model that a client asked for, and the models that the policy names. Leaves: the servers that
may answer, in the settings' order. A key is never part of a `repr`; once the proxy runs, `fleet` keeps it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final
from urllib.parse import quote

from policies.decision import Text
from policies.model import Policy
from policies.problem import PolicyError, Report, say
from proxy.errors import InternalModelError

ONLY: Final = "internal"
"""Name of the model that the setting `internal_model` describes."""
NO_SUCH: Final = Text(
    "The settings have no internal model “{word}”.",
    "设置中没有内部模型“{word}”。",
)
WRITE_KNOWN: Final = Text(
    "Write one of: {words}; or add it to `internal_models`.", "可写：{words}；或把它加入 `internal_models`。"
)
PLACE: Final = "{model}"
"""Stands in an address for the name of the served model."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a key comes from that is renewed while the proxy runs: a file, or what a command prints."""

    file: Path | None = None
    command: tuple[str, ...] = ()
    """Program and arguments; no shell."""
    seconds: int = 300
    """After so long it is asked for again."""


@dataclass(frozen=True, slots=True)
class InternalServer:
    """One server of an OpenAI-compatible interface, or of another that `speaks` names."""

    scheme: str
    host: str
    port: int
    base: str
    """Path before `/chat/completions`, as `/v1`; may hold `PLACE`."""
    key: str = field(repr=False)
    """As the start found it, or empty."""
    models: Mapping[str, str]
    """The model a client names (with `*` wildcards) → the model served; the first match counts, `*` catches all."""
    speaks: frozenset[str]
    """Ids of the adapters whose protocol the server understands by itself."""
    name: str = ONLY
    """For logs and records, as `coder/2`."""
    key_header: str = "authorization"
    """The field that carries the key: as a bearer token in this one, bare in any other."""
    source: KeySource | None = None
    query: str = ""
    """What stands behind the path of every request, as `api-version=2024-10-21`."""
    check: str = ""
    """Path and query by which its health is looked at."""

    def model_for(self, asked: str) -> str:
        """Return the served model for the one asked for; raises `InternalModelError` where none is mapped."""
        for pattern, served in self.models.items():
            if fnmatchcase(asked, pattern):
                return served
        raise InternalModelError("the settings map no model of the company to the one asked for")

    def path(self, below: str, served: str) -> str:
        """Return path and query of a request for the model `served`."""
        return self.base.replace(PLACE, quote(served, safe="")) + below + (f"?{self.query}" if self.query else "")

    def key_field(self, key: str) -> tuple[str, str]:
        """Return the header field that carries `key`."""
        return self.key_header, f"Bearer {key}" if self.key_header == "authorization" else key


@dataclass(frozen=True, slots=True)
class Checks:
    """How the servers' health is watched; all in seconds."""

    every: float = 15.0
    timeout: float = 3.0
    """How long a check may take, and a connection for a request."""
    answer: float = 0.0
    """How long the beginning of an answer is waited for; 0 waits for ever."""


@dataclass(frozen=True, slots=True)
class InternalModels:
    """All of the company's models."""

    servers: Mapping[str, tuple[InternalServer, ...]]
    """By model; the strictest kept first: where a policy names several, the first one here counts."""
    default: str
    choose: Mapping[str, str] = field(default_factory=dict)
    """The model a client names (with wildcards) → model of the company; the first match counts."""
    checks: Checks = field(default_factory=Checks)

    @property
    def all(self) -> tuple[InternalServer, ...]:
        """Every server of every model."""
        return tuple(server for servers in self.servers.values() for server in servers)

    def model_for(self, named: Iterable[str], asked: str) -> str:
        """Return the model for a request: one that the policy `named`, else by the name `asked` for, else the default.

        Raises `InternalModelError` for one that is named and does not exist: none other may take its place.
        """
        if named := frozenset(named):
            if not named <= self.servers.keys():
                raise InternalModelError("the policy names a model of the company that the settings do not have")
            return next(name for name in self.servers if name in named)
        return next((name for pattern, name in self.choose.items() if fnmatchcase(asked, pattern)), self.default)


def must_be_served(policy: Policy, models: InternalModels | None) -> None:
    """Raise `PolicyError` for a policy that names a model which the settings do not have.

    Where they have none at all, every such request is refused, and `sluice run` and `doctor` warn of that.
    """
    if models is None:
        return
    for rule in policy.rules:
        if rule.model and rule.model not in models.servers:
            text = dict(policy.more).get(rule.mark.file, policy.source)
            told = say(NO_SUCH, word=rule.model), say(WRITE_KNOWN, words=", ".join(models.servers))
            raise PolicyError([Report(rule.mark.file or policy.file, text).problem(rule.mark, *told)])


def only(server: InternalServer) -> InternalModels:
    """Return the models of a company that has one server."""
    return InternalModels({ONLY: (server,)}, ONLY)

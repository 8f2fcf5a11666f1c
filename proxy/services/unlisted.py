"""AI on hosts that no catalogue lists: requests that look like it, on hosts an administrator wants looked into.

Enters: a host, a method and a path. Leaves: the service that stands for all of them, or None. Pure. Nothing of a host
is opened unless the setting `inspect` names it; on those hosts, whatever does not have the form of an AI interface
passes as if they were not named.
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import unquote

from policies.decision import Text
from policies.listed import UNLISTED
from proxy.services.catalogue import canonical_host, domains
from proxy.services.service import Service

NOBODYS: Final = Service(UNLISTED, Text("an AI service outside the catalogue", "目录之外的 AI 服务"), "", "", "")
"""Stands for every service that no catalogue lists."""

SHAPE: Final = re.compile(
    r"/(?:chat/completions|completions|messages|messages/count_tokens|responses|embeddings|rerank|moderations"
    r"|images/(?:generations|edits|variations)|audio/(?:speech|transcriptions|translations)"
    r"|fine_tuning/jobs|fim/completions|api/(?:generate|chat|embed|embeddings)|converse(?:-stream)?"
    r"|invoke(?:-with-response-stream)?|backend-(?:api|anon)/(?:f/)?conversation)/?"
    r"|.*:(?:stream)?generatecontent|.*:(?:batch)?embedcontents?|.*:(?:raw|stream(?:raw)?)?predict"
)
"""Ends of paths by which the interfaces of models are known; compared in lower case."""


LONGEST: Final = 300
"""Characters of the end of a path that are looked at."""


def watched(host: str, hosts: Collection[str]) -> bool:
    """Return whether `host` is one of `hosts`, or below one of them."""
    return any(domain in hosts for domain in domains(canonical_host(host)))


def looks_like_ai(method: str, path: str) -> bool:
    """Return whether a request has the form of a model's interface; `path` may carry its query."""
    bare = unquote(path.partition("?")[0]).lower()
    return method.upper() == "POST" and any(
        SHAPE.fullmatch(bare[at:]) for at in range(len(bare)) if bare[at] == "/" and len(bare) - at < LONGEST
    )


def unlisted(host: str, method: str, path: str, hosts: Collection[str]) -> Service | None:
    """Return the service that stands for this request, if `hosts` has its host and it looks like AI."""
    return NOBODYS if hosts and watched(host, hosts) and looks_like_ai(method, path) else None

"""Requests that speak Amazon's interfaces. Paths as in the service descriptions of `botocore`."""

import re
from typing import Final

from proxy.adapters.aws.answers import AgentShape, AmazonQShape, refuse
from proxy.adapters.aws.converse import Converse
from proxy.adapters.aws.invoke import Invoke
from proxy.adapters.entry import Entry
from proxy.adapters.vendors.any_body import AnyBody

ANY_TYPE: Final = re.compile(r".*", re.DOTALL)

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(Converse(), re.compile(r"(?:/.*)?/model/[^/]+/converse(?:-stream)?/?")),
    Entry(Invoke(), re.compile(r"(?:/.*)?/model/[^/]+/invoke(?:-with-response-stream)?/?")),
)
"""In order: specific first."""

REST: Final[tuple[Entry, ...]] = (
    Entry(
        AnyBody("amazon-q", refuse, AmazonQShape()),
        re.compile(r"/.*"),
        wires=frozenset({"amazon-q"}),
        types=ANY_TYPE,
    ),
    Entry(
        AnyBody("bedrock-any", refuse, AgentShape()),
        re.compile(r"/.*"),
        wires=frozenset({"bedrock", "sagemaker"}),
        types=ANY_TYPE,
    ),
)
"""What is asked after all others: Bedrock serves OpenAI's interface, too."""

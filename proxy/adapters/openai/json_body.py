"""What the family's JSON interfaces have in common: sealed tokens, token ids, refusals as the host tells them.

Enters: what one interface says of its bodies. Leaves: an adapter, bound to a request where it goes to Azure.
"""

from dataclasses import dataclass, replace

from proxy.adapters.interface import Adapter, Asked
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai.unread import without_sealed, without_token_ids
from proxy.adapters.openai_chat import refusing_for
from proxy.adapters.prompt import TreePrompt


@dataclass(frozen=True, slots=True)
class JsonBody(JsonAdapter):
    """One interface of the family."""

    sealed: tuple[str, ...] = ()
    """Where tokens may stand that must go back as they came."""
    tokens: str = ""
    """The field that may be token ids instead of text."""

    def at(self, asked: Asked) -> Adapter:
        """Return the adapter that refuses as the service would."""
        return replace(self, refusing=refusing_for(asked))

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `WireError` or `TooLarge`."""
        prompt = without_sealed(JsonAdapter.read(self, body, content_type), self.sealed)
        return without_token_ids(prompt, self.tokens)

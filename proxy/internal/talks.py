"""Conversations of chat pages that the company's model holds: sealed, each for its owner alone.

Enters: who asks, the service, ids that a page names, turns. Leaves: the conversation, opened for its owner; nobody else
learns more than that it is not theirs. It calls the store from worker threads, never from the event loop. Ids are kept
as keyed digests, so the store cannot tell which page's they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from detectors.vault import VaultError
from proxy.adapters.interface import Talk, Turn
from proxy.audit import fingerprint
from proxy.errors import ConversationOver, StoreError, TooLarge
from proxy.store.interface import KeptTurn, Store
from proxy.vault import Vault

MOST_TALKS: Final = 200
"""Conversations kept for one person; one more takes the place of that which was left alone longest."""
MOST_TURNS: Final = 500
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one conversation, sealed."""


@dataclass(frozen=True, slots=True)
class Talks:
    """All conversations of one running proxy."""

    store: Store
    vault: Vault
    kept_for: timedelta
    """How long a conversation stays after its last turn; nothing keeps none."""

    def find(self, owner: str, service: str, names: Iterable[str], now: datetime) -> Talk | None:
        """Return the conversation that one of `names` stands for, or `None` where the company's model has none of them.

        Raises `ConversationOver` where it is somebody else's, or is no longer kept.
        """
        digests = {self.digest(service, name): name for name in names}
        held = self.store.find_talks(digests, now) if digests else {}
        own = [digest for digest, one in held.items() if one.alive and one.owner == owner]
        if own and self.kept_for:
            turns = self.store.get_turns(own[0])
            return Talk(digests[own[0]], [self.opened(owner, own[0], turn) for turn in turns], ours=True)
        if held:
            raise ConversationOver("the conversation is no longer kept, or is somebody else's")
        return None

    def any_of(self, owner: str) -> bool:
        """Return whether the company's model has, or had, a conversation of theirs."""
        return self.store.has_talks(owner)

    def ask(self, owner: str, service: str, talk: Talk, question: Sequence[Mapping[str, str]], now: datetime) -> int:
        """Keep a question; returns the number under which its answer is kept, or 0 where nothing is kept.

        Raises `StoreError`, or `TooLarge` for a conversation that has grown too long.
        """
        if not self.kept_for:
            return 0
        digest = self.digest(service, talk.id)
        data = self.vault.seal(owner, digest, f"question of {digest}", orjson.dumps([*question]).decode(), now)
        kept = self.store.get_turns(digest) if talk.ours else ()
        size = len(data) + sum(len(turn.question) + len(turn.answer or b"") for turn in kept)
        if size > MOST_BYTES or len(kept) >= MOST_TURNS:
            raise TooLarge("the conversation has grown over the limit")
        return self.store.put_question(digest, owner, data, now + self.kept_for, now, MOST_TALKS)

    def answer(self, owner: str, service: str, talk: Talk, number: int, text: str, now: datetime) -> None:
        """Keep the answer to the question of this number; raises `StoreError`."""
        digest = self.digest(service, talk.id)
        self.store.put_answer(number, self.vault.seal(owner, digest, f"answer of {digest}", text, now))

    def end(self, service: str, talk: Talk, now: datetime) -> None:
        """Forget a conversation's turns; raises `StoreError`."""
        self.store.end_talk(self.digest(service, talk.id), now)

    def digest(self, service: str, name: str) -> str:
        """Return what a conversation is called in the store and in the audit log."""
        return fingerprint(self.vault.sealer.user_key("conversations"), f"{service}\0{name.lower()}")

    def opened(self, owner: str, digest: str, turn: KeptTurn) -> Turn:
        """Return a turn; raises `StoreError` for one that does not open."""
        try:
            question: Any = orjson.loads(self.vault.open(owner, digest, f"question of {digest}", turn.question))
            answer = self.vault.open(owner, digest, f"answer of {digest}", turn.answer) if turn.answer else ""
        except (VaultError, ValueError) as error:
            raise StoreError("a turn of the conversation cannot be opened") from error
        return Turn(question, answer, int(turn.at.timestamp()))

"""The message that a page names as the one before, where that is a refusal which its vendor never saw.

Enters: a turn of a chat page; a turn that was refused in its place. Leaves: the turn, naming the last message that the
vendor knows; what later turns of this person's need for that, kept sealed. Ids are kept as keyed digests. A turn that
a signature binds, or that cannot be read, goes as it came.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from detectors.vault import VaultError
from proxy.adapters.interface import Adapter, Talker
from proxy.adapters.pointer import Hop, Steps, look
from proxy.adapters.pointer import replace as put_in
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.shape import find
from proxy.adapters.web.page_writer import identify
from proxy.adapters.web.turn import name_in
from proxy.audit import fingerprint
from proxy.errors import SluiceError, StoreError
from proxy.store.interface import Store
from proxy.vault import Vault

MOST: Final = 2_000
"""Messages that are remembered of one person; the oldest are forgotten."""
LONGEST: Final = 200
"""Characters of an id."""
ASKED: Final = "f.req"
"""Field of Gemini's form that holds the question."""

type Places = Callable[[Any], Iterator[Steps]]


def at(*paths: str) -> Places:
    """Return what finds these places in a body, those included at which an object holds nothing."""

    def found(tree: Any) -> Iterator[Steps]:
        for path in paths:
            above, _, key = path.rpartition("/")
            yield from ((*steps, key) for steps, value in find(tree, above) if isinstance(value, dict))

    return found


NOWHERE: Final = at()


def in_form(*places: int) -> Places:
    """Return what finds these places in the ids of the conversation that Gemini's form names."""

    def found(tree: Any) -> Iterator[Steps]:
        for number, one in enumerate(tree if isinstance(tree, list) else ()):
            if isinstance(one, dict) and ASKED in one:
                yield from ((number, ASKED, Hop.JSON, 1, Hop.JSON, 2, place) for place in places)

    return found


@dataclass(frozen=True, slots=True)
class Thread:
    """How the turns of one page hang together."""

    parents: Places
    """Where a turn names the message before it."""
    own: Places = NOWHERE
    """Where it names its own messages."""
    told: Callable[[str], Sequence[str]] = lambda name: (name,)
    """Names that an answer of ours gives itself, of the name it was made with; one for each parent, or one for all."""
    numbered: bool = False
    """Whether messages are numbered within their conversation."""


THREADS: Final[Mapping[str, Thread]] = {
    "chatgpt-web": Thread(at("/parent_message_id"), at("/messages/*/id"), lambda name: (identify(name, 1),)),
    "claude-web": Thread(
        at("/parent_message_uuid"),
        at("/turn_message_uuids/human_message_uuid", "/turn_message_uuids/assistant_message_uuid"),
        lambda name: (f"chatcompl_{name}",),
    ),
    "deepseek-web": Thread(at("/parent_message_id"), told=lambda _: (), numbered=True),
    "kimi-web": Thread(at("/message/parent_id"), at("/message/id")),
    "qwen-web": Thread(at("/parent_id", "/messages/*/parentId", "/messages/*/parent_id"), at("/messages/*/fid")),
    "grok-web": Thread(at("/parentResponseId")),
    "yiyan-web": Thread(at("/parentChatId")),
    "gemini-web": Thread(in_form(1, 2), told=lambda name: (f"r_{name}", f"rc_{name}")),
}
"""By the adapter's id. The other pages name no message before, or one that is the conversation's own."""


def has_turns(adapter: Adapter) -> bool:
    """Tell whether the turns of a format name the one before, so that a refused one must be read to be remembered."""
    return adapter.id in THREADS


@dataclass(frozen=True, slots=True)
class Followed:
    """What a turn follows, as far as its vendor knows."""

    adapter: str
    talk: str = field(repr=False)
    """The conversation that it names."""
    parents: tuple[Sequence[Any], ...] = field(repr=False)
    """What stands at each place of the message before: one value, or none."""
    own: tuple[str, ...] = field(repr=False)
    last: int = 0
    """Number of the message before as the page has it, where they are numbered."""
    changed: bool = False
    """Whether the page named another, which the vendor has not seen."""
    again: tuple[str, ...] = field(default=(), repr=False)
    """Those of its own messages that were refused before, and are sent once more."""


@dataclass(frozen=True, slots=True)
class Parents:
    """What stands behind refused turns, for all people of one running proxy."""

    store: Store
    vault: Vault
    kept_for: timedelta
    """Nothing keeps none."""

    def digest(self, owner: str, service: str, name: str) -> str:
        """Return what a message is called in the store."""
        return fingerprint(self.vault.sealer.user_key("parents"), f"{owner}\0{service}\0{name}")

    def find(self, owner: str, service: str, name: str, now: datetime) -> Sequence[Any] | None:
        """Return what a refused message of this person's followed; None for any other message."""
        digest = self.digest(owner, service, name)
        if (data := self.store.get_parent(digest, now)) is None:
            return None
        try:
            found: Sequence[Any] = orjson.loads(self.vault.open(owner, "", f"parent of {digest}", data))
        except VaultError:
            return None  # it was forgotten with all that was kept of this person
        except ValueError as error:
            raise StoreError("what a refused message followed cannot be opened") from error
        return found

    def keep(self, owner: str, service: str, followed: Mapping[str, Sequence[Any]], now: datetime) -> None:
        """Remember what refused messages followed, by their names; raises `StoreError`."""
        if not self.kept_for or not followed:
            return
        digests = {self.digest(owner, service, name): value for name, value in followed.items()}
        sealed = {
            digest: self.vault.seal(owner, "", f"parent of {digest}", orjson.dumps(value).decode(), now)
            for digest, value in digests.items()
        }
        self.store.put_parents(self.vault.traces(owner), sealed, now + self.kept_for, now, MOST)

    def forget(self, owner: str, service: str, names: Sequence[str]) -> None:
        """Forget messages whose names now stand for others; raises `StoreError`."""
        self.store.drop_parents([self.digest(owner, service, name) for name in names])


def follow(
    adapter: Adapter, path: str, body: bytes, content_type: str, find_known: Callable[[str], Sequence[Any] | None]
) -> tuple[Followed | None, bytes]:
    """Return what a turn follows, and its body with the last message that the vendor knows in place of a refused one.

    The body is the very same where there is nothing to change. Raises `StoreError`; a body that cannot be read is for
    others to judge.
    """
    thread = THREADS.get(adapter.id)
    if thread is None or not isinstance(adapter, Talker):
        return None, body
    try:
        talk, last, prompt = adapter.named(path, body), adapter.last(body), adapter.read(body, content_type)
        if not isinstance(prompt, TreePrompt):
            return None, body
        places = list(thread.parents(prompt.tree))
        own = tuple(text for _, text in named(prompt.tree, thread.own))
    except SluiceError:
        return None, body
    known: dict[Steps, Sequence[Any]] = {}
    for place in places:
        given = value_at(prompt.tree, place)
        if given and (name := name_of(thread, talk, given[0])) and (found := find_known(name)) is not None:
            known[place] = found
    parents = tuple(known.get(place, value_at(prompt.tree, place)) for place in places)
    again = tuple(name for name in own if find_known(name) is not None)
    followed = Followed(adapter.id, talk, parents, own, last, bool(known), again)
    if not known:
        return followed, body
    tree = put_in(prompt.tree, {place: value[0] if value else None for place, value in known.items()})
    for place, value in known.items():
        if not value and isinstance(above := look(tree, place[:-1]), dict):
            above.pop(place[-1])  # a container of our own copy
    return followed, prompt.encode(tree)


def refused(followed: Followed, reference: str) -> dict[str, Sequence[Any]]:
    """Return what stands behind each message of a turn that was refused in its place, under this reference."""
    thread, parents = THREADS[followed.adapter], followed.parents
    if not parents:
        return {}
    if thread.numbered:
        return {f"{followed.talk}/{followed.last + step}": parents[0] for step in (1, 2)}
    told = thread.told(name_in(reference))
    behind = {name: parents[min(number, len(parents) - 1)] for number, name in enumerate(told)}
    return behind | dict.fromkeys(followed.own, parents[0])


def taken_over(followed: Followed) -> tuple[str, ...]:
    """Return the names of refused messages that stand for the vendor's own, once it has answered this turn."""
    if not THREADS[followed.adapter].numbered or not followed.changed:
        return followed.again
    before = next((value[0] for value in followed.parents if value and isinstance(value[0], int)), 0)
    return tuple(f"{followed.talk}/{before + step}" for step in (1, 2))


def name_of(thread: Thread, talk: str, value: Any) -> str:
    """Return the name of a message, or an empty string for what is none."""
    if thread.numbered:
        return f"{talk}/{value}" if isinstance(value, int) and talk else ""
    return value if isinstance(value, str) and len(value) <= LONGEST else ""


def named(tree: Any, places: Places) -> Iterator[tuple[Steps, str]]:
    """Yield the names that stand at places of a body."""
    for place in places(tree):
        for value in value_at(tree, place):
            if isinstance(value, str) and 0 < len(value) <= LONGEST:
                yield place, value


def value_at(tree: Any, place: Steps) -> Sequence[Any]:
    """Return what stands at a place, or nothing."""
    try:
        return (look(tree, place),)
    except (KeyError, IndexError, TypeError):
        return ()

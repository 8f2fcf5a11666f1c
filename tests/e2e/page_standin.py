"""The vendors of chat pages, on loopback: each host shows the replica of its page and answers its calls."""

import json
import re
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from proxy.demo.manner import Manner, pieces
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.standins import ExternalStandIn
from tests.e2e.vendor_nouns import Turn, Vendor
from tests.e2e.vendor_threads import is_known, names_of
from tests.e2e.vendors import VENDORS, asked

REPLICA = Path(__file__).with_name("replica")
SCRIPTS = {file.name for file in REPLICA.glob("*.js")}
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

OPENING = "The vendor's stand-in heard: "
CLOSING = " And these were all the words, one after the other."
"""Longer than what may still be on its way to the screen when an answer pauses."""
PAUSE = 8
"""Frames that are left when an answer pauses."""


class PageStandIn(ExternalStandIn):
    """Every vendor at once."""

    def __init__(self, *given: object, **options: object) -> None:
        super().__init__(*given, **options)  # type: ignore[arg-type]
        self.pauses = False
        """Whether answers wait for the manner's release before they end."""
        self.turns: dict[str, list[Turn]] = {}
        """What each conversation holds."""
        self.messages: dict[str, set[object]] = {}
        """Names that each conversation's turns may follow."""

    def reset(self) -> None:
        super().reset()
        self.pauses = False
        self.turns.clear()
        self.messages.clear()

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer a turn, a call beside it, or the page and what it is made of."""
        vendor = VENDORS[seen.host.partition(":")[0]]
        if seen.method == vendor.method and re.fullmatch(vendor.path, seen.path.partition("?")[0]):
            await self.turn(vendor, seen, reply, manner)
            return
        for pattern, written in vendor.calls.items():
            if found := re.fullmatch(pattern, f"{seen.method} {seen.path}"):
                id = found[1] if found.groups() else str(uuid4())
                body = json.dumps(written(id, self.turns.setdefault(id, [])), ensure_ascii=False).encode()
                await send_whole(reply, 200, "application/json", body)
                return
        for pattern, (about, written) in vendor.loads.items():
            if re.fullmatch(pattern, f"{seen.method} {seen.path}"):
                body = written(self.so_far(vendor, about(seen.body), manner))
                await send_whole(reply, 200, "application/json; charset=utf-8", body)
                return
        scripts = f"{vendor.page}replica/"
        name = seen.path.removeprefix(scripts)
        file = REPLICA / (name if name in SCRIPTS else "page.html")
        written = file.read_bytes().replace(b'"/replica/', f'"{scripts}'.encode())
        await send_whole(reply, 200, KINDS[file.suffix], written)

    def so_far(self, vendor: Vendor, talk: str, manner: Manner) -> list[Turn]:
        """Return what a page can load of a conversation: of an answer that is fetched and pauses, the beginning."""
        turns = self.turns.setdefault(talk, [])
        if not (vendor.fetched and turns and self.pauses and not manner.released.is_set()):
            return turns
        return [*turns[:-1], replace(turns[-1], pieces=turns[-1].pieces[:-PAUSE], over=False)]

    async def turn(self, vendor: Vendor, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Repeat what was asked, in the vendor's own frames, and keep both."""
        body = asked(vendor, seen.path, seen.body)
        heard = vendor.heard(body)
        named = vendor.named(seen.path, body)
        if named and named not in self.turns and not vendor.named_by_page:
            await send_whole(reply, 404, "application/json", b'{"detail": "conversation not found"}')
            return
        talk = named or str(uuid4())
        before, known = self.turns.setdefault(talk, []), self.messages.setdefault(talk, set())
        host = seen.host.partition(":")[0]
        if not is_known(host, body, known):
            await send_whole(reply, 400, "application/json", b'{"detail": "no such message before"}')
            return
        turn = Turn(talk, heard, tuple(pieces(OPENING + heard + CLOSING, manner.piece)), not before, len(before))
        before.append(turn)
        known |= names_of(host, turn, body)
        frames = list(vendor.frames(turn))
        if self.pauses:
            manner = replace(manner, hold_after=len(frames) - PAUSE)
        await reply.start(200, (("content-type", vendor.kind), ("cache-control", "no-cache")))
        async for frame in manner.paced(frames):
            await reply.send(frame)
        await reply.end()

"""The release of the policy that all nodes follow, and what they say of themselves, in Redis.

See `proxy.publish.release` for what goes in and out. In `{w}`: `rel` the number and the release, `st` what nodes say,
`stx` when. A release is announced on the channel `{w}:policy`, whose messages say nothing but that there is one; who
was away when it was announced is told to look when the channel is open again.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from redis.exceptions import NoPermissionError

from proxy.errors import UnreadableRecord
from proxy.publish.release import Release, Standing
from proxy.store.plain import millis
from proxy.store.redis.base import Base
from proxy.store.redis.connection import FAILURES, Script
from proxy.store.redis.veil import UNREADABLE
from proxy.store.releases import SILENT_FOR

TAG: Final = "w"
LISTENS: Final = 1.0
"""Seconds that are listened for at a time, and between two tries to open the channel."""

PUT: Final = Script("""
local held = redis.call('HMGET', KEYS[1], 'n', 'r')
if held[2] == ARGV[2] then return 1 end
if tonumber(held[1] or 0) ~= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'n', ARGV[1], 'r', ARGV[2])
return 1
""")
GET: Final = Script("return redis.call('HGET', KEYS[1], ARGV[1])")
STAND: Final = Script("""
redis.call('HSET', ARGV[1]..'st', ARGV[2], ARGV[3])
redis.call('ZADD', ARGV[1]..'stx', ARGV[4], ARGV[2])
for _, one in ipairs(redis.call('ZRANGEBYSCORE', ARGV[1]..'stx', '-inf', ARGV[5])) do
  redis.call('HDEL', ARGV[1]..'st', one)
  redis.call('ZREM', ARGV[1]..'stx', one)
end
return 0
""")
STANDINGS: Final = Script("return redis.call('HGETALL', KEYS[1])")

LOG = structlog.get_logger("sluice")


class Releases(Base):
    """The part of the store that nodes follow."""

    def put_release(self, release: Release, was: int) -> bool:
        """See `Board.put_release`."""
        data = self.veil.close(release.fields(), "rel")
        kept = bool(self.redis.run(PUT, [self.key(TAG, "rel")], [release.number, data, was], again=True))
        if kept:
            try:
                self.redis.client.publish(self.key(TAG, "policy"), str(release.number))
            except FAILURES as error:  # it is kept; the nodes find it with their next look
                LOG.warning("a release could not be announced", code=type(error).__name__)
        return kept

    def get_release(self) -> Release | None:
        """See `Board.get_release`."""
        data = self.redis.run(GET, [self.key(TAG, "rel")], ["r"], again=True)
        try:
            return Release.from_fields(self.veil.open(data, "rel")) if data else None
        except (ValueError, TypeError) as error:
            raise UnreadableRecord(UNREADABLE) from error

    def release_number(self) -> int:
        """See `Board.release_number`."""
        try:
            return int(self.redis.run(GET, [self.key(TAG, "rel")], ["n"], again=True) or 0)
        except ValueError as error:
            raise UnreadableRecord(UNREADABLE) from error

    def hear(self, heard: Callable[[], None]) -> Callable[[], bool]:
        """See `Board.hear`."""
        opened = threading.Event()
        threading.Thread(target=self._listen, args=(heard, opened), name="sluice-releases", daemon=True).start()
        return opened.is_set

    def stand(self, standing: Standing) -> None:
        """See `Board.stand`."""
        base, name = self.key(TAG), self.veil.name(standing.node)
        told = self.veil.close(standing.fields(), "st", name)
        over = millis(standing.at - SILENT_FOR)
        self.redis.run(STAND, [f"{base}st"], [base, name, told, millis(standing.at), over], again=True)

    def standings(self) -> Mapping[str, Standing]:
        """See `Board.standings`."""
        rows = self.redis.run(STANDINGS, [self.key(TAG, "st")], again=True)
        try:
            found = (
                Standing.from_fields(self.veil.open(told, "st", name.decode()))
                for name, told in zip(rows[::2], rows[1::2], strict=True)
            )
            return {one.node: one for one in sorted(found, key=lambda one: one.node)}
        except (ValueError, TypeError) as error:
            raise UnreadableRecord(UNREADABLE) from error

    def _listen(self, heard: Callable[[], None], opened: threading.Event) -> None:
        refused = False
        while not self.closed.is_set():
            try:
                with self.redis.client.pubsub() as channel:
                    channel.subscribe(self.key(TAG, "policy"))
                    while not self.closed.is_set():
                        message = channel.get_message(timeout=LISTENS)
                        if message is not None:  # the first says that the channel is open: one may have been missed
                            opened.set()
                            heard()
            except NoPermissionError:
                if not refused:
                    LOG.warning("Redis lets us hear no announcements of policies: they are looked for every second")
                refused = True
            except Exception as error:  # whatever it was: they are looked for meanwhile
                LOG.debug("the channel of announcements is away", code=type(error).__name__)
            opened.clear()
            self.closed.wait(LISTENS)

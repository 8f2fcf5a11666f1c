"""What refused turns followed, where announced files are expected, and what was said last, in Redis.

See `proxy.store.interface` for what goes in and out. What was said last stands in the bucket of whoever said it: `n:`
the ends at one place, `no:` the places of a person. All else stands in one slot, `{x}`. Of refused messages: `pd` what
stands behind them, `po` whose they are, `px` their ends, `pl:` the latest of a person. Of files: `fd` what is
expected, `fn` its number, `fx` its end, `fc` the last number.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from proxy.store.interface import ExpectedFile
from proxy.store.plain import from_millis, millis
from proxy.store.redis.base import Base
from proxy.store.redis.connection import Script

TAG: Final = "x"
STAYS: Final = 3_600_000
"""Milliseconds after its end at which Redis drops what was said last, by its own clock."""

PARENT: Final = """
local B = ARGV[1]
local function drop(id)
  local o = redis.call('HGET', B..'po', id)
  if o then redis.call('ZREM', B..'pl:'..o, id) end
  redis.call('HDEL', B..'pd', id)
  redis.call('HDEL', B..'po', id)
  redis.call('ZREM', B..'px', id)
end
"""
GET: Final = Script("""
local ends = redis.call('ZSCORE', ARGV[1]..'px', ARGV[2])
if not ends or tonumber(ends) <= tonumber(ARGV[3]) then return false end
return redis.call('HGET', ARGV[1]..'pd', ARGV[2])
""")
PUT: Final = Script(
    PARENT
    + """
local o, ends, at, most = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
for n = 6, #ARGV, 2 do
  local id = ARGV[n]
  redis.call('HSETNX', B..'po', id, o)
  redis.call('HSET', B..'pd', id, ARGV[n + 1])
  redis.call('ZADD', B..'px', ends, id)
  redis.call('ZADD', B..'pl:'..redis.call('HGET', B..'po', id), at, id)
end
local over = redis.call('ZCARD', B..'pl:'..o) - most
if over > 0 then
  for _, id in ipairs(redis.call('ZRANGE', B..'pl:'..o, 0, over - 1)) do drop(id) end
end
return over
"""
)
DROP: Final = Script(PARENT + "for n = 2, #ARGV do drop(ARGV[n]) end return 0")
FORGET: Final = Script(
    PARENT
    + """
local all = redis.call('ZRANGE', B..'pl:'..ARGV[2], 0, -1)
for _, id in ipairs(all) do drop(id) end
return #all
"""
)
PUT_FILES: Final = Script("""
local B, most, last = ARGV[1], tonumber(ARGV[2]), 0
for n = 3, #ARGV, 3 do
  last = redis.call('INCR', B..'fc')
  redis.call('HSET', B..'fd', ARGV[n], ARGV[n + 2])
  redis.call('ZADD', B..'fx', ARGV[n + 1], ARGV[n])
  redis.call('ZADD', B..'fn', last, ARGV[n])
end
for _, place in ipairs(redis.call('ZRANGEBYSCORE', B..'fn', '-inf', last - most)) do
  redis.call('HDEL', B..'fd', place)
  redis.call('ZREM', B..'fx', place)
  redis.call('ZREM', B..'fn', place)
end
return last
""")
SINCE: Final = Script("""
local B, found = ARGV[1], {}
local all = redis.call('ZREVRANGEBYSCORE', B..'fn', '+inf', '('..ARGV[2], 'WITHSCORES')
for n = 1, #all, 2 do
  if #found == 3 * tonumber(ARGV[4]) then break end
  if tonumber(redis.call('ZSCORE', B..'fx', all[n])) > tonumber(ARGV[3]) then
    found[#found + 1] = all[n]
    found[#found + 1] = all[n + 1]
    found[#found + 1] = redis.call('HGET', B..'fd', all[n])
  end
end
return found
""")
PURGE: Final = Script(
    PARENT
    + """
local gone = redis.call('ZRANGEBYSCORE', B..'px', '-inf', ARGV[2], 'LIMIT', 0, 500)
for _, id in ipairs(gone) do drop(id) end
local over = redis.call('ZRANGEBYSCORE', B..'fx', '-inf', ARGV[2], 'LIMIT', 0, 500)
for _, place in ipairs(over) do
  redis.call('HDEL', B..'fd', place)
  redis.call('ZREM', B..'fx', place)
  redis.call('ZREM', B..'fn', place)
end
return #gone + #over
"""
)
PUT_END: Final = Script("""
local B, o, at = ARGV[1], ARGV[2], ARGV[1]..'n:'..ARGV[3]
if redis.call('LINDEX', at, -1) ~= ARGV[6] then redis.call('RPUSH', at, ARGV[6]) end
redis.call('LTRIM', at, -tonumber(ARGV[5]), -1)
redis.call('SADD', B..'no:'..o, ARGV[3])
for _, key in ipairs({at, B..'no:'..o}) do
  if redis.call('PTTL', key) < tonumber(ARGV[4]) then redis.call('PEXPIRE', key, ARGV[4]) end
end
return 1
""")
"""The very same twice is one that was tried again: what is sealed twice is never alike."""
ENDS: Final = Script("return redis.call('LRANGE', ARGV[1]..'n:'..ARGV[2], 0, -1)")
FORGET_ENDS: Final = Script("""
local all = redis.call('SMEMBERS', ARGV[1]..'no:'..ARGV[2])
for _, place in ipairs(all) do redis.call('UNLINK', ARGV[1]..'n:'..place) end
redis.call('UNLINK', ARGV[1]..'no:'..ARGV[2])
return #all
""")


class Traces(Base):
    """The part of the store that keeps traces."""

    def get_parent(self, id: str, now: datetime) -> bytes | None:
        """See `Store.get_parent`."""
        found: bytes | None = self._trace(GET, self.veil.name(id), millis(now))
        return found

    def put_parents(
        self, owner: str, parents: Mapping[str, bytes], expires: datetime, now: datetime, most: int
    ) -> None:
        """See `Store.put_parents`."""
        until, at = millis(expires), millis(now)
        words = [word for id, data in parents.items() for word in (self.veil.name(id), data)]
        self._trace(PUT, self.veil.name(owner), until, at, most, *words)

    def drop_parents(self, ids: Iterable[str]) -> None:
        """See `Store.drop_parents`."""
        self._trace(DROP, *map(self.veil.name, ids))

    def forget_parents(self, owner: str) -> int:
        """Forget all refused messages of an owner; returns how many."""
        return int(self._trace(FORGET, self.veil.name(owner)))

    def put_end(self, owner: str, place: str, data: bytes, expires: datetime, now: datetime, most: int) -> None:
        """See `Store.put_end`."""
        until, closed = millis(expires), self.veil.name(owner)
        ttl = max(1, until - millis(now)) + STAYS
        words = (closed, self.veil.name(place), ttl, most, struct.pack(">q", until) + data)
        self.within(self.bucket_of(closed), PUT_END, *words, again=True)

    def get_ends(self, owner: str, place: str, now: datetime) -> Sequence[bytes]:
        """See `Store.get_ends`."""
        at, bucket = millis(now), self.bucket_of(self.veil.name(owner))
        found: Sequence[bytes] = self.within(bucket, ENDS, self.veil.name(place), again=True)
        return [one[8:] for one in found if struct.unpack(">q", one[:8])[0] > at]

    def forget_ends(self, owner: str) -> None:
        """Forget what an owner has said last."""
        closed = self.veil.name(owner)
        self.within(self.bucket_of(closed), FORGET_ENDS, closed, again=True)

    def put_files(self, files: Mapping[str, ExpectedFile], most: int) -> None:
        """See `Store.put_files`."""
        if not files:
            return
        words: list[str | bytes | int] = []
        for place, one in files.items():
            name = self.veil.name(place)
            words += [name, millis(one.until), self.veil.close([one.service, one.size, millis(one.until)], "f", name)]
        self._trace(PUT_FILES, most, *words)

    def files_since(self, number: int, now: datetime, most: int) -> Sequence[tuple[int, str, ExpectedFile]]:
        """See `Store.files_since`."""
        base = self.key(TAG)
        found: Any = self.aside.run(SINCE, [f"{base}fc"], (base, number, millis(now), most), again=True)
        told = []
        for name, at, data in zip(found[::3], found[1::3], found[2::3], strict=True):
            service, size, until = self.veil.open(data, "f", name.decode())
            told.append((int(at), self.veil.told(name), ExpectedFile(service, size, from_millis(until))))
        return told[::-1]

    def purge_traces(self, now: datetime) -> None:
        """Forget what expired by `now`."""
        while self._trace(PURGE, millis(now)):
            pass

    def _trace(self, script: Script, *words: str | bytes | int) -> Any:
        base = self.key(TAG)
        return self.redis.run(script, [f"{base}fc"], (base, *words), again=True)

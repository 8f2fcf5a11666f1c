"""Originals and data keys, in Redis: of one person all in one bucket, so that they are forgotten in one go.

See `proxy.store.interface` for what goes in and out. Originals and data keys come in sealed. Of a bucket: `i` its
people, `n` how many originals, `h` who has the one that ends first. Of a person: `v` originals, `e` their ends, `k`
data keys.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from proxy.store.interface import KeptKey, KeptValue, Sealed, VaultSize
from proxy.store.plain import millis
from proxy.store.redis.base import SLACK, Base
from proxy.store.redis.connection import Script

AT_ONCE: Final = 100
"""People in one question."""
TRIM_AT_ONCE: Final = 500

PERSON: Final = """
local B = ARGV[1]
local function settle(o, held)
  local now = redis.call('ZCARD', B..'e:'..o)
  if now ~= held then redis.call('INCRBY', B..'n', now - held) end
  local first = redis.call('ZRANGE', B..'e:'..o, 0, 0, 'WITHSCORES')
  if first[2] then redis.call('ZADD', B..'h', first[2], o) else redis.call('ZREM', B..'h', o) end
  if redis.call('EXISTS', B..'e:'..o, B..'k:'..o, B..'t:'..o) == 0 then redis.call('SREM', B..'i', o)
  else redis.call('SADD', B..'i', o) end
end
local function drop(o, places)
  for _, place in ipairs(places) do
    redis.call('HDEL', B..'v:'..o, place)
    redis.call('ZREM', B..'e:'..o, place)
  end
end
"""
"""Begins every script about originals: keeps number, first end and people of a bucket true."""

PUT: Final = Script(
    PERSON
    + """
local o, ends, at, most, ttl = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local V, E = B..'v:'..o, B..'e:'..o
local function mark(packed) return string.sub(packed, 1, 1 + string.byte(packed, 1)) end
local clashes = {}
for n = 7, #ARGV, 2 do
  local held = redis.call('HGET', V, ARGV[n])
  local until_ = held and redis.call('ZSCORE', E, ARGV[n])
  if until_ and tonumber(until_) > at and mark(held) ~= mark(ARGV[n + 1]) then clashes[#clashes + 1] = ARGV[n] end
end
if #clashes > 0 or #ARGV < 8 then return clashes end
local held = redis.call('ZCARD', E)
for n = 7, #ARGV, 2 do
  redis.call('HSET', V, ARGV[n], ARGV[n + 1])
  redis.call('ZADD', E, 'GT', ends, ARGV[n])
end
local now = redis.call('ZCARD', E)
if most > 0 and now > most then
  local over = now - most + math.min(math.floor(most / 20), most - 1)
  drop(o, redis.call('ZRANGE', E, 0, over - 1))
end
if redis.call('PTTL', V) < ttl then redis.call('PEXPIRE', V, ttl) end
settle(o, held)
return clashes
"""
)
GET: Final = Script("""
local o, at, found = ARGV[2], tonumber(ARGV[3]), {}
for n = 4, #ARGV do
  local ends = redis.call('ZSCORE', ARGV[1]..'e:'..o, ARGV[n])
  found[n - 3] = ends and tonumber(ends) > at and redis.call('HGET', ARGV[1]..'v:'..o, ARGV[n])
end
return found
""")
PURGE: Final = Script(
    PERSON
    + """
local gone = 0
for _, o in ipairs(redis.call('ZRANGEBYSCORE', B..'h', '-inf', ARGV[2], 'LIMIT', 0, 20)) do
  local held = redis.call('ZCARD', B..'e:'..o)
  local over = redis.call('ZRANGEBYSCORE', B..'e:'..o, '-inf', ARGV[2], 'LIMIT', 0, 500)
  drop(o, over)
  gone = gone + #over
  settle(o, held)
end
return gone
"""
)
DROP: Final = Script(
    PERSON
    + """
local o, gone = ARGV[2], 0
local held = redis.call('ZCARD', B..'e:'..o)
for n = 3, #ARGV do
  redis.call('HDEL', B..'v:'..o, ARGV[n])
  gone = gone + redis.call('ZREM', B..'e:'..o, ARGV[n])
end
settle(o, held)
return gone
"""
)
TOTAL: Final = Script("return redis.call('GET', ARGV[1]..'n')")
HEADS: Final = Script("return redis.call('ZRANGE', ARGV[1]..'h', 0, ARGV[2] - 1, 'WITHSCORES')")
FIRST: Final = Script("return redis.call('ZRANGE', ARGV[1]..'e:'..ARGV[2], 0, ARGV[3] - 1, 'WITHSCORES')")
GET_KEY: Final = Script("return redis.call('HGET', ARGV[1]..'k:'..ARGV[2], ARGV[3])")
ADD_KEY: Final = Script("""
redis.call('HSETNX', ARGV[1]..'k:'..ARGV[2], ARGV[3], ARGV[4])
redis.call('SADD', ARGV[1]..'i', ARGV[2])
return redis.call('HGET', ARGV[1]..'k:'..ARGV[2], ARGV[3])
""")
SWAP_KEY: Final = Script("""
if redis.call('HGET', ARGV[1]..'k:'..ARGV[2], ARGV[3]) ~= ARGV[4] then return 0 end
redis.call('HSET', ARGV[1]..'k:'..ARGV[2], ARGV[3], ARGV[5])
return 1
""")
POINT: Final = Script("return redis.call('HSET', ARGV[1]..'p:'..ARGV[2], ARGV[3], '1')")
PEOPLE: Final = Script("""
local found, B = {}, ARGV[1]
for _, o in ipairs(redis.call('SMEMBERS', B..'i')) do
  if redis.call('EXISTS', B..'e:'..o, B..'k:'..o, B..'t:'..o) > 0 then found[#found + 1] = o end
end
return found
""")
KEYS: Final = Script("""
local found = {}
for n = 2, #ARGV do found[n - 1] = redis.call('HGETALL', ARGV[1]..'k:'..ARGV[n]) end
return found
""")
SIZES: Final = Script("""
local values, people, most, old = 0, 0, 0, 0
for n = 2, #ARGV do
  local held = redis.call('ZCARD', ARGV[1]..'e:'..ARGV[n])
  values, most = values + held, math.max(most, held)
  if held > 0 then people = people + 1 end
  for _, packed in ipairs(redis.call('HVALS', ARGV[1]..'v:'..ARGV[n])) do
    if string.byte(packed, 2 + string.byte(packed, 1)) == 1 then old = old + 1 end
  end
end
return {values, people, most, old}
""")
OLD: Final = Script("""
local found, all = {}, redis.call('HGETALL', ARGV[1]..'v:'..ARGV[2])
for n = 1, #all, 2 do
  if string.byte(all[n + 1], 2 + string.byte(all[n + 1], 1)) == 1 then
    found[#found + 1] = all[n]
    found[#found + 1] = all[n + 1]
  end
end
return found
""")
RESEAL: Final = Script("""
local V = ARGV[1]..'v:'..ARGV[2]
local packed = redis.call('HGET', V, ARGV[3])
if not packed then return 0 end
local from = 2 + string.byte(packed, 1)
if string.sub(packed, from) ~= ARGV[4] then return 0 end
redis.call('HSET', V, ARGV[3], string.sub(packed, 1, from - 1)..ARGV[5])
return 1
""")


class Originals(Base):
    """The part of the store that keeps what placeholders stand for, and wrapped keys."""

    def put_originals(
        self, user: str, sealed: Mapping[str, Sealed], expires: datetime, now: datetime, most: int = 0
    ) -> frozenset[str]:
        """See `Store.put_originals`."""
        until, at = millis(expires), millis(now)
        places = {self.veil.name(place): place for place in sealed}
        packed = [
            value
            for closed, place in places.items()
            for value in (closed, _pack(sealed[place].fingerprint) + sealed[place].data)
        ]
        base, owner = self._person(user)
        times = (until, at, most, max(1, until - at) + SLACK)
        clashes = self.within(base, PUT, owner, *times, *packed, again=True)
        return frozenset(places[one.decode()] for one in clashes)

    def get_original(self, user: str, placeholder: str, now: datetime) -> bytes | None:
        """See `Store.get_original`."""
        return self.get_originals(user, [placeholder], now).get(placeholder)

    def get_originals(self, user: str, placeholders: Sequence[str], now: datetime) -> Mapping[str, bytes]:
        """See `Store.get_originals`."""
        (base, owner), told = self._person(user), dict[str, bytes]()
        for first in range(0, len(placeholders), AT_ONCE):
            some = placeholders[first : first + AT_ONCE]
            found = self.within(base, GET, owner, millis(now), *map(self.veil.name, some), again=True)
            told |= {place: _unpack(one)[1] for place, one in zip(some, found, strict=True) if one}
        return told

    def get_key(self, owner: str, talk: str) -> KeptKey | None:
        """See `Store.get_key`."""
        base, closed = self._person(owner)
        found = self.within(base, GET_KEY, closed, self.veil.name(talk), again=True)
        return _key(found) if found else None

    def add_key(self, owner: str, talk: str, key: KeptKey, now: datetime) -> KeptKey:
        """See `Store.add_key`."""
        millis(now)
        base, closed = self._person(owner)
        name = self.veil.name(talk)
        if talk:  # first, so that whoever forgets the conversation finds all its keys
            self.within(self.bucket_of(name), POINT, name, closed, again=True)
        return _key(self.within(base, ADD_KEY, closed, name, _written(key), again=True))

    def swap_key(self, owner: str, talk: str, was: KeptKey, key: KeptKey) -> bool:
        """See `Store.swap_key`."""
        base, closed = self._person(owner)
        swapped = self.within(base, SWAP_KEY, closed, self.veil.name(talk), _written(was), _written(key))
        return bool(swapped)

    def all_keys(self) -> tuple[tuple[str, str, KeptKey], ...]:
        """See `Store.all_keys`."""
        found = []
        for base, some in self._people():
            told = self.within(base, KEYS, *some, again=True)
            for owner, fields in zip(some, told, strict=True):
                name = self.veil.told(owner)
                pairs = zip(fields[::2], fields[1::2], strict=True)
                found += [(name, self.veil.told(talk), _key(packed)) for talk, packed in pairs]
        return tuple(sorted(found, key=lambda one: one[:2]))

    def owners(self) -> tuple[str, ...]:
        """See `Store.owners`."""
        return tuple(sorted(self.veil.told(owner) for _, some in self._people() for owner in some))

    def trim(self, most: int) -> int:
        """See `Store.trim`."""
        gone = 0
        while (over := self._originals() - most) > 0:
            if not (less := self._drop_oldest(min(over, TRIM_AT_ONCE))):
                break
            gone += less
        return gone

    def vault_size(self) -> VaultSize:
        """See `Store.vault_size`."""
        values = people = most = old = 0
        for base, some in self._people():
            sizes = self.within(base, SIZES, *some, again=True)
            values, people, most, old = values + sizes[0], people + sizes[1], max(most, sizes[2]), old + sizes[3]
        keys: dict[int, int] = {}
        for _, _, key in self.all_keys():
            keys[key.version] = keys.get(key.version, 0) + 1
        return VaultSize(values, people, most, dict(sorted(keys.items())), old)

    def old_originals(self) -> Iterator[KeptValue]:
        """Give the originals of `Store.values_of_old`."""
        for base, some in self._people():
            for owner in some:
                found = self.within(base, OLD, owner, again=True)
                name = self.veil.told(owner)
                for place, packed in zip(found[::2], found[1::2], strict=True):
                    yield KeptValue(name, self.veil.told(place), "", _unpack(packed)[1])

    def reseal_original(self, was: KeptValue, data: bytes) -> bool:
        """Do the part of `Store.reseal` that is about originals."""
        base, owner = self._person(was.owner)
        return bool(self.within(base, RESEAL, owner, self.veil.name(was.place), was.data, data))

    def purge_originals(self, now: datetime) -> int:
        """Forget originals that expired by `now`; returns how many."""
        gone = 0
        for base in self.buckets():
            while less := self.within(base, PURGE, millis(now), again=True):
                gone += less
        return gone

    def _person(self, owner: str) -> tuple[str, str]:
        closed = self.veil.name(owner)
        return self.bucket_of(closed), closed

    def _people(self) -> Iterator[tuple[str, list[bytes]]]:
        """Yield everybody of whom something is kept, some at a time, with their bucket."""
        for base in self.buckets():
            found = self.within(base, PEOPLE, again=True)
            for first in range(0, len(found), AT_ONCE):
                yield base, found[first : first + AT_ONCE]

    def _originals(self) -> int:
        found = [self.within(base, TOTAL, again=True) for base in self.buckets()]
        return sum(int(one or 0) for one in found)

    def _drop_oldest(self, many: int) -> int:
        """Forget the originals of all people that end first; they are with the people whose first end comes first."""
        heads = []
        for base in self.buckets():
            told = self.within(base, HEADS, many, again=True)
            heads += [(float(end), owner, base) for owner, end in zip(told[::2], told[1::2], strict=True)]
        first = []
        for _, owner, base in sorted(heads)[:many]:
            told = self.within(base, FIRST, owner, many, again=True)
            first += [(float(end), owner, place, base) for place, end in zip(told[::2], told[1::2], strict=True)]
        chosen: dict[tuple[str, bytes], list[bytes]] = {}
        for _, owner, place, base in sorted(first)[:many]:
            chosen.setdefault((base, owner), []).append(place)
        gone = [self.within(base, DROP, owner, *places, again=True) for (base, owner), places in chosen.items()]
        return sum(gone)


def _pack(mark: bytes) -> bytes:
    return bytes([len(mark)]) + mark


def _unpack(packed: bytes) -> tuple[bytes, bytes]:
    return packed[1 : 1 + packed[0]], packed[1 + packed[0] :]


def _written(key: KeptKey) -> bytes:
    return _pack(key.id) + struct.pack(">I", key.version) + key.wrapped


def _key(packed: Any) -> KeptKey:
    id, rest = _unpack(packed)
    return KeptKey(id, int.from_bytes(rest[:4]), rest[4:])

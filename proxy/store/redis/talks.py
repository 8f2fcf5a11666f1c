"""Conversations of chat pages that the company's model holds, in Redis, and how they and people are forgotten.

See `proxy.store.interface` for what goes in and out. A conversation stands in the bucket of its owner, so that a turn
is added, and a person forgotten, in one go; in the bucket of its own name only a pointer stands, made first: whose it
is, and who has keys for it. Of a bucket: `c` numbers of turns, `te` when each conversation ends, `tg` the same until it
is forgotten that there was one, `p` pointers, `w` turns by number. Of a person: `t` conversations. Of a conversation:
`r` questions, `a` answers.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from proxy.errors import StoreError
from proxy.store.interface import SHOWN_FOR, Forgotten, KeptKey, KeptTalk, KeptTurn, KeptValue, VaultSize
from proxy.store.plain import from_millis, millis
from proxy.store.redis.base import SLACK
from proxy.store.redis.connection import Script
from proxy.store.redis.vault import PERSON, Originals
from proxy.store.redis.veil import BUCKETS, bucket

STAYS: Final = int(SHOWN_FOR.total_seconds() * 1000)
AT_ONCE: Final = 500

TALK: Final = (
    PERSON
    + """
local function drop_turns(o, talk)
  local R = B..'r:'..o..':'..talk
  for _, n in ipairs(redis.call('HKEYS', R)) do redis.call('UNLINK', B..'w:'..n) end
  local many = redis.call('HLEN', R)
  redis.call('UNLINK', R, B..'a:'..o..':'..talk)
  return many
end
local function put_talk(o, talk, used, ends)
  redis.call('HSET', B..'t:'..o, talk, used..' '..ends)
  redis.call('ZADD', B..'tg', ends, o..':'..talk)
  redis.call('ZADD', B..'te', ends, o..':'..talk)
end
local function end_talk(o, talk, at)
  local held = redis.call('HGET', B..'t:'..o, talk)
  if not held then return end
  local used, ends = string.match(held, '(%S+) (%S+)')
  if tonumber(ends) > tonumber(at) then put_talk(o, talk, used, at) end
end
"""
)
"""Begins every script about conversations."""

CLAIM: Final = Script("""
local P = ARGV[1]..'p:'..ARGV[2]
redis.call('HSETNX', P, '', ARGV[3])
local mine = redis.call('HGET', P, '') == ARGV[3]
if mine and redis.call('PTTL', P) < tonumber(ARGV[4]) then redis.call('PEXPIRE', P, ARGV[4]) end
return mine and 1 or 0
""")
POINTERS: Final = Script("""
local found = {}
for n = 2, #ARGV do found[n - 1] = redis.call('HGET', ARGV[1]..'p:'..ARGV[n], '') end
return found
""")
HAS: Final = Script("return redis.call('EXISTS', ARGV[1]..'t:'..ARGV[2])")
HOLDERS: Final = Script("return redis.call('HKEYS', ARGV[1]..'p:'..ARGV[2])")
UNPOINT: Final = Script("return redis.call('HDEL', ARGV[1]..'p:'..ARGV[2], ARGV[3])")
ASK: Final = Script(
    TALK
    + """
local o, talk, ends, at, most, ttl = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7]
local n = redis.call('INCR', B..'c')
put_talk(o, talk, at, ends)
local others, all = {}, redis.call('HGETALL', B..'t:'..o)
for k = 1, #all, 2 do
  local used, till = string.match(all[k + 1], '(%S+) (%S+)')
  if all[k] ~= talk and tonumber(till) > tonumber(at) then others[#others + 1] = {tonumber(used), all[k]} end
end
table.sort(others, function(one, two) return one[1] > two[1] or one[1] == two[1] and one[2] > two[2] end)
for k = math.max(most, 1), #others do
  drop_turns(o, others[k][2])
  end_talk(o, others[k][2], at)
end
local R = B..'r:'..o..':'..talk
redis.call('HSET', R, n, ARGV[8])
redis.call('SET', B..'w:'..n, o..':'..talk, 'PX', ttl)
for _, key in ipairs({R, B..'a:'..o..':'..talk}) do redis.call('PEXPIRE', key, ttl) end
for _, each in ipairs(redis.call('HKEYS', R)) do redis.call('PEXPIRE', B..'w:'..each, ttl) end
settle(o, redis.call('ZCARD', B..'e:'..o))
return n
"""
)
ANSWER: Final = Script("""
local at = redis.call('GET', ARGV[1]..'w:'..ARGV[2])
if not at or redis.call('HEXISTS', ARGV[1]..'r:'..at, ARGV[2]) == 0 then return 0 end
redis.call('HSET', ARGV[1]..'a:'..at, ARGV[2], ARGV[3])
local ttl = redis.call('PTTL', ARGV[1]..'r:'..at)
if ttl > 0 then redis.call('PEXPIRE', ARGV[1]..'a:'..at, ttl) end
return 1
""")
KNOWN: Final = Script("""
local found = {}
for n = 2, #ARGV, 2 do found[n / 2] = redis.call('HGET', ARGV[1]..'t:'..ARGV[n], ARGV[n + 1]) end
return found
""")
TURNS: Final = Script("""
local at = ARGV[2]..':'..ARGV[3]
return {redis.call('HGETALL', ARGV[1]..'r:'..at), redis.call('HGETALL', ARGV[1]..'a:'..at)}
""")
END: Final = Script(
    TALK
    + """
local many = drop_turns(ARGV[2], ARGV[3])
end_talk(ARGV[2], ARGV[3], ARGV[4])
return many
"""
)
DROP_KEY: Final = Script(
    PERSON
    + """
local gone = redis.call('HDEL', B..'k:'..ARGV[2], ARGV[3])
settle(ARGV[2], redis.call('ZCARD', B..'e:'..ARGV[2]))
return gone
"""
)
FORGET: Final = Script(
    TALK
    + """
local o, at, turns = ARGV[2], ARGV[3], 0
for _, talk in ipairs(redis.call('HKEYS', B..'t:'..o)) do
  turns = turns + drop_turns(o, talk)
  end_talk(o, talk, at)
end
local held = redis.call('ZCARD', B..'e:'..o)
local keys = redis.call('HLEN', B..'k:'..o)
redis.call('UNLINK', B..'k:'..o, B..'v:'..o, B..'e:'..o)
settle(o, held)
return {keys, held, turns}
"""
)
OVER: Final = Script(
    TALK
    + """
local found = redis.call('ZRANGEBYSCORE', B..'te', '-inf', ARGV[2], 'LIMIT', 0, 100)
for _, at in ipairs(found) do
  local o, talk = string.match(at, '(.*):(.*)')
  drop_turns(o, talk)
  redis.call('HDEL', B..'k:'..o, talk)
  redis.call('ZREM', B..'te', at)
end
return found
"""
)
LONG_OVER: Final = Script(
    TALK
    + """
local found = redis.call('ZRANGEBYSCORE', B..'tg', '-inf', ARGV[2], 'LIMIT', 0, 100)
for _, at in ipairs(found) do
  local o, talk = string.match(at, '(.*):(.*)')
  redis.call('HDEL', B..'t:'..o, talk)
  redis.call('ZREM', B..'tg', at)
  settle(o, redis.call('ZCARD', B..'e:'..o))
end
return found
"""
)
LATE: Final = Script("""
local held = redis.call('HGET', ARGV[1]..'t:'..ARGV[2], ARGV[3])
local ends = held and string.match(held, '%S+ (%S+)')
if not ends or tonumber(ends) > tonumber(ARGV[4]) then return 0 end
return redis.call('ZADD', ARGV[1]..'te', ends, ARGV[2]..':'..ARGV[3])
""")
"""Lets the next purge find a conversation that was over already."""
TALKS: Final = Script("return redis.call('HKEYS', ARGV[1]..'t:'..ARGV[2])")
OLD_TURNS: Final = Script("""
local B, old = ARGV[1], 0
for n = 2, #ARGV do
  for _, talk in ipairs(redis.call('HKEYS', B..'t:'..ARGV[n])) do
    for _, held in ipairs(redis.call('HVALS', B..'r:'..ARGV[n]..':'..talk)) do
      if string.byte(held, 9) == 1 then old = old + 1 end
    end
  end
end
return old
""")
RESEAL: Final = Script("""
local at = redis.call('GET', ARGV[1]..'w:'..ARGV[2])
if not at then return 0 end
local key = ARGV[1]..ARGV[3]..':'..at
local held = redis.call('HGET', key, ARGV[2])
local head = ARGV[3] == 'r' and 8 or 0
if not held or string.sub(held, head + 1) ~= ARGV[4] then return 0 end
redis.call('HSET', key, ARGV[2], string.sub(held, 1, head)..ARGV[5])
return 1
""")


class Conversations(Originals):
    """The part of the store that keeps conversations."""

    def find_talks(self, ids: Iterable[str], now: datetime) -> Mapping[str, KeptTalk]:
        """See `Store.find_talks`."""
        at = millis(now)
        names = {self.veil.name(id): id for id in set(ids)}
        owners = dict(self._owners(names))
        told: dict[str, bytes] = {}
        for base, some in self._by_bucket((owner.decode(), name) for name, owner in owners.items()):
            words = [word for name in some for word in (owners[name], name)]
            found = self.within(base, KNOWN, *words, again=True)
            told |= {name: held for name, held in zip(some, found, strict=True) if held}
        return {
            names[name]: KeptTalk(self.veil.told(owners[name]), int(held.split()[1]) > at)
            for name, held in told.items()
        }

    def has_talks(self, owner: str) -> bool:
        """See `Store.has_talks`."""
        closed = self.veil.name(owner)
        return bool(self.within(self.bucket_of(closed), HAS, closed, again=True))

    def add_key(self, owner: str, talk: str, key: KeptKey, now: datetime) -> KeptKey:
        """See `Store.add_key`."""
        kept = super().add_key(owner, talk, key, now)
        name = self.veil.name(talk)
        for closed in dict(self._owners([name])).values() if talk else ():
            whose = closed.decode()
            self.within(self.bucket_of(whose), LATE, whose, name, millis(now), again=True)
        return kept

    def get_turns(self, talk: str) -> Sequence[KeptTurn]:
        """See `Store.get_turns`."""
        return tuple(KeptTurn(at, question, answer) for _, at, question, answer in self._turns(talk))

    def put_question(self, talk: str, owner: str, question: bytes, expires: datetime, now: datetime, most: int) -> int:
        """See `Store.put_question`."""
        until, at = millis(expires), millis(now)
        name, closed = self.veil.name(talk), self.veil.name(owner)
        ttl = max(1, until - at) + SLACK
        if not self.within(self.bucket_of(name), CLAIM, name, closed, ttl + STAYS, again=True):
            raise StoreError("the conversation is kept for somebody else")
        number = self.within(
            self.bucket_of(closed), ASK, closed, name, until, at, most, ttl, struct.pack(">q", at) + question
        )
        return int(number) * BUCKETS + bucket(closed)

    def put_answer(self, number: int, answer: bytes) -> None:
        """See `Store.put_answer`."""
        self.within(self.key(f"v{number % BUCKETS:02}"), ANSWER, number // BUCKETS, answer, again=True)

    def end_talk(self, talk: str, now: datetime) -> None:
        """See `Store.end_talk`."""
        self._end(talk, now)

    def forget_person(self, owner: str, now: datetime) -> Forgotten:
        """Do the part of `Store.forget_owner` that is about keys, originals and turns."""
        closed = self.veil.name(owner)
        gone = self.within(self.bucket_of(closed), FORGET, closed, millis(now))
        return Forgotten(*gone)

    def forget_talk(self, talk: str, now: datetime) -> Forgotten:
        """See `Store.forget_talk`."""
        keys = self._drop_keys(self.veil.name(talk))
        return Forgotten(keys, 0, self._end(talk, now))

    def vault_size(self) -> VaultSize:
        """See `Store.vault_size`."""
        size = super().vault_size()
        turns = sum(self.within(base, OLD_TURNS, *some, again=True) for base, some in self._people())
        return replace(size, old=size.old + turns)

    def values_of_old(self) -> Iterator[KeptValue]:
        """See `Store.values_of_old`."""
        yield from self.old_originals()
        for base, some in self._people():
            for owner in some:
                name = self.veil.told(owner)
                talks = self.within(base, TALKS, owner, again=True)
                for talk in map(self.veil.told, talks):
                    for number, _, question, answer in self._turns(talk):
                        if b"\1" in (question[:1], (answer or b"")[:1]):
                            yield KeptValue(name, f"question of {talk}", talk, question, number)
                            if answer is not None:
                                yield KeptValue(name, f"answer of {talk}", talk, answer, number)

    def reseal(self, was: KeptValue, data: bytes) -> bool:
        """See `Store.reseal`."""
        if not was.turn:
            return self.reseal_original(was, data)
        base, number = self.key(f"v{was.turn % BUCKETS:02}"), was.turn // BUCKETS
        what = "r" if was.place.startswith("question") else "a"
        return bool(self.within(base, RESEAL, number, what, was.data, data))

    def purge_talks(self, now: datetime) -> None:
        """Forget the turns and keys of conversations that are over, and long after it that there were any."""
        at = millis(now)
        for base in self.buckets():
            while over := self._said(base, OVER, at):
                for _, talk in over:
                    self._drop_keys(talk)
            while over := self._said(base, LONG_OVER, at - STAYS):
                for _, talk in over:
                    self.within(self.bucket_of(talk), UNPOINT, talk, "", again=True)

    def _said(self, base: str, script: Script, at: int) -> list[tuple[str, str]]:
        found = self.within(base, script, at, again=True)
        return [(owner, talk) for owner, _, talk in (one.decode().partition(":") for one in found)]

    def _end(self, talk: str, now: datetime) -> int:
        name, at = self.veil.name(talk), millis(now)
        turns = 0
        for owner in dict(self._owners([name])).values():
            gone = self.within(self.bucket_of(owner.decode()), END, owner, name, at, again=True)
            turns += gone
        return turns

    def _drop_keys(self, talk: str) -> int:
        """Destroy all keys of a conversation, given its closed name."""
        base, gone = self.bucket_of(talk), 0
        holders = self.within(base, HOLDERS, talk, again=True)
        for owner in filter(None, holders):
            less = self.within(self.bucket_of(owner.decode()), DROP_KEY, owner, talk, again=True)
            gone += less
            self.within(base, UNPOINT, talk, owner, again=True)
        return gone

    def _turns(self, talk: str) -> list[tuple[int, datetime, bytes, bytes | None]]:
        """Return the turns of a conversation with their numbers, the earliest first."""
        name = self.veil.name(talk)
        for owner in dict(self._owners([name])).values():
            closed = owner.decode()
            asked, said = (_pairs(one) for one in self._both(closed, name))
            return [
                (
                    number * BUCKETS + bucket(closed),
                    from_millis(struct.unpack(">q", asked[number][:8])[0]),
                    asked[number][8:],
                    said.get(number),
                )
                for number in sorted(asked)
            ]
        return []

    def _both(self, owner: str, talk: str) -> Any:
        return self.within(self.bucket_of(owner), TURNS, owner, talk, again=True)

    def _owners(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield whose these conversations are, given their closed names."""
        for base, some in self._by_bucket((name, name) for name in names):
            found = self.within(base, POINTERS, *some, again=True)
            yield from ((name, owner) for name, owner in zip(some, found, strict=True) if owner)

    def _by_bucket(self, placed: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
        """Sort things by the bucket of what they belong to, some at a time."""
        sorted_: dict[str, list[str]] = {}
        for whose, thing in placed:
            sorted_.setdefault(self.bucket_of(whose), []).append(thing)
        for base, things in sorted_.items():
            for first in range(0, len(things), AT_ONCE):
                yield base, things[first : first + AT_ONCE]


def _pairs(flat: Sequence[bytes]) -> dict[int, bytes]:
    return {int(number): value for number, value in zip(flat[::2], flat[1::2], strict=True)}

"""What people said and how much they used, and old policies, in Redis.

See `proxy.store.interface` for what goes in and out. All counters stand in one slot, `{c}`, for several count together
or not at all: one script looks at every limit first, so that of any number of nodes exactly as many get through as the
limits allow. Of counters: `n:` uses by the end of the period, `x` all ends. Of policies, `{w}`: `p` texts, `pm` who and
when, `pt` their order, `pc` its last number. Of people, in their buckets: `ack:` what they confirmed, `sx` what they
were shown and when, `d` what they use services for, `dx` until when.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from policies.model import fold
from proxy.errors import StoreError
from proxy.store.interface import MOST_POLICIES, SHOWN_FOR, Count
from proxy.store.plain import from_millis, millis
from proxy.store.redis.base import Base
from proxy.store.redis.connection import Script
from proxy.store.redis.veil import UNREADABLE
from proxy.workflow.permission import PolicyVersion, instant

COUNTERS: Final = "c"
POLICIES: Final = "w"
AT_ONCE: Final = 1000

ACKNOWLEDGE: Final = Script("""
local A = ARGV[1]..'ack:'..ARGV[2]
local held = redis.call('HGET', A, ARGV[3])
if not held or tonumber(held) < tonumber(ARGV[4]) then redis.call('HSET', A, ARGV[3], ARGV[4]) end
redis.call('HSET', ARGV[1]..'words:'..ARGV[2], ARGV[3], ARGV[5])
return 0
""")
ACKNOWLEDGED: Final = Script("return redis.call('HGETALL', ARGV[1]..'ack:'..ARGV[2])")
SHOW: Final = Script("""
local last = redis.call('ZSCORE', ARGV[1]..'sx', ARGV[2])
if last and tonumber(last) > ARGV[3] - ARGV[4] then return 0 end
redis.call('ZADD', ARGV[1]..'sx', ARGV[3], ARGV[2])
return 1
""")
DECLARE: Final = Script("""
redis.call('HSET', ARGV[1]..'d', ARGV[2], ARGV[3])
redis.call('ZADD', ARGV[1]..'dx', ARGV[4], ARGV[2])
return 0
""")
DECLARED: Final = Script("""
local ends = redis.call('ZSCORE', ARGV[1]..'dx', ARGV[2])
if not ends or tonumber(ends) <= tonumber(ARGV[3]) then return false end
return redis.call('HGET', ARGV[1]..'d', ARGV[2])
""")
PURGE: Final = Script("""
redis.call('ZREMRANGEBYSCORE', ARGV[1]..'sx', '-inf', ARGV[3])
local over = redis.call('ZRANGEBYSCORE', ARGV[1]..'dx', '-inf', ARGV[2], 'LIMIT', 0, 500)
for _, one in ipairs(over) do
  redis.call('HDEL', ARGV[1]..'d', one)
  redis.call('ZREM', ARGV[1]..'dx', one)
end
return #over
""")
COUNT: Final = Script("""
local B, sums = ARGV[1], {}
for n = 2, #ARGV, 4 do
  local at = ARGV[n]..' '..ARGV[n + 1]
  local held = sums[at] or tonumber(redis.call('HGET', B..'n:'..ARGV[n], ARGV[n + 1]) or 0)
  sums[at] = held + tonumber(ARGV[n + 2])
  if ARGV[n + 3] ~= '' and sums[at] > tonumber(ARGV[n + 3]) then return (n + 2) / 4 end
end
for n = 2, #ARGV, 4 do
  redis.call('HINCRBY', B..'n:'..ARGV[n], ARGV[n + 1], ARGV[n + 2])
  redis.call('ZADD', B..'x', ARGV[n + 1], ARGV[n]..' '..ARGV[n + 1])
end
return 0
""")
USED: Final = Script("""
local found = {}
for n = 2, #ARGV do
  local all, last = redis.call('HGETALL', ARGV[1]..'n:'..ARGV[n]), -math.huge
  found[n - 1] = false
  for k = 1, #all, 2 do
    if tonumber(all[k]) > last then last, found[n - 1] = tonumber(all[k]), all[k + 1] end
  end
end
return found
""")
PURGE_COUNTERS: Final = Script("""
local over = redis.call('ZRANGEBYSCORE', ARGV[1]..'x', '-inf', ARGV[2], 'LIMIT', 0, 500)
for _, one in ipairs(over) do
  local name, ends = string.match(one, '(%S+) (%S+)')
  redis.call('HDEL', ARGV[1]..'n:'..name, ends)
  redis.call('ZREM', ARGV[1]..'x', one)
end
return #over
""")
KEEP_POLICY: Final = Script("""
local B, turn = ARGV[1], redis.call('INCR', ARGV[1]..'pc')
redis.call('HSETNX', B..'p', ARGV[2], ARGV[3])
redis.call('HSET', B..'pm', ARGV[2], ARGV[4])
redis.call('ZADD', B..'pt', turn, ARGV[2])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', B..'pt', '-inf', turn - ARGV[5])) do
  redis.call('HDEL', B..'p', id)
  redis.call('HDEL', B..'pm', id)
  redis.call('ZREM', B..'pt', id)
end
return turn
""")
POLICY: Final = Script("""
local B, found = ARGV[1], {}
local ids = ARGV[2] and {ARGV[2]} or redis.call('ZREVRANGE', B..'pt', 0, -1)
for _, id in ipairs(ids) do
  local text = redis.call('HGET', B..'p', id)
  if text then found[#found + 1] = {id, text, redis.call('HGET', B..'pm', id)} end
end
return found
""")


class Tallies(Base):
    """The part of the store that counts and remembers."""

    def acknowledge(self, user: str, notice: str, at: datetime, words: str = "") -> None:
        """See `Store.acknowledge`."""
        base, name = self._of(user)
        closed = self.veil.name(notice)
        said = self.veil.close(words, "words", name, closed)
        self.within(base, ACKNOWLEDGE, name, closed, millis(at), said, again=True)

    def acknowledged(self, user: str) -> Mapping[str, datetime]:
        """See `Store.acknowledged`."""
        base, name = self._of(user)
        found = self.within(base, ACKNOWLEDGED, name, again=True)
        return {self.veil.told(one): from_millis(int(at)) for one, at in zip(found[::2], found[1::2], strict=True)}

    def show_notice(self, user: str, notice: str, at: datetime, interval: int) -> bool:
        """See `Store.show_notice`."""
        base, name = self._of(user)
        return bool(self.within(base, SHOW, f"{name}:{self.veil.name(notice)}", millis(at), interval * 1000))

    def declare_purpose(self, user: str, service: str, purpose: str, until: datetime) -> None:
        """See `Store.declare_purpose`."""
        base, name = self._of(user)
        what = f"{name}:{self.veil.name(service)}"
        self.within(base, DECLARE, what, self.veil.close(purpose, "d", what), millis(until), again=True)

    def declared_purpose(self, user: str, service: str, now: datetime) -> str:
        """See `Store.declared_purpose`."""
        base, name = self._of(user)
        what = f"{name}:{self.veil.name(service)}"
        found = self.within(base, DECLARED, what, millis(now), again=True)
        return str(self.veil.open(found, "d", what)) if found else ""

    def count(self, name: str, ends: datetime, amount: int, limit: int | None) -> bool:
        """See `Store.count`."""
        return not self.count_all([Count(name, ends, amount, limit)])

    def count_all(self, counts: Sequence[Count]) -> str:
        """See `Store.count_all`."""
        words: list[str | int] = []
        for one in counts:
            if one.amount < 0:
                raise ValueError("a counter only counts up")
            limit = "" if one.limit is None else one.limit
            words += [self.veil.name(one.name), millis(one.ends), one.amount, limit]
        over = self._counters(COUNT, *words) if words else 0
        return counts[over - 1].name if over else ""

    def used(self, names: Iterable[str]) -> Mapping[str, int]:
        """See `Store.used`."""
        wanted = sorted(set(names))
        told: dict[str, int] = {}
        for first in range(0, len(wanted), AT_ONCE):
            some = wanted[first : first + AT_ONCE]
            found = self._counters(USED, *map(self.veil.name, some), again=True)
            told |= {name: int(used) for name, used in zip(some, found, strict=True) if used is not None}
        return told

    def keep_policy(self, version: PolicyVersion) -> None:
        """See `Store.keep_policy`."""
        millis(version.at)
        name = self.veil.name(version.id)
        text = self.veil.close([version.digest, version.source], "p", name)
        by = self.veil.close([version.at.isoformat(), version.by], "pm", name)
        self._policies(KEEP_POLICY, name, text, by, MOST_POLICIES)

    def policies(self) -> tuple[PolicyVersion, ...]:
        """See `Store.policies`."""
        return tuple(self._version(*row) for row in self._policies(POLICY))

    def get_policy(self, id: str) -> PolicyVersion | None:
        """See `Store.get_policy`."""
        found = self._policies(POLICY, self.veil.name(id))
        return self._version(*found[0]) if found else None

    def purge_tallies(self, now: datetime) -> None:
        """Forget counters and purposes that are over, and long after it what somebody was shown."""
        at, shown = millis(now), millis(now - SHOWN_FOR)
        for base in self.buckets():
            while self.within(base, PURGE, at, shown, again=True):
                pass
        while self._counters(PURGE_COUNTERS, at, again=True):
            pass

    def _of(self, user: str) -> tuple[str, str]:
        name = self.veil.name(fold(user))
        return self.bucket_of(name), name

    def _version(self, id: bytes, text: bytes, by: bytes) -> PolicyVersion:
        name = id.decode()
        try:
            digest, source = self.veil.open(text, "p", name)
            at, who = self.veil.open(by, "pm", name)
            return PolicyVersion(self.veil.told(id), digest, source, instant(at), who)
        except (ValueError, TypeError) as error:
            raise StoreError(UNREADABLE) from error

    def _counters(self, script: Script, *words: str | bytes | int, again: bool = False) -> Any:
        base = self.key(COUNTERS)
        return self.redis.run(script, [f"{base}x"], (base, *words), again=again)

    def _policies(self, script: Script, *words: str | bytes | int) -> Any:
        base = self.key(POLICIES)
        return self.redis.run(script, [f"{base}p"], (base, *words), again=True)

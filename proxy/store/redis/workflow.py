"""Grants, requests for them, and the two outboxes, in Redis.

See `proxy.store.interface` for what goes in and out. All stand in one slot, `{w}`, for a step is one script: it looks
first whether everything is as it was read, and then writes all of it. Records are closed (`proxy.store.redis.veil`);
what cannot be opened is a `StoreError`, for to pass it over might mean to forget a revocation. Of grants: `g`, `gp:` by
person, `gt:` by group. Of requests: `r`, `rs:` by state, `ro` who waits for what. `e` events, `ec` their last number;
`m` messages, `ma` their attempts, `mn` their next try, `mc` their last number.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from policies.model import fold
from proxy.errors import StoreError
from proxy.store.interface import Changes
from proxy.store.plain import millis
from proxy.store.redis.base import Base
from proxy.store.redis.connection import Script
from proxy.store.redis.veil import UNREADABLE
from proxy.workflow.permission import Event, GrantRecord, GrantRequest, Message, State

TAG: Final = "w"

KEEP: Final = Script("""
local B, at = ARGV[1], 2
local function take(many)
  local taken = {}
  for n = 1, many do taken[n] = ARGV[at + n - 1] end
  at = at + many
  return taken
end
local r = ARGV[at] == '1'
at = at + 1
local new = r and take(8)
local g = ARGV[at] == '1'
at = at + 1
local grant = g and take(7)
local function stale(table, id, was)
  local held = redis.call('HGET', B..table, id)
  if was == '' then return held end
  return held ~= was
end
if r then
  local id, doc, state, thing, was, was_state, was_thing = unpack(new)
  if stale('r', id, was) then return 0 end
  if state == 'open' then
    local waits = redis.call('HGET', B..'ro', thing)
    if waits and waits ~= id then return 0 end
  end
end
if g and stale('g', grant[1], grant[3]) then return 0 end
if r then
  local id, doc, state, thing, was, was_state, was_thing = unpack(new)
  if was ~= '' then
    redis.call('SREM', B..'rs:'..was_state, id)
    if was_state == 'open' then redis.call('HDEL', B..'ro', was_thing) end
  end
  redis.call('HSET', B..'r', id, doc)
  redis.call('SADD', B..'rs:'..state, id)
  if state == 'open' then redis.call('HSET', B..'ro', thing, id) end
end
if g then
  local id, doc, was, person, team, was_person, was_team = unpack(grant)
  if was ~= '' then
    if was_person ~= '' then redis.call('SREM', B..'gp:'..was_person, id) end
    if was_team ~= '' then redis.call('SREM', B..'gt:'..was_team, id) end
  end
  redis.call('HSET', B..'g', id, doc)
  if person ~= '' then redis.call('SADD', B..'gp:'..person, id) end
  if team ~= '' then redis.call('SADD', B..'gt:'..team, id) end
end
local many = tonumber(ARGV[at])
at = at + 1
for n = 1, many do
  local number = redis.call('INCR', B..'ec')
  redis.call('ZADD', B..'e', number, number..':'..ARGV[at])
  at = at + 1
end
while at <= #ARGV do
  local number = string.format('%016d', redis.call('INCR', B..'mc'))
  redis.call('HSET', B..'m', number, ARGV[at])
  redis.call('HSET', B..'ma', number, ARGV[at + 1])
  redis.call('ZADD', B..'mn', ARGV[at + 2], number)
  at = at + 3
end
return 1
""")
FIND: Final = Script("""
local B, found, seen = ARGV[1], {}, {}
for n = 3, #ARGV do
  for _, id in ipairs(redis.call('SMEMBERS', B..ARGV[n])) do
    if not seen[id] then
      seen[id] = true
      found[#found + 1] = id
      found[#found + 1] = redis.call('HGET', B..ARGV[2], id)
    end
  end
end
return found
""")
ALL: Final = Script("return redis.call('HGETALL', ARGV[1]..ARGV[2])")
ONE: Final = Script("return redis.call('HGET', ARGV[1]..ARGV[2], ARGV[3])")
WAITING: Final = Script("return redis.call('ZRANGE', ARGV[1]..'e', 0, ARGV[2] - 1)")
TAKEN: Final = Script("""
for n = 2, #ARGV do redis.call('ZREMRANGEBYSCORE', ARGV[1]..'e', ARGV[n], ARGV[n]) end
return 0
""")
DUE: Final = Script("""
local B, found = ARGV[1], {}
for _, n in ipairs(redis.call('ZRANGEBYSCORE', B..'mn', '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])) do
  found[#found + 1] = {n, redis.call('HGET', B..'m', n), redis.call('HGET', B..'ma', n)}
end
return found
""")
LEAD: Final = Script("""
local L = ARGV[1]..'lead'
local who, ends = redis.call('HGET', L, 'who'), tonumber(redis.call('HGET', L, 'ends') or 0)
if who and who ~= ARGV[2] and ends > tonumber(ARGV[3]) then return 0 end
if ARGV[4] == '0' then redis.call('DEL', L) return 0 end
redis.call('HSET', L, 'who', ARGV[2], 'ends', string.format('%.0f', ARGV[3] + ARGV[4]))
return 1
""")
"""Which node takes events and messages out, under `lead`."""
SETTLE: Final = Script("""
local B, n = ARGV[1], string.format('%016d', ARGV[2])
if ARGV[3] == '' then
  redis.call('HDEL', B..'m', n)
  redis.call('HDEL', B..'ma', n)
  redis.call('ZREM', B..'mn', n)
elseif redis.call('HEXISTS', B..'m', n) == 1 then
  redis.call('HSET', B..'ma', n, ARGV[3])
  redis.call('ZADD', B..'mn', ARGV[4], n)
end
return 0
""")


class Workflow(Base):
    """The part of the store that the authorization workflow uses."""

    def grants_for(self, user: str, groups: Iterable[str]) -> tuple[GrantRecord, ...]:
        """See `Store.grants_for`."""
        # An empty name stands for "nobody could be identified" here and for "given to a group" there: never equal.
        sets = [f"gp:{self.veil.name(fold(user))}"] if user else []
        sets += [f"gt:{self.veil.name(name)}" for name in sorted({fold(group) for group in groups if group})]
        return self._grants(self._step(FIND, "g", *sets, again=True)) if sets else ()

    def all_grants(self) -> tuple[GrantRecord, ...]:
        """See `Store.all_grants`."""
        return self._grants(self._step(ALL, "g", again=True))

    def get_grant(self, id: str) -> GrantRecord | None:
        """See `Store.get_grant`."""
        name = self.veil.name(id)
        found = self._step(ONE, "g", name, again=True)
        return self._read(GrantRecord.from_fields, found, "g", name) if found else None

    def requests(self, state: State | None = None) -> tuple[GrantRequest, ...]:
        """See `Store.requests`."""
        if state is None:
            found = self._step(ALL, "r", again=True)
        else:
            found = self._step(FIND, "r", f"rs:{state.value}", again=True)
        pairs = zip(found[::2], found[1::2], strict=True)
        told = [self._read(GrantRequest.from_fields, data, "r", name.decode()) for name, data in pairs]
        return tuple(sorted(told, key=lambda one: (-millis(one.at), one.id)))

    def get_request(self, id: str) -> GrantRequest | None:
        """See `Store.get_request`."""
        name = self.veil.name(id)
        found = self._step(ONE, "r", name, again=True)
        return self._read(GrantRequest.from_fields, found, "r", name) if found else None

    def keep(self, changes: Changes) -> bool:
        """See `Store.keep`."""
        words: list[str | bytes | int] = [*self._request_words(changes), *self._grant_words(changes)]
        words.append(len(changes.events))
        words += [self.veil.close(one.fields(), "e") for one in changes.events]
        for message in changes.messages:
            data = self.veil.close([message.channel, message.event.fields()], "m")
            words += [data, message.attempts, millis(message.next_try or message.event.at)]
        return bool(self._step(KEEP, *words) == 1)

    def waiting_events(self, most: int) -> tuple[tuple[int, Event], ...]:
        """See `Store.waiting_events`."""
        found = (one.partition(b":") for one in self._step(WAITING, most, again=True))
        return tuple((int(number), self._read(Event.from_fields, data, "e")) for number, _, data in found)

    def forget_events(self, numbers: Iterable[int]) -> None:
        """See `Store.forget_events`."""
        self._step(TAKEN, *numbers, again=True)

    def due_messages(self, now: datetime, most: int) -> tuple[tuple[int, Message], ...]:
        """See `Store.due_messages`."""
        found = self._step(DUE, millis(now), most, again=True)
        return tuple((int(number), self._message(data, int(attempts))) for number, data, attempts in found)

    def lead(self, who: str, now: datetime, seconds: float) -> bool:
        """See `Store.lead`."""
        return bool(self._step(LEAD, self.veil.name(who), millis(now), round(seconds * 1000), again=True))

    def settle_message(self, number: int, again: Message | None) -> None:
        """See `Store.settle_message`."""
        if again is None:
            self._step(SETTLE, number, "", again=True)
        else:
            self._step(SETTLE, number, again.attempts, millis(again.next_try or again.event.at), again=True)

    def _request_words(self, changes: Changes) -> list[str | bytes]:
        new, was = changes.request, changes.request_was
        if new is None:
            return ["0"]
        millis(new.at)
        name = self.veil.name(new.id)
        told: list[str | bytes] = [name, self.veil.close(new.fields(), "r", name), new.state.value, self._thing(new)]
        if was is None:
            return ["1", *told, "", "", "", ""]
        return ["1", *told, self.veil.close(was.fields(), "r", name), was.state.value, self._thing(was), ""]

    def _grant_words(self, changes: Changes) -> list[str | bytes]:
        new, was = changes.grant, changes.grant_was
        if new is None:
            return ["0"]
        name = self.veil.name(new.grant.id)
        closed = self.veil.close(new.fields(), "g", name)
        if was is None:
            return ["1", name, closed, "", *self._holders(new), "", ""]
        before = self.veil.close(was.fields(), "g", name)
        return ["1", name, closed, before, *self._holders(new), *self._holders(was)]

    def _holders(self, record: GrantRecord) -> list[str]:
        return [self.veil.name(fold(name)) if name else "" for name in (record.grant.person, record.grant.group)]

    def _thing(self, request: GrantRequest) -> str:
        """Return what a request is about: nobody waits twice for the same."""
        return self.veil.name("\0".join((fold(request.user), request.service, request.rule, request.activity)))

    def _grants(self, found: list[bytes]) -> tuple[GrantRecord, ...]:
        pairs = zip(found[::2], found[1::2], strict=True)
        told = [self._read(GrantRecord.from_fields, data, "g", name.decode()) for name, data in pairs]
        return tuple(sorted(told, key=lambda one: one.grant.id))

    def _message(self, data: bytes, attempts: int) -> Message:
        channel, fields = self.veil.open(data, "m")
        return Message(channel, self._made(Event.from_fields, fields), attempts)

    def _read[T](self, make: Callable[[Any], T], data: bytes, *place: str) -> T:
        return self._made(make, self.veil.open(data, *place))

    @staticmethod
    def _made[T](make: Callable[[Any], T], fields: Any) -> T:
        try:
            return make(fields)
        except (ValueError, TypeError, AttributeError) as error:
            raise StoreError(UNREADABLE) from error

    def _step(self, script: Script, *words: str | bytes | int, again: bool = False) -> Any:
        base = self.key(TAG)
        return self.redis.run(script, [f"{base}g"], (base, *words), again=again)

"""Puts a changed policy in force, as a whole or not at all. This room does I/O, in a thread of its own.

Enters: the policy's files as they stand, and the version that somebody went back to; or, once there is one, the release
that all nodes follow, instead of both. Leaves: the house with a new street. Whatever is wrong with a new version (its
text, its tests, a detector, the store) keeps the last good one in force, with an alert, an audit line and a word in the
health file; a policy half written is waited for. A version whose day has not come is tried at once and put in force on
that day. Exchanges that are under way keep the street that they began with.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from detectors.interface import DetectorError
from policies.check import check
from policies.decision import Text, Verdict
from policies.model import Policy, Rule
from policies.problem import PolicyError
from proxy.audit import Value, notice
from proxy.company import index_paths
from proxy.errors import unkept
from proxy.passage import House
from proxy.pin import Pin, drop_pin, read_pin
from proxy.pipeline import Street
from proxy.publish.closed import is_closed
from proxy.publish.follow import Followed
from proxy.publish.health import BY_FILE, Health, write_health
from proxy.publish.release import Release
from proxy.sources import Sources, Stamp, content, pack, stamp, stamp_of, take_up, unpack
from proxy.store.interface import Changes, Count
from proxy.trial import failures
from proxy.workflow.permission import Event, PolicyVersion

A_MONTH: Final = timedelta(days=30)
MOST_PLACES: Final = 20
TRIES_EVERY: Final = 60.0
"""Seconds after which a release that this node has rejected is tried again: other nodes may have it in force."""
SOON: Final = 5.0
"""The same where it was no fault of the release."""

CLOSED: Final = Policy(
    name="",
    version=0,
    otherwise=Verdict.FORBIDDEN,
    rules=(
        Rule(
            id="no-valid-policy",
            verdict=Verdict.FORBIDDEN,
            name=Text("No valid policy", "没有有效的政策"),
            reason=Text(
                "The company's AI policy cannot be used at the moment, and without one nothing is sent.",
                "公司的 AI 使用政策目前无法使用；没有有效的政策，不会发送任何内容。",
            ),
            instead=Text(
                "Please tell the team that looks after AI use; they must correct the policy.",
                "请告知负责 AI 使用管理的团队，由其更正政策。",
            ),
        ),
    ),
    digest="0" * 64,
)
"""What holds while there is no policy: every AI service is refused, and the reason is said."""

LOG = structlog.get_logger("sluice")


class Rejected(Exception):
    """A version cannot be put in force; tells the places of what is wrong, and nothing else."""

    def __init__(self, places: Sequence[str], error: PolicyError | DetectorError | None = None) -> None:
        """Take the places, and the error of whoever found it where there is one."""
        super().__init__(", ".join(places))
        self.places = tuple(places[:MOST_PLACES])
        self.error = error


class Reloader:
    """Looks at the policy's files, and swaps the street of a house."""

    def __init__(
        self,
        house: House,
        path: Path,
        make: Callable[[Policy], Street],
        state: Path,
        own_entities: Collection[str] = (),
        followed: Followed | None = None,
    ) -> None:
        """Take the house, the path of its policy, what makes a street of a policy, and the state directory.

        `own_entities` are those that only detectors of the company's own find; `followed` knows the release that all
        nodes follow. Until `start`, the house must stand on a street of `CLOSED`.
        """
        self.followed = followed
        self.house, self.path, self.make, self.state = house, path, make, state
        self.own_entities = own_entities
        self.health = Health(house.street.policy.label, house.clock())
        self.error: PolicyError | DetectorError | None = None
        """What is wrong with the version on disk, in full, for whoever starts the proxy."""
        self.swapped: Callable[[], None] = lambda: None
        """Hears that the house has a new street; set by who tells others."""
        self._terms: frozenset[str] = frozenset()
        """What is watched besides the policy: lists of terms beside it, and the indexes it names."""
        self._seen: tuple[Stamp, Pin | None] | None = None
        """What was found by the last look."""
        self._done: tuple[Stamp, Pin | None] | None = None
        """What was dealt with already."""
        self._reminded: tuple[str, date] | None = None
        """Of which policy, and on which day, it was last told that its review is overdue."""
        self._due: datetime | None = None
        """When to look again although nothing has changed: the day of a version that waits."""
        self._heard = False
        """Whether it is an announcement that led to the next look."""
        self._obeyed: tuple[int, str, Stamp] | None = None
        """Release, what is wrong with the one in the store, and indexes, as they were dealt with."""
        self._enforced: tuple[int, Stamp] | None = None
        """Release that is in force, over which indexes."""
        self._again = 0.0
        """When a release that was rejected is tried again."""

    def start(self) -> None:
        """Put the policy in force for the first time; raises `DetectorError` where what looks for it does not load."""
        self.poll(at_once=True)
        if isinstance(self.error, DetectorError) and self.house.street.policy is CLOSED:
            raise self.error

    def poll(self, *, at_once: bool = False) -> None:
        """Put the policy in force if it has changed; unless `at_once`, only once its files have come to rest."""
        self._look_at_review()
        heard, self._heard = self._heard, False
        followed = self.followed
        release = followed.look(at_once=at_once) if followed is not None else None
        if followed is not None and release is not None:
            self._poll_release(followed, release, at_once=at_once)
        elif followed is not None and (unsure := followed.unsure):
            self._keep(Rejected([unsure]))  # nobody knows whether the file speaks
        else:
            self._poll_files(at_once=at_once and not heard)
        if followed is not None:
            health = self.health
            followed.stand(health.release, health.policy, health.rejected, self.house.clock())

    def hear(self, wake: Callable[[], None]) -> None:
        """Have `wake` called, in another thread, when a release is announced; then `poll`."""

        def heard() -> None:
            self._heard = True
            wake()

        if self.followed is not None:
            self.followed.hear(heard)

    def _poll_release(self, followed: Followed, release: Release, *, at_once: bool) -> None:
        """Put a release in force that is not yet, and say what is wrong with the one in the store."""
        now = (release.number, followed.wrong, self._indexes())
        come = self._due is not None and self._due <= self.house.clock()
        again = bool(self.health.rejected) and (at_once or self._again <= time.monotonic())
        if now == self._obeyed and not come and not again:
            return
        self._obeyed, self._due, self._again = now, None, time.monotonic() + TRIES_EVERY
        try:
            self._obey(followed, release)
            if followed.wrong:
                raise Rejected([followed.wrong])
        except Rejected as rejected:
            self._keep(rejected)
        except Exception as error:  # it may have nothing to do with the policy: tried again soon
            LOG.error("a policy could not be put in force", exc_info=error)
            self._again = time.monotonic() + SOON
            self._keep(Rejected([f"release {release.number}: {type(error).__name__}"]))

    def _obey(self, followed: Followed, release: Release) -> None:
        """Put a release in force, if it is not; where this node rejects it after a start, its last good one.

        Raises `Rejected`.
        """
        if self._enforced == (release.number, self._indexes()):
            self._stand(replace(self.health, rejected=()))
            return
        try:
            self._enforce(release)
        except Rejected:
            good = followed.good() if self.house.street.policy is CLOSED else None
            if good is not None and good.number != release.number:
                self._enforce(good)
            raise
        if self._enforced is not None:
            followed.keep_good(release)

    def _enforce(self, release: Release) -> None:
        sources, policy = parsed(release.version, self.house.street.catalogue.names, self.own_entities)
        self._terms, self._enforced = index_paths(policy, self.state), None
        enforced = (release.number, self._indexes())
        street = self._made(policy) if release.passed else self._tried(policy, sources, None)
        drop_pin(self.state)
        if policy.starts is not None and policy.starts > self.house.clock():
            self._wait(policy, policy.starts, release.number)
        else:
            self._swap(street, sources, release.version.by, release)
            self._enforced = enforced

    def _indexes(self) -> Stamp:
        """Return what changes when an index does that the policy names."""
        return stamp_of(map(Path, sorted(self._terms)))

    def _poll_files(self, *, at_once: bool) -> None:
        now = (stamp(self.path, self._terms), read_pin(self.state))
        come = self._due is not None and self._due <= self.house.clock()
        if now == self._done and not at_once and not come:
            return
        if now != self._seen and not at_once:
            self._seen = now  # somebody may be writing still: half a policy can be a valid one
            return
        self._seen, self._done, self._due = now, now, None
        try:
            self._settle(*now)
        except Rejected as rejected:
            self._keep(rejected)
        except Exception as error:  # whatever it was, the last good version stays in force
            LOG.error(unkept(error, "a policy could not be put in force"), exc_info=error)
            self._done = None  # it may have nothing to do with the policy: tried again
            self._keep(Rejected([f"{self.path}: {type(error).__name__}"]))

    def _look_at_review(self) -> None:
        """Tell once a day that the policy in force should have been looked at again."""
        policy, now = self.house.street.policy, self.house.clock()
        due = policy.review_due
        if due is None or due >= now.date() or self._reminded == (policy.digest, now.date()):
            return
        self._reminded = (policy.digest, now.date())
        LOG.warning("the policy is overdue for review", policy=policy.label, until=due.isoformat())
        self._tell("policy_review_overdue", now, {"policy": policy.label, "due": due.isoformat()})

    def _settle(self, before: Stamp, pin: Pin | None) -> None:
        if pin is not None and pin.speaks(content(self.path)):
            self._go_back(pin)
            return
        try:
            policy, sources = take_up(self.path, self.house.street.catalogue.names, self.own_entities)
        except PolicyError as error:
            raise Rejected(places_of(error), error) from None
        if stamp(self.path, self._terms) != before:
            self._done = None
            raise Rejected([f"{self.path}: being written"])
        watched = frozenset(sources.beside) | index_paths(policy, self.state)
        if self._terms != watched:
            self._terms, self._done = watched, None  # looked at once more, now that they are watched
        street = self._tried(policy, sources, self.path)
        if pin is not None:
            drop_pin(self.state)  # the file has changed since, and speaks again
        if policy.starts is not None and policy.starts > self.house.clock():
            self._wait(policy, policy.starts)
        else:
            self._swap(street, sources, BY_FILE)

    def _wait(self, policy: Policy, starts: datetime, number: int = 0) -> None:
        """Keep what is in force until the day of `policy`; after a restart, what was in force before."""
        self._due = starts
        if self.house.street.policy is CLOSED:
            self._remember(starts)
        now, label = self.house.clock(), self.house.street.policy.label
        self.error = None
        if (self.health.coming, self.health.starts) != (policy.label, starts):
            at = starts.isoformat(timespec="seconds")
            once = f"release {number} waits" if number else ""
            self._tell("policy_scheduled", now, {"policy": policy.label, "before": label, "starts": at}, once)
            LOG.info("policy will be in force", policy=policy.label, until=at)
        self._stand(replace(self.health, rejected=(), coming=policy.label, starts=starts, release=number))

    def _remember(self, starts: datetime) -> None:
        """Put in force the version that was in force last, and none before it; raises `Rejected` where it cannot be."""
        for version in self.house.ledger.store.policies()[:1]:
            sources, policy = parsed(version, self.house.street.catalogue.names, self.own_entities)
            self._swap(self._made(policy), sources, version.by)
            return
        raise Rejected([f"{self.path}: in force from {starts.isoformat(timespec='minutes')}, and none before it"])

    def _tried(self, policy: Policy, sources: Sources, path: Path | None) -> Street:
        """Return the street of a policy whose own tests pass."""
        street = self._made(policy)
        try:
            failed = failures(street, sources, path)
        except PolicyError as error:
            raise Rejected(places_of(error), error) from None
        if failed:
            raise Rejected(failed)
        return street

    def _made(self, policy: Policy) -> Street:
        """Return the street of a policy; raises `Rejected` where settings or detectors do not take it."""
        try:
            return self.make(policy)
        except PolicyError as error:
            raise Rejected(places_of(error), error) from None
        except DetectorError as error:
            LOG.error("a detector does not take the policy", exc_info=error)
            raise Rejected([f"{self.path}: {type(error).__name__}"], error) from None

    def _go_back(self, pin: Pin) -> None:
        version = self.house.ledger.store.get_policy(pin.id)
        if version is None:
            raise Rejected([f"{pin.id}: not remembered"])
        sources, policy = parsed(version, self.house.street.catalogue.names, self.own_entities)
        self._swap(self._made(policy), sources, pin.by)

    def _swap(self, street: Street, sources: Sources, by: str, release: Release | None = None) -> None:
        """Remember, record, swap; in this order, so that nothing is in force that was not told of."""
        house, policy, now = self.house, street.policy, self.house.clock()
        number, once, back = 0, "", by != BY_FILE
        if release is not None:
            number, back = release.number, bool(release.passed)
            once = f"release {number}"
        self.error = None
        if policy.digest == house.street.policy.digest and self.health.by == by:
            house.street = street  # the same rules, over indexes that may have been built anew
            self._stand(Health(policy.label, self.health.since, by, release=number))
            self.swapped()
            return
        version = PolicyVersion(policy.label, policy.digest, pack(sources), now, by)
        house.ledger.store.keep_policy(version)
        closed = is_closed(policy.label)
        event = "policy_closed" if closed else "policy_rolled_back" if back else "policy_loaded"
        self._tell(event, now, {"policy": policy.label, "before": house.street.policy.label, "by": by}, once)
        house.street = street
        self._stand(Health(policy.label, now, by, release=number))
        self.swapped()
        LOG.info("policy in force", policy=policy.label, count=len(check(policy)))

    def _keep(self, rejected: Rejected) -> None:
        """Stay with what is in force, and say so wherever somebody looks."""
        label = self.house.street.policy.label
        self.error = rejected.error
        if rejected.places == self.health.rejected:
            return  # said before
        LOG.error("a new policy is not put in force", policy=label, path=self.path, places=rejected.places)
        try:
            self._tell("policy_rejected", self.house.clock(), {"policy": label, "places": rejected.places})
        except Exception as error:
            LOG.error(unkept(error), exc_info=error)
        self._stand(replace(self.health, rejected=rejected.places, coming="", starts=None))

    def _tell(self, event: str, now: datetime, notes: dict[str, Value], once: str = "") -> None:
        """Record what became of a version, and notify whoever looks after it: of what all nodes do, `once`."""
        ledger, portal = self.house.ledger, self.house.portal
        ledger.audit.write(notice(event, now, ledger.node, notes))
        if once and ledger.store.count_all([Count(f"told: {once}", now + A_MONTH, 1, 1)]):
            return
        if portal is not None:
            ledger.store.keep(Changes(messages=portal.messages(Event(event, now, notes))))

    def _stand(self, health: Health) -> None:
        self.health = health
        write_health(self.state, health)


def parsed(version: PolicyVersion, names: Collection[str], own_entities: Collection[str]) -> tuple[Sources, Policy]:
    """Return a remembered version; raises `Rejected`."""
    try:
        sources = unpack(version.source)
        return sources, sources.parse(names, own_entities)
    except PolicyError as error:
        raise Rejected(places_of(error), error) from None
    except ValueError:
        raise Rejected([f"{version.id}: not readable"]) from None


def places_of(error: PolicyError) -> list[str]:
    """Return where the problems are, each place once; their messages may quote what the policy says."""
    return list(dict.fromkeys(f"{problem.file}:{problem.line}:{problem.column}" for problem in error.problems))

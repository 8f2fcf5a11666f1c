"""What befalls a proxy in a soak: reloads throughout, restarts and kills at both ends, once more than it can do.

Enters: how much of the time is over, and the running street. Leaves: what was done. The time between the two rough ends
is left to reloads alone, so that processes live long enough to tell whether they grow.
"""

import os
import re
import signal
import time
from collections import Counter

from bench.soak.machine import family
from proxy.workers.standing import read_standing
from tests.e2e.street import Street

ROUGH, STEADY, CROWDED, AFTER = "rough", "steady", "crowded", "after"
STEADY_FROM, STEADY_TO = 0.3, 0.8
CROWDED_FOR = 60.0
"""Seconds of more than can be done, at the end of the steady part."""
CALM_AFTER = 60.0
"""Seconds for which nothing else befalls it then: what is left in the line is served or sent away."""


def phase(done: float, seconds: float) -> str:
    """Return which part of a soak of so many seconds it is when `done` of them are over."""
    crowded = STEADY_TO * seconds
    after = crowded + min(CROWDED_FOR, 0.1 * seconds)
    if done < STEADY_FROM * seconds or done >= after + CALM_AFTER:
        return ROUGH
    return STEADY if done < crowded else CROWDED if done < after else AFTER


class Disturber:
    """Reloads the policy, replaces the workers and kills what detects, each in its turn."""

    def __init__(self, street: Street, policy_every: float, restart_every: float, kill_every: float) -> None:
        self.street = street
        self.intervals = {"reload": policy_every, "restart": restart_every, "kill": kill_every}
        self.last = dict.fromkeys(self.intervals, time.monotonic())
        self.done = Counter[str]()
        self.path = street.proxy.folder / "policy.yaml"

    def turn(self, now: str) -> None:
        """Do what is due in this part of a soak."""
        for name, interval in self.intervals.items():
            if (now == ROUGH or name == "reload") and time.monotonic() - self.last[name] >= interval:
                self.last[name] = time.monotonic()
                self.done[name] += 1
                getattr(self, name)()

    def reload(self) -> None:
        """Write the policy under its next number."""
        text = self.path.read_text("utf-8")
        text = re.sub(r"(?m)^version: (\d+)$", lambda found: f"version: {int(found[1]) + 1}", text)
        partial = self.path.with_suffix(".new")
        partial.write_text(text, "utf-8")
        partial.replace(self.path)

    def restart(self) -> None:
        """Replace the workers one by one, as `sluice restart` does."""
        if read_standing(self.street.proxy.folder / "state") is not None:
            os.kill(self.street.proxy.process.pid, signal.SIGUSR2)

    def kill(self) -> None:
        """Kill what detects."""
        for role, pid in family(self.street.proxy.process.pid):
            if role == "detection":
                os.kill(pid, signal.SIGKILL)

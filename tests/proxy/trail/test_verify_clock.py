"""A clock that goes back shows in the log; one that the log itself says was set is a warning and no fault."""

from datetime import UTC, datetime, timedelta

import pytest

from proxy.audit import Answered, Chain, notice
from proxy.cli.audit_app import app as audit_app
from proxy.trail.verify import main, verify
from tests.proxy.cli.invoke import CliRunner


def at_minute(minute):
    return datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(minutes=minute)


def log_of(said):
    """Return a log of answers at these minutes; (minute, seconds) tells that the clock was set."""
    lines, chain = [], Chain()
    for one in said:
        if isinstance(one, tuple):
            fields = notice("clock_stepped", at_minute(one[0]), "n1", {"seconds": one[1]})
        else:
            fields = Answered("SLC-1", at_minute(one), 200).fields("n1")
        line, chain = chain.seal(fields)
        lines.append(line + b"\n")
    return lines


CLOCKS = {
    "work side by side": ((0, 1, 0.5, 2), 0, 0),
    "back": ((0, 10, 8, 20), 3, 0),
    "back, and told at once": ((0, 10, (8, -120), 8, 20), 0, 4),
    "back, and told a little later": ((0, 10, 8, 8.2, (8.3, -120), 9), 0, 3),
    "what began before is written after it": ((0, 10, 8, (8.1, -120), 10.2, 8.3, 9), 0, 3),
    "told of less": ((0, 60, 8, (8.1, -120), 20), 3, 0),
    "told of another": ((0, 60, 8, 30, (30, -3120), 31), 3, 0),
    "told of long before": ((0, (0, -3120), 80, 30, 40), 4, 0),
    "set on": ((0, 10, (70, 3600), 70, 80), 0, 0),
    "set on is no excuse": ((0, 10, 8, (8, 3600), 68), 3, 0),
    "twice, once told": ((0, 10, 8, (8, -120), 30, 20, 40), 6, 3),
    "set on, back and on": ((0, (180, 10800), 180, (-60, -14400), -60, (0, 3600), 1), 0, 5),
    "told of more than there is time": ((0, 10, 8, (8, 1 - 86_400 * 10**9), 9), 3, 0),
    "no number": ((0, 10, 8, (8, "many"), 9), 3, 0),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_a_clock_that_goes_back_is_amiss_unless_the_log_says_that_it_was_set(name, tmp_path):
    said, back, stepped = CLOCKS[name]
    found = verify(log_of(said))
    assert (found.ok, found.clock, found.stepped) == (True, back, stepped)
    assert (f"clock went back before record {back}, and" in found.told("en")) == bool(back)
    assert (f"set back before record {stepped}, as the log" in found.told("en")) == bool(stepped)
    assert ("没有校时记载" in found.told("zh"), "日志中已有记载" in found.told("zh")) == (bool(back), bool(stepped))
    assert (found.fields()["clock"], found.fields()["stepped"]) == (back, stepped)
    file = tmp_path / "log"
    file.write_bytes(b"".join(log_of(said)))
    assert main([str(file)]) == (1 if back else 0)
    assert CliRunner().invoke(audit_app, ["verify", str(file)]).exit_code == (1 if back else 0)

"""Exit codes of every command, in one place; `sluice --help` prints this table.

- 0: done; nothing is wrong
- 1: the command worked and found something wrong: a broken audit log, a warning under --strict, a failed check
- 2: the command line itself is wrong
- 3: settings, policy, state or an input file cannot be used; the message says where
- 4: something failed inside Sluice; a bug worth reporting
- 5: a test of the policy failed
- 6: every test of the policy passed, but a forbidden rule decides none of them
- 7: the other policy is looser somewhere
"""

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says."""

    OK = 0
    FOUND = 1
    USAGE = 2
    UNUSABLE = 3
    BUG = 4
    FAILED = 5
    UNPROVEN = 6
    LOOSER = 7

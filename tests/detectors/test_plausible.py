"""Stand-ins are told from secrets, and secrets are never taken for stand-ins."""

import string
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.plausible import PLAUSIBLE

REAL = {
    "mailbox": ["alice@example.com", "zhang.san@corp.cn", "gitta@example.org"],
    "real_key": ["AKIAJ5Q7XK2MNPR3T6VW", "sk-proj-a8F3kQ9zLm2PxR7tYw4B"],
    "random_key": ["a8F3kQ9zLm2PxR7tYw4B", "5f4dcc3b5aa765d61d8327deb882cf99"],
    "real_password": ["hunter2!", "Tr0ub4dor&3", "8848", "111111", "P@ssw0rd"],
    "quoted_password": ["letmein", "correcthorse", "woaini1314"],
    "real_private_key": [
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
    ],
}
STAND_INS = {
    "mailbox": ["git@github.com", "icon@2x.png", "a..b@example.com"],
    "real_key": ["AKIAIOSFODNN7EXAMPLE", "sk-xxxxxxxxxxxxxxxx", "sk-your-api-key", "0000000000000000", "AIza...."],
    "random_key": [
        "${TOKEN_FROM_ENV_1}",
        "process.env.KEY_2024",
        "DB_PASSWORD_FOR_TESTS_2",
        "aaaaaaaaaaaaaaa1",
        "word",
    ],
    "real_password": [
        "********",
        "${PASS}",
        "<password>",
        "str",
        "required",
        "important",
        "getpass()",
        "xxxx",
        "$PASS",
    ],
    "quoted_password": ["string", "", "${DB}", "your-password", "changeme", "{{ x }}", "%s"],
    "real_private_key": ["-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"],
}


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, row in REAL.items() for value in row])
def test_a_real_one_is_real(check, value):
    assert PLAUSIBLE[check](value)


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, row in STAND_INS.items() for value in row])
def test_a_stand_in_is_not(check, value):
    assert not PLAUSIBLE[check](value)


def test_every_check_has_real_ones_and_stand_ins_here():
    assert PLAUSIBLE.keys() == REAL.keys() == STAND_INS.keys()


@pytest.mark.parametrize("check", ["real_key", "random_key"])
def test_keys_drawn_at_random_are_not_taken_for_stand_ins(check):
    random = Random(20)
    letters = string.ascii_letters + string.digits + "-_"
    keys = ["".join(random.choice(letters) for _ in range(40)) for _ in range(5000)]
    missed = [key for key in keys if not PLAUSIBLE[check](key)]
    assert len(missed) <= 10  # one in a thousand has no digit at all, and then reads like a name


@pytest.mark.parametrize("check", PLAUSIBLE)
@given(value=st.text())
def test_no_value_makes_a_check_raise(check, value):
    assert PLAUSIBLE[check](value) in (True, False)

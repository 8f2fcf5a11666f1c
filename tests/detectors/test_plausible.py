"""Stand-ins are told from secrets, and secrets are never taken for stand-ins."""

import re
import string
from collections import Counter
from math import log2
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.plausible import PLAUSIBLE, STAND_IN, _bits, reads_like_words, stands_in
from tests.rows import each

WALLET = "L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ"
"""The private key that the pages about the format show: that of the number one, which holds nothing."""

REAL = {
    "base58_checked": [WALLET],
    "framework_secret": ["base64:9Zk3mQ7vT1xR5pL8wN2cB6yH4jF0dS7aK3gU9eM1oI=", "h$2k!vQ9z(x7_pw@3rLm#8tYb*4cNd5"],
    "mailbox": ["alice@example.com", "zhang.san@corp.cn", "gitta@example.org"],
    "coded_text": [
        "50617373773072642d323032342d70726f64",
        "KBQXG43XGBZGILJSGAZDILLQOJXWI",
        "kbqxg43xgbzgiljsgazdillqojxwi",
    ],
    "drawn": ["zfnb2JmTyQmLM", "rqXexS6ZhobKA"],
    "mixed_key": ["a8F3kQ9zLm2PxR7tYw4B", "Qm7Zr2Kx9Vb4Tn8Lw1Pc"],
    "code_sent": ["849213", "x7k2", "guest8888", "ABCD12"],
    "one_time_code": ["849213", "x7k2", "guest8888"],
    "quoted_password": ["letmein", "correcthorse", "woaini1314", "mypassword1", "1234567890", "example123"],
    "random_key": ["a8F3kQ9zLm2PxR7tYw4B", "5f4dcc3b5aa765d61d8327deb882cf99"],
    "real_credentials": ["YWRtaW46Wng5LXNlY3JldA==", "Y2k6aHVudGVyMjI"],
    "real_data": ["UzNjcmV0IXB3", "aHVudGVyMjI=", "/u3+7fAB"],
    "real_json_web_token": [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI4ODQyIn0.1opl2ej-kO_wnnqFSb",
        "eyJhbGciOiJIUzI1NiJ9.eyJ.x",
    ],
    "real_key": ["AKIAJ5Q7XK2MNPR3T6VW", "sk-proj-a8F3kQ9zLm2PxR7tYw4B"],
    "real_password": ["hunter2!", "Tr0ub4dor&3", "8848", "111111", "P@ssw0rd", "mypassword1", "abc(123"],
    "real_private_key": [
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
    ],
    "real_token": ["mF_9.B5f-4.1JqM", "bznhfPYOnhFKpknLxEAnnLwaFmXHWoVq"],
    "seed_phrase": ["abandon river orbit candy pistol velvet glory hazard tunnel mimic ranch sugar"],
    "short_key": ["8f3kd92kd0s", "Qw7x2Lp9Zt4", "8f3kd92kd0sq"],
    "undigested_key": ["9fj2kd0qmz71bxv5hr8c", "Zk4mWq7bX2nR9sT5vY8c"],
    "unquoted_password": ["letmein", "Qwe123!@#", "8848"],
}
STAND_INS = {
    "base58_checked": [WALLET[:-1] + "a", "0OIl", "", "abc"],
    "framework_secret": [
        "django_secret_key_of_the_app",
        "os.environ['SECRET_KEY']",
        "put-your-unique-phrase-here",
        "aaaa",
    ],
    "mailbox": ["git@github.com", "icon@2x.png", "a..b@example.com"],
    "coded_text": [
        "d41d8cd98f00b204e9800998ecf8427e",
        "internationalizationresources",
        "2020202020202020202020",
        "KBQX1",
    ],
    "drawn": ["getUserByName", "Hello123World", "abcdef0123456"],
    "mixed_key": ["6f9619ff8b86d011b42d00c04fc964ff", "UserPasswordHashProvider2", "A8F3KQ9ZLM2PXR7TYW4B"],
    "code_sent": ["xxxx", "0000", "required", "****", "WELCOME2023"],
    "one_time_code": ["xxxx", "0000", "required", "****"],
    "quoted_password": [
        "string",
        "",
        "foobar",
        r"/^(?=.*\d).{8,}$/",
        "^[a-zA-Z0-9]{3,30}$",
        "yourpassword",
        "${DB}",
        "your-password",
        "changeme",
        "{{ x }}",
        "%s",
        "example",
        "tiger",
    ],
    "random_key": [
        "${TOKEN_FROM_ENV_1}",
        "process.env.KEY_2024",
        "DB_PASSWORD_FOR_TESTS_2",
        "aaaaaaaaaaaaaaa1",
        "word",
        "claude-3-5-sonnet-20241022",
        "meta-llama/Llama-3.3-70B-Instruct",
        "X509v3SubjectKeyIdentifier",
        "zhangsan-mima-2024",
    ],
    "real_credentials": ["realm", "dXNlcjpwYXNzd29yZA==", "YWRtaW46JHtQV30=", "!"],
    "real_data": ["", "!", "JHtQV30=", "cGFzc3dvcmQ="],
    "real_json_web_token": [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.SflKxwRJSMeKKF2QT4fw"
    ],
    "real_key": [
        "AKIAIOSFODNN7EXAMPLE",
        "sk-xxxxxxxxxxxxxxxx",
        "sk-your-api-key",
        "0000000000000000",
        "AIza....",
        "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc",
    ],
    "real_password": [
        "********",
        "${PASS}",
        "<password>",
        "str",
        "required",
        "important",
        "missing.",
        "getpass()",
        "super().get_url",
        "{password!r}",
        "xxxx",
        "$PASS",
        "**required**",
        "Final",
        "SecretStr",
        "!vault",
        "!Ref",
        "models.CharField(max_length=128,",
        "/etc/nginx",
        "~/keys/id_rsa",
        "/root",
    ],
    "real_private_key": ["-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"],
    "real_token": ["access_token_of_the_user", "$TOKEN", "<token>", "xxxxxxxxxxxx"],
    "seed_phrase": [
        "write down the twelve words that you were given and keep them safe",
        "one two three",
        "a a a a a a a a a a a a",
    ],
    "short_key": ["token123456", "my_api_key_1", "0123456789ab", "access_tok2", "dev-2024-01", "${KEY_12}"],
    "undigested_key": ["d41d8cd98f00b204e9800998ecf8427e", "3b0f6c1e-2d44-4c8e-9a57-0d4e8f1c2b3a", "word"],
    "unquoted_password": ["base.password", "password_mgr", "${PW}", ""],
}


@each(("check", "value"), [(check, value) for check, row in REAL.items() for value in row])
def test_a_real_one_is_real(check, value):
    assert PLAUSIBLE[check](value)


@each(("check", "value"), [(check, value) for check, row in STAND_INS.items() for value in row])
def test_a_stand_in_is_not(check, value):
    assert not PLAUSIBLE[check](value)


def test_every_check_has_real_ones_and_stand_ins_here():
    assert PLAUSIBLE.keys() == REAL.keys() == STAND_INS.keys()


@pytest.mark.parametrize("check", ["real_key", "random_key", "mixed_key", "real_token", "framework_secret"])
def test_keys_drawn_at_random_are_not_taken_for_stand_ins(check):
    random = Random(20)
    letters = string.ascii_letters + string.digits + "-_"
    keys = ["".join(random.choice(letters) for _ in range(40)) for _ in range(1500)]
    missed = [key for key in keys if not PLAUSIBLE[check](key)]
    assert len(missed) <= 3  # one in a thousand has no digit at all, and then reads like a name


@pytest.mark.parametrize("check", PLAUSIBLE)
@given(value=st.text())
def test_no_value_makes_a_check_raise(check, value):
    assert PLAUSIBLE[check](value) in (True, False)


@given(st.text(string.ascii_letters + string.digits + "_-.*", min_size=1, max_size=80))
def test_what_the_fast_ways_say_of_a_value_is_what_the_plain_ones_say(value):
    assert stands_in(value) == (STAND_IN.search(value) is not None)
    shares = [count / len(value) for count in Counter(value).values()]
    assert _bits(value) == -sum(share * log2(share) for share in shares)
    assert reads_like_words(value) <= (
        len(re.findall("(?<=[a-z])[A-Z]|(?<=[A-Za-z])[0-9]|(?<=[0-9])[A-Za-z]", value)) < 0.28 * len(value)
    )

"""A password that stands beside its word without a sign is told from names of algorithms, versions and files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.find import Finder, shipped_patterns
from detectors.typed import (
    TYPED,
    account_password,
    argument_password,
    asked_password,
    bracketed_password,
    chosen_password,
    lone_word,
    mixed_code,
    mixed_password,
    named_password,
    pair_password,
    paired_password,
    password_by_looks,
    password_of_words,
    phrase_password,
    security_answer,
    several_passports,
    several_passwords,
    several_strange,
    signed_password,
    spoken_password,
    strange_password,
    told_password,
    typed_password,
)

FINDER = Finder(shipped_patterns())

PASSWORDS = (
    "Abc12345",
    "Rt#2026xx",
    "zhang123",
    "Welcome2026!",
    "zs19880305",
    "P@ssw0rd2024",
    "woaini1314",
    "qwe123!@#",
    "test123",
    "admin888",
)
NONE = {
    "an algorithm": ("SHA256", "sha-512", "PBKDF2-HMAC-SHA256", "aes256gcm", "bcrypt2b", "base64-encoded", "utf8mb4"),
    "a version": ("v2.10.1", "version2", "OAuth2.0", "TLS1.3", "python3.12", "Windows11"),
    "a numbered thing": ("field12", "varchar64", "test_a1", "token_v2", "login2", "user1", "case12_3"),
    "a file": ("login2.html", "run12.sh", "etc/passwd2"),
    "a variable": ("$PASSWORD1", "${DB_PASS1}", "{{ vault1 }}"),
    "a word": ("hashing", "password", "required"),
    "figures": ("12345678",),
    "a mask": ("********", "xxxxxx12"),
}


@pytest.mark.parametrize("value", PASSWORDS)
def test_what_people_choose_is_a_password(value):
    assert typed_password(value) and mixed_password(value)


@pytest.mark.parametrize("value", [value for values in NONE.values() for value in values])
def test_what_else_stands_behind_the_word_is_none(value):
    assert not typed_password(value)
    assert not pair_password(value) and not signed_password(value)


@pytest.mark.parametrize(
    ("value", "want"),
    [("880305", True), ("20240301", False), ("100000", False), ("123", False), ("1234567890123", False)],
)
def test_figures_behind_the_chinese_word_are_one_unless_they_are_a_day_or_round(value, want):
    assert mixed_password(value) is want


@pytest.mark.parametrize(
    ("value", "signed", "pair"),
    [
        ("Rt#2026xx", True, True),
        ("Welcome2026", False, True),
        ("rt2026xx", False, False),
        ("build-2024_01x", False, False),
        ("image2024!", False, False),  # the mark may end a sentence
        ("ima!ge2024", True, True),
    ],
)
def test_behind_a_stroke_more_is_asked(value, signed, pair):
    assert (signed_password(value), pair_password(value)) == (signed, pair)


@pytest.mark.parametrize("value", [*PASSWORDS, "8848", "windows11", "node12"])
def test_what_is_told_to_be_the_password_is_it(value):
    assert told_password(value) and paired_password(value)


@pytest.mark.parametrize("value", [*NONE["an algorithm"][:3], "md5", "SM4", "string", "${DB_PASS1}", "********"])
def test_an_algorithm_a_type_and_a_variable_are_none_even_where_it_is_told(value):
    assert not told_password(value) and not paired_password(value)


@pytest.mark.parametrize(
    ("value", "want"),
    [("toor", True), ("letmein", True), ("adminadmin", True), ("hash", False), ("encrypted", False), ("user", False)],
)
def test_behind_an_account_a_plain_word_is_one_but_none_that_manuals_use(value, want):
    assert paired_password(value) is want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("correct horse battery staple", True),
        ("river-candle-orbit-spoon-maple", True),
        ("Enter your password here", False),
        ("must be eight long", False),
        ("horse battery staple", False),
        ("horse horse horse horse", False),
        ("correct horse battery staple 12", False),
        ("Password confirmation mismatch found", False),
    ],
)
def test_a_passphrase_is_four_words_that_make_no_sentence(value, want):
    assert password_of_words(value) is want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        *((one, True) for one in ("sunshine", "letmein", "buttercup", "hunter", "dragon")),
        *(
            (one, False)
            for one in ("required", "encrypted", "visible", "incorrect", "weak", "hidden", "admin", "string")
        ),
    ],
)
def test_a_word_that_nothing_else_shows_to_be_a_password_says_not_how_one_is(value, want):
    assert lone_word(value) is want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        *((one, True) for one in ("t0psecret", "Zx9secret", "letmein")),
        *((one, False) for one in ("8080:80", "127.0.0.1:80:80", "3306", "53/udp", "archive.zip", "$PASS")),
    ],
)
def test_an_argument_is_a_password_unless_it_is_a_port_or_a_file(value, want):
    assert argument_password(value) is want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("Sommer2024, Winter2025", True),
        ("Sommer2024 and Winter2025", True),
        ('Sommer2024", "Winter2025', True),
        ("Sommer2024、Winter2025 和 Herbst2026", True),
        ("Sommer2024, required", False),
        ("SHA256, base64", False),
    ],
)
def test_of_several_passwords_each_can_be_one(value, want):
    assert several_passwords(value) is want


@pytest.mark.parametrize(
    ("value", "behind_a_host", "in_a_sentence"),
    [
        ("Qwe!2349x", True, True),
        ("zxc@7781", True, True),
        ("0ps-2024!", False, True),
        ("bluewhale77", False, True),
        ("zhang3@corp.cn", False, False),
        ("index.html#top2", False, False),
        ("read_write#2", False, False),
        ("2000users", False, False),
        ("CentOS7.9", False, True),
        ("SHA256", False, False),
    ],
)
def test_behind_an_account_stands_no_address_and_no_number_of_something(value, behind_a_host, in_a_sentence):
    assert (account_password(value), spoken_password(value)) == (behind_a_host, in_a_sentence)


@pytest.mark.parametrize(
    ("value", "want"),
    [("E12345678\n- EA1234567", True), ("E12345678", False), ("1. E12345678\n2. E12345678", True)],
)
def test_passports_in_a_list_are_several(value, want):
    assert several_passports(value) is want


@given(st.text(min_size=1, max_size=80), st.sampled_from(sorted(TYPED)))
def test_no_text_makes_a_check_raise(value, check):
    assert TYPED[check](value) in (True, False)


BY_LOOKS = {
    strange_password: (
        ("Kite-Flyer92", "Wang1990@", "F1shtank9"),
        ("user01", "zhang@corp.com", "React18x", "letmein99", "Django4.2", "KeePassXC2.7.1"),
    ),
    several_strange: (
        ("Blackbird#5 and Blackbird#6", "Heiniao#5和Heiniao#6"),
        ("Firefox115 and Chrome120", "Blackbird#5", "login and Blackbird#6"),
    ),
    asked_password: (("blueheron42", "Jm7#kkPq3"), ("Password123", "admin123", "SHA256", "1Password", "bcrypt$2b")),
    bracketed_password: (
        ("rooter4321", "chang-99x!"),
        ("8-64chars", "argon2id", "1Password", "OAuth2.0", "login2", "React18.2", "sha512crypt$6"),
    ),
    chosen_password: (
        ("Lemonade56!", "KiteFlyer92", "Siena1999x"),
        ("Outlook2016", "Windows11", "Section12", "Building12", "letmein99", "Password123"),
    ),
    password_by_looks: (
        ("Hx!22kkp", "Cheese&Wine9", "Gs2023@oa", "Blj#2022root", "ke$trel88"),
        (
            "zhang@corp.com",
            "R&D2023",
            "50%off2day",
            "C#12",
            "issue#1234",
            "12px!important",
            "user@zhang123",
            "a%20b1c2",
        ),
    ),
    named_password: (("happydays5", "Learn2Read!", "88886666"), ("8characters", "ssid_name2", "WPA2-PSK", "20240301")),
    mixed_code: (("0932", "331903", "246811#"), ("2024", "0000", "20240301", "932", "12a4")),
    security_answer: (("Mr Pickles", "Narva", "周桂花"), ("Required", "什么", "错误", "not")),
    phrase_password: (("三季度报表2023", "ysb2024财务"), ("见邮件2", "8位数字", "同上次2023")),
}


@pytest.mark.parametrize("check", BY_LOOKS, ids=lambda check: check.__name__)
def test_what_no_word_names_must_look_like_a_password(check):
    real, none = BY_LOOKS[check]
    assert [value for value in real if not check(value)] == []
    assert [value for value in none if check(value)] == []


COUNTED = (
    *(
        "door code 1204 lines",
        "panel code 2021 NEC article 408",
        "office code 94110 is the zip",
        "main code 3000 lines",
    ),
    *("staff code of conduct 2023", "my phone's lock screen code 2024 lines of Kotlin", "POS code 1234 means declined"),
    *(
        "my pin 1203 of the microcontroller",
        "车库 1203 号",
        "输入2048开始游戏，门开了",
        "is Vault2024 a good password manager",
    ),
    *("My login returns code 302404", "登录返回码 100200 是什么意思", "订单码12345678，登录查询"),
)
OPENS = {
    "the door code is 4471, write it into the manual": "4471",
    "office code 94110, then the alarm": "94110",
    "大门密码2469，别忘了": "2469",
    "is Blue¦heron42 a good password for the manager": "Blue¦heron42",
    "staff code: 4471*": "4471*",
}


@pytest.mark.parametrize("text", COUNTED)
def test_figures_that_count_or_number_something_open_nothing(text):
    rules = {one.detector for one in FINDER.find(text, frozenset({"PASSWORD"})).findings} - {"one-time-code"}
    assert rules == set()


@pytest.mark.parametrize(("text", "value"), OPENS.items())
def test_figures_that_open_something_are_a_code(text, value):
    plain = text.replace("¦", "")
    found = FINDER.find(plain, frozenset({"PASSWORD"})).findings
    assert [plain[one.start : one.end] for one in found] == [value.replace("¦", "")]

"""Days that can be somebody's birthday, rows of figures that can be an account, mailboxes whose sign is spelt out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.personal import (
    PERSONAL,
    account_number,
    day_of_birth,
    employee_number,
    phone_in_words,
    some_figures,
    spelt_mailbox,
)
from tests.detectors.views.reading import finder, found
from tests.rows import each

DAYS = (
    *(
        "1988年3月5日",
        "1988-03-05",
        "03/05/1988",
        "31.12.1999",
        "19880305",
        "88年3月5日",
        "3月5日",
        "1988.03",
        "1988年3月",
    ),
    *("5 March 1988", "March 5, 1988", "March 5th", "1988年", "29/02/1988", "2月29日", "一九八八年三月五日", "5/3/88"),
)
NO_DAYS = ("19881339", "1988-13-32", "45/45/1988", "2月30日", "13月5日", "31/31/1988", "1988年13月")

ACCOUNTS = ("755912345610888", "0200 0036 0902 7000 123", "11001085400059003215", "31050161-36360000-0012", "31926819")
NO_ACCOUNTS = {
    "a mobile number": "13800138000",
    "a mobile number with its country": "8613800138000",
    "an identity number": "110101199003074477",
    "a day and a time": "20240115133000",
    "the number of an order": "202401151330001234",
    "a date and an hour": "2024-01-15 13",
    "the same figure": "000000000000",
    "two figures": "101010101010",
}


@pytest.mark.parametrize("value", DAYS)
def test_a_day_of_the_calendar_is_one(value):
    assert day_of_birth(value)


@pytest.mark.parametrize("value", NO_DAYS)
def test_what_no_calendar_has_is_none(value):
    assert not day_of_birth(value)


@pytest.mark.parametrize("value", ACCOUNTS)
def test_a_row_of_figures_may_be_an_account(value):
    assert account_number(value)


@pytest.mark.parametrize("kind", NO_ACCOUNTS)
def test_a_number_that_is_something_else_is_no_account(kind):
    assert not account_number(NO_ACCOUNTS[kind])


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("zhang [at] corp [dot] com", True),
        ("zhang(at)corp.com", True),
        ("zhang AT corp DOT com", True),
        ("zhang[@]mail[.]corp[.]cn", True),
        ("values[at] index.of", False),
        ("look(at)obj.py", False),
    ],
)
def test_a_spelt_mailbox_has_spelt_dots_or_a_domain_that_exists(value, want):
    assert spelt_mailbox(value) is want


@pytest.mark.parametrize(
    ("value", "want"), [("E104883", True), ("K-20932", True), ("2024-03", False), ("2024", False), ("000", False)]
)
def test_a_month_is_no_number_of_an_employee(value, want):
    assert employee_number(value) is want


@pytest.mark.parametrize(
    ("value", "want"), [("C01X00T47", True), ("53-20K7-14Q", True), ("CHRYTKLMN", False), ("12", False)]
)
def test_a_number_with_letters_has_figures_too(value, want):
    assert some_figures(value) is want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("four one five two three five oh one nine two", True),
        ("nine one seven, 232, 0148", True),
        ("four one five double two triple five one", True),
        ("one two three", False),
        ("one one one one one one one one one one", False),
        ("one two three four five six seven eight nine one two three four five", False),
    ],
)
def test_a_telephone_number_in_words_has_as_many_figures_as_one(value, want):
    assert phone_in_words(value) is want


@given(st.text(max_size=80), st.sampled_from(sorted(PERSONAL)))
def test_no_text_makes_a_check_raise(value, check):
    assert PERSONAL[check](value) in (True, False)


URLS = {
    "a short password": ("postgres://user:p9@db.internal/x", ["p9"], []),
    "its end": ("连接 postgres://user:p*9@db.internal/x", ["p*9"], []),
    "Oracle": ("jdbc:oracle:thin:app/Xk29fQz@db.corp.com:1521", ["Xk29fQz"], []),
    "a mailbox as the user's name": (
        "imaps://li.wei%40northwind-trading.cn:geheim1@mail.corp.com/",
        ["geheim1"],
        ["li.wei%40northwind-trading.cn"],
    ),
    "a user alone": ("https://li.wei@northwind-trading.cn:8443/x", [], ["li.wei@northwind-trading.cn"]),
    "a mailbox behind a URL": (
        "见 https://corp.com/a:b，邮箱 li.wei@northwind-trading.cn",
        [],
        ["li.wei@northwind-trading.cn"],
    ),
    "another line": ("https://corp.com\nmail:li.wei@northwind-trading.cn", [], ["li.wei@northwind-trading.cn"]),
}


@each(("text", "passwords", "mailboxes"), URLS.values(), URLS)
def test_the_password_of_a_url_is_no_mailbox(text: str, passwords: list[str], mailboxes: list[str]) -> None:
    told = found(text)
    assert [value for entity, value in told if entity == "PASSWORD"] == passwords
    assert [value for entity, value in told if entity == "EMAIL_ADDRESS"] == mailboxes


HARMLESS = (
    "台胞证 20250101 到期",
    "我的台胞证（20240101签发）",
    "台湾居民来往大陆通行证 20250101-20300101",
    "军官证 20251231 到期",
    "社保卡激活请致电 021-62345678",
    "社保卡余额 12345678.90",
    "社保账户 3.14159265",
    "医保卡结算 202511281230",
    "医保卡热线 4008123456",
    "医保卡系统 v20250101",
    "社保卡缴费 10000000 元",
    "驾驶证档案 202511281230",
    "澳门身份证 19880101 出生",
    "the http server -a listen:8080x",
    "use https with -u module:function",
    "wget -U Mozilla:compatible http://intranet",
    "tool --password=stdin",
)
OF_PAPERS = frozenset(
    {"CN_TRAVEL_PERMIT", "CN_MILITARY_ID", "CN_SOCIAL_SECURITY_NUMBER", "CN_MEDICAL_INSURANCE_NUMBER"}
    | {"CN_DRIVER_LICENSE", "MO_ID_CARD", "PASSWORD"}
)


@each("text", HARMLESS, HARMLESS)
def test_a_word_that_asks_for_a_number_makes_none_of_a_day_an_amount_or_a_telephone(text: str) -> None:
    assert [one.entity for one in finder().find(text, OF_PAPERS).findings] == []


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_no_day_is_the_number_of_a_paper(day: date) -> None:
    check = PERSONAL["document_number"]
    assert not check(f"{day:%Y%m%d}") and not check(f"{day:%Y%m%d}0930") and check(f"A{day:%Y%m%d}")

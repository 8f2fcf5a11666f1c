"""A name says what stands under it, and a name of something else about a password does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.headings import heading, is_account, is_password, is_program, is_spoken, line, reaches

PASSWORDS = [
    *("password", "Passwd", "dbPassword", "DB_PASSWORD", "db-password", "userpwd", "adminPass", "PW", "passwords"),
    *("password_1", "new_password", "passwordConfirm", "spring.datasource.password", "WiFi password", "password_text"),
    *("pass_word", "p a s s w o r d", "passwörd", "ｐａｓｓｗｏｒｄ", "mi_ma", "密 码"),
    *("db_password_prod", "secretWord", "Passwort", "contraseña", "mot de passe", "Mật khẩu", "密码列表"),
    *("密码", "登录密码", "初始密码（首次）", "密码:", "口令", "密碼", "WiFi密码", "密码1"),
]
OTHERS = [
    *("password_policy", "passwordHint", "show_password", "has_password", "forgot password", "min_password_length"),
    *(
        "password_changed_at",
        "passwordless",
        "compass",
        "on_pass",
        "bypass",
        "passed",
        "pass_rate",
        "密码强度",
        "是否有密码",
    ),
    *("忘记密码", "密码策略", "密码更新时间", "", "x" * 200, "token", "user"),
    *("密码在KeePass里", "密码字段是user_pwd2", "密码用pwd"),
]


@pytest.mark.parametrize("name", PASSWORDS)
def test_names_of_passwords(name: str) -> None:
    assert is_password(name) and heading(name) == "password"


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_what_is_said_about_passwords(name: str) -> None:
    assert not is_password(name) and heading(name) != "password"


@pytest.mark.parametrize(
    ("name", "want"),
    [
        *(("护照号", "护照号"), ("passport_no", "passport_no"), ("tokens", "token"), ("api keys", "api key")),
        *(("content", ""), ("内容", ""), ("7", ""), ("", ""), ("  ", ""), ('a"b', "a b"), ("y" * 65, "")),
    ],
)
def test_what_is_read_before_a_value(name: str, want: str) -> None:
    assert heading(name) == want


def test_a_password_s_name_reaches_down_to_keys_that_say_nothing_better() -> None:
    assert all(reaches("passwords", key) for key in ("root", "db01", "new", "路由器", "服务"))
    assert not any(reaches("password", key) for key in ("hint", "min_length", "策略", "user", "hash", "password"))
    assert not reaches("tokens", "root")


def test_names_under_which_programs_write() -> None:
    assert all(map(is_program, ("csrf_token", "apiKey", "client-secret", "sessionId", "sig")))
    assert not any(map(is_program, ("password", "passport_no", "id_card", "手机号", "keyboard")))


def test_names_of_accounts_and_of_what_is_said() -> None:
    assert all(map(is_account, ("email", "userName", "login", "手机号", "phone_number", "user_email")))
    assert not any(map(is_account, ("prompt", "message", "phone_model", "密码")))
    assert is_spoken("messages") and is_spoken("") and not is_spoken("model")


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_line_holds_its_value_where_it_says(name: str, value: str) -> None:
    written, begins = line(heading(name), value)
    assert written[begins : begins + len(value)] == value

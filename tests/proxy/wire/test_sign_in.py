"""Who signs in at a service does so unharmed, and a prompt is no sign-in."""

import json

import pytest

from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.redact import redact
from proxy.adapters.choose import choose
from proxy.adapters.forms import FORM
from proxy.adapters.interface import Asked
from proxy.labelled import find_in
from proxy.wire.sign_in import is_login, signs_in

FINDER = Finder(shipped_detectors(names=False))
PASSWORD, MAIL, PHONE = "Zw99kk12", "li.wei@kehu-mail.cn", "13912345678"

SIGN_INS = [
    ("auth.openai.com", "/api/accounts/password/verify"),
    ("auth0.openai.com", "/u/continue?state=x"),
    ("chatgpt.com", "/api/auth/signin/openai?"),
    ("chat.deepseek.com", "/api/v0/users/login"),
    ("claude.ai", "/api/auth/send_magic_link"),
    ("chat.qwen.ai", "/api/v1/auths/signin"),
    ("kimi.moonshot.cn", "/api/userLogin"),
    ("www.coze.cn", "/passport/web/account/login/"),
    ("auth.kimi.com", "/v2/anything"),
]
OTHERS = [
    ("chatgpt.com", "/backend-api/conversation"),
    ("api.openai.com", "/v1/chat/completions"),
    ("chatgpt.com", "/backend-api/conversation?next=/login"),
    ("chat.example.ai", "/login/../api/chat"),
    ("chat.example.ai", "//login/x"),
    ("authors.example.ai", "/api/chat"),
    ("chat.example.ai", "/api/author/chat"),
    ("chat.example.ai", "/api/chat_session/create"),
]


@pytest.mark.parametrize(("host", "path"), SIGN_INS)
def test_a_sign_in_is_told_by_host_and_path(host: str, path: str) -> None:
    assert signs_in(host, path)


@pytest.mark.parametrize(("host", "path"), OTHERS)
def test_other_requests_are_none(host: str, path: str) -> None:
    assert not signs_in(host, path)


def test_only_one_word_under_the_name_of_account_or_password_is_a_login() -> None:
    assert is_login("password", PASSWORD) and is_login("email", MAIL) and is_login("手机号", PHONE)
    assert (
        not is_login("prompt", PASSWORD) and not is_login("password", "two words") and not is_login("user", "x" * 129)
    )


def sent(body: bytes, kind: str, host: str, path: str) -> bytes:
    """Return a body as it goes out."""
    prompt = choose(Asked("POST", path, (("content-type", kind),), "", host)).read(body, kind)
    scans = find_in((), FINDER, prompt.parts, 0, DEFAULT_ENTITIES)
    return prompt.rewrite(
        [redact(p.text, scan.findings, b"k").text for p, scan in zip(prompt.parts, scans, strict=True)]
    )


LOGINS = {
    "JSON": (json.dumps({"email": MAIL, "password": PASSWORD, "remember": True}).encode(), "application/json"),
    "a telephone": (json.dumps({"mobile": int(PHONE), "password": PHONE}).encode(), "application/json"),
    "wrapped": (json.dumps({"username": {"value": MAIL, "kind": "email"}}).encode(), "application/json"),
    "a form": (f"username={MAIL}&password={PASSWORD}&state=abc".encode(), FORM),
}


@pytest.mark.parametrize("name", LOGINS)
def test_a_login_goes_as_it_came(name: str) -> None:
    body, kind = LOGINS[name]
    assert sent(body, kind, "auth.openai.com", "/u/login/password") == body
    assert sent(body, kind, "chat.example.ai", "/api/ask") != body


def test_what_else_stands_in_a_login_is_read() -> None:
    body = json.dumps({"password": PASSWORD, "note": f"call {PHONE}"}).encode()
    assert PHONE.encode() not in sent(body, "application/json", "auth.openai.com", "/login")


def test_the_tokens_of_a_page_pass_and_its_fields_are_read() -> None:
    body = {
        "csrf_token": "k3J9xQ2mZ7wP4tR8vB1n",
        "client_secret": "k3J9xQ2mZ7wP4tR8vB1n",
        "settings": {"password": PASSWORD},
    }
    made = json.loads(sent(json.dumps(body).encode(), "application/json", "chat.example.ai", "/api/settings"))
    assert made["settings"]["password"] != PASSWORD and {**made, "settings": 0} == {**body, "settings": 0}

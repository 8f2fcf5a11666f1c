"""Who signs in at a service does so unharmed, and a prompt is no sign-in."""

import base64
import contextlib
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.redact import redact
from proxy.adapters.choose import FALLBACK, choose, signs_in
from proxy.adapters.forms import FORM
from proxy.adapters.interface import Asked
from proxy.errors import TooLarge, Unreadable, WireError
from proxy.exchange import Forward, Request
from proxy.labelled import find_in
from proxy.services.catalogue import load_catalogue
from proxy.wire.head import read_head
from proxy.wire.sign_in import MOST, fits, kind_of
from tests.proxy.test_pipeline import depart

CATALOGUE = load_catalogue()
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
    ("api.openai.com", "/v1/chat/completions/login"),
    ("api.openai.com", "/v1/chat/completions:login"),
    ("api.openai.com", "/V1/Chat/Completions/login"),
    ("api.openai.com", "/v1/chat/completions%2Flogin"),
    ("api.openai.com", "/v1/chat/completions;a/login"),
    ("api.openai.com", "/login/v1/chat/completions"),
    ("auth.example.ai", "/v1/messages"),
    ("auth.example.ai", "/a" * 25),
]


@pytest.mark.parametrize(("host", "path"), SIGN_INS)
def test_a_sign_in_is_told_by_host_and_path(host: str, path: str) -> None:
    assert signs_in(Asked("POST", path, (), "", host))


@pytest.mark.parametrize(("host", "path"), OTHERS)
def test_other_requests_are_none(host: str, path: str) -> None:
    assert not signs_in(Asked("POST", path, (), "", host))


def wire_of(host: str, path: str) -> str:
    """Return the wire format that the shipped catalogue names."""
    service = CATALOGUE.lookup(host, path)
    return (service.wire or "") if service else ""


def sent(body: bytes, kind: str, host: str, path: str, wire: str = "") -> bytes:
    """Return a body as it goes out."""
    prompt = choose(Asked("POST", path, (("content-type", kind),), wire, host)).read(body, kind)
    scans = find_in(tuple, FINDER, prompt.parts, 0, DEFAULT_ENTITIES)
    return prompt.rewrite(
        [redact(p.text, scan.findings, b"k").text for p, scan in zip(prompt.parts, scans, strict=True)]
    )


def address(path: str, host: str, wire: str = "") -> str:
    """Return path and query as they go out."""
    head = read_head(
        Request("GET", "https", host, 443, path, ()), frozenset(), choose(Asked("GET", path, (), wire, host))
    )
    scans = find_in(tuple, FINDER, head.parts, 0, DEFAULT_ENTITIES)
    return head.rewrite([redact(p.text, scan.findings, b"k").text for p, scan in zip(head.parts, scans, strict=True)])[
        0
    ]


def jwt(**claims: Any) -> str:
    """Return a token as an identity provider signs it."""
    return ".".join(
        base64.urlsafe_b64encode(one).decode().rstrip("=")
        for one in (json.dumps({"alg": "RS256"}).encode(), json.dumps(claims).encode(), bytes(range(64)))
    )


TOKEN = jwt(iss="https://accounts.google.com", sub="1", email=MAIL, exp=1764000000)
IDENTITY, CARD = "11010519491231002X", "4111111111111111"
SENTENCE = f"客户李志强，身份证{IDENTITY}，手机13800138000，密码Abc@12345，银行卡{CARD}"
JSON = "application/json"

PASS: dict[str, tuple[str, str, str, Any]] = {
    "chatgpt": ("", "auth.openai.com", "/api/accounts/password/verify", {"password": PASSWORD}),
    "chatgpt, typed": (
        "",
        "auth.openai.com",
        "/api/accounts/authorize/continue",
        {"username": {"value": MAIL, "kind": "email"}, "screen_hint": "login"},
    ),
    "chatgpt, registering": (
        "",
        "auth.openai.com",
        "/api/accounts/create_account",
        {"name": "Zhang San", "birthdate": "1990-01-01"},
    ),
    "chatgpt, registering in Chinese": (
        "",
        "auth.openai.com",
        "/api/accounts/create_account",
        {"name": "张三丰"},
    ),
    "deepseek": (
        "deepseek-web",
        "chat.deepseek.com",
        "/api/v0/users/login",
        {"email": "", "mobile": "13800138000", "password": PASSWORD, "area_code": "+86", "os": "web"},
    ),
    "deepseek, a mail": (
        "deepseek-web",
        "chat.deepseek.com",
        "/api/v0/users/login",
        {"email": MAIL, "mobile": "", "password": PASSWORD},
    ),
    "claude": ("claude-web", "claude.ai", "/api/auth/send_magic_link", {"email_address": MAIL, "utc_offset": -480}),
    "claude, the link": (
        "claude-web",
        "claude.ai",
        "/api/auth/verify_magic_link",
        {"credentials": {"method": "code", "email_address": MAIL, "code": "182736"}},
    ),
    "claude with Google": ("claude-web", "claude.ai", "/api/auth/verify_google", {"id_token": TOKEN}),
    "doubao": ("doubao", "www.doubao.com", "/passport/web/account/login/", {"mobile": PHONE, "password": PASSWORD}),
    "kimi": ("kimi-web", "www.kimi.com", "/api/user/login", {"phone_no": PHONE, "password": PASSWORD}),
    "qwen": ("qwen-web", "chat.qwen.ai", "/api/v1/auths/signin", {"email": MAIL, "password": PASSWORD}),
    "yuanbao": ("yuanbao", "yuanbao.tencent.com", "/api/user/login", {"phoneNum": PHONE, "password": PASSWORD}),
    "a telephone as number": ("fal", "fal.ai", "/api/auth/login", {"mobile": int(PHONE), "password": PASSWORD}),
    "Chinese names of fields": ("", "sso.example.ai", "/x", {"登录名": MAIL, "手机号码": PHONE, "密码": PASSWORD}),
    "under a name for all": ("", "sso.example.ai", "/x", {"data": {"emailAddress": MAIL, "password": PASSWORD}}),
    "registering, the password again": (
        "",
        "chat.example.ai",
        "/api/register",
        {"first_name": "志强", "last_name": "李", "email": MAIL, "password": PASSWORD, "confirm_password": PASSWORD},
    ),
    "a form": ("", "auth.openai.com", "/u/login", f"username={MAIL}&password={PASSWORD}&state=abc&prompt=login"),
    "a form with a token": ("claude-web", "claude.ai", "/api/auth/one_tap", f"credential={TOKEN}&g_csrf_token=a1b2c3"),
}
AUTH = ("chatgpt-web", "chatgpt.com", "/api/auth/x")
READ: dict[str, tuple[str, str, str, Any]] = {
    "a sentence without blanks": (*AUTH, {"password": SENTENCE}),
    "a list": (*AUTH, {"password": [IDENTITY]}),
    "a list of words": (*AUTH, {"password": ["请", "总结", IDENTITY, *["好"] * 57]}),
    "messages": (*AUTH, {"messages": [{"role": "user", "email": "请"}, {"role": "user", "email": PHONE}]}),
    "a depth": (*AUTH, {"password": {"content": [PHONE]}}),
    "a depth in an envelope": (*AUTH, {"data": {"user": {"email": MAIL}}}),
    "under a name for sentences": (*AUTH, {"prompt": {"email": MAIL}}),
    "beside a sentence": (*AUTH, {"prompt": "请总结", "email": MAIL}),
    "beside a list": (*AUTH, {"email": MAIL, "x": ["a"]}),
    "two of one name": (*AUTH, {"Email": MAIL, "email": "a@kehu-mail.cn"}),
    "more than a sign-in has": (*AUTH, {f"{one}_email": MAIL for one in "abcde"}),
    "an identity number": (*AUTH, {"password": IDENTITY}),
    "an identity number as account": (*AUTH, {"user": IDENTITY}),
    "a card": (*AUTH, {"password": CARD}),
    "a sentence as name": (*AUTH, {"name": f"Zhang San {PHONE}"}),
    "no token": (*AUTH, {"id_token": f"eyJhbGciOi.{PHONE}"}),
    "lines": (*AUTH, b'{"email": "%s"}\n{"email": "%s"}' % (MAIL.encode(), MAIL.encode())),
    "two fields of a form": (*AUTH, f"email={MAIL}&email={MAIL}"),
    "beneath an interface": (
        "openai",
        "api.openai.com",
        "/v1/chat/completions/login",
        {"model": "gpt-4o", "messages": [{"role": "user", "user": PHONE}], "user": MAIL},
    ),
    "beneath an interface, flat": ("openai", "api.openai.com", "/v1/chat/completions/login", {"user": MAIL}),
    "a page's turn": (
        "claude-web",
        "claude.ai",
        "/api/organizations/a/chat_conversations/b/completion/login",
        {"email": MAIL},
    ),
    **{
        f"joined by U+{ord(sign):04X}": (*AUTH, {"password": f"summarise{sign}this{sign}{PHONE}{sign}please"})
        for sign in "\u200b\u3164\u2800\u3000"
    },
}


def written(body: Any) -> tuple[bytes, str]:
    """Return a body and its type."""
    if isinstance(body, bytes):
        return body, JSON
    return (body.encode(), FORM) if isinstance(body, str) else (json.dumps(body).encode(), JSON)


@pytest.mark.parametrize("name", [*PASS, *READ])
def test_each_is_read_as_its_service_is(name: str) -> None:
    wire, host, path, _ = {**PASS, **READ}[name]
    assert wire == wire_of(host, path)


@pytest.mark.parametrize("name", PASS)
def test_who_signs_in_does_so_unharmed(name: str) -> None:
    wire, host, path, body = PASS[name]
    data, kind = written(body)
    assert sent(data, kind, host, path, wire) == data


HARMLESS = ("chatgpt, registering", "chatgpt, registering in Chinese")
"""Nothing but names, which no detector here looks for."""


@pytest.mark.parametrize("name", [name for name in PASS if name not in HARMLESS])
def test_elsewhere_the_same_is_read(name: str) -> None:
    data, kind = written(PASS[name][3])
    assert sent(data, kind, "chat.example.ai", "/api/ask") != data


@pytest.mark.parametrize("name", READ)
def test_no_prompt_passes_as_a_sign_in(name: str) -> None:
    wire, host, path, body = READ[name]
    data, kind = written(body)
    made = sent(data, kind, host, path, wire)
    shown = made.decode() + json.dumps(made.decode().encode().decode("unicode_escape"))
    assert made != data and not any(one in shown for one in (IDENTITY, PHONE, CARD, MAIL, "13800138000"))


def test_every_word_that_does_not_pass_is_a_part() -> None:
    body = json.dumps({"password": ["请", "总结", *["好"] * 58], "user": "请"}).encode()
    parts = choose(Asked("POST", AUTH[2], (("content-type", JSON),), AUTH[0], AUTH[1])).read(body, JSON).parts
    assert len(parts) == 61


def test_a_password_encrypted_by_the_page_arrives() -> None:
    body = json.dumps({"email": MAIL, "password": base64.b64encode(bytes(range(128))).decode()}).encode()
    assert sent(body, JSON, "auth.openai.com", "/login") == body


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from([MAIL, PHONE, PASSWORD])
KEYS = st.sampled_from(["email", "user", "password", "data", "prompt", "value", "x", "name", "邮箱"])
BODIES = st.dictionaries(
    KEYS, SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=2))
)


@given(BODIES)
def test_whatever_body_it_is_few_values_pass_and_only_those_with_a_shape(body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    asked = Asked("POST", AUTH[2], (("content-type", JSON),), AUTH[0], AUTH[1])
    prompt, whole = choose(asked).read(data, JSON), FALLBACK.read(data, JSON)
    gone = Counter(part.text for part in whole.parts) - Counter(part.text for part in prompt.parts)
    assert prompt.rewrite([part.text for part in prompt.parts]) == data and prompt.opaque == whole.opaque
    assert gone.total() <= sum(MOST.values())
    assert all(any(fits(kind, "name", text) for kind in MOST) for text in gone)


@pytest.mark.parametrize(
    "body", [b'{"mobile": %s}' % (b"1" * 5000), b'{"user": 1e999}', b'{"user": NaN}', b"{", b"\xff"]
)
def test_a_body_that_is_broken_is_refused_or_read(body: bytes) -> None:
    with contextlib.suppress(WireError, TooLarge, Unreadable):
        assert choose(Asked("POST", AUTH[2], (), AUTH[0], AUTH[1])).read(body, JSON).body == body


def test_no_file_is_a_password() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="password"; filename="p.txt"\r\n\r\n'
        + PHONE.encode()
        + b"\r\n--b--\r\n"
    )
    assert PHONE.encode() not in sent(body, "multipart/form-data; boundary=b", "auth.openai.com", "/login")


def test_what_else_stands_in_a_login_is_read() -> None:
    body = json.dumps({"password": PASSWORD, "note": f"call {PHONE}"}).encode()
    made = sent(body, JSON, "auth.openai.com", "/login")
    assert PHONE.encode() not in made and PASSWORD.encode() in made


HINTS = [
    ("chatgpt.com", "chatgpt-web", "/api/auth/signin/openai?prompt=login&login_hint=li.wei%40kehu-mail.cn"),
    ("auth.openai.com", "", "/authorize?client_id=app&login_hint=li.wei%40kehu-mail.cn"),
    ("auth.openai.com", "", f"/logout?id_token_hint={TOKEN}"),
]
QUESTIONS = [
    ("chatgpt.com", "chatgpt-web", "/api/auth/signin/openai?q=li.wei%40kehu-mail.cn"),
    ("chatgpt.com", "chatgpt-web", "/api/auth/x?email=a%40kehu-mail.cn&email=b%40kehu-mail.cn"),
    ("chatgpt.com", "chatgpt-web", f"/api/auth/x?user=%E8%AF%B7{PHONE}"),
    ("chatgpt.com", "chatgpt-web", "/?login_hint=li.wei%40kehu-mail.cn"),
    ("api.openai.com", "openai", "/v1/chat/completions/login?login_hint=li.wei%40kehu-mail.cn"),
]


@pytest.mark.parametrize(("host", "wire", "path"), HINTS)
def test_the_account_in_the_address_of_a_sign_in_passes(host: str, wire: str, path: str) -> None:
    assert address(path, host, wire) == path


@pytest.mark.parametrize(("host", "wire", "path"), QUESTIONS)
def test_all_else_in_an_address_is_read(host: str, wire: str, path: str) -> None:
    assert address(path, host, wire) != path


@pytest.mark.parametrize(("path", "passes"), [("/api/auth/signin/x", True), ("/api/x", False)])
def test_account_and_password_go_down_the_whole_street(path: str, passes: bool) -> None:
    body = json.dumps({"mobile": PHONE, "password": PASSWORD}).encode()
    outcome = depart(body, host="chatgpt.com", path=f"{path}?login_hint={PHONE}").outcome
    assert isinstance(outcome, Forward)
    assert (outcome.body is None, PHONE in outcome.path) == (passes, passes)  # no body: as it came


SHAPES = {
    "account": (
        {MAIL, PHONE, "+86 139 1234 5678", "li.wei_9-x"},
        {"请", "two words", "x" * 65, IDENTITY, CARD, "a@b@c.cn"},
    ),
    "password": ({PASSWORD, "x" * 128, "Abc@12345"}, {"", "x" * 129, "two words", "密码", "a\u200bb", CARD}),
    "name": ({"Zhang San", "Ludwig van der Rohe", "李雷"}, {"Zhang", "a b c d e", "请总结这份", "Falcon costs 9"}),
    "token": (
        {TOKEN},
        {
            jwt(note="请总结"),
            jwt(iss="a", exp=1, note="请" * 65),
            jwt(iss="a", exp=1, note="a " * 25),
            TOKEN.rpartition(".")[0],
            "eyJ" + "x" * 40,
        },
    ),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_each_kind_has_its_shape(kind: str) -> None:
    right, wrong = SHAPES[kind]
    assert all(fits(kind, "name", value) for value in right)
    assert not any(fits(kind, "name", value) for value in wrong)
    assert SHAPES.keys() == MOST.keys()


def test_a_name_says_the_kind() -> None:
    accounts = "email_address emailAddress mobile_number cellphone phoneNum phone_no login_hint login_id uid memberName"
    assert {kind_of(one) for one in (*accounts.split(), "手机号码", "登录名")} == {"account"}
    assert [kind_of(one) for one in ("id_token", "credential", "密码", "first_name", "prompt")] == [
        *("token", "token", "password", "name", ""),
    ]


def test_the_tokens_of_a_page_pass_and_its_fields_are_read() -> None:
    body = {
        "csrf_token": "k3J9xQ2mZ7wP4tR8vB1n",
        "client_secret": "k3J9xQ2mZ7wP4tR8vB1n",
        "settings": {"password": PASSWORD},
    }
    made = json.loads(sent(json.dumps(body).encode(), "application/json", "chat.example.ai", "/api/settings"))
    assert made["settings"]["password"] != PASSWORD and {**made, "settings": 0} == {**body, "settings": 0}

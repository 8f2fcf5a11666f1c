"""What a key, the name of a field or the heading of a column says of what stands under it.

Enters: such a word as somebody wrote it. Leaves: the word to be read before the value, in a form that the rules know,
or nothing where anything may stand under it. Nothing of the value is judged here.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST: Final = 64
"""Characters of a heading; what is longer is a sentence."""

WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
PASSWORDS: Final = frozenset(
    {"password", "passwd", "passphrase", "passcode", "pwd", "pass", "pw", "pswd", "psw", "passw", "passwort", "mima"}
    | {"contrasena", "kennwort", "matkhau", "motdepasse", "secretword"}
)
JOINED: Final = ("password", "passwd", "passphrase", "pwd")
"""Ends of words that are written without a mark between, as `dbpassword`."""

SAYS_WHICH: Final = frozenset(
    {"1", "2", "again", "clear", "confirm", "confirmation", "current", "default", "initial", "new", "old", "plain"}
    | {"plaintext", "raw", "repeat", "string", "text", "value"}
    | {"dev", "live", "local", "prod", "production", "qa", "stage", "staging", "uat"}
)
"""What may follow: `password_new` holds one, `password_policy` does not."""

ABOUT: Final = frozenset(
    {"algorithm", "attempts", "class", "comment", "confirmed", "count", "created", "description", "encoding", "error"}
    | {"errors", "expired", "expires", "expiry", "field", "file", "format", "help", "helper", "hint", "host", "icon"}
    | {"invalid", "kind", "label", "length", "level", "link", "max", "message", "messages", "method", "min", "mode"}
    | {"note", "path", "pattern", "placeholder", "policy", "port", "ref", "regex", "required", "reset", "role", "rule"}
    | {"rules", "salt", "schema", "source", "status", "strength", "time", "title", "tooltip", "type", "updated", "uri"}
    | {"url", "validation", "validator", "validators", "by", "at", "date", "days", "scheme", "server", "site", "prompt"}
    | {
        "标题",
        "备注",
        "说明",
        "提示",
        "规则",
        "策略",
        "类型",
        "长度",
        "强度",
        "网址",
        "主机",
        "服务器",
        "更新时间",
        "错误",
    }
)
"""Last words of keys beneath the name of a password under which something else about it stands."""

PLACES: Final = frozenset({"server", "site", "host", "role", "服务器", "主机"})
"""Those of them that may also say whose password it is."""

GATHERED: Final = frozenset({"credentials", "creds", "secrets"})
"""Names of several secrets of any kind."""

SAYS_WHETHER: Final = frozenset(
    {"allow", "enable", "enabled", "forget", "forgot", "has", "hide", "is", "lost", "max", "min", "must", "need"}
    | {
        "needs",
        "no",
        "on",
        "remember",
        "require",
        "required",
        "requires",
        "show",
        "skip",
        "use",
        "uses",
        "with",
        "without",
    }
)
"""What begins the name of a switch."""

CHINESE: Final = re.compile(
    r"(?!.*(?:是否|忘记|显示|找回|记住|需要|隐藏|无需|启用))"
    r".{0,20}(?:密码|密碼|口令)(?:为|是|值|明文|原文|列表|清单|汇总|如下|[:：]|[0-9一二三]|[(（\[【].{0,20}[)）\]】]|\s)*"
)

SENTENCE: Final = re.compile("[^A-Za-z]*[㐀-鿿][在是用存叫为放][A-Za-z]")
"""What is said of passwords in Chinese, with a name in it: `密码在KeePass里`."""

SPOKEN: Final = frozenset(
    {"body", "chat_history", "content", "contents", "data", "delta", "history", "input", "inputs", "instructions"}
    | {"message", "messages", "output", "parts", "prompt", "prompts", "q", "query", "question", "system", "text"}
    | {"texts", "turns", "内容", "文本", "消息", "问题"}
)
"""Names under which people's sentences stand, which may go on from one to the next."""

ANYTHING: Final = SPOKEN | frozenset(
    {"description", "detail", "doc", "id", "ids", "item", "items", "kind", "label", "model", "name", "note", "role"}
    | {"source", "title", "type", "url", "value", "values", "标题", "备注", "说明"}
)
"""Words under which anything stands."""

PROGRAMS: Final = frozenset(
    {"apikey", "auth", "authorization", "captcha", "challenge", "code", "cookie", "credential", "credentials", "csrf"}
    | {"cursor", "digest", "etag", "fingerprint", "guid", "hash", "id", "ids", "jwt", "key", "keys", "nonce", "secret"}
    | {"session", "sig", "sign", "signature", "state", "ticket", "token", "tokens", "uuid", "verifier", "version"}
    | {"xsrf"}
)
"""Last words of names under which programs write what they drew themselves."""

ACCOUNTS: Final = frozenset(
    {
        "account",
        "cellphone",
        "email",
        "emailaddress",
        "identifier",
        "login",
        "loginhint",
        "loginid",
        "loginname",
        "mail",
    }
    | {"membername", "mobile", "mobilenumber", "phone", "phoneno", "phonenum", "phonenumber", "tel", "uid", "user"}
    | {"useremail", "userid", "username", "账号", "帐号", "账户", "邮箱", "登录名", "用户名", "手机号", "手机号码"}
    | {"手机", "电话"}
)


def words_of(name: str) -> list[str]:
    """Return the words of a name in ASCII, in small letters: of `dbPassword`, `db_password` and `DB-PASSWORD` alike."""
    return [word.lower() for word in WORD.findall(name)]


@lru_cache(maxsize=4096)
def is_password(name: str) -> bool:
    """Tell whether a name is that of a password, and not of something about one."""
    if len(name) > LONGEST:
        return False
    if not name.isascii():
        name = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
        if CHINESE.fullmatch("".join(name.split())):
            return True
        if SENTENCE.match(name):
            return False
    words = words_of(name)
    while len(words) > 1 and words[-1] in SAYS_WHICH:
        words.pop()
    if not words or not SAYS_WHETHER.isdisjoint(words[:1]):
        return False
    last = words[-1].removesuffix("s") if words[-1] not in PASSWORDS else words[-1]
    return last in PASSWORDS or last.endswith(JOINED) or "".join(words) in PASSWORDS


@lru_cache(maxsize=4096)
def reaches(above: str, key: str) -> bool:
    """Tell whether the name of a password reaches down to what stands under a key, which says nothing better."""
    if not is_password(above) or is_password(key) or is_program(key) or is_account(key):
        return False
    words = words_of(key) if key.isascii() else [key.strip()]
    return not words or words[-1] not in ABOUT


@lru_cache(maxsize=4096)
def gathers(name: str) -> bool:
    """Tell whether a name is that of several secrets, under which keys say whose each is and not what it is."""
    words = words_of(name) if name.isascii() else []
    return (is_password(name) and (not words or words[-1].endswith("s"))) or bool(words and words[-1] in GATHERED)


@lru_cache(maxsize=4096)
def says_whose(key: str) -> bool:
    """Tell whether a key beneath the name of several secrets can say whose one is: a mailbox, a server, a token."""
    words = words_of(key) if key.isascii() else [key.strip()]
    return not words or (key.casefold() not in ANYTHING and words[-1] not in ABOUT - PLACES)


@lru_cache(maxsize=4096)
def is_program(name: str) -> bool:
    """Tell whether a name is one under which programs write keys, tokens and ids of their own."""
    words = words_of(name)
    return bool(words) and name.isascii() and words[-1] in PROGRAMS


@lru_cache(maxsize=4096)
def is_account(name: str) -> bool:
    """Tell whether a name is that of the account with which somebody signs in."""
    words = words_of(name)
    return name.strip() in ACCOUNTS or "".join(words) in ACCOUNTS or (bool(words) and words[-1] in ACCOUNTS)


def is_spoken(name: str) -> bool:
    """Tell whether a name, or none, is that of what somebody says, and not of a value."""
    return not name or name.casefold() in SPOKEN


@lru_cache(maxsize=4096)
def heading(name: str) -> str:
    """Return what is to be read before a value that stands under a name; nothing where the name says nothing."""
    bare = " ".join(name.replace('"', " ").split())
    if not bare or len(bare) > LONGEST or bare.isdecimal() or bare.casefold() in ANYTHING:
        return ""
    if is_password(bare):
        return "password"
    words = words_of(bare)
    plural = bare.isascii() and words and words[-1] in ("keys", "secrets", "tokens")
    return bare[:-1] if plural and bare[-1] in "sS" else bare


def line(name: str, value: str) -> tuple[str, int]:
    """Return a line that says a name and its value as settings do, and where in it the value stands."""
    quoted = '"' not in value and not any(map(str.isspace, value))
    before = f'{name}: "' if quoted else f"{name}: "
    return before + value + ('"' if quoted else ""), len(before)

"""Validates account names (WeChat, QQ, Alipay …) that rules have matched, against ordinary words in their place.

Enters: the matched word. Leaves: whether it can be an account name. Nothing is looked up.
"""

from collections.abc import Callable
from typing import Final

from detectors.typed import TECHNICAL

NOT_NAMES: Final = frozenset(
    {
        *("account", "accounts", "address", "appid", "app_id", "appsecret", "article", "callback", "channel"),
        *("client", "config", "contact", "content", "default", "enterprise", "friend", "friends", "group"),
        *("groups", "moments", "message", "messages", "mini_program", "miniprogram", "official", "openid"),
        *("open_id", "payment", "platform", "program", "public", "qrcode", "qr_code", "service", "session"),
        *("unionid", "union_id", "username", "wallet", "webhook", "wechat", "weixin", "wechat_pay"),
        *("wechatpay", "weixin_pay", "weixinpay", "mpweixin", "https"),
    }
)
"""Words that texts about a messenger write after its name."""


def handle(value: str) -> bool:
    """Tell whether a word can be an account name: no technical word, and no fragment of a longer one."""
    plain = value.lower().strip("_-")
    return plain not in NOT_NAMES and len(set(plain)) > 2


def numbered_handle(value: str) -> bool:
    """Tell whether a word right behind a messenger's name is an account name: letters and digits, not technical."""
    figures = sum(one.isdigit() for one in value)
    letters = sum(one.isalpha() for one in value)
    return figures >= 2 and letters >= 3 and handle(value) and not TECHNICAL.fullmatch(value)


HANDLES: Final[dict[str, Callable[[str], bool]]] = {"handle": handle, "numbered_handle": numbered_handle}
"""Checks that a rule may name under `check:`, besides check digits."""

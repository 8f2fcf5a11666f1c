"""Names of accounts, as against words that stand where a name might.

Enters: what a rule took for the name of an account. Leaves: yes or no. Nothing is looked up.
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
"""What a text about a messenger writes after its name."""


def handle(value: str) -> bool:
    """Tell whether a word can be the name of an account: no word of the trade, and nothing cut off a longer one."""
    plain = value.lower().strip("_-")
    return plain not in NOT_NAMES and len(set(plain)) > 2


def numbered_handle(value: str) -> bool:
    """Tell whether a word right behind a messenger's name is somebody's: letters with figures, nothing technical."""
    figures = sum(one.isdigit() for one in value)
    letters = sum(one.isalpha() for one in value)
    return figures >= 2 and letters >= 3 and handle(value) and not TECHNICAL.fullmatch(value)


HANDLES: Final[dict[str, Callable[[str], bool]]] = {"handle": handle, "numbered_handle": numbered_handle}
"""What a rule may name under `check:` besides the check digits."""

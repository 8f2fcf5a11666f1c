"""What will surprise people although the proxy starts: settings and policy enter, plain warnings leave.

Pure. The same words stand at the start of `sluice run` and in `sluice doctor`.
"""

from typing import Final

from policies.decision import Route, Text, Verdict
from policies.model import Policy
from proxy.settings.interface import Settings

WIDEST: Final = 1
"""A trusted network whose prefix is so short, or shorter, holds whoever comes."""


def missing_model(settings: Settings, policy: Policy) -> Text | None:
    """Name the rules that send prompts to the company's model where none is set."""
    if settings.internal is not None:
        return None
    inside = [rule.id for rule in policy.rules if rule.route is Route.INTERNAL and rule.verdict != Verdict.FORBIDDEN]
    if not inside:
        return None
    return Text(
        f"no internal_model is set, but the policy sends prompts to it (rules: {', '.join(inside)}); until it is set, "
        "what these rules match is refused. Set internal_model.url, or change the rules",
        f"未设置 internal_model，但政策有规则要求改由内部模型回答（规则：{'、'.join(inside)}）；设置之前，"
        "这些规则匹配的请求一律被拒绝。请设置 internal_model.url，或修改规则",
    )


def open_front(settings: Settings) -> Text | None:
    """Tell that anybody may name himself, where the front may be at any address."""
    header = settings.identity.header
    wide = [str(net) for net in header.trusted if net.prefixlen <= WIDEST] if header else []
    if header is None or not wide:
        return None
    return Text(
        f"identity.header.from has {', '.join(wide)}: anyone who reaches this port may call himself anybody by the "
        f"header {header.user}. List only the addresses of the front that sets it",
        f"identity.header.from 含有 {'、'.join(wide)}：任何能连到此端口的人都可以用请求头 {header.user} 冒充他人。"
        "请只写设置该请求头的前端的地址",
    )


def warnings_of(settings: Settings, policy: Policy) -> tuple[Text, ...]:
    """Return all that somebody should know before people use the proxy."""
    return tuple(told for told in (missing_model(settings, policy), open_front(settings)) if told is not None)

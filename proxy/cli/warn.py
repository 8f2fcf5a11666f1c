"""Warnings about settings that are valid and probably not meant: settings and policy enter, plain warnings leave.

Pure. The same words stand at the start of `sluice run` and in `sluice doctor`.
"""

from ipaddress import ip_network
from typing import Final

from policies.decision import Route, Text, Verdict
from policies.model import Policy
from proxy.reach import METADATA, Network
from proxy.settings.interface import Settings

WIDEST: Final = 1
"""A trusted network whose prefix is so short, or shorter, holds whoever comes."""
WIDE_REACH: Final = {4: 8, 6: 32}
"""Prefixes from which, or shorter ones, a network in `reach` is more than a gateway's."""
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})
HERE: Final = (ip_network("127.0.0.0/8"), ip_network("::1"), ip_network("169.254.0.0/16"), ip_network("fe80::/10"))


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


def unread_services(settings: Settings) -> Text | None:
    """Name the hosts of AI services that nothing of is inspected."""
    if not settings.tunnel:
        return None
    hosts = sorted(settings.tunnel)
    return Text(
        f"`tunnel` lets AI services through unread and unrecorded: {', '.join(hosts)}. What people send there nobody "
        "sees; where that is not meant, take it out, and let the firewall drop what cannot be opened",
        f"`tunnel` 使以下 AI 服务主机的流量不经检查、不留记录直接通过：{'、'.join(hosts)}。发往那里的内容无人可见；"
        "若非本意，请删除，并由防火墙阻断无法解密的应用",
    )


def wide_reach(settings: Settings) -> Text | None:
    """Tell of networks that clients may be connected to and that hold this machine, a cloud's metadata, or too much."""
    wide = [str(network) for network in settings.reach.networks if _is_wide(network)]
    if not wide:
        return None
    return Text(
        f"`reach` has {', '.join(wide)}: clients may be connected to this machine, to a cloud's credentials or to the "
        "whole network inside, under any name. List the gateway's own network, or its name",
        f"`reach` 含有 {'、'.join(wide)}：客户端可经任意域名连到本机、云平台的凭据地址或整个内网。"
        "请只写网关所在的网段，或网关的域名",
    )


def _is_wide(network: Network) -> bool:
    same = [one for one in HERE if one.version == network.version]
    inside = any(network.overlaps(one) for one in same)
    return inside or network.prefixlen <= WIDE_REACH[network.version] or any(one in network for one in METADATA)


def one_address_twice(settings: Settings) -> Text | None:
    """Name two settings that want the same port of the same address; the start would fail, or one never be reached."""
    given = {
        "listen": settings.listen,
        "admin.listen": settings.admin,
        "pac.listen": settings.pac.listen if settings.pac else None,
    }
    taken = [(name, *address) for name, address in given.items() if address is not None and address[1]]
    for place, (name, host, port) in enumerate(taken):
        for other, there, same in taken[place + 1 :]:
            if port == same and (host == there or {host, there} & EVERYWHERE):
                return Text(
                    f"`{name}` and `{other}` are both port {port} of one address: give one of them another port",
                    f"`{name}` 与 `{other}` 使用同一地址的端口 {port}：请为其中之一换一个端口",
                )
    return None


def warnings_of(settings: Settings, policy: Policy) -> tuple[Text, ...]:
    """Return all that somebody should know before people use the proxy."""
    found = (missing_model(settings, policy), open_front(settings), unread_services(settings), wide_reach(settings))
    return tuple(told for told in found if told is not None)

"""Single values of `sluice.yaml`: nodes in, typed values out.

Enters: a node of the file, or the text of an environment variable. Leaves: a value; every mistake is noted in the
report with its place, and a harmless value stands in until the report stops the start. The value of a secret is never
quoted.
"""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path

from policies.decision import Text
from policies.model import Mark
from policies.problem import Problem, Report, clip, nearest
from policies.source import Entries, Items, Node, Scalar
from proxy.errors import SettingsError
from proxy.services.catalogue import canonical_host
from proxy.services.service import check_host
from proxy.settings.interface import Address

SIZES = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "B": 1}
MOST = 10**12
MOST_DAYS = 3660
MODES = ("regular", "transparent", "socks5", "wireguard", "upstream", "reverse", "local", "tun", "dns")
"""Names of mitmproxy's modes."""
TOKEN = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
"""Name of a header field (RFC 9110, section 5.6.2), in lower case."""
MEANT_FOR_SERVICES = frozenset(
    {"authorization", "proxy-authorization", "cookie", "host", "connection", "transfer-encoding", "user-agent"}
    | {"x-api-key", "api-key", "x-goog-api-key", "accept", "accept-encoding", "origin", "referer"}
)
"""Header fields that say something else than who is asking; as names of a person they would be kept from services."""
HOST = re.compile(r"\w(?:[\w.-]*\w)?\.?")
UNFIT = re.compile("[\x00\ud800-\udfff]")
"""What no path and no message can hold; YAML can write it with escapes."""


class ValueReader:
    """Turns nodes into values, noting every mistake in its report."""

    def __init__(
        self, report: Report, directory: Path, environment: Mapping[str, str], *, secrets: bool = True
    ) -> None:
        self.report = report
        self.directory = directory
        self.environment = environment
        self.secrets = secrets
        """Whether keys are wanted; a command that sends nothing must not need them."""
        self.variables: list[tuple[Mark, str]] = []
        """The places that stand for an environment variable, with its name."""
        self.private_files: list[Path] = []
        """The files that a secret was read out of."""

    def secret_of_environment(self, node: Node) -> str | None:
        """Return the value of the variable that `node` names."""
        name = self.text(node)
        if not self.secrets:
            return None
        if name and not self.environment.get(name):
            self.wrong(
                node.mark, f"the environment variable {name} is empty or not set", f"环境变量 {name} 未设置或为空"
            )
        return self.environment.get(name or "")

    def secret_of_file(self, node: Node) -> str | None:
        """Return what the file that `node` names holds, without the line end."""
        path = self.path(node)
        if path is None or not self.secrets:
            return None
        self.private_files.append(path)
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            self.wrong(node.mark, f"the file {path} cannot be read", f"无法读取文件 {path}")
            return None

    def wrong(self, mark: Mark, en: str, zh: str, hint: str = "") -> None:
        """Note a mistake."""
        variable = next((name for place, name in self.variables if place is mark), "")
        if variable:
            self.report.note(Problem(f"environment variable {variable}", 1, 1, Text(en, zh), Text(hint, hint)))
        else:
            self.report.add(mark, Text(en, zh), Text(hint, hint))

    def entries(self, node: Node, known: frozenset[str] | None) -> dict[str, Node]:
        """Return a mapping's entries; `known` is `None` where any key may stand."""
        if isinstance(node, Scalar) and node.blank:
            return {}
        if not isinstance(node, Entries):
            self.wrong(node.mark, "keys and values are expected here", "此处应为键和值")
            return {}
        found = {}
        for key, value in node.entries:
            if known is not None and key.text not in known:
                near = nearest(key.text, known)
                hint = f"did you mean `{near}`?" if near else f"known keys: {', '.join(sorted(known))}"
                self.wrong(key.mark, f"unknown key `{key.text}`", f"未知的键 `{key.text}`", hint)
            else:
                found[key.text] = value
        return found

    def items(self, node: Node) -> tuple[Node, ...]:
        """Return a list's items; one value alone counts as a list of one."""
        return node.items if isinstance(node, Items) else (node,)

    def text(self, node: Node) -> str | None:
        """Return a piece of text."""
        if isinstance(node, Scalar) and node.text and not UNFIT.search(node.text):
            return node.text
        self.wrong(node.mark, "a text is expected here", "此处应为文字")
        return None

    def texts(self, node: Node) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(text for item in self.items(node) if (text := self.text(item)))

    def choice(self, node: Node, words: tuple[str, ...]) -> str | None:
        """Return one of `words`."""
        text = self.text(node)
        if text is not None and text not in words:
            self.wrong(node.mark, f"must be one of {', '.join(words)}", f"须为 {'、'.join(words)} 之一")
            return None
        return text

    def path(self, node: Node) -> Path | None:
        """Return a path; a relative one is below the settings file."""
        text = self.text(node)
        try:
            return (self.directory / Path(text).expanduser()) if text else None
        except RuntimeError:  # there is no such user
            self.wrong(node.mark, "the home directory in this path is unknown", "无法确定该路径中的主目录")
            return None

    def positive_number(self, node: Node) -> float:
        """Return a number above zero."""
        try:
            number = float(self.text(node) or "")
        except ValueError:
            number = 0.0
        if not 0 < number < float("inf"):
            self.wrong(node.mark, "a number above zero is expected here", "此处应为大于零的数")
            return 1.0
        return number

    def whole(self, node: Node, most: int = MOST, least: int = 1) -> int:
        """Return a whole number from `least` to `most`."""
        number = whole_number(self.text(node) or "", most, least)
        if number is None:
            en = f"a whole number from {least} to {most} is expected here"
            self.wrong(node.mark, en, f"此处应为 {least} 至 {most} 的整数")
            return least
        return number

    def size(self, node: Node) -> int:
        """Return a number of bytes, as `20MiB`."""
        text = (self.text(node) or "").replace(" ", "")
        for unit, factor in SIZES.items():
            if text.endswith(unit) and (number := whole_number(text.removesuffix(unit), MOST)):
                return number * factor
        self.wrong(node.mark, "a size is expected here, such as 20MiB", "此处应为大小，如 20MiB")
        return 1

    def mode(self, node: Node) -> str | None:
        """Return a mode that mitmproxy takes."""
        text = self.text(node)
        if text in (None, "regular"):
            return text
        from mitmproxy.proxy.mode_specs import ProxyMode  # it takes a while to import, and the usual mode needs none

        try:
            ProxyMode.parse(text)
        except ValueError as error:
            name = text.partition(":")[0].partition("@")[0].lower()
            near = "" if name in MODES else nearest(name, MODES)
            hint = f"did you mean `{near}`?" if near else f"{error}; modes are {', '.join(MODES)}"
            self.wrong(node.mark, f"`{clip(text)}` is not a mode", f"`{clip(text)}` 不是有效的模式", hint)
            return None
        return text

    def host(self, node: Node) -> str | None:
        """Return a whole host name, as the catalogue compares it."""
        text = self.text(node)
        host = canonical_host(text) if text else ""
        try:
            return check_host(host, "") if host else None
        except SettingsError:
            self.wrong(
                node.mark,
                f"`{clip(text or '')}` is no host name",
                f"`{clip(text or '')}` 不是主机名",
                "write whole names such as pinned.example.com, without scheme, port or `*`",
            )
            return None

    def field_name(self, node: Node) -> str:
        """Return the name of a header field that can say who is asking, in lower case."""
        name = (self.text(node) or "").lower()
        if name in MEANT_FOR_SERVICES or name.startswith(("content-", "sec-")):
            self.wrong(
                node.mark,
                f"`{name}` has a meaning of its own for services and would be kept from them",
                f"`{name}` 对服务另有含义，用作身份会导致它不再发给服务",
                "let the front set a field of its own, such as x-forwarded-user",
            )
        elif name and not TOKEN.fullmatch(name):
            self.wrong(
                node.mark,
                f"`{clip(name)}` is no name of a header field",
                f"`{clip(name)}` 不是请求头的名称",
                "write a name such as x-forwarded-user",
            )
        return name

    def address(self, node: Node) -> Address:
        """Return host and port, as `127.0.0.1:8080` or `[::1]:8080`."""
        address = address_in(self.text(node) or "")
        if address is None:
            self.wrong(
                node.mark, "host:port is expected here, such as 127.0.0.1:8080", "此处应为 主机:端口，如 127.0.0.1:8080"
            )
            return ("", 0)
        return address

    def networks_of(self, node: Node) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """Return networks in CIDR notation."""
        networks = []
        for item in self.items(node):
            try:
                networks.append(ipaddress.ip_network(self.text(item) or "", strict=False))
            except ValueError:
                self.wrong(item.mark, "a network such as 10.0.0.0/8 is expected here", "此处应为网段，如 10.0.0.0/8")
        return tuple(networks)


def variables_of(node: Node | None) -> list[Node]:
    """Return every value, at any depth, that names an environment variable with a secret."""
    if isinstance(node, Entries):
        found = [value for key, value in node.entries if key.text.endswith("_env")]
        return [*found, *(each for _, value in node.entries for each in variables_of(value))]
    return [each for item in getattr(node, "items", ()) for each in variables_of(item)]


def address_in(text: str) -> Address | None:
    """Return the host and port that `text` writes, or `None` where it writes none."""
    host, _, port = text.rpartition(":")
    number = 0 if port == "0" else whole_number(port, 65535)
    bare = host.removeprefix("[").removesuffix("]").lower()
    return (bare, number) if number is not None and is_host(bare) else None


def is_host(text: str) -> bool:
    """Tell whether a text is the name of a host, or an address; one with a scheme or a path before it is none."""
    try:
        return HOST.fullmatch(text) is not None or bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def whole_number(text: str, most: int, least: int = 1) -> int | None:
    """Return the number from `least` to `most` that `text` writes in plain digits, or `None`."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if least <= number <= most else None

"""The PAC file: hosts of AI services go to the proxy, all others go their own way. Pure.

Enters: the catalogue, and where the proxies are. Leaves: a script that every browser's own old engine reads (ECMAScript
3, without any function of the network). For the hosts of AI services it names proxies and nothing else: where none
answers the page stays closed, and never goes round them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import orjson

from proxy.services.catalogue import Catalogue

type Address = tuple[str, int]

KIND: Final = "application/x-ns-proxy-autoconfig"

SCRIPT: Final = """\
// Made by Sluice of its catalogue of AI services: do not change it here.
var PROXY = %(proxy)s;
var EXACT = %(exact)s;
var BELOW = %(below)s;
var LIKE = %(like)s;

function has(set, name) {
  return Object.prototype.hasOwnProperty.call(set, name);
}

function FindProxyForURL(url, host) {
  var name = String(host).toLowerCase().replace(/\\.+$/, "");
  if (has(EXACT, name)) { return PROXY; }
  var rest = name;
  while (rest) {
    if (has(BELOW, rest)) { return PROXY; }
    var dot = rest.indexOf(".");
    if (dot < 0) { break; }
    rest = rest.substring(dot + 1);
  }
  for (var i = 0; i < LIKE.length; i++) {
    if (new RegExp("^(?:" + LIKE[i] + ")$").test(name)) { return PROXY; }
  }
  return "DIRECT";
}
"""


@dataclass(frozen=True, slots=True)
class Pac:
    """Where the PAC file is served, and which proxies it names."""

    listen: Address
    proxies: tuple[Address, ...]
    """As clients reach them, the first to be asked first."""


def script(catalogue: Catalogue, proxies: Iterable[Address], inspected: Iterable[str] = ()) -> str:
    """Return the PAC file; `inspected` are hosts that go to the proxy with all below them, besides the catalogue's."""
    exact = {*catalogue.exact, *catalogue.exact_scopes}
    below = {*catalogue.suffix, *catalogue.wild_scopes, *inspected}
    like = sorted({pattern for service in catalogue.services.values() for pattern in service.regex})
    return SCRIPT % {
        "proxy": _js("; ".join(f"PROXY {_authority(one)}" for one in proxies)),
        "exact": _js(dict.fromkeys(sorted(exact), 1)),
        "below": _js(dict.fromkeys(sorted(below), 1)),
        "like": _js(like),
    }


def _js(value: object) -> str:
    """Return a value as a literal; JSON is one, but for two line ends that it leaves as they are."""
    return orjson.dumps(value).decode().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _authority(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

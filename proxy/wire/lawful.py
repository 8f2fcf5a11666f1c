"""Header fields that programs fill: does a value have the form that programs write there, or may it be free text?

Enters: a field's name and its value. Leaves: whether it must be read like any other text, and whether it may be written
anew. Values of the expected form are not scanned, so that versions, ids and keys of everyday traffic raise no alarm;
any other value is, whoever wrote it. In doubt a value is scanned.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Final

from detectors.allowance import is_over
from detectors.checksums import bank_card, cn_id_card
from detectors.interface import Scan
from proxy.exchange import Part
from proxy.findable import NAMES

type Heard = Callable[[Collection[str]], frozenset[str]]
"""Returns those of the marks that belong to reasoning which the service signed for this person."""

NEVER: Final = re.compile(r"host|:.*|content-length|transfer-encoding|cookie|proxy-(?:authorization|connection)")
"""Where it goes and how long it is; what is for the proxy alone; and cookies, which are the service's own words from
end to end. `Cookie2` is not among them: no browser sends it, so that whatever stands in it was put there."""

CREDENTIAL: Final = re.compile(
    r"""(?x)
    authorization | sec-websocket-protocol | http2-settings
    | (?:.*-)? (?: api-?key | subscription-key | auth | [a-z]*token | secret | signature | csrf | xsrf ) (?:-.*)?
    """
)
"""Fields in which a client proves who it is."""

PROTOCOL: Final = re.compile(
    r"""(?x)
    origin | accept | accept-.* | connection | keep-alive | te | trailer | upgrade | upgrade-insecure-requests | expect
    | date | pragma | cache-control | range | if-.* | priority | max-forwards | alt-used | early-data | last-event-id
    | content-(?:type|encoding|language|range|md5|digest) | digest | sec-websocket-.* | access-control-request-.*
    | x-http-method-override | x-amz-(?:date|content-sha256)
    """
)
"""Fields that say how the message is to be taken: with other words in them it would be another message."""

PROGRAMS: Final = re.compile(
    r"""(?x)
    user-agent | dnt | via | age | save-data | forwarded | x-forwarded-.* | x-real-ip | sec-.* | x-requested-with
    # what client libraries say of themselves, and the numbers that traces go by
    | anthropic-(?:version|beta|dangerous-direct-browser-access) | openai-(?:organization|project|beta|version)
    | x-stainless-.* | x-goog-(?:api-client|user-project) | x-amz-.* | amz-sdk-.*
    | mcp-protocol-version | mcp-session-id | traceparent | tracestate | sentry-trace | baggage | newrelic
    | x-b3-.* | b3 | x-datadog-.* | x-cloud-trace-context
    | (?:x-)?(?:client-)?(?:request|correlation)-id | idempotency-key
    """
)
"""Fields that client libraries, browsers and proxies fill."""

ADDRESSES: Final = re.compile(r"forwarded|via|x-forwarded-.*|x-real-ip")
NUMBERED: Final = re.compile(r"range|content-range")
DECIMAL: Final = re.compile(r"x-datadog-.*|x-cloud-trace-context")
"""Fields with ids that are decimal numbers of 64 bits."""
SOMEBODYS: Final = re.compile(r"9558[0-9]{15}|62[0-9]{15,16}|62[0-3][0-9]{16}")
"""Cards of UnionPay with 17 digits and more; with a right check digit, they are one of some thousands of such ids."""

OWN: Final = re.compile(
    r"""(?x)
    (?<![0-9A-Za-z]) (?:
        (?=[0-9-]*[a-f]) [0-9a-f]{8} (?: -[0-9a-f]{4} ){3} -[0-9a-f]{12}                  # a UUID
        | (?=[0-9]*[a-f]) (?: [0-9a-f]{32} | [0-9a-f]{40} | [0-9a-f]{64} | [0-9a-f]{16} ) # a digest, the id of a trace
        | 20[0-9]{2} -? [01][0-9] -? [0-3][0-9] T [0-2][0-9] :? [0-5][0-9] :? [0-6][0-9] (?: \.[0-9]{1,6} )? Z
        | [MTWFS][a-z]{2}, [ ] [0-3][0-9] [ ] [A-Z][a-z]{2} [ ] 20[0-9]{2} [ ] [0-9]{2} (?: :[0-9]{2} ){2} [ ] GMT
    ) (?![0-9A-Za-z])
    """
)
"""Dates and digests: digits that are no number of anybody's."""

VERSION: Final = re.compile(
    r"(?<![0-9A-Za-z])(?![0-9._]{16})[0-9]{1,3}(?:[._](?:0|[1-9][0-9]{0,4})){1,4}(?![0-9A-Za-z])"
)
BUILD: Final = re.compile(r"[1-9][0-9]{1,2}[.]0[.][0-9]{4,5}[.][0-9]{1,4}")
"""Versions of Chrome, of browsers made of it and of Windows: those in everyday use that have ten digits and more."""
BROWSER: Final = re.compile(r"user-agent|sec-ch-ua.*")
"""Where such a version stands."""
TOO_MANY: Final = 10
"""Digits of a telephone number; of any other version, or of several in a row, that many are one."""

DRAWN: Final = re.compile(r"(?=[0-9._~+/=-]*[A-Za-z])[A-Za-z0-9._~+/=-]{16,}")
"""A key or an id as programs draw them."""

LONG: Final = re.compile(r"[0-9](?:[._~+/=-]?[0-9]){10,}")
"""More digits in a row than chance often draws; with signs between them, as people write numbers."""

KEYS: Final = re.compile(
    r"""(?x) (?<![A-Za-z0-9]) (?:
        sk-|pk-|rk_|sk_|AKIA|ASIA|AKID|LTAI|AIza|gh[opsur]_|github_pat_|glpat-|xox[a-z]-|hf_|eyJ|npm_|dop_v1_|SG\.
    )"""
)
"""How well known keys begin, of letters alone too: what begins so is read (`sk-SK` is a language, and read for it)."""

WORD: Final = re.compile(r"[A-Za-z]{0,40}[0-9]{0,6}(?:[A-Za-z]{1,2}[0-9]{0,3})?|[0-9]{1,8}")
BETWEEN: Final = re.compile(r"[^A-Za-z0-9@]+")
STRETCH: Final = re.compile(r"[0-9](?:[ ._:/+'*|#~()-]{0,2}[0-9]){8,}")
"""Nine digits, in groups too: longer than any version number."""

OTHER_PARAMETER: Final = re.compile(r"(?i);\s*(?!(?:charset|boundary|type|start|start-info|profile|version)\s*=)[^\s;]")
"""A parameter of a media type that does not say how the body is read: free text, so it is read."""

BOUNDARY: Final = re.compile(r'(?i)(;\s*boundary=)(?:"([^"]*)"|([^;]*))')

RANDOM: Final = re.compile(
    r"""(?x)
    -* (?:
        (?:geckoformboundary)? (?=[0-9]*[a-f]) [0-9a-f]{16,70}
        | [0-9]{20,40} | formdata-undici-[0-9]{12} | ={10,20} [0-9]{19} ==
    ) -*
    """
)
"""Boundaries that browsers and libraries draw of digits."""

ID: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{17,20}(?![0-9A-Za-z])")
SPAN: Final = re.compile(r"[a-z]{1,12}[ =](?:(?:[0-9]{0,10}-[0-9]{0,10}(?:, ?|\Z)?)+|\*)(?:/(?:[0-9]{1,10}|\*))?")


def is_filled_by_programs(name: str) -> bool:
    """Tell whether the field `name` (lower case) is one that a person never writes into."""
    return any(kind.fullmatch(name) for kind in (NEVER, CREDENTIAL, PROTOCOL, PROGRAMS))


def is_sealed(name: str) -> bool:
    """Tell whether a request with another value in the field `name` would be another request, or nobody's."""
    return any(kind.fullmatch(name) for kind in (NEVER, CREDENTIAL, PROTOCOL))


def is_lawful(name: str, value: str) -> bool:
    """Tell whether `value` is what the program that fills the field `name` writes there; nobody need read it then."""
    if NEVER.fullmatch(name):
        return True
    if CREDENTIAL.fullmatch(name):
        return is_credential(value)
    if name == "content-type":
        return says_how(value)
    if ADDRESSES.fullmatch(name):
        value = " ".join("" if is_address(one) else one for one in re.split(r"[\s,;=\"]+", value))
    if NUMBERED.fullmatch(name):
        return SPAN.fullmatch(value) is not None
    if DECIMAL.fullmatch(name):
        value = ID.sub(lambda found: found[0] if is_somebodys(found[0]) else "n", value)
    if KEYS.search(value):
        return False
    rest = without_versions(name, OWN.sub("~", value))
    return is_plain(rest if name == "user-agent" else without_drawn(rest))


def says_how(media_type: str) -> bool:
    """Tell whether a media type says how the body is read, and nothing else."""
    found = BOUNDARY.search(media_type)
    drawn = found is None or is_boundary(found[2] or found[3] or "")
    return drawn and not OTHER_PARAMETER.search(media_type) and is_plain(without_drawn(BOUNDARY.sub("", media_type)))


def is_boundary(text: str) -> bool:
    """Tell whether a text is what programs write between the sections of a multipart body."""
    return RANDOM.fullmatch(text.strip()) is not None or is_plain(without_drawn(text))


def is_somebodys(digits: str) -> bool:
    """Tell whether the digits of an id are the number of a citizen or of a card."""
    return cn_id_card(digits) or (SOMEBODYS.fullmatch(digits) is not None and bank_card(digits))


def without_versions(name: str, value: str) -> str:
    """Return the value of the field `name` without versions, unless they spell a longer number than versions do."""
    if BROWSER.fullmatch(name):
        value = BUILD.sub("~", value)
    for stretch in STRETCH.finditer(value):
        if sum(map(str.isdecimal, stretch[0])) >= TOO_MANY:
            return value
    return VERSION.sub("~", value)


def is_credential(value: str) -> bool:
    """Tell whether a value is a credential, or what stands around one; a number or an address of mail is none."""
    return is_short(without_drawn(OWN.sub("~", value)))


def is_drawn(value: str) -> bool:
    """Tell whether a value is a credential from end to end."""
    return DRAWN.fullmatch(value) is not None and LONG.search(OWN.sub("~", value)) is None


def without_drawn(value: str) -> str:
    """Return a value without what programs draw."""
    return DRAWN.sub(lambda found: found[0] if LONG.search(found[0]) else "~", value)


def is_plain(text: str) -> bool:
    """Tell whether a text is words of a program, short numbers and signs."""
    return is_short(text) and all(WORD.fullmatch(word) for word in BETWEEN.split(text))


def is_short(text: str) -> bool:
    """Tell whether a text has neither a long number in it, nor an address of mail, nor a sign beyond ASCII."""
    return text.isascii() and "@" not in text and STRETCH.search(text) is None


def is_address(text: str) -> bool:
    """Tell whether a text is an address of a network, with a port or in brackets."""
    bare = text.strip("[]")
    if text.startswith("["):
        bare = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        bare = text.partition(":")[0]
    try:
        ip_address(bare)
    except ValueError:
        return False
    return True


def without_lawful(parts: Sequence[Part], scans: Sequence[Scan], has_heard: Heard) -> list[Scan]:
    """Return the scans of parts without what is nobody's disclosure.

    That is names in fields that programs fill, for most of their words look like some; and whatever stands in a thought
    that the service itself has signed and sent: it was made of what had gone out, and whom or which number the model
    thinks of by itself must not end the conversation. A thought that never came is read like any text; so is one that
    there is no time to ask the store about. It is asked once for all, and only of those in which something was found.
    """
    signed = {part.signed for part, scan in zip(parts, scans, strict=True) if part.signed and scan != Scan()}
    heard = has_heard(signed) if signed and not is_over() else frozenset()
    return [
        Scan()
        if part.signed in heard
        else replace(scan, findings=tuple(one for one in scan.findings if one.entity not in NAMES))
        if part.program and scan.findings
        else scan
        for part, scan in zip(parts, scans, strict=True)
    ]

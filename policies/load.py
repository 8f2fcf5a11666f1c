"""From YAML to `Policy`: strict, and all mistakes at once.

Enters: the text of a policy, or its path. Leaves: a `Policy`, or a `PolicyError` with every problem; nothing between,
so a policy that is half understood can never decide. `parse_policy` is pure but for the time-zone data it asks the
system for; `load_policy` reads files, and only the policy and the lists of terms it names.
"""

import errno
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from policies import messages
from policies.classify import Classifier
from policies.decision import Text, Verdict
from policies.define import define_groups, define_hours, define_services
from policies.enact import Defined, Enactor
from policies.model import Mark, Policy, fold
from policies.problem import PolicyError, Problem, Report, nearest, say
from policies.read import Reader
from policies.source import LARGEST, Entries, Node, Unusable, canonical, read_source

KEYS = (
    "policy",
    "version",
    "owner",
    "time_zone",
    "otherwise",
    "hours",
    "groups",
    "services",
    "data_classes",
    "rules",
)
NEEDED = ("policy", "version", "otherwise", "rules")
OTHERWISE = {"forbid": Verdict.FORBIDDEN, "allow": Verdict.ALLOWED}
VERSION = re.compile(r"[1-9][0-9]{0,8}")
NOTHING = Entries((), Mark())
"""An optional section that is not there."""
MISSING = Unusable(Mark())
"""A compulsory key that is not there, which has been reported."""
CAPITAL = "Asia/Shanghai"
"""What people mean by Beijing time; the database has no zone of that name."""
LARGEST_TERMS = 16 * LARGEST
"""Bytes of one list of terms."""


def load_policy(path: Path, known_services: Collection[str] | None = None) -> Policy:
    """Read the policy at `path` and the lists of terms beside it; raises `PolicyError`."""
    try:
        text = _read(path, LARGEST + 3)  # a byte order mark may come on top
    except UnicodeError:
        raise PolicyError([Problem(str(path), 1, 1, messages.NOT_UTF8, messages.WRITE_UTF8)]) from None
    except OSError as error:
        why = say(messages.UNREADABLE_FILE, why=error.strerror or messages.NOT_THERE)
        raise PolicyError([Problem(str(path), 1, 1, why)]) from None
    return parse_policy(text, str(path), lambda name: _read(path.parent / name, LARGEST_TERMS), known_services)


def parse_policy(
    text: str, name: str, read_file: Callable[[str], str], known_services: Collection[str] | None = None
) -> Policy:
    """Return the policy that `text` says.

    `name` stands in messages; `read_file` returns a list of terms by the name the policy gives it, raising `OSError` or
    `UnicodeError`; `known_services` are the ids of the catalogue, unchecked where None. A mapping also gives what each
    service is called, the form to show first, and its vendor: for hints. Raises `PolicyError`.
    """
    text = canonical(text)
    report = Report(name, text)
    read = Reader(report)
    fields = read.fields(read_source(text, report), messages.POLICY, KEYS, NEEDED)
    zone = _zone(read, fields.get("time_zone"), fields.get("hours"))
    classifier = Classifier(read, read_file)
    classifier.define(fields.get("data_classes", NOTHING))
    defined = Defined(
        hours=define_hours(read, fields.get("hours", NOTHING), zone),
        groups=define_groups(read, fields.get("groups", NOTHING)),
        services=define_services(read, fields.get("services", NOTHING), known_services),
        classes=classifier.classes,
        known_services=known_services,
    )
    rules = Enactor(read, defined).enact(fields.get("rules", MISSING))
    head = _head(read, fields)
    report.stop()
    return replace(
        head,
        rules=rules,
        digest=_digest(text, classifier.files),
        time_zone=zone,
        hours=tuple(defined.hours.values()),
        groups=tuple(defined.groups.values()),
        services=tuple(defined.services.values()),
        classes=tuple(defined.classes.values()),
        file=name,
        source=text,
    )


def _head(read: Reader, fields: Mapping[str, Node]) -> Policy:
    """Return a policy with all but its rules and definitions."""
    otherwise = fields.get("otherwise", MISSING)
    return Policy(
        name=read.line(fields.get("policy", MISSING), messages.POLICY),
        version=_version(read, fields.get("version", MISSING)),
        otherwise=_otherwise(read, otherwise),
        otherwise_at=otherwise.mark,
        owner=read.line(fields.get("owner", MISSING), messages.POLICY),
        rules=(),
        digest="",
    )


def _read(path: Path, largest: int) -> str:
    with path.open("rb") as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data.decode("utf-8")


def _digest(text: str, files: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of all that the policy says: its text, then name and text of each list of terms."""
    digest = sha256(text.encode("utf-8"))
    for name, terms in files:
        digest.update(f"\0{name}\0{terms}".encode())
    return digest.hexdigest()


def _otherwise(read: Reader, node: Node) -> Verdict:
    word = read.word(node, messages.OTHERWISE, tuple(OTHERWISE))
    return OTHERWISE[word] if word else Verdict.FORBIDDEN


def _version(read: Reader, node: Node) -> int:
    scalar = read.scalar(node, messages.VERSION)
    if scalar is None:
        return 0
    if not VERSION.fullmatch(scalar.text):
        read.report.add(scalar.mark, say(messages.BAD_VERSION, word=scalar.text), messages.WRITE_VERSION)
        return 0
    return int(scalar.text)


def _zone(read: Reader, node: Node | None, hours: Node | None) -> str:
    """Return the name of the policy's time zone; compulsory where hours are defined."""
    if node is None:
        if isinstance(hours, Entries) and hours.entries:
            read.report.add(hours.mark, messages.NO_TIME_ZONE, messages.WRITE_ZONE)
        return ""
    scalar = read.scalar(node, messages.ZONE)
    if scalar is None or _exists(scalar.text):
        return scalar.text if scalar else ""
    if not _zones():
        read.report.add(scalar.mark, say(messages.NO_TIME_ZONES, word=scalar.text), messages.INSTALL_TZDATA)
        return ""
    near = CAPITAL if "beijing" in fold(scalar.text) else nearest(scalar.text, _zones())
    hint: Text = say(messages.DID_YOU_MEAN, word=near) if near else messages.WRITE_ZONE
    read.report.add(scalar.mark, say(messages.BAD_TIME_ZONE, word=scalar.text), hint)
    return ""


def _exists(zone: str) -> bool:
    """Tell whether the system knows the zone; names without an area, as `localtime`, differ between machines."""
    if "/" not in zone and zone != "UTC":
        return False
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        return False
    return True


@cache
def _zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if "/" in zone)

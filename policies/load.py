"""From YAML to `Policy`: strict, and all mistakes at once.

Enters: the text of a policy, or the path of a file or a folder of files. Leaves: a `Policy`, or a `PolicyError` with
every problem; nothing between, so a policy that is half understood can never decide. Parsing is pure but for the
time-zone data and the holidays that come with Sluice; `load_policy` reads only the policy and the lists it names.
"""

import errno
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from policies import messages, phrases
from policies.classify import Classifier
from policies.decision import Text
from policies.define import define_groups, define_hours, define_services
from policies.enact import Enactor
from policies.head import MISSING, head, time_zone
from policies.measure import define_quotas
from policies.merge import merge, read_files
from policies.model import Mark, Policy
from policies.oblige import define_notices
from policies.problem import PolicyError, Problem, Report, say
from policies.read import Reader
from policies.refer import Defined
from policies.source import LARGEST, Entries, Node, canonical, read_source

KEYS = (
    *("policy", "version", "owner", "approved_by", "effective", "review", "record", "time_zone", "otherwise", "hours"),
    *("groups", "services", "data_classes", "notices", "quotas", "purpose", "rules", "tests"),
)
NEEDED = ("policy", "version", "otherwise", "rules")
NOTHING = Entries((), Mark())
"""An optional section that is not there."""
LARGEST_TERMS = 16 * LARGEST
"""Bytes of one list of terms."""
MOST_FILES = 200
ENDINGS = (".yaml", ".yml")
HOLIDAYS = Path(__file__).parent / "holidays"
HOLIDAYS_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


def load_policy(
    path: Path, known_services: Collection[str] | None = None, own_entities: Collection[str] = ()
) -> Policy:
    """Read the policy at `path`, a file or a folder of them, and the lists of terms beside it; raises `PolicyError`."""
    folder = path if path.is_dir() else path.parent

    def read_file(name: str) -> str:
        return read_text(folder / name, LARGEST_TERMS)

    if path.is_dir():
        files = [(str(file), _policy_text(file)) for file in policy_files(path)]
        return parse_folder(files, str(path), read_file, known_services, own_entities)
    return parse_policy(_policy_text(path), str(path), read_file, known_services, own_entities)


def policy_files(folder: Path) -> list[Path]:
    """Return the files of a folder that are parts of its policy, by name, without tests; raises `PolicyError`."""
    try:
        files = [each for each in sorted(folder.iterdir()) if each.suffix in ENDINGS and each.is_file()]
    except OSError as error:
        raise _unreadable(folder, error) from None
    parts = [each for each in files if not each.name.startswith(".") and not each.stem.endswith("_test")]
    if not parts:
        raise PolicyError([Problem(str(folder), 1, 1, phrases.EMPTY_FOLDER)])
    if len(parts) > MOST_FILES:
        raise PolicyError([Problem(str(folder), 1, 1, say(phrases.TOO_MANY_FILES, most=str(MOST_FILES)))])
    return parts


def parse_policy(
    text: str,
    name: str,
    read_file: Callable[[str], str],
    known_services: Collection[str] | None = None,
    own_entities: Collection[str] = (),
) -> Policy:
    """Return the policy that `text` says.

    `name` stands in messages; `read_file` returns a list of terms by the name the policy gives it, raising `OSError` or
    `UnicodeError`; `known_services` are the ids of the catalogue, unchecked where None. A mapping also gives what each
    service is called, the form to show first, and its vendor: for hints. `own_entities` are those that only detectors
    of the company's own find. Raises `PolicyError`.
    """
    text = canonical(text)
    report = Report(name, text)
    making = _Making(Reader(report, own_entities), read_file, known_services)
    policy = making.policy(read_source(text, report))
    report.stop()
    return replace(policy, digest=_digest(text, making.files), file=name, source=text)


def parse_folder(
    files: Sequence[tuple[str, str]],
    name: str,
    read_file: Callable[[str], str],
    known_services: Collection[str] | None = None,
    own_entities: Collection[str] = (),
) -> Policy:
    """Return the policy that the files, given with their paths, say together; otherwise as `parse_policy`."""
    files = [(path, canonical(text)) for path, text in files]
    roots = read_files(files)
    report = Report(name, "", files)
    read = Reader(report, own_entities)
    making = _Making(read, read_file, known_services)
    merged = merge(read, roots, KEYS)
    policy = making.policy(
        merged.root, {file: read.line(node, messages.POLICY) for file, node in merged.owners.items()}
    )
    report.stop()
    parts = [(Path(path).name, text) for path, text in files]
    return replace(policy, digest=_digest("", [*parts, *making.files]), file=name, more=tuple(files))


@dataclass(frozen=True, slots=True)
class _Making:
    """One policy in the making."""

    read: Reader
    read_file: Callable[[str], str]
    known_services: Collection[str] | None
    files: list[tuple[str, str]] = field(default_factory=list, repr=False)
    """Name and text of everything that was read beside the policy."""

    def policy(self, root: Node, owners: Mapping[str, str] | None = None) -> Policy:
        """Return the policy of a tree; what is wrong is in the report, and then the policy is not to be used."""
        read = self.read
        fields = read.fields(root, messages.POLICY, KEYS, NEEDED)
        zone = time_zone(read, fields.get("time_zone"), fields.get("hours"))
        classifier = Classifier(read, self.read_file)
        classifier.define(fields.get("data_classes", NOTHING))
        defined = Defined(
            hours=define_hours(read, fields.get("hours", NOTHING), zone, self._holidays),
            groups=define_groups(read, fields.get("groups", NOTHING)),
            services=define_services(read, fields.get("services", NOTHING), self.known_services),
            classes=classifier.classes,
            notices=define_notices(read, fields.get("notices", NOTHING)),
            quotas=define_quotas(read, fields.get("quotas", NOTHING), zone),
            known_services=self.known_services,
            zone=zone,
        )
        enactor = Enactor(read, defined, owners)
        signs = tuple(enactor.signs(fields.get("purpose", NOTHING)))
        rules = enactor.enact(fields.get("rules", MISSING))
        self.files.extend(classifier.files)
        return replace(
            head(read, fields, zone),
            rules=rules,
            hours=tuple(defined.hours.values()),
            groups=tuple(defined.groups.values()),
            services=tuple(defined.services.values()),
            classes=tuple(defined.classes.values()),
            notices=tuple(defined.notices.values()),
            quotas=tuple(defined.quotas.values()),
            signs=signs,
        )

    def _holidays(self, name: str) -> str | None:
        """Return the text of the shipped holidays called `name`, and remember that the policy depends on it."""
        text = shipped_holidays(name)
        file = f"holidays/{name}.yaml"
        if text is not None and (file, text) not in self.files:
            self.files.append((file, text))
        return text


@cache
def shipped_holidays(name: str) -> str | None:
    """Return the text of a file of holidays that comes with Sluice, or None where there is none of that name."""
    path = HOLIDAYS / f"{name}.yaml"
    if not HOLIDAYS_NAME.fullmatch(name) or not path.is_file():
        return None
    return canonical(read_text(path, LARGEST))


def _policy_text(path: Path) -> str:
    """Return the text of a policy file; raises `PolicyError`."""
    try:
        return read_text(path, LARGEST + 3)  # a byte order mark may come on top
    except UnicodeError:
        raise PolicyError([Problem(str(path), 1, 1, messages.NOT_UTF8, messages.WRITE_UTF8)]) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> PolicyError:
    """Return the error that says why a file or folder cannot be read, in the system's words where we have none."""
    known = isinstance(error, FileNotFoundError | PermissionError)
    said = error.strerror or messages.NOT_THERE.en
    why = Text(said, messages.NOT_THERE.zh if known or not error.strerror else said)
    return PolicyError([Problem(str(path), 1, 1, say(messages.UNREADABLE_FILE, why=why))])


def read_text(path: Path, largest: int) -> str:
    """Return a text file of at most `largest` bytes; raises `OSError` or `UnicodeError`."""
    with path.open("rb") as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data.decode("utf-8")


def _digest(text: str, files: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of all that the policy says: its text, then name and text of each file that belongs to it."""
    digest = sha256(text.encode("utf-8"))
    for name, content in files:
        digest.update(f"\0{name}\0{content}".encode())
    return digest.hexdigest()

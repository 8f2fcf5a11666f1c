"""Walk a JSON value leaf by leaf, and put new texts in without touching the rest.

Enters: a parsed value. Leaves: every text a person may have written into it (strings, keys, long numbers, and what
strings hold in turn), each with its path; or a copy with some of them changed. Nothing recurses with the nesting of the
input, and the value given is never changed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal

from detectors.headings import gathers, is_account, is_password, reaches, says_whose
from detectors.typed import argument_password, lone_word, mixed_password, typed_password
from proxy.adapters.wrapped import declares_data, inner_json, inner_lines, inner_text, is_blob, wrap_lines, wrap_text
from proxy.errors import WireError
from proxy.wire import json_text

LAYERS: Final = 4
"""How many times text is looked for inside text."""

PAIRED: Final = frozenset({"#text", "$", "_", "current", "default", "v", "val", "value", "值", "取值"})
"""Keys of a value whose own name stands beside it, or above."""

NAMING: Final = (
    *("name", "key", "field", "label", "property", "variable", "column", "param", "id", "title"),
    *("名称", "键", "字段", "项目", "参数", "标题"),
)
"""Keys of such a name."""

BARE: Final = frozenset(
    {"B", "N", "S", "const", "content", "data", "enum", "example", "examples", "plain", "raw", "string", "stringValue"}
    | {"text", "values"}
)
"""Keys that say nothing of the value under them; what stands above does."""

HEADS: Final = frozenset({"columns", "fields", "head", "header", "headers", "列", "表头"})
"""Keys of the names of columns, whose rows stand beside them."""

ROWS: Final = frozenset({"data", "items", "records", "rows", "values", "行", "数据"})
"""Keys of such rows."""

PROGRAMS: Final = re.compile(
    r"(?:.*/)?(?:sshpass|mysql(?:dump|admin|import|check)?|mariadb(?:-dump)?|mongo(?:sh|dump|restore)?|redis-cli|sqlcmd"
    r"|ldap(?:search|modify|add|delete|whoami)|clickhouse-client|(?:un)?zip|7za?|plink|pscp)"
)
"""Commands that take a password as an argument."""

CAPITAL: Final = re.compile(r"(?:.*/)?(?:(?:un)?zip|sqlcmd)")
"""Those that take it behind `-P`, where others take a port."""

OPTION: Final = re.compile(r"-[aPpw]|-pw|--(?:[a-z]{1,16}-){0,2}pass(?:word|wd|phrase)?")
"""Behind which the password stands by itself."""

GLUED: Final = re.compile(r"-p(?P<value>.{4,64})", re.DOTALL)
"""An option with its password."""

LONGEST_NAME: Final = 64
MAILBOX: Final = re.compile(r"@[^@]*\.")

SHOWN: Final = re.compile("[!-~]{6,64}")
"""A word without signs of other scripts."""

LONG_NUMBER: Final = 6
"""Digits from which a number may be a card, a telephone or an identity number."""


class Hop(Enum):
    """A step that no key or index can express."""

    KEY = "#key"
    """To the name of the entry, not its value."""
    JSON = "#"
    """Into the JSON that a string holds."""
    LINES = "#lines"
    """Into the lines of JSON that a string holds."""
    DATA = "#data"
    """Into the text that a base64 string holds."""


INSIDE: Final = frozenset({Hop.JSON, Hop.LINES, Hop.DATA})

type Step = str | int | Hop
type Steps = tuple[Step, ...]
type Skip = Callable[[Steps, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text in a JSON value."""

    path: Steps
    kind: Literal["text", "number", "key", "blob"]
    text: str = field(repr=False)
    name: str = field(default="", repr=False)
    """The nearest key above that says what it is; none for keys."""


def never(_path: Steps, _value: Mapping[str, Any]) -> bool:
    """Skip nothing."""
    return False


def walk(root: Any, *, skip: Skip = never, layers: int = LAYERS) -> Iterator[Leaf]:
    """Yield every leaf of `root` in reading order, entering JSON and base64 text inside strings `layers` deep.

    Objects for which `skip` says so are left out whole.
    """
    stack: list[tuple[Steps, Any, int, str]] = [((), root, layers, "")]
    data: set[Steps] = set()
    while stack:
        path, value, left, name = stack.pop()
        if isinstance(value, dict):
            if not skip(path, value):
                stack.extend(opened(path, value, left, name))
                if declares_data(value):
                    data.add((*path, "data"))
        elif isinstance(value, list):
            stack.extend(items_of(path, value, left, name))
        elif isinstance(value, str):
            declared = path in data
            if left and (inside := enter(value, declared)) is not None:
                stack.append(((*path, inside[0]), inside[1], left - 1, name))
            else:
                yield Leaf(path, kind_of(path, value, declared), value, name)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            text = json_text.number_text(value)
            if sum(map(str.isdigit, text)) >= LONG_NUMBER:
                yield Leaf(path, "number", text, name)


def opened(path: Steps, entries: dict[str, Any], left: int, above: str) -> Iterator[tuple[Steps, Any, int, str]]:
    """Yield keys and values of an object, last first, as the stack of `walk` wants them."""
    head: list[str] = next((value for key, value in entries.items() if key in HEADS and are_names(value)), [])
    whose = tell_whose(entries, above)
    for key, child in reversed(entries.items()):
        if head and key in ROWS and isinstance(child, list) and all(isinstance(row, list) for row in child):
            for at in range(len(child) - 1, -1, -1):
                yield from row_of((*path, key, at), child[at], left, head)
        else:
            yield (*path, key), child, left, name_of(key, entries, above, whose=whose)
        yield (*path, key, Hop.KEY), key, 0, ""


def items_of(path: Steps, value: list[Any], left: int, name: str) -> Iterator[tuple[Steps, Any, int, str]]:
    """Yield what an array holds, last first; cells of its rows under the names that the first row gives them."""
    head = heads_in(value)
    for index in range(len(value) - 1, -1, -1):
        if is_argument(value, index):
            yield (*path, index), value[index], left, "password"
        elif is_pair(value[index]):
            yield from row_of((*path, index), value[index], left, ["", value[index][0]])
        elif index and head:
            yield from row_of((*path, index), value[index], left, head)
        else:
            yield (*path, index), value[index], left, name


def is_argument(command: list[Any], index: int) -> bool:
    """Tell whether an item of a list is the password with which a command is run."""
    first, value = command[0], command[index]
    if not index or not isinstance(first, str) or not isinstance(value, str) or PROGRAMS.fullmatch(first) is None:
        return False
    if (glued := GLUED.fullmatch(value)) is not None:
        return argument_password(glued["value"])
    before = command[index - 1]
    if before in ("-p", "-P") and (before == "-P") != (CAPITAL.fullmatch(first) is not None):
        return False
    return isinstance(before, str) and OPTION.fullmatch(before) is not None and argument_password(value)


def heads_in(rows: list[Any]) -> list[str]:
    """Return the names that the first of some rows gives to their columns; none where this is no table."""
    if len(rows) < 2 or not all(isinstance(row, list) for row in rows):
        return []
    return rows[0] if are_names(rows[0]) and not is_pair(rows[0]) else []


def are_names(value: Any) -> bool:
    """Tell whether a value is a list of what may name columns."""
    return isinstance(value, list) and all(isinstance(one, str) and len(one) <= LONGEST_NAME for one in value)


def is_pair(row: Any) -> bool:
    """Tell whether an item of a list is the name of a password and what may be one, and no heading of columns."""
    if not (isinstance(row, list) and len(row) == 2 and all(isinstance(one, str) for one in row)):
        return False
    name, value = row
    return is_password(name) and not is_account(value) and (mixed_password(value) or lone_word(value))


def row_of(path: Steps, row: list[Any], left: int, head: list[str]) -> Iterator[tuple[Steps, Any, int, str]]:
    """Yield the cells of a row, last first, under the names of their columns."""
    for at in range(len(row) - 1, -1, -1):
        yield (*path, at), row[at], left, head[at] if at < len(head) else ""


def name_of(key: str, entries: Mapping[str, Any], above: str, *, whose: bool) -> str:
    """Return what the value under `key` of an object is called: there, beside it (`name`, `value`), or above.

    `whose` is what `tell_whose` says of the object.
    """
    if key == "description":
        return above if any(words_in(entries[key])) else key
    if key in PAIRED:
        beside = (entries.get(one) for one in NAMING)
        return next((one for one in beside if isinstance(one, str) and 0 < len(one) <= LONGEST_NAME), above)
    if key in BARE:
        beside = (entries.get(one) for one in NAMING)
        return next((one for one in beside if isinstance(one, str) and is_password(one)), above)
    if reaches(above, key):
        return above
    return (gathered(entries[key], above) if whose else "") or key


def tell_whose(keys: Iterable[str], above: str) -> bool:
    """Tell whether an object beneath the name of several secrets, `above`, has only keys that say whose each one is.

    An object with several fields for each owner does not count: there one of the keys names the secret.
    """
    return gathers(above) and all(one not in PAIRED and not is_password(one) and says_whose(one) for one in keys)


def gathered(value: Any, above: str) -> str:
    """Return what a value is called beneath the name of several secrets, `above`; nothing where it is none."""
    if isinstance(value, str):
        word = is_password(above) and lone_word(value)
        return "password" if word or (typed_password(value) and MAILBOX.search(value) is None) else ""
    return above if isinstance(value, dict | list) else ""


def words_in(said: Any) -> Iterator[tuple[int, int]]:
    """Yield where in a description, as schemas have them, a word stands that a password may be."""
    for found in SHOWN.finditer(said) if isinstance(said, str) else ():
        if typed_password(found[0]):
            yield found.span()


def enter(text: str, declared: bool) -> tuple[Hop, Any] | None:
    """Return what the string `text`, `declared` base64 or not, holds and the step to it, or None if it is just text."""
    if (value := inner_json(text)) is not None:
        return Hop.JSON, value
    if "\n" in text and (lines := inner_lines(text)) is not None:
        return Hop.LINES, lines
    if (decoded := inner_text(text, declared)) is not None:
        return Hop.DATA, decoded
    return None


def kind_of(path: Steps, text: str, declared: bool) -> Literal["text", "key", "blob"]:
    """Return what the string at `path` is; `declared` when its object says that it is base64."""
    if path and path[-1] is Hop.KEY:
        return "key"
    return "blob" if is_blob(text, declared) else "text"


def replace(root: Any, changes: Mapping[Steps, Any]) -> Any:
    """Return `root` with other values at `changes`: a number becomes a string, a key is renamed.

    Containers on the way are copied, all others shared. Raises `WireError` if two keys of one object become the same.
    """
    own: dict[int, Any] = {}
    values: dict[Steps, Any] = {}
    renames: dict[Steps, dict[str, str]] = defaultdict(dict)
    wrapped: dict[Steps, dict[Steps, Any]] = defaultdict(dict)
    for path, text in changes.items():
        border = next((at for at, step in enumerate(path) if step in INSIDE), None)
        if border is not None:
            wrapped[path[: border + 1]][path[border + 1 :]] = text
        elif path and path[-1] is Hop.KEY:
            renames[path[:-2]][str(path[-2])] = text
        else:
            values[path] = text
    for path, inside in wrapped.items():
        values[path[:-1]] = rewrap(look(root, path[:-1]), path[-1], inside)
    for path, text in values.items():
        root = put(root, path, text, own)
    for path in sorted(renames, key=len, reverse=True):  # an outer name last, so that inner paths still hold
        root = put(root, path, rename(look(root, path), renames[path]), own)
    return root


def rewrap(text: str, hop: Step, inside: Mapping[Steps, Any]) -> str:
    """Return string `text` with the changes `inside` what it holds."""
    if hop is Hop.JSON:
        return json_text.dump(replace(inner_json(text), inside)).decode("utf-8")
    if hop is Hop.LINES:
        return wrap_lines(text, replace(inner_lines(text), inside))
    return wrap_text(text, str(replace(inner_text(text, declared=True), inside)))


def look(root: Any, path: Steps) -> Any:
    """Return the value at `path`, which holds keys, indexes and steps into JSON strings only."""
    for step in path:
        root = inner_json(root) if step is Hop.JSON else root[step]
    return root


def held(text: str, hop: Hop) -> Any:
    """Return what a string holds, as the step into it says."""
    if hop is Hop.JSON:
        return inner_json(text)
    return inner_lines(text) if hop is Hop.LINES else inner_text(text, declared=True)


def put(root: Any, path: Steps, value: Any, own: dict[int, Any]) -> Any:
    """Return `root` with `value` at `path`; containers in `own` are copies already and change in place."""
    if not path:
        return value
    root = parent = owned(root, own)
    for step in path[:-1]:
        parent[step] = owned(parent[step], own)
        parent = parent[step]
    parent[path[-1]] = value
    return root


def owned(container: Any, own: dict[int, Any]) -> Any:
    """Return `container` if it is our copy, else a copy of it; `own` keeps copies alive, so no id is used twice."""
    if id(container) in own:
        return container
    copy = container.copy()
    own[id(copy)] = copy
    return copy


def rename(entries: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return `entries` in the same order under new names; raises `WireError` if two become one."""
    renamed = {names.get(key, key): value for key, value in entries.items()}
    if len(renamed) != len(entries):
        raise WireError("two keys of one JSON object become the same once redacted")
    return renamed


def pointer(path: Steps) -> str:
    """Return `path` as a JSON pointer (RFC 6901), with `#` where it enters text inside a string."""
    return "".join(
        step.value if isinstance(step, Hop) else "/" + str(step).replace("~", "~0").replace("/", "~1") for step in path
    )

"""The section `checkpoints` of `sluice.yaml`: nodes in, when the log is signed and who outside is told of it out.

Every mistake is noted in the reader's report with its place.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from policies.problem import clip
from policies.source import Node
from proxy.settings.read_canary import secret
from proxy.settings.read_values import ValueReader
from proxy.trail.interface import KINDS, SCHEMES, Checkpoints, Kind, Outside

KEYS: Final = frozenset({"every_seconds", "every_records", "alarm_minutes", "witnesses"})
WITNESS: Final = frozenset({*KINDS, "token_env", "token_file", "required"})
MOST_SECONDS: Final = 86_400
MOST_RECORDS: Final = 1_000_000
MOST_MINUTES: Final = 60 * 24 * 31


def read_checkpoints(reader: ValueReader, node: Node) -> Checkpoints:
    """Return when checkpoints are signed, and their witnesses."""
    entries = reader.entries(node, KEYS)
    usual = Checkpoints()
    every, records, patience = (
        reader.whole(entries[key], most) if key in entries else 0
        for key, most in (
            ("every_seconds", MOST_SECONDS),
            ("every_records", MOST_RECORDS),
            ("alarm_minutes", MOST_MINUTES),
        )
    )
    witnesses: dict[str, Outside] = {}
    for item in reader.items(entries["witnesses"]) if "witnesses" in entries else ():
        outside = read_witness(reader, item)
        if outside is not None and outside.name in witnesses:
            reader.wrong(item.mark, "this witness is named twice", "该见证方重复")
        elif outside is not None:
            witnesses[outside.name] = outside
    return Checkpoints(
        timedelta(seconds=every) if every else usual.every,
        records or usual.records,
        timedelta(minutes=patience) if patience else usual.patience,
        tuple(witnesses.values()),
    )


def must_be_in_a_file(reader: ValueReader, node: Node, audit: str | None, wanted: Checkpoints) -> None:
    """Note a mistake where witnesses are to be told of a log that is kept nowhere."""
    if audit == "-" and wanted.witnesses:
        en = "a log on standard output is not signed, so there is nothing to tell witnesses; set `audit` to a file"
        reader.wrong(node.mark, en, "写到标准输出的日志不会签名，无从告知见证方；请将 `audit` 设为文件")


def read_witness(reader: ValueReader, node: Node) -> Outside | None:
    """Return one witness."""
    entries = reader.entries(node, WITNESS)
    given = [kind for kind in KINDS if kind in entries]
    if len(given) != 1:
        reader.wrong(
            node.mark, f"a witness needs one of {', '.join(KINDS)}", f"见证方须写明 {'、'.join(KINDS)} 中的一项"
        )
        return None
    kind = given[0]
    token = secret(reader, entries, "token")
    if kind != "url" and entries.keys() & {"token_env", "token_file"}:
        reader.wrong(entries[kind].mark, "only a `url` takes a token", "只有 `url` 可以带令牌")
    required = reader.choice(entries["required"], ("yes", "no")) == "yes" if "required" in entries else False
    address = _address(reader, kind, entries[kind])
    return Outside(kind, address, token, required) if address else None


def _address(reader: ValueReader, kind: Kind, node: Node) -> str:
    if kind == "file":
        return str(reader.path(node) or "")
    text = reader.text(node) or ""
    try:
        parts = urlsplit(text)
        well = parts.scheme in SCHEMES[kind] and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well = False
    if not well:
        example = f"{SCHEMES[kind][0]}://witness.example"
        en, zh = f"`{clip(text)}` is no address such as {example}", f"`{clip(text)}` 不是地址，应如 {example}"
        reader.wrong(node.mark, en, zh, f"it begins with {' or '.join(f'{one}://' for one in SCHEMES[kind])}")
        return ""
    return text

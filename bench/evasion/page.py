"""The table as pages: docs/evasion.md and its Chinese twin.

Enters: the results. Leaves: two pages, the misses with them. Nothing is written by hand in what stands between.
"""

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
PEERS = ("Presidio", "detect-secrets")

HERE = Path(__file__).parent
NAMES_ZH = dict(line.split(" = ") for line in (HERE / "names_zh.txt").read_text("utf-8").splitlines())
"""What each row is called in Chinese, by its name."""
MISSES_ZH = {
    "missed": "漏检",
    "alarm": "误报",
    "id": "身份证号",
    "mobile": "手机号",
    "card": "银行卡",
    "unionpay": "银联卡",
    "email": "邮箱",
    "key": "密钥",
    "name": "人名",
    "term": "词语",
    "password": "密码",
    "private": "私钥",
}


def write(results: Path, folder: Path = DOCS) -> None:
    """Write both pages."""
    told = json.loads(results.read_text("utf-8"))
    rows, seeds = told["rows"], told["seeds"]
    for name, text, told_of in (
        ("evasion.md", "page_en.txt", rows),
        ("evasion.zh.md", "page_zh.txt", in_chinese(rows)),
    ):
        lines = "".join(line(row, seeds) for row in told_of)
        misses = "\n".join(missed(row) for row in told_of if row["misses"]) or "–"
        page = (HERE / text).read_text("utf-8")
        page = page.format(seeds=seeds, peer_seeds=told["peer_seeds"], table=lines, misses=misses, depth=told["depth"])
        (folder / name).write_text(page, "utf-8")


def in_chinese(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with names, and what is missed, in Chinese."""
    return [
        row
        | {"name": NAMES_ZH[row["name"]]}
        | {"misses": {" ".join(MISSES_ZH[word] for word in what.split()): n for what, n in row["misses"].items()}}
        for row in rows
    ]


def line(row: dict[str, Any], seeds: int) -> str:
    """Return the line of a row."""
    ours, twins = row["ours"], row["twins"]
    name, counted = row["name"].replace("|", "\\|"), sum(ours.values())
    cells = [
        *(row["row"], row["likely"], name + (f" ({counted})" if counted != seeds else ""), row["feasible"]),
        *(share(ours.get(key, 0), counted) for key in ("found", "opaque", "missed")),
        *(share(twins.get(key, 0), counted) for key in ("alarm", "opaque")),
        *(peer(row["peers"].get(name)) for name in PEERS),
    ]
    return f"| {' | '.join(map(str, cells))} |\n"


def share(count: int, seeds: int) -> str:
    """Return a share in per cent."""
    return "–" if not count else f"{100 * count / seeds:.3g} %"


def peer(counts: dict[str, int] | None) -> str:
    """Return what a peer finds, and its false alarms."""
    if counts is None:
        return ""
    asked = sum(count for key, count in counts.items() if not key.startswith("twin"))
    return f"{share(counts.get('found', 0), asked)} ({share(counts.get('twin alarm', 0), asked)})"


def missed(row: dict[str, Any]) -> str:
    """Return what of a row is missed, and which twins give an alarm."""
    told = ", ".join(f"{what} {count}" for what, count in sorted(row["misses"].items()))
    return f"- {row['row']} ({row['name']}): {told}"

"""Exact data match at full size: how long rows take to register, how large the index is, what a prompt costs.

    .venv/bin/python -m bench.exact_match --rows 10000000

Enters: a number of rows, all made up. Leaves: figures on standard output, as JSON. The memory that is told is that of
a process of its own which opens the index and searches; pages of the index count only as far as they are touched.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from detectors.company.exact import ExactMatch
from detectors.company.exact_build import ExactBuilder, Plan, column_of
from detectors.company.index_file import open_index
from detectors.company.keys import index_key

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文志海燕春梅新宇浩然子轩雨泽欣怡梓涵思远嘉懿煜城"
ENGLISH = "please summarise the attached minutes and list every open point with its owner and the date it is due "
CHINESE = "请帮我把下面的会议纪要整理成三段，并列出每个待办事项的负责人和截止日期，语气正式一些。"


def rows(count: int, seed: int = 1) -> Iterator[tuple[str, str, str]]:
    """Give rows of name, account and telephone number."""
    pick = random.Random(seed)
    for _ in range(count):
        name = pick.choice(SURNAMES) + pick.choice(GIVEN) + (pick.choice(GIVEN) if pick.random() < 0.7 else "")
        yield name, f"6222{pick.randrange(10**12):012d}", f"1{pick.choice('3578')}{pick.randrange(10**9):09d}"


def prompts(sample: list[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return prompts of 500 characters: without a registered row, with one, and with nothing but numbers."""
    pick = random.Random(2)
    told = [f"客户{name}，账号{account}，电话{phone}。" for name, account, phone in sample]
    shifted = [CHINESE[at:] + CHINESE[:at] for at in range(len(CHINESE))]
    return {
        "Chinese, nothing": [(each * 12)[:500] for each in shifted[:40]],
        "English, nothing": [(ENGLISH[at:] + ENGLISH * 5)[:500] for at in range(40)],
        "Chinese, one row": [
            ((each * 12)[:240] + row + each * 12)[:500] for each, row in zip(shifted, told, strict=False)
        ],
        "numbers, nothing": [" ".join(str(pick.randrange(10**11)) for _ in range(60))[:500] for _ in range(40)],
        "a table of ten rows": ["\n".join(told[at : at + 10])[:500] for at in range(0, 40, 4)],
    }


def search(state: str, sample: list[tuple[str, str, str]], tell: object) -> None:
    """Open the index, search the prompts, and tell times and memory; runs in a process of its own."""
    before = resident()
    folder, started = Path(state), perf_counter()
    match = ExactMatch("CUSTOMER", open_index(folder / "indexes" / "bench.idx", index_key(folder)))
    opened, times, found = perf_counter() - started, {}, {}
    for name, texts in prompts(sample).items():
        for text in texts:
            match.find(text, match.entities)
        laps = []
        for _ in range(5):
            for text in texts:
                start = process_time()
                match.find(text, match.entities)
                laps.append(1000 * (process_time() - start))
        times[name] = {"median": round(median(laps), 3), "p95": round(sorted(laps)[int(len(laps) * 0.95)], 3)}
        found[name] = sum(len(match.find(text, match.entities)) for text in texts) / len(texts)
    tell.send({"opened_s": round(opened, 2), "ms": times, "findings": found, "rss_mb": [before, resident()]})


def resident() -> int:
    """Return the megabytes of this process that are in memory, pages of mapped files included."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def main() -> None:
    """Build, search, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=10_000_000)
    count = asked.parse_args().rows
    columns = tuple(column_of(each, ("account",)) for each in ("name:name", "account:account", "phone:phone"))
    with tempfile.TemporaryDirectory() as state:
        folder = Path(state) / "indexes"
        folder.mkdir()
        key = index_key(Path(state), make=True)
        builder = ExactBuilder(folder, Plan("bench", columns, {}), key, b"0" * 16, "")
        started, worked = perf_counter(), process_time()
        builder.build(rows(count), lambda done: print(f"\r{done}", end="", file=sys.stderr))
        built = {"wall_s": round(perf_counter() - started), "cpu_s": round(process_time() - worked)}
        built["rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        size = (folder / "bench.idx").stat().st_size / 1e6
        sample = list(rows(40))
        ours, theirs = get_context("spawn").Pipe()
        process = get_context("spawn").Process(target=search, args=(state, sample, theirs))
        process.start()
        print(
            json.dumps(
                {"rows": count, "build": built, "index_mb": round(size), **ours.recv()}, ensure_ascii=False, indent=1
            )
        )
        process.join()


if __name__ == "__main__":
    main()

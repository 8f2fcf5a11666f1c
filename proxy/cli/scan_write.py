"""What `sluice scan` found → the form that was asked for: a view, lines, JSON lines, CSV, SARIF, or a page.

Enters: what came of each text, one after the other. Leaves: text on a stream. Pictures and archives found in folders
are counted, and told in no form one by one.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Final, TextIO

from rich.console import Console

from proxy.cli.common import language
from proxy.cli.scan_forms import answer, as_sarif, csv_head, csv_rows, spelt, text_lines
from proxy.cli.scan_html import page
from proxy.cli.scan_look import Looked, Wish
from proxy.cli.scan_view import Sum, view
from proxy.errors import unwritable


class Form(StrEnum):
    """How it is told."""

    TEXT = "text"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for, besides which files."""

    form: Form = Form.TEXT
    wish: Wish = Wish(frozenset())  # noqa: RUF009 - frozen
    explain: bool = False
    jobs: int = 0
    """How many processes; nought to choose."""
    screen: Console | None = None
    """The terminal of a person who reads it."""


def asked_for(form: Form, wish: Wish, *, explain: bool, jobs: int, screen: TextIO | None) -> Asked:
    """Return what the options ask for; the lines around findings are kept only where they are shown."""
    pretty = form is Form.TEXT and screen is not None
    console = Console(file=screen, soft_wrap=True, highlight=False, emoji=False) if pretty else None
    return Asked(form, replace(wish, lines=pretty or form is Form.HTML), explain, jobs, console)


@contextmanager
def opened(file: Path | None, *, private: bool) -> Iterator[TextIO]:
    """Open the file that is written to, for its owner alone where it will hold values; or standard output."""
    if file is None:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # always a TextIOWrapper on a command line
        yield sys.stdout
        return
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)
    except OSError as error:
        raise unwritable(file, error.strerror) from None
    with os.fdopen(number, "w", encoding="utf-8", newline="") as stream:
        if private:
            os.fchmod(number, 0o600)  # it may have been there before, open to all
        yield stream


def write(all_looked: Iterable[Looked], asked: Asked, sums: Sum, out: TextIO) -> None:
    """Write what was found, in the form that was asked for; a file at a time where the form allows."""
    told = (looked for looked in all_looked if not looked.left_out)
    if asked.screen is not None:
        _view(told, asked, asked.screen)
    elif asked.form in ONE_BY_ONE:
        if asked.form is Form.CSV:
            out.write(csv_head(asked.wish.show))
        for looked in told:
            out.writelines(ONE_BY_ONE[asked.form](looked, asked))
    elif asked.form is Form.SARIF:
        log = as_sarif(list(told), version("sluice"))
        out.write(json.dumps(log, ensure_ascii=False, indent=1) + "\n")
    else:
        kept = [looked for looked in told if looked.sights or looked.unsure]
        made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %z")
        out.writelines(page(kept, sums, language(), made, show=asked.wish.show))


def _view(told: Iterable[Looked], asked: Asked, console: Console) -> None:
    for looked in told:
        for line in view(looked, language(), asked.explain):
            console.print(line)


def _text(looked: Looked, asked: Asked) -> Iterator[str]:
    return (f"{line}\n" for line in text_lines(looked, asked.explain, language()))


def _jsonl(looked: Looked, asked: Asked) -> Iterator[str]:
    yield spelt(answer(looked.name, looked, asked.wish.wanted, asked.explain)) + "\n"


def _csv(looked: Looked, asked: Asked) -> Iterator[str]:
    return csv_rows(looked, asked.wish.show)


ONE_BY_ONE: Final = {Form.TEXT: _text, Form.JSONL: _jsonl, Form.CSV: _csv}
"""Forms that tell a file as soon as it was looked into."""

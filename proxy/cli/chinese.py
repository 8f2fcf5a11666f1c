"""The command line for readers of Chinese: its help, and what is wrong with a line that somebody typed.

Enters: commands as the code words them, in English, and errors of the library that reads command lines. Leaves: the
same in Chinese, where the reader's language is; what has no Chinese words here stays in English. What commands say
while they work they say in both languages by themselves.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import typer
import yaml
from typer.core import TyperGroup

from proxy.cli.common import language

WORDS: Final = Path(__file__).with_suffix(".yaml")
UsageError: Final[Any] = typer.BadParameter.__mro__[1]  # typer names only this kind of it
FRAME: Final = {
    "DEPRECATED_STRING": "（已弃用）",
    "DEFAULT_STRING": "[默认：{}]",
    "ENVVAR_STRING": "[环境变量：{}]",
    "REQUIRED_LONG_STRING": "[必填]",
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "ERRORS_PANEL_TITLE": "错误",
    "ABORTED_TEXT": "已中止。",
    "RICH_HELP": "帮助见 [blue]“{command_path} {help_option}”[/]。",
}
"""What typer writes around the words of a command."""
WRITER: Final = "_make_rich_text"
"""What typer writes each text of the help with."""
MISTAKES: Final[Sequence[tuple[re.Pattern[str], str]]] = tuple(
    (re.compile(english, re.DOTALL), chinese)
    for english, chinese in (
        (r"No such option: (\S+) \(Possible options: (.+)\)", "没有选项 {0}（是否指 {1}？）"),
        (r"No such option: (.+)", "没有选项 {0}"),
        (r"No such command (.+)\. Did you mean (.+)\?", "没有命令 {0}。是否指 {1}？"),
        (r"No such command (.+)\.", "没有命令 {0}。"),
        (r"Missing command\.", "缺少命令。"),
        (r"Missing option (.+?)\.", "缺少选项 {0}。"),
        (r"Missing argument (.+?)\.", "缺少参数 {0}。"),
        (r"Got unexpected extra argument\(s\) \((.*)\)", "多余的参数：{0}"),
        (r"Option (.+) requires an argument\.", "选项 {0} 后面须有值。"),
        (r"Option (.+) does not take a value\.", "选项 {0} 不带值。"),
        (r"Invalid value for (.+?): (.+)", "{0} 的值不可用：{1}"),
        (r"Input should be a valid integer.*", "须是整数"),
        (r"Input should be a valid number.*", "须是数字"),
        (r"Input should be (?:less|greater) than or equal to (.+)", "超出范围，界限为 {0}"),
        (r"(.+) is not one of (.+)\.", "{0} 不是下列之一：{1}。"),
        (r"(.+): write one of (.+)", "{0}：请写下列之一：{1}"),
        (r"one of (.+)", "请写下列之一：{0}"),
        (r"write zh or en", "请写 zh 或 en"),
        (r"one character", "须是一个字符"),
        (r"name one policy", "请只指定一份政策"),
    )
)
"""What can be wrong with a command line."""


class Bilingual(TyperGroup):
    """The outermost command, which speaks Chinese to readers of Chinese."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Do what a command line asks for, as `typer` does, and return or exit as it does."""
        if language() != "zh":
            return super().main(*args, **kwargs)
        with translated(self), _framed():
            return super().main(*args, **kwargs)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the command line; raises usage errors in the reader's language."""
        with _told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Do what was read; raises usage errors, such as a command's beneath this one, in the reader's language."""
        with _told():
            return super().invoke(ctx)


@contextmanager
def translated(command: Any) -> Iterator[None]:
    """Put Chinese in the place of the help of a command and of all beneath it, for a while."""
    before = list(_help_of(command))
    for part, field, text in before:
        setattr(part, field, in_chinese(text))
    try:
        yield
    finally:
        for part, field, english in before:
            setattr(part, field, english)


def _help_of(command: Any) -> Iterator[tuple[Any, str, str]]:
    for part in (command, *command.params):
        for field in ("help", "short_help", "epilog"):
            if text := getattr(part, field, None):
                yield part, field, text
    for inner in getattr(command, "commands", {}).values():
        yield from _help_of(inner)


def in_chinese(text: str) -> str:
    """Return a text of the help in Chinese; a paragraph that has no Chinese words stays as it is."""
    return "\n\n".join(_words().get(" ".join(each.split("\n")), each) for each in text.strip().split("\n\n"))


def mistake_in_chinese(message: str) -> str:
    """Return in Chinese what is wrong with a command line, or the message as it is."""
    for english, chinese in MISTAKES:
        if found := english.fullmatch(message):
            return chinese.format(*(mistake_in_chinese(part) for part in found.groups()))
    return message


@cache
def _words() -> dict[str, str]:
    words: dict[str, str] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return words


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        if language() != "zh":
            raise
        raise UsageError(mistake_in_chinese(error.format_message()), error.ctx) from None


@contextmanager
def _framed() -> Iterator[None]:
    """Let typer frame help and errors in Chinese; what it writes for itself is kept in names of its module.

    Another version of it may have others: what is missing stays in English, for no command may fail of that.
    """
    from typer import rich_utils  # help and errors alone need it, and it brings a reader of Markdown along

    before = {name: getattr(rich_utils, name) for name in (*FRAME, WRITER) if hasattr(rich_utils, name)}

    def write(*args: Any, **how: Any) -> Any:
        written = before[WRITER](*args, **how | ({"text": in_chinese(how["text"])} if "text" in how else {}))
        with suppress(AttributeError):
            written.overflow = "fold"  # no space breaks a line of Chinese, and else its end would be cut off
        return written

    for name in before:
        setattr(rich_utils, name, FRAME.get(name, write))
    try:
        yield
    finally:
        for name, english in before.items():
            setattr(rich_utils, name, english)

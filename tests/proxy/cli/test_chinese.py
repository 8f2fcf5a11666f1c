"""The command line in Chinese: no word of help is without its own, and mistakes are told in the reader's language."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from proxy.cli.chinese import FRAME, WORDS, in_chinese, mistake_in_chinese
from proxy.cli.main import app
from tests.proxy.cli.invoke import sluice

TABLE: dict[str, str] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
TYPER_S_OWN = "Show this message and exit."
FIXED = re.compile(r"--[a-z-]+|`[^`]+`|\b\d[\d:.-]*\b|https?:|[A-Z]+-[0-9][A-Z0-9-]+|/[a-z]+")
"""What a translation must not lose: options, words to type, numbers, examples."""


def helps(command: Any) -> Iterator[str]:
    for part in (command, *command.params):
        for field in ("help", "epilog"):
            yield from (" ".join(each.split("\n")) for each in (getattr(part, field, None) or "").split("\n\n") if each)
    for inner in getattr(command, "commands", {}).values():
        yield from helps(inner)


def test_every_word_of_help_has_its_chinese_and_none_is_left_over() -> None:
    said = {*helps(get_command(app)), TYPER_S_OWN}
    assert said - set(TABLE) == set(), "without Chinese"
    assert set(TABLE) - said == set(), "no longer said"


def test_the_chinese_keeps_what_is_to_be_typed() -> None:
    lost = {
        english: missing
        for english, chinese in TABLE.items()
        if (missing := sorted(word for word in FIXED.findall(english) if word not in chinese))
    }
    assert lost == {}
    assert [chinese for chinese in TABLE.values() if not re.search("[一-鿿]", chinese) and "、" not in chinese] == []


@pytest.mark.parametrize("variable", ["LC_ALL", "LC_MESSAGES", "LANG"])
def test_readers_of_chinese_get_chinese_help_whichever_variable_says_so(variable: str) -> None:
    said = sluice("grants", "ask", "--help", **{"LC_ALL": None, variable: "zh_CN.UTF-8"}).output
    assert "以某人的名义申请授权" in said and "选项" in said and "必填" in said and "显示此帮助并退出" in said
    assert "Ask for" not in said and "Options" not in said


def test_help_in_chinese_is_cut_nowhere() -> None:
    said = sluice("--help", LC_ALL="zh_CN.UTF-8", COLUMNS="60").output
    joined = re.sub(r"[\s│]", "", said)
    assert "证明发往每项服务的内容都被拦下。" in joined


def test_a_library_that_has_other_names_stops_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FRAME, "NO_LONGER_THERE", "其他")
    done = sluice("scan", "--help", LC_ALL="zh_CN.UTF-8")
    assert done.exit_code == 0 and "选项" in done.output


def test_help_in_english_is_what_it_was_after_somebody_read_chinese() -> None:
    before = sluice("scan", "--help").output
    sluice("scan", "--help", LC_ALL="zh_CN.UTF-8")
    assert sluice("scan", "--help").output == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["polcy"], "没有命令 'polcy'。是否指 'policy'？"),
        (["scan", "--frmat", "x"], "没有选项 --frmat（是否指"),
        (["scan", "--zzz"], "没有选项 --zzz"),
        (["grants", "ask"], "缺少选项 '--as'。"),
        (["policy", "diff", "a"], "缺少参数 'after'。"),
        (["scan", "--jobs", "x", "a"], "须是整数"),
        (["scan", "--jobs", "99", "a"], "超出范围，界限为 64"),
        (["scan", "--format", "foo", "a"], "--format 的值不可用：foo：请写下列之一：text, jsonl"),
        (["scan", "--to"], "选项 '--to' 后面须有值。"),
        (["scan", "--fail=1"], "选项 '--fail' 不带值。"),
        (["demo", "a"], "多余的参数：a"),
        (["policy", "fmt", "--lang", "fr", "a"], "--lang 的值不可用：请写 zh 或 en"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_on_the_command_line_is_told_in_chinese(arguments: list[str], told: str) -> None:
    done = sluice(*arguments, LC_ALL="zh_CN.UTF-8")
    assert (done.exit_code, told in done.output, "错误" in done.output) == (2, True, True), done.output
    english = sluice(*arguments)
    assert english.exit_code == 2 and not re.search("[一-鿿]", english.output)


@given(st.text())
def test_what_has_no_chinese_words_stays_as_it_is(text: str) -> None:
    words = f"zz {text}".strip()
    assert in_chinese(words) == words.strip()
    assert mistake_in_chinese(f"zz{text}") == f"zz{text}"

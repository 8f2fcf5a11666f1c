"""`sluice record` begins nothing that it could not end well, and says what it found in the reader's language.

A whole recording is in `tests/e2e/test_record_command.py`.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from proxy.capture.case import Case
from proxy.cli.exits import Exit
from proxy.cli.record import report, write
from tests.proxy.cli.invoke import sluice

CASE = Case(
    adapter="openai-chat",
    request={"path": "/v1", "body": "{}", "parts": []},
    answer={"path": "/v1", "body": "data: 1\n\n", "type": "text/event-stream", "texts": ["x"]},
    prompts={"/messages/0/content": "user"},
    read=True,
    answers=("content",),
    restored=True,
)

CANNOT = {
    "an address that others reach": (("--host", "a.example", "--listen", "0.0.0.0:0"), "of this machine alone"),
    "no address": (("--host", "a.example", "--listen", "here"), "of this machine alone"),
    "a name for an address": (("--host", "a.example", "--listen", "localhost:0"), "of this machine alone"),
    "no host": (("--host", "https://a.example/"), "is no host name"),
}


@pytest.mark.parametrize(("words", "why"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_done_well_is_not_begun(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    config = tmp_path / "sluice.yaml"
    config.write_text("{}", "utf-8")
    done = sluice("record", "--config", config, "--out", tmp_path / "out", *words)
    assert (done.exit_code, why in done.stderr) == (Exit.UNUSABLE, True), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sluice.yaml"]


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "sluice.yaml").write_text("{}", "utf-8")
    done = sluice("record", "--config", tmp_path / "sluice.yaml", "--host", "a.example", "--out", tmp_path)
    assert done.exit_code == Exit.UNUSABLE and "is there already" in done.stderr


def test_entries_go_into_the_tables_of_their_adapters(tmp_path: Path) -> None:
    files = write(tmp_path / "out", "a.example", [CASE, replace(CASE, answer=None)])
    assert [str(file.relative_to(tmp_path)) for file in files] == [
        "out/wires/openai-chat.yaml",
        "out/answers/openai-chat.yaml",
    ]
    wires, answers = (yaml.safe_load(file.read_text("utf-8")) for file in files)
    assert list(wires.values()) == [CASE.request, CASE.request] and list(answers.values()) == [CASE.answer]


TOLD = {
    "all is well": (
        CASE,
        ("/messages/0/content (user): read by openai-chat", "restored by openai-chat"),
        ("由 openai-chat 读取", "还原"),
    ),
    "it has changed": (
        replace(CASE, read=False, restored=False),
        ("NOT all read by openai-chat", "NOT restored by openai-chat"),
        ("未能全部读取", "未能还原"),
    ),
    "no stream": (replace(CASE, answers=()), ("not found in a stream",), ("未在流式内容中找到",)),
    "names": (replace(CASE, unknown=("mira\x1b[2J",)), ("--keep WORD: 'mira\\x1b[2J'",), ("--keep 单词",)),
}


@pytest.mark.parametrize(("case", "en", "zh"), TOLD.values(), ids=TOLD)
def test_what_was_found_is_told(case: Case, en: tuple[str, ...], zh: tuple[str, ...]) -> None:
    for language, words in (("en", en), ("zh", zh)):
        told = "\n".join(report(case, language))
        assert all(each in told for each in words), told
        assert "\x1b" not in told

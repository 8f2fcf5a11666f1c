"""The catalogue is searched by what people call a service, in both languages."""

from pathlib import Path

import pytest

from tests.proxy.cli.invoke import sluice


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", ["list", "find"])
@pytest.mark.parametrize(
    ("name", "ids"),
    [("豆包", ["doubao"]), ("通义千问", ["qianwen"]), ("deepseek", ["deepseek-api", "deepseek-chat"])],
)
def test_a_name_gives_the_services_that_have_it(command: str, name: str, ids: list[str]) -> None:
    done = sluice("services", command, name)
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.output.splitlines()] == ids


def test_the_best_comes_first() -> None:
    assert sluice("services", "list", "ChatGPT").output.startswith("openai-chatgpt ")


def test_a_name_that_nobody_has_is_told() -> None:
    done = sluice("services", "list", "zzzzzz")
    assert done.exit_code == 1 and "no service is called zzzzzz" in done.stderr


def test_a_host_is_not_taken_for_a_name() -> None:
    done = sluice("services", "find", "chatgpt.example.org")
    assert done.exit_code == 1 and "belongs to no service" in done.output
    assert sluice("services", "find", "chatgpt.com").output.strip() == "openai-chatgpt"

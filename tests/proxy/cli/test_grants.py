"""`sluice grants` gives permissions that can help, and no other."""

from pathlib import Path

import pytest

from tests.proxy.cli.invoke import sluice
from tests.proxy.house import POLICY

GOOD = {
    "--service": "mistral-api",
    "--until": "8h",
    "--by": "张敏",
    "--purpose": "翻译 / translation",
    "--person": "alice",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(f"policy: {POLICY}\n", "utf-8")
    return path


def add(config: Path, **changed: str):
    options = GOOD | {f"--{name}": value for name, value in changed.items()}
    return sluice("grants", "add", "--config", config, *(word for pair in options.items() if pair[1] for word in pair))


def test_a_grant_is_given_listed_and_taken_back(config: Path) -> None:
    given = add(config, rule="mistral-needs-approval")
    assert given.exit_code == 0 and "alice" in given.stdout and "mistral-needs-approval" in given.stdout
    id_ = given.stdout.split()[0]
    assert id_ in sluice("grants", "list", "--config", config).stdout
    assert sluice("grants", "revoke", id_, "--config", config).exit_code == 0
    assert sluice("grants", "revoke", id_, "--config", config).exit_code == 1
    assert sluice("grants", "list", "--config", config).stdout == ""


def test_a_group_can_have_one(config: Path) -> None:
    assert "group 研发" in add(config, person="", group="研发").stdout


BAD = {
    "nobody": ({"person": ""}, "one person or for one group"),
    "both": ({"group": "研发"}, "one person or for one group"),
    "unknown service": ({"service": "nonsense"}, "no service has the id nonsense; see `sluice services list`"),
    "a service by its name": ({"service": "chatgpt"}, "perhaps one of ChatGPT: openai-chatgpt"),
    "a service by its Chinese name": ({"service": "豆包"}, "perhaps one of Doubao / 豆包: doubao"),
    "unknown rule": ({"rule": "nonsense"}, "has no rule nonsense; its rules are customers-stay-inside"),
    "for oneself": ({"by": "ALICE"}, "nobody approves their own request"),
    "by nobody": ({"by": " "}, "who approves it"),
    "for nothing": ({"purpose": " "}, "what it is for"),
    "over already": ({"until": "2020-01-01"}, "over already"),
    "for ever": ({"until": "2999-01-01"}, "at most"),
    "no end": ({"until": "soon"}, "written as 12h"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_grant_that_could_never_help_is_refused(config: Path, name: str) -> None:
    changed, told = BAD[name]
    done = add(config, **changed)
    assert done.exit_code == 3 and told in done.stderr
    assert sluice("grants", "list", "--config", config).stdout == ""

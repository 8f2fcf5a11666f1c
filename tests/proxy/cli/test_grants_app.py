"""`sluice grants` as one types it."""

import json
import re

import pytest
from typer.testing import Result

from proxy.cli.exits import Exit
from proxy.cli.main import app
from tests.proxy.cli.invoke import CliRunner
from tests.proxy.cli.test_grants import POLICY


@pytest.fixture
def sluice(tmp_path, monkeypatch):
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "sluice.yaml").write_text("policy: policy.yaml\n", encoding="utf-8")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["grants", *words, "--config", str(tmp_path / "sluice.yaml")])

    return run


def id_in(result: Result) -> str:
    assert result.exit_code == Exit.OK, result.output
    return re.findall(r"[GR]-[0-9A-Z]{6}", result.output)[-1]


ASK = ("ask", "--as", "张三", "--service", "openai-chatgpt", "--rule", "strict", "--purpose", "季度报价", "--for", "7d")


def test_ask_approve_list_renew_revoke(sluice) -> None:
    request = id_in(sluice(*ASK))
    assert request in sluice("requests").output
    assert "(open)" in sluice("approve", request, "--by", "李四").output
    grant = id_in(sluice("approve", request, "--by", "carol"))
    assert request not in sluice("requests").output
    assert "(approved)" in sluice("requests", "--all").output
    assert f"{grant}  张三  service openai-chatgpt  rule strict" in sluice("list").output
    assert grant in sluice("list", "--person", "张三").output
    assert grant not in sluice("list", "--person", "alice").output + sluice("list", "--ending").output
    early = sluice("renew", grant, "--for", "7d")
    assert (early.exit_code, "second half" in early.output) == (Exit.UNUSABLE, True)
    assert sluice("revoke", grant, "--by", "李四").output == f"{grant} is revoked\n"
    assert "(revoked by 李四)" in sluice("list").output


def test_an_emergency_is_taken_listed_and_reviewed(sluice) -> None:
    taken = (
        "break-glass",
        "--as",
        "张三",
        "--service",
        "openai-chatgpt",
        "--rule",
        "strict",
        "--purpose",
        "故障 outage",
    )
    assert sluice(*taken, "--for", "5h").exit_code == Exit.UNUSABLE
    grant = id_in(sluice(*taken))
    assert grant in sluice("list", "--unreviewed").output
    again = sluice(*taken)
    assert (again.exit_code, "has not been reviewed" in again.output) == (Exit.UNUSABLE, True)
    assert sluice("review", grant, "--by", "张三").exit_code == Exit.UNUSABLE
    assert "unjustified, says carol" in sluice("review", grant, "--by", "carol", "--unjustified").output
    assert grant not in sluice("list", "--unreviewed").output


def test_add_takes_one_by_for_each_approver_and_any_scope(sluice) -> None:
    scope = (
        "--service",
        "openai-chatgpt",
        "--rule",
        "strict",
        "--activity",
        "prompt",
        "--uses",
        "2",
        "--purpose",
        "报价",
    )
    words = ("add", "--person", "张三", *scope, "--until", "7d", "--from", "2d")
    refused = sluice(*words, "--by", "李四")
    assert (refused.exit_code, "two different people" in refused.output) == (Exit.UNUSABLE, True)
    grant = id_in(sluice(*words, "--by", "李四", "--by", "carol"))
    [told] = json.loads(sluice("list", "--json").output)
    assert (told["id"], told["uses"], told["approvers"], told["states"]) == (grant, 2, ["李四", "carol"], ["not yet"])


def test_requests_are_told_to_machines_too(sluice) -> None:
    request = id_in(sluice(*ASK))
    [told] = json.loads(sluice("requests", "--json").output)
    assert (told["id"], told["user"], told["state"]) == (request, "张三", "open")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("approve", "R-000000", "--by", "李四"), Exit.UNUSABLE),
        (("renew", "G-000000", "--for", "7d"), Exit.UNUSABLE),
        (("revoke", "G-000000"), Exit.FOUND),
        (("ask", "--as", "张三", "--token", "x.y", "--purpose", "p", "--for", "7d"), Exit.UNUSABLE),
        (("ask", "--as", "张三", "--purpose", "p", "--for", "7d"), Exit.UNUSABLE),
        ((*ASK[:-1], "soon"), Exit.UNUSABLE),
        (("add", "--person", "张三"), Exit.USAGE),
    ],
)
def test_what_cannot_be_done_has_its_exit_code(sluice, words, code) -> None:
    assert sluice(*words).exit_code == code


GOOD = {
    "--service": "openai-chatgpt",
    "--rule": "plain",
    "--until": "8h",
    "--by": "李四",
    "--purpose": "翻译 / translation",
    "--person": "alice",
}


def give(sluice, **changed: str) -> Result:
    options = GOOD | {f"--{name}": value for name, value in changed.items()}
    return sluice("add", *(word for pair in options.items() if pair[1] for word in pair))


def test_a_group_can_have_one(sluice) -> None:
    assert "group 研发" in give(sluice, person="", group="研发").output


BAD = {
    "nobody": ({"person": ""}, "one person or for one group"),
    "both": ({"group": "研发"}, "one person or for one group"),
    "unknown service": ({"service": "nonsense"}, "see `sluice services list`"),
    "a service's name": ({"service": "ChatGPT"}, "openai-chatgpt"),
    "unknown rule": ({"rule": "nonsense"}, "Those are: plain, strict."),
    "for oneself": ({"by": "ALICE"}, "Nobody approves their own request"),
    "by nobody": ({"by": " "}, "who approves it"),
    "for nothing": ({"purpose": " "}, "what it is for"),
    "over already": ({"until": "2020-01-01"}, "over already"),
    "for ever": ({"until": "2999-01-01"}, "at most"),
    "no end": ({"until": "soon"}, "written as 12h"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_grant_that_could_never_help_is_refused(sluice, name: str) -> None:
    changed, told = BAD[name]
    done = give(sluice, **changed)
    assert (done.exit_code, told in done.output) == (Exit.UNUSABLE, True), done.output
    assert sluice("list").output == ""

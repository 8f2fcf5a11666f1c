"""`sluice run` says in a few lines how to use it; that it runs is told by the end-to-end tests."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

import proxy.cli.run
from proxy.cli.run import instructions
from proxy.demo.process import run_sluice
from proxy.reload import CLOSED
from proxy.settings.interface import Settings
from tests.proxy.cli.invoke import sluice

CA = Path("/var/lib/sluice/sluice-ca.pem")


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("0.0.0.0:3128", "http://127.0.0.1:3128"),
        ("[::]:3128", "http://127.0.0.1:3128"),
        ("[::1]:3128", "http://[::1]:3128"),
    ],
)
def test_a_shell_gets_an_address_it_can_reach(listen: str, url: str) -> None:
    told = instructions(Settings(), listen, CA, "1@abc")
    assert f"export HTTPS_PROXY={url} HTTP_PROXY={url}" in told
    assert f"NODE_EXTRA_CA_CERTS={CA}" in told and "policy 1@abc" in told
    assert "SSL_CERT_FILE=/var/lib/sluice/sluice-bundle.pem" in told
    assert len(told.splitlines()) < 10


def test_readers_of_chinese_are_told_the_same_in_chinese(monkeypatch) -> None:
    english = instructions(Settings(), "127.0.0.1:8080", CA, "1@abc").splitlines()
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    told = instructions(Settings(), "127.0.0.1:8080", CA, "1@abc").splitlines()
    assert len(told) == len(english) and told[0].endswith("政策 1@abc。") and told[-1] == "按 Ctrl-C 停止。"
    assert {line for line in told if line in english} == {line for line in english if "export" in line}
    assert str(CA) in told[1] and "8080" in told[-2]


def test_a_mode_without_clients_settings_tells_none() -> None:
    assert "HTTPS_PROXY" not in instructions(Settings(mode="transparent"), "0.0.0.0:8080", CA, "1@abc")


@pytest.mark.parametrize(("audit", "told"), [("-", "audit log              -"), ("a.jsonl", "/state/a.jsonl")])
def test_the_log_is_named_by_its_whole_path(audit: str, told: str, tmp_path: Path) -> None:
    settings = replace(Settings(), state=tmp_path / "state", audit=audit)
    assert told in instructions(settings, "127.0.0.1:1", CA, "1@abc")


@pytest.mark.parametrize(
    ("language", "told"),
    [("C.UTF-8", "NO VALID POLICY: every AI service is refused"), ("zh_CN.UTF-8", "没有有效的政策")],
)
def test_a_policy_with_a_mistake_is_told_loudly_while_everything_is_refused(
    language: str, told: str, tmp_path: Path, monkeypatch
) -> None:
    began = []

    async def stand_in(_settings, works, _ready) -> None:
        began.append(works)

    monkeypatch.setattr(proxy.cli.run, "run", stand_in)
    (tmp_path / "p.yaml").write_text("polcy: x\n", "utf-8")
    (tmp_path / "s.yaml").write_text("policy: p.yaml\n", "utf-8")
    done = sluice("run", "--config", tmp_path / "s.yaml", LC_ALL=language)
    [works] = began
    works.house.ledger.audit.close()
    works.house.ledger.store.close()
    assert works.house.street.policy is CLOSED
    assert done.exit_code == 0 and told in done.stderr and "p.yaml:1:1" in done.stderr
    assert "Traceback" not in done.output


def test_a_policy_that_needs_a_model_is_told_at_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends by itself
        (tmp_path / "s.yaml").write_text(f"listen: 127.0.0.1:{taken.getsockname()[1]}\n", "utf-8")
        done = run_sluice("run", "--config", str(tmp_path / "s.yaml"), secrets={"LC_ALL": "en_GB.UTF-8"})
    assert done.returncode == 3
    said = done.stderr.decode()
    assert "warning: " in said and "(rules: confidential-stays-inside)" in said


FAILING = """\
policy: x
version: 1
otherwise: forbid
rules: []
tests:
  - {name: first, service: ChatGPT, says: hello, expect: allowed}
  - {name: second, service: ChatGPT, says: hello, expect: forbidden}
  - {name: third, service: Claude, says: hello, expect: allowed}
"""


def test_a_policy_whose_tests_fail_names_each_of_them(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(FAILING, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends by itself
        settings = f"policy: p.yaml\nlisten: 127.0.0.1:{taken.getsockname()[1]}\n"
        (tmp_path / "s.yaml").write_text(settings, "utf-8")
        done = run_sluice("run", "--config", str(tmp_path / "s.yaml"), secrets={"LC_ALL": "zh_CN.UTF-8"})
    said = done.stderr.decode()
    assert all(each in said for each in ("政策自带的测试没有通过：", "请运行：sluice policy test", "没有有效的政策")), (
        said
    )
    assert "p.yaml:6:" in said and "p.yaml:8:" in said and "p.yaml:7:" not in said

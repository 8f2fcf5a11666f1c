"""Errors are told plainly, in the reader's language, and no traceback is shown."""

import ast
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer

from detectors.interface import DetectorError
from policies.decision import Text
from policies.problem import PolicyError, Problem
from proxy.cli.common import language, told_plainly
from proxy.cli.exits import Exit
from proxy.errors import SettingsError, StoreError
from proxy.keys import master_key, private_directory
from proxy.pin import read_pin
from proxy.store.open import open_store
from proxy.store.owner import owned
from proxy.store.schema import VERSION
from proxy.trail.sinks import open_audit
from tests.proxy.cli.invoke import sluice
from tests.proxy.cli.office import furnish
from tests.proxy.cli.test_grants import POLICY as POLICY_WITH_GRANTS

LANGUAGES = [
    ({"LC_ALL": "zh_CN.UTF-8"}, "zh"),
    ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN"}, "en"),
    ({"LC_MESSAGES": "zh_TW"}, "zh"),
    ({"LANG": "zh_HK"}, "zh"),
    ({"LC_ALL": "", "LANG": "ZH_CN"}, "zh"),
    ({"LANG": "C"}, "en"),
    ({}, "en"),
]


@pytest.mark.parametrize(("environment", "wanted"), LANGUAGES)
def test_the_environment_names_the_readers_language(monkeypatch, environment: dict[str, str], wanted: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == wanted


POLICY = PolicyError([Problem("p.yaml", 3, 5, Text("Bad word.", "错字。"))])
ERRORS = [
    (SettingsError("s.yaml:1:1: [bold]no[/bold]"), Exit.UNUSABLE, "s.yaml:1:1: [bold]no[/bold]"),
    (StoreError("the store is locked"), Exit.UNUSABLE, "the store is locked"),
    (DetectorError("no rules"), Exit.UNUSABLE, "no rules"),
    (POLICY, Exit.UNUSABLE, "p.yaml:3:5: 错字。"),
    (RuntimeError("13912345678"), Exit.BUG, "RuntimeError at test_common.py:"),
    (KeyError("13912345678"), Exit.BUG, "请报告"),
    (BrokenPipeError(), Exit.OK, ""),
]


@pytest.mark.parametrize(("error", "code", "told"), ERRORS, ids=lambda one: type(one).__name__)
def test_an_error_is_a_message_and_an_exit_code(monkeypatch, capsys, error: Exception, code: Exit, told: str) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    if isinstance(error, BrokenPipeError):
        monkeypatch.setattr("sys.stderr", open("/dev/null", "w"))  # noqa: SIM115, PTH123 - it is closed by what is tested
    with pytest.raises(typer.Exit) as caught, told_plainly():
        raise error
    assert caught.value.exit_code == code
    said = capsys.readouterr().err
    assert told in said and "13912345678" not in said and "Traceback" not in said


ASKED = {
    "rollback to nothing": (("policy", "rollback", "9@abcdef"), "不对应任何版本"),
    "rollback at all": (("policy", "rollback"), "没有记住更早的政策版本"),
    "publish": (("policy", "publish", "--by", "张敏"), "policy_from 为 file"),
    "close by nobody": (("policy", "close", "--by", " "), "请写明操作人的姓名"),
    "explain": (("policy", "explain", "SLC-20261128-AAAAAA"), "audit.jsonl：无法读取"),
    "canary nobody": (("canary", "nobody"), "没有 id 为 'nobody' 的服务"),
    "canary": (("canary",), "请指明服务"),
    "verify": (("audit", "verify", "none.jsonl"), "none.jsonl：无法读取"),
    "show": (("audit", "show", "none.jsonl"), "none.jsonl：无法读取"),
    "open": (("audit", "open", "SLC-20261128-AAAAAA", "--identity", "none"), "无法读取密钥文件"),
    "export": (("audit", "export", "none.jsonl", "--as", "x"), "--as 须为以下之一"),
    "witness": (("audit", "witness", "w", "--key", "none"), "见证程序无法启动"),
    "grant": (
        ("grants", "add", "--service", "kimi", "--until", "1d", "--by", "b", "--purpose", "x"),
        "请给出 --person 或 --group",
    ),
    "grant until": (
        ("grants", "add", "--person", "a", "--service", "kimi", "--until", "x", "--by", "b", "--purpose", "x"),
        "授权期限的写法为",
    ),
    "revoke": (("grants", "revoke", "G-1"), "没有授权 G-1"),
    "keys": (("keys", "end", "--below", "7"), "没有版本 7"),
    "forget": (("vault", "forget"), "请给出 --user、--address、--conversation 之一"),
    "store": (("store", "copy", "--from", "sqlite:///none.db", "--to", "redis://h/0"), "没有这个存储文件"),
    "kit": (("ca", "kit", "kit"), "尚无证书颁发机构"),
    "swap": (("ca", "swap"), "没有下一个颁发机构"),
    "take": (("ca", "take", "a", "b"), "a：无法读取"),
    "service": (("services", "list", "zzzz"), "没有名为 zzzz 的服务"),
    "host": (("services", "find", "intranet.example"), "不属于任何服务"),
    "scan": (("scan", "none.txt"), "none.txt：无法读取"),
    "eval": (("eval", "none.jsonl"), "none.jsonl：无法读取"),
    "index": (("index", "build", "X"), "索引名只能用小写字母"),
    "template": (("policy", "new", "p.yaml", "--template", "none"), "没有名为 none 的模板"),
    "record": (("record", "--host", "a.example", "--out", "o", "--listen", "0.0.0.0:1"), "只接受本机地址"),
    "restart": (("restart",), "没有带工作进程的代理在运行"),
    "a setting": (("run", "--config", "bad.yaml"), "listen"),
    "doctor": (("doctor", "--config", "bad.yaml"), "listen"),
}


def test_a_chinese_administrator_is_told_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text("listen: nowhere\nlisten_to: x\n", "utf-8")
    said = {name: sluice(*words, LC_ALL="zh_CN.UTF-8") for name, (words, _) in ASKED.items()}
    wrong = {name: one.output for name, one in said.items() if ASKED[name][1] not in one.output}
    assert not wrong and {one.exit_code for one in said.values()} == {Exit.FOUND, Exit.UNUSABLE}


UNTOLD = {"proxy/services", "proxy/shell", "proxy/observe", "proxy/identity", "proxy/inference"}
"""Rooms whose mistakes in files that ship, or in what is installed, are told in English alone."""


def test_each_error_of_the_command_line_is_written_in_both_languages() -> None:
    english = []
    for file in Path("proxy").rglob("*.py"):
        if str(Path(*file.parts[:2])) in UNTOLD:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "SettingsError":
                alone = len(node.args) < 2 and ast.unparse(node.args[0]) != "str(error)"
                english += [f"{file}:{node.lineno}"] if alone else []
    assert not english


def test_an_exit_is_no_error() -> None:
    with pytest.raises(typer.Exit) as caught, told_plainly():
        raise typer.Exit(Exit.FOUND)
    assert caught.value.exit_code == Exit.FOUND


LOOKS = (
    ("grants", "list"),
    ("grants", "requests", "--all"),
    ("keys", "list"),
    ("vault", "status"),
    ("policy", "nodes"),
    ("policy", "rollback", "--list"),
    ("audit", "show", "state/audit.jsonl"),
    ("audit", "verify", "state/audit.jsonl"),
)


def test_no_command_renews_the_store_of_an_older_sluice_that_runs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sluice.yaml").write_text("state: state\npolicy: policy.yaml\n", "utf-8")
    Path("policy.yaml").write_text(POLICY_WITH_GRANTS, "utf-8")
    add = (
        "grants",
        "add",
        "--service",
        "kimi",
        "--rule",
        "plain",
        "--until",
        "8h",
        "--by",
        "李四",
        "--purpose",
        "报价",
    )
    assert sluice(*add, "--person", "张三").exit_code == Exit.OK
    with closing(sqlite3.connect("state/sluice.db")) as base:  # what is in the file is an older one's from here on
        base.executescript("DROP TABLE releases; DROP TABLE standings; DROP TABLE ends; PRAGMA user_version = 4")

    def stands() -> list[tuple[str]]:
        with closing(sqlite3.connect("state/sluice.db")) as base:
            tables = base.execute(
                "SELECT name FROM sqlite_master WHERE name IN ('releases', 'standings', 'ends')"
            ).fetchall()
            return [*base.execute("PRAGMA user_version").fetchall(), *tables]

    held = open_audit("audit.jsonl", Path("state"))  # as a Sluice has it that knew no lock of the directory
    with closing(held):
        for words in LOOKS:
            done = sluice(*words)
            assert done.exit_code == Exit.OK, (words, done.output)
        assert "张三" in sluice("grants", "list").stdout
        for refused in ((*add, "--group", "g"), ("keys", "rotate")):
            done = sluice(*refused)
            assert (done.exit_code, "of an older Sluice, which is running" in done.stderr) == (Exit.UNUSABLE, True)
        assert stands() == [(4,)]
        # what an emergency takes is done as the older one would, for it knows all of that
        given = re.findall(r"G-[0-9A-Z]{6}", sluice("grants", "list").stdout)[0]
        for words in (("grants", "revoke", given, "--by", "李四"), ("policy", "close", "--by", "b", "--wait", "0")):
            done = sluice(*words)
            assert done.exit_code in (Exit.OK, Exit.FOUND) and "older" not in done.stderr, (words, done.output)
        assert read_pin(Path("state")).closed and "revoked by 李四" in sluice("grants", "list").stdout
        sluice("policy", "open", "--wait", "0")
        assert read_pin(Path("state")) is None and stands() == [(4,)]
    for words in LOOKS:
        sluice(*words)
    assert stands() == [(4,)]
    read = [line for line in Path("state/audit.jsonl").read_text("utf-8").splitlines() if '"audit_read"' in line]
    assert len(read) == 2, "that somebody read the log was kept, and taken in"
    assert sluice(*add, "--group", "g").exit_code == Exit.OK
    assert stands()[0] == (VERSION,), "what changes something while no proxy runs renews it"


@pytest.mark.parametrize("words", [("close",), ("open",), ("rollback",)])
def test_what_a_running_older_sluice_does_not_know_is_not_said_to_be_the_stores_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """It follows no release: what is closed in the store alone would be open on its clients' side."""
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    Path("sluice.yaml").write_text(Path("sluice.yaml").read_text("utf-8") + "\npolicy_from: store\n", "utf-8")
    open_store("sqlite:///sluice.db", private_directory(Path("state"))).close()
    with closing(sqlite3.connect("state/sluice.db")) as base:
        for table in ("releases", "standings", "ends"):
            base.execute(f"DROP TABLE {table}")
        base.execute("PRAGMA user_version = 4")
    with owned(Path("state")):
        done = sluice("policy", *words, "--by", "b", "--wait", "0")
    assert done.exit_code == Exit.UNUSABLE, done.output
    assert "nothing was changed" in done.stderr and "of an older Sluice, which knows nothing of this" in done.stderr
    assert "refused all the same" not in done.output


@pytest.mark.parametrize(("version", "told"), [(4, "of an older Sluice"), (VERSION + 1, "made by a newer Sluice")])
def test_who_must_not_is_told_which_command_may(tmp_path: Path, monkeypatch, version: int, told: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sluice.yaml").write_text("state: state\n", "utf-8")
    master_key(private_directory(Path("state")))
    open_store("sqlite:///sluice.db", Path("state")).close()
    with closing(sqlite3.connect("state/sluice.db")) as base:
        base.execute(f"PRAGMA user_version = {version}")
    monkeypatch.setattr("proxy.store.owner.command_of", lambda _: "/opt/sluice-1/bin/sluice")
    with owned(Path("state")):
        done = sluice("keys", "rotate")
    assert done.exit_code == Exit.UNUSABLE and told in done.stderr
    assert f"(process {os.getpid()}) is: /opt/sluice-1/bin/sluice" in done.stderr


def test_who_looks_at_permissions_of_no_house_is_told_so_and_makes_none(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = sluice("grants", "list")
    assert (done.exit_code, "no proxy was ever started with this state" in done.stderr) == (Exit.UNUSABLE, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives files away")
def test_what_root_makes_in_the_state_of_another_account_is_that_accounts(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sluice.yaml").write_text("state: state\npolicy: policy.yaml\n", "utf-8")
    Path("policy.yaml").write_text(POLICY_WITH_GRANTS, "utf-8")
    Path("state").mkdir(mode=0o700)
    os.chown("state", 4711, 4712)
    before = os.umask(0o077)  # as the guide's backup leaves it in the shell
    try:
        add = ("grants", "add", "--service", "kimi", "--rule", "plain", "--until", "8h", "--by", "b", "--purpose", "x")
        commands: tuple[tuple[str, ...], ...] = (
            (*add, "--person", "a"),
            ("keys", "rotate"),
            ("keys", "rotate"),
            ("keys", "end", "--below", "2"),
            ("ca", "next"),
            ("audit", "key"),
            ("audit", "new-key"),
            ("policy", "close", "--by", "b"),
        )
        for words in commands:
            done = sluice(*words)
            assert done.exit_code in (Exit.OK, Exit.FOUND), (words, done.output)
    finally:
        os.umask(before)
    made = [path for path in Path("state").rglob("*") if not path.name.endswith(("-wal", "-shm"))]
    assert {path.name for path in made} >= {"policy-pin.json", "vault-2.key", "audit.key", "ca-next", "sluice.db"}
    assert {str(path): path.stat().st_uid for path in made if path.stat().st_uid != 4711} == {}
    assert {path.stat().st_gid for path in made} == {4712}

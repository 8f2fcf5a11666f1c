"""The words of the command line: every one has help, and the exit codes are what the table says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.cli.main import app
from tests.proxy.cli.invoke import sluice

COMMANDS = [
    *("run", "demo", "doctor", "scan", "eval", "rules", "rules check", "policy", "audit", "grants", "services"),
    *("policy check", "audit verify", "audit show", "grants ask", "grants add", "grants list"),
    *("grants requests", "grants approve", "grants deny", "grants revoke", "grants renew", "grants review"),
    *("services list", "services find"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = sluice(*command.split(), "--help")
    assert done.exit_code == 0 and "Usage:" in done.output


def test_the_help_prints_the_table_of_exit_codes_a_line_each() -> None:
    lines = [line.strip(" │-•") for line in sluice("--help").output.splitlines()]
    for code in range(5):
        assert any(line.startswith(f"{code}: ") for line in lines), code


def test_the_version_is_told() -> None:
    assert sluice("--version").output.startswith("sluice 0.")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["services", "find", "api.openai.com"], 0),
        (["services", "find", "API.OPENAI.COM"], 0),
        (["services", "find", "example.org"], 1),
        (["services", "find"], 2),
        (["nonsense"], 2),
        (["services", "list", "--config", "gone.yaml"], 3),
        (["doctor", "--config", "gone.yaml"], 1),
    ],
)
def test_the_exit_code_says_how_it_went(arguments: list[str], code: int, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sluice(*arguments).exit_code == code


def test_the_catalogue_is_listed_in_order(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = sluice("services", "list")
    ids = [line.split()[0] for line in done.output.splitlines()]
    assert ids == sorted(ids) and "openai-api" in ids
    assert "阿里" in done.output or "通义" in done.output or "豆包" in done.output


def test_a_settings_file_in_the_working_directory_is_taken(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "sluice.yaml").write_text("listn: a:1", "utf-8")
    monkeypatch.chdir(tmp_path)
    done = sluice("services", "list")
    assert done.exit_code == 3 and "sluice.yaml:1:1: unknown key `listn`" in done.stderr


def test_a_tracebacks_locals_are_never_shown() -> None:
    assert app.pretty_exceptions_enable is False


def test_doctor_tells_machines_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.cli.doctor.legible_after", lambda _limits: 0.5)  # see test_specimen.py
    (tmp_path / "s.yaml").write_text("{listen: '127.0.0.1:0', detection: {names: 'off'}}", "utf-8")
    done = sluice("doctor", "--json", "--config", tmp_path / "s.yaml")
    assert [one["name"] for one in json.loads(done.stdout)][:3] == ["settings", "state", "policy"]


HEAVY = {
    *("mitmproxy", "presidio_analyzer", "spacy", "phonenumbers", "tldextract", "requests", "onnxruntime", "tokenizers"),
    *("rapidocr", "cv2", "PIL", "pypdf", "pypdfium2", "sqlalchemy", "pypinyin", "httpx"),
}
POLICY = Path(__file__).parents[2] / "cases" / "e2e" / "policy.yaml"
LIGHT = (
    ("--help", {"numpy"}),
    ("--version", {"numpy"}),
    ("policy --help", {"numpy"}),
    (f"policy format --check {POLICY}", {"numpy"}),
    (f"scan --explain {POLICY}", {"detectors.ner.names", "detectors.ner.session", "proxy.documents.read"}),
    ("policy schema", set()),
    ("services list", set()),
    (f"policy check {POLICY}", set()),
    (f"policy test {POLICY}", set()),
)
"""Commands that people and editors wait for, and what they import less than the others, which come after them."""

ONE_AFTER_THE_OTHER = """
import json, sys
from proxy.cli.main import app
told = []
for words, heavy in json.loads(sys.argv[1]):
    sys.argv = ["sluice", *words]
    try:
        app()
    except SystemExit as end:
        told.append([end.code, sorted(set(heavy) & sys.modules.keys())])
sys.stderr.write("\\n" + json.dumps(told))
"""


def test_a_light_command_imports_no_heavy_package(tmp_path: Path) -> None:
    asked = [(command.split(), sorted(HEAVY | more)) for command, more in LIGHT]
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(asked)],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stderr.decode().splitlines()[-1])
    for (command, _), (code, imported) in zip(LIGHT, told, strict=True):
        assert (code < 2 or "test" in command, imported) == (True, []), f"{command}: {done.stderr.decode()}"

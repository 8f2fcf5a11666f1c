"""A policy with its tests in a folder, and the command line that is pointed at them."""

from pathlib import Path
from typing import Any

from typer.testing import Result

from proxy.cli.main import app
from tests.proxy.cli.invoke import CliRunner

POLICY = """\
policy: 使用规定
version: 1
time_zone: Asia/Shanghai
otherwise: forbid
hours:
  上班: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00", holidays: cn-2026}
data_classes:
  个人信息: {entities: [CN_ID_CARD]}
  机密: {placeholder: CONFIDENTIAL, terms: [机密]}
rules:
  - {id: chats, verdict: allowed, redact: 个人信息}
  - id: confidential
    verdict: forbidden
    when: {data: 机密}
    instead: {zh: 请用内部模型。}
  - id: coding
    verdict: authorized
    when: {service: cursor}
"""
TESTS = """\
tests:
  - {name: 聊天, as: 王芳, service: ChatGPT, says: 11010519491231002X, expect: {redact: [个人信息]}, because: chats}
  - {name: 机密, as: 王芳, service: ChatGPT, says: 这是机密, expect: forbidden, because: confidential}
  - {name: 编程, as: 王芳, service: cursor, grant: coding, expect: external, because: coding}
"""


def furnish(folder: Path, policy: str = POLICY, tests: str = TESTS) -> Path:
    """Write the policy with its tests and settings that name it; return the policy's path."""
    path = folder / "policy.yaml"
    path.write_text(policy, "utf-8")
    (folder / "policy_test.yaml").write_text(tests, "utf-8")
    (folder / "sluice.yaml").write_text("policy: policy.yaml\nstate: state\n", "utf-8")
    return path


def run(*words: Any, language: str = "en_GB.UTF-8", typed: str | None = None) -> Result:
    """Run `sluice` with these words."""
    env = {"LC_ALL": language, "COLUMNS": "200"}
    return CliRunner().invoke(app, [str(word) for word in words], env=env, input=typed)

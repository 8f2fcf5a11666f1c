"""Every word of `sluice policy` keeps its contract with scripts: what it prints, in which language, with which code."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from policies.load import load_policy
from proxy.cli import policy_commands
from proxy.cli.exits import Exit
from proxy.keys import private_directory
from proxy.pin import read_pin
from proxy.store.open import open_store
from proxy.workflow.permission import PolicyVersion
from tests.proxy.cli.office import POLICY, TESTS, furnish, run
from tests.proxy.house import NOON, Tenant, chat, flow_to, open_house

LOOSER = POLICY.replace("verdict: forbidden", "verdict: allowed").replace("    instead: {zh: 请用内部模型。}\n", "")
WORDS = (
    "check",
    "test",
    "explain",
    "diff",
    "replay",
    "when",
    "schema",
    "fmt",
    "new",
    "rollback",
    "publish",
    "nodes",
    "close",
    "open",
)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office in the working directory: its policy in use, a looser one, one that is broken, and no state yet."""
    monkeypatch.chdir(tmp_path)
    Path("looser.yaml").write_text(LOOSER, "utf-8")
    Path("broken.yaml").write_text(POLICY.replace("otherwise: forbid", "otherwise: maybe"), "utf-8")
    Path("unproven.yaml").write_text(POLICY, "utf-8")
    Path("wrong.yaml").write_text(POLICY, "utf-8")
    Path("wrong_test.yaml").write_text(TESTS.replace("expect: forbidden", "expect: external"), "utf-8")
    Path("empty.jsonl").write_bytes(b"")
    return furnish(tmp_path)


def policy(line: str, language: str = "en_GB.UTF-8", **given: Any) -> Result:
    """Run `sluice policy` with the words of a line."""
    return run("policy", *line.split(), language=language, **given)


CODES = {
    # line → code, something of what is said in English, and in Chinese
    "check": (0, "can be used; 3 rules", "可以使用，共 3 条规则"),
    "check policy.yaml looser.yaml": (0, "looser.yaml: can be used", "looser.yaml: 可以使用"),
    "check broken.yaml": (3, "broken.yaml:4:12: “maybe” is not a valid", "broken.yaml:4:12: “maybe”不是有效的"),
    "check policy.yaml --strict": (1, "warning: policy.yaml:6:3:", "警告: policy.yaml:6:3:"),
    "check gone.yaml": (3, "gone.yaml: cannot be used; mistakes: 1", "gone.yaml: 不能使用，共 1 处错误"),
    "check --output xml": (2, "write one of text, json, sarif, github", "请写下列之一：text, json, sarif, github"),
    "test": (0, "3 tests, 0 failed; 3 of 3 rules have a test", "3 个测试，0 个失败；3 条规则中的 3 条有测试"),
    "test wrong.yaml": (5, "FAILED  wrong_test.yaml:3: 机密", "失败  wrong_test.yaml:3: 机密"),
    "test unproven.yaml": (
        6,
        "error: No test shows what the forbidden",
        "错误: 没有测试证明禁止规则“confidential”会拒绝",
    ),
    "test wrong.yaml unproven.yaml": (5, "0 tests, 0 failed", "0 个测试，0 个失败"),
    "test broken.yaml": (3, "broken.yaml:4:12:", "broken.yaml:4:12:"),
    "explain --finds 机密": (0, "this is refused", "被拒绝"),
    "explain --service cursr": (3, "no service is called cursr", "cursr"),
    "explain --activity dance": (2, "write one of visit", "visit"),
    "explain SLC-1 --audit empty.jsonl": (3, "no request has the number SLC-1", "SLC-1"),
    "diff policy.yaml policy.yaml": (0, "0 combinations stricter, 0 looser.", "0 种情形更严，0 种更宽。"),
    "diff policy.yaml looser.yaml": (7, "8 looser", "8 种更宽"),
    "diff looser.yaml policy.yaml": (0, "8 combinations stricter", "8 种情形更严"),
    "diff policy.yaml broken.yaml": (3, "broken.yaml:4:12:", "broken.yaml:4:12: “maybe”不是有效的"),
    "replay policy.yaml --audit empty.jsonl": (0, "Decided again: 0", "重新裁决 0 次"),
    "replay policy.yaml": (3, "audit.jsonl: cannot be read", "audit.jsonl"),
    "when --at 2026-10-01 --days 1": (0, "2026-10-01  Thu  –  day off", "2026-10-01  周四  –  放假"),
    "when --at noon": (3, "noon: write a date and time", "noon"),
    "when --days 0": (2, "--days", "--days"),
    "schema": (0, '"$schema"', '"$schema"'),
    "schema --tests": (0, '"expect"', '"expect"'),
    "fmt policy.yaml --lang zh": (0, "其余情况: 禁止", "其余情况: 禁止"),
    "fmt policy.yaml --lang en --check": (0, "", ""),
    "fmt policy.yaml --lang zh --check": (1, "", ""),
    "fmt policy.yaml --lang fr": (2, "write zh or en", "请写 zh 或 en"),
    "fmt policy.yaml": (2, "--lang", "--lang"),
    "fmt gone.yaml --lang zh": (3, "gone.yaml: cannot be read", "gone.yaml"),
    "new policy.yaml --yes": (3, "policy.yaml: is there already", "policy.yaml"),
    "new": (2, "Missing argument", "缺少参数"),
    "rollback": (3, "no earlier version of the policy is remembered", ""),
    "rollback abcd": (3, "abcd names no version", "abcd"),
    "rollback --list": (0, "", ""),
    "check --config gone.yaml": (3, "gone.yaml", "gone.yaml"),
    "dance": (2, "No such command 'dance'", "dance"),
}


@pytest.mark.parametrize("line", CODES)
def test_each_command_ends_with_its_code_and_says_so_in_both_languages(line: str) -> None:
    code, en, zh = CODES[line]
    for language, told in (("en_GB.UTF-8", en), ("zh_CN.UTF-8", zh)):
        done = policy(line, language)
        said = " ".join(done.output.replace("│", " ").split())
        assert (done.exit_code, " ".join(told.split()) in said) == (code, True), done.output
        assert "Traceback" not in done.output
        if code in (2, 3) and not line.startswith("check"):
            assert done.stdout == "" or line.startswith("test"), "what a script reads holds no messages"


@pytest.mark.parametrize("word", WORDS)
def test_every_word_has_its_help(word: str) -> None:
    done = policy(f"{word} --help")
    assert done.exit_code == 0 and f"policy {word}" in done.stdout
    assert word in policy("--help").stdout


def test_the_words_are_all_there_are() -> None:
    assert sorted(command.name or "" for command in policy_commands.app.registered_commands) == sorted(WORDS)


def test_every_exit_code_that_the_words_have_is_reached_here() -> None:
    assert {code for code, _, _ in CODES.values()} | {Exit.BUG} == set(Exit)


FORMS = (
    "check --json",
    "check broken.yaml --json",
    "check -o sarif",
    "test --json",
    "test wrong.yaml unproven.yaml --json",
    "explain --finds 机密 --json",
    "diff policy.yaml looser.yaml --json",
    "replay policy.yaml --audit empty.jsonl --json",
    "when --json",
    "schema",
)


@pytest.mark.parametrize("line", FORMS)
def test_what_is_for_machines_is_one_document_and_the_same_in_every_language(line: str) -> None:
    told = [json.loads(policy(line, language).stdout) for language in ("en_GB.UTF-8", "zh_CN.UTF-8")]
    if "sarif" not in line and "explain" not in line:  # SARIF has no place for two languages; `explain` has a clock
        assert told[0] == told[1]
    assert policy(line).exit_code == policy(line.replace(" --json", "").replace(" -o sarif", "")).exit_code


RULES = """
- {id: staff-number, entity: STAFF_NUMBER, pattern: 'ST-[0-9]{5}', edges: word, score: 0.9,
   examples: ['⟦ST-10427⟧'], counterexamples: ['ST-1042']}
"""
STAFF = POLICY.replace("entities: [CN_ID_CARD]", "entities: [CN_ID_CARD, STAFF_NUMBER]")
STAFF_TESTS = """
tests:
  - {name: 工号, as: 王芳, service: ChatGPT, says: 工号 ST-10427, expect: {redact: [STAFF_NUMBER, CN_ID_CARD]}}
  - {name: 机密, as: 王芳, service: ChatGPT, says: 这是机密, expect: forbidden}
  - {name: 编程, as: 王芳, service: cursor, grant: coding, expect: external}
"""
NAMING = (
    "check staff.yaml",
    "check staff_test.yaml",
    "test staff.yaml",
    "explain --policy staff.yaml --service ChatGPT --as alice --says ST-10427",
    "diff policy.yaml staff.yaml",
    "replay staff.yaml --audit empty.jsonl",
    "when --policy staff.yaml",
    "fmt staff_test.yaml --lang zh",
)


@pytest.fixture
def staff() -> None:
    """A policy that names what only a rule of the settings finds, with its tests and those settings."""
    Path("staff.yaml").write_text(STAFF, "utf-8")
    Path("staff_test.yaml").write_text(STAFF_TESTS, "utf-8")
    Path("rules.yaml").write_text(RULES, "utf-8")
    Path("own.yaml").write_text("{policy: staff.yaml, state: state, detection: {rules: [rules.yaml]}}", "utf-8")


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize("line", NAMING)
def test_every_word_knows_what_the_settings_rules_find_and_without_settings_says_where_to_name_them(line: str) -> None:
    done = policy(f"{line} --config own.yaml")
    assert done.exit_code == 0, done.output
    if "explain" in line:
        assert "STAFF_NUMBER" in done.output
    done = policy(line)
    said = " ".join(done.output.split())
    assert done.exit_code == Exit.UNUSABLE and "“STAFF_NUMBER” is not a valid entity." in said, done.output
    assert "once the settings (--config) list these under “detection”" in said


@pytest.mark.usefixtures("staff")
def test_the_schema_for_editors_offers_what_the_settings_rules_find() -> None:
    own = json.loads(policy("schema --config own.yaml").stdout)["$defs"]["entity"]["enum"]
    assert own[-1] == "STAFF_NUMBER" and "STAFF_NUMBER" not in policy("schema").stdout


@pytest.mark.usefixtures("staff")
def test_a_rule_file_that_is_not_there_is_told_by_its_name() -> None:
    Path("rules.yaml").unlink()
    done = policy("check staff.yaml --config own.yaml")
    assert done.exit_code == Exit.UNUSABLE and "rules.yaml" in done.output


def test_a_failure_inside_says_where_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_words: object) -> None:
        raise RuntimeError("电话 13912345678")

    monkeypatch.setattr("policies.diff.compare", fail)
    done = policy("diff policy.yaml looser.yaml")
    assert done.exit_code == Exit.BUG
    assert done.output.startswith("something failed inside Sluice: RuntimeError at test_policy_commands.py:")
    assert "13912345678" not in done.output and "Traceback" not in done.output


@pytest.mark.parametrize(
    ("variables", "zh"),
    [
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_GB.UTF-8"}, True),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, False),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}, False),
    ],
)
def test_the_language_is_that_of_the_system(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], zh: bool
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, variables.get(name, ""))
    done = run("policy", "check", language=variables["LC_ALL"])
    assert ("可以使用" in done.stdout, "can be used" in done.stdout) == (zh, not zh)


def test_a_policy_in_a_folder_of_any_name_is_used_by_every_word(tmp_path: Path) -> None:
    folder = tmp_path / "政策 甲"
    folder.mkdir()
    head, _, rules = POLICY.partition("rules:\n")
    (folder / "基本.yaml").write_bytes(("\ufeff" + head).replace("\n", "\r\n").encode())
    (folder / "规则.yaml").write_bytes(f"规则:\r\n{rules}".replace("\r\n", "\n").replace("\n", "\r\n").encode())
    (folder / "规则_test.yaml").write_text(TESTS, "utf-8")
    lines = (("check",), ("test",), ("diff", "policy.yaml"), ("replay", "--audit", "empty.jsonl"))
    for word, *more in lines:
        done = run("policy", word, folder, *more)
        assert done.exit_code == 0, done.output
    for word in ("explain", "when"):
        assert run("policy", word, "-p", folder).exit_code == 0


def test_a_template_with_its_answers_can_be_checked_tested_translated_and_compared() -> None:
    assert policy("new mine.yaml --yes").exit_code == 0
    assert policy("fmt mine.yaml --lang zh --write").exit_code == 0
    assert policy("fmt mine.yaml --lang zh --check").exit_code == 0
    assert policy("check mine.yaml").exit_code == 0
    assert policy("test mine.yaml").exit_code == 0
    Path("copy.yaml").write_bytes(Path("mine.yaml").read_bytes())
    assert policy("fmt copy.yaml --lang en --write").exit_code == 0
    assert policy("diff mine.yaml copy.yaml").exit_code == 0


# ── with a past ──────────────────────────────────────────────────────────────────────────────────────────────────────


def remember(path: Path) -> list[str]:
    """Let the store know two versions, and then the one on disk; return all, the latest first."""
    on_disk = load_policy(path)
    older = ((f"1@{'0b' * 6}", "0b" * 32), (f"2@{'9f' * 6}", "9f" * 32), (on_disk.label, on_disk.digest))
    store = open_store("sqlite:///sluice.db", private_directory(Path("state")))
    for day, (id, digest) in enumerate(older):
        store.keep_policy(PolicyVersion(id, digest, "", NOON + timedelta(days=day), "张敏"))
    store.close()
    return [id for id, _ in reversed(older)]


def test_going_back_names_the_version_and_leaves_its_pin(office: Path) -> None:
    versions = remember(office)
    listed = policy("rollback --list")
    assert (listed.exit_code, [line.split()[0] for line in listed.stdout.splitlines()]) == (0, versions)
    assert read_pin(Path("state")) is None
    done = policy("rollback")
    assert (done.exit_code, done.stdout) == (0, f"{listed.stdout.splitlines()[1]}\n")
    pin = read_pin(Path("state"))
    assert pin is not None and pin.id == versions[1]
    assert policy("rollback 0B0B").stdout.split()[0] == versions[2]
    pin = read_pin(Path("state"))
    assert pin is not None and pin.id == versions[2]
    unknown = policy("rollback ffff")
    assert unknown.exit_code == 3
    assert unknown.stderr == f"ffff names no version; remembered are {', '.join(versions)}\n"


def test_what_is_recorded_is_explained_and_replayed_out_of_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    tenant: Tenant = open_house(tmp_path / "state")
    tenant.ask(flow_to("openai", chat("你好")))
    tenant.close()
    (record,) = (one for one in tenant.records() if one["event"] == "request")
    assert "this goes to the service" in policy(f"explain {record['id']}").stdout
    again = policy("replay policy.yaml --since 2026-12-02")
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "Decided again: 1; cannot be decided again: 0.")
    Path("stop.yaml").write_text("policy: x\nversion: 2\notherwise: forbid\nrules: []\n", "utf-8")
    stopped = policy("replay stop.yaml --since 2026-12-02")
    assert (stopped.exit_code, stopped.stdout.splitlines()[0]) == (1, "1 exchange of 1 person would have been stopped.")

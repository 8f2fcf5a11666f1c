"""`sluice policy diff` says what another policy would change in general, `replay` what it would have changed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from policies.diff import compare
from proxy.audit import notice
from proxy.caller import IdentitySources, NetworkSource
from proxy.cli.audit import start_of
from proxy.cli.policy import Desk
from proxy.cli.policy_compare import SHOWN, comparison_lines
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from tests.policies.office import NOW, SERVICES
from tests.policies.samples import HEAD, NOON, parsed
from tests.proxy.cli.office import POLICY, furnish, run
from tests.proxy.house import CUSTOMER, SECRET, Tenant, chat, flow_to, open_house
from tests.proxy.house import POLICY as HOUSE

LOOSER = POLICY.replace("verdict: forbidden", "verdict: allowed").replace("    instead: {zh: 请用内部模型。}\n", "")


def two(folder: Path, after: str) -> tuple[Path, Path]:
    """Return the office's policy, and another one."""
    (folder / "after.yaml").write_text(after, "utf-8")
    return furnish(folder), folder / "after.yaml"


def test_the_same_policy_written_otherwise_changes_nothing(tmp_path: Path) -> None:
    before, after = two(tmp_path, POLICY.replace("version: 1", "version: 2").replace("verdict: allowed", "裁决: 允许"))
    done = run("policy", "diff", before, after)
    assert (done.exit_code, done.stdout) == (0, "0 combinations stricter, 0 looser.\n")
    assert run("policy", "diff", before, after, language="zh_CN.UTF-8").stdout == "0 种情形更严，0 种更宽。\n"


def test_a_policy_that_is_looser_somewhere_says_where_and_ends_with_its_own_code(tmp_path: Path) -> None:
    before, after = two(tmp_path, LOOSER)
    done = run("policy", "diff", before, after)
    first, *rest = done.stdout.splitlines()
    assert (done.exit_code, first) == (7, "0 combinations stricter, 8 looser.")
    assert "looser: a person of no group, service doubao, prompt, 机密 found" in rest
    assert "    - is refused → goes to the service" in rest
    zh = run("policy", "diff", before, after, language="zh_CN.UTF-8")
    assert zh.exit_code == 7
    assert "更宽: 不属于任何用户组的员工，服务doubao，提问，发现机密" in zh.stdout.splitlines()
    assert "    - 被拒绝 → 发往外部服务" in zh.stdout.splitlines()


def test_a_policy_that_is_only_stricter_is_told_in_a_number_and_on_demand_in_full(tmp_path: Path) -> None:
    after, before = two(tmp_path, LOOSER)
    done = run("policy", "diff", before, after)
    assert (done.exit_code, done.stdout) == (0, "8 combinations stricter, 0 looser.\n")
    lines = run("policy", "diff", before, after, "--all").stdout.splitlines()
    assert sum(line.startswith("stricter: ") for line in lines) == 8
    assert "    + goes to the service → is refused" in lines
    assert "更严: " in run("policy", "diff", before, after, "--all", language="zh_CN.UTF-8").stdout


def test_the_differences_are_told_to_machines_too(tmp_path: Path) -> None:
    before, after = two(tmp_path, LOOSER)
    done = run("policy", "diff", before, after, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 7
    assert (told["stricter"], told["looser"], len(told["changes"]), told["complete"]) == (0, 8, 8, True)
    assert told["tried"] == told["of"] >= 8
    (change,) = [each for each in told["changes"] if each["cell"]["en"].endswith("service doubao, prompt, 机密 found")]
    assert change["shift"] == "looser" and change["stricter"] == []
    assert change["before"] == {"verdict": "forbidden", "route": "nowhere", "deciding": "confidential"}
    assert (change["after"]["verdict"], change["after"]["route"]) == ("allowed", "external")
    assert change["looser"] == [{"en": "is refused → goes to the service", "zh": "被拒绝 → 发往外部服务"}]


def test_long_lists_are_cut_with_how_many_are_left() -> None:
    groups = ", ".join(f"g{number}: []" for number in range(SHOWN + 3))
    rules = "".join(f"  - {{id: r{n}, verdict: V, when: {{group: g{n}}}}}\n" for n in range(SHOWN + 3))
    text = f"{HEAD}groups: {{{groups}}}\nrules:\n{rules}"
    before, after = parsed(text.replace("V", "forbidden")), parsed(text.replace("V", "allowed"))
    comparison = compare(before, after, SERVICES.all, NOW)
    assert len(comparison.looser) > SHOWN
    lines = list(comparison_lines(comparison, "en"))
    assert sum(line.startswith("looser: ") for line in lines) == SHOWN
    assert lines[-1] == f"… and {len(comparison.looser) - SHOWN} more; see --all"
    assert list(comparison_lines(comparison, "zh"))[-1] == f"……另有 {len(comparison.looser) - SHOWN} 种，用 --all 查看"
    everything = list(comparison_lines(comparison, "en", every=True))
    assert sum(line.startswith("looser: ") for line in everything) == len(comparison.looser)
    assert "see --all" not in everything[-1]


@pytest.mark.parametrize("order", [("policy.yaml", "gone.yaml"), ("gone.yaml", "policy.yaml")])
def test_a_policy_that_is_not_there_compares_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    done = run("policy", "diff", *order)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "gone.yaml:1:1: The file cannot be read: No such file or directory.\n"


# ── replay ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ALICE = IdentitySources(networks=(NetworkSource(ip_network("127.0.0.1/32"), "alice", frozenset({"研发"})),))
STRICT = "policy: x\nversion: 9\notherwise: forbid\nrules: []\n"


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    """A house in whose log six exchanges of Wednesday stand, kept where the settings of the working directory say."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sluice.yaml").write_text(f"policy: {HOUSE}\nstate: state\n", "utf-8")
    (tmp_path / "state").mkdir()
    tenant = open_house(tmp_path / "state")
    tenant.house.sources = ALICE
    for text, client in EXCHANGES:
        tenant.ask(flow_to(client, chat(text) if isinstance(text, str) else text))
    yield tenant
    tenant.close()


EXCHANGES: tuple[tuple[str | bytes, str], ...] = (
    ("你好", "openai"),
    (f"电话 {SECRET}", "openai"),
    (CUSTOMER, "openai"),
    ("你好", "forbidden"),
    ("你好", "api.mistral.ai/v1/chat/completions"),
    (b"{broken", "openai"),
)
"""Let go, redacted, kept inside, refused, to be approved, and one that fails after the decision."""


def replayed(*words: object, language: str = "en_GB.UTF-8") -> tuple[int, list[str]]:
    """Return exit code and lines of `sluice policy replay` since Wednesday."""
    done = run("policy", "replay", *words, "--since", "2026-12-02", language=language)
    return done.exit_code, done.stdout.splitlines()


def told(*words: object) -> dict[str, Any]:
    """Return what `sluice policy replay` says to machines."""
    data: dict[str, Any] = json.loads("\n".join(replayed(*words, "--json")[1]))
    return data


def house_policy(old: str, new: str) -> Path:
    """Write the house's policy with a change; return its path."""
    text = HOUSE.read_text("utf-8")
    assert old in text
    Path("new.yaml").write_text(text.replace(old, new), "utf-8")
    return Path("new.yaml")


@pytest.mark.usefixtures("lived")
def test_the_policy_that_decided_would_decide_so_again() -> None:
    assert replayed(HOUSE) == (
        0,
        ["No exchange would have ended otherwise.", "Decided again: 5; cannot be decided again: 1."],
    )
    assert replayed(HOUSE, language="zh_CN.UTF-8") == (
        0,
        ["没有任何一次使用的结果会改变。", "重新裁决 5 次，无法重新裁决 1 次。"],
    )


@pytest.mark.usefixtures("lived")
def test_what_would_have_been_stopped_is_counted_by_rule_and_by_group() -> None:
    Path("strict.yaml").write_text(STRICT, "utf-8")
    assert replayed("strict.yaml") == (
        1,
        [
            "3 exchanges of 1 person would have been stopped.",
            "    rule otherwise: 3",
            "    group 研发: 3",
            "Decided again: 5; cannot be decided again: 1.",
        ],
    )
    assert replayed("strict.yaml", language="zh_CN.UTF-8")[1][:3] == [
        "1 人的 3 次使用会被拦下。",
        "    规则 otherwise: 3",
        "    用户组 研发: 3",
    ]


IN_USE = "    when: {service: in use}\n"
REDACT = "    redact: [personal, secrets"
ENDINGS = {
    "let go": ("verdict: forbidden", "verdict: allowed", "let_go", [4], "no-deepseek"),
    "kept inside": (IN_USE, f"{IN_USE}    route: internal\n", "kept_inside", [1, 2], "office-use"),
    "sent outside": ("    route: internal\n", "", "sent_outside", [3], "office-use"),
    "bared": ("PHONE_NUMBER, ", "", "bared", [2], "office-use"),
    "redacted": (IN_USE + REDACT, f"{IN_USE}{REDACT}, 客户资料", "redacted", [3], "customers-stay-inside"),
}
"""Way to end otherwise → what is changed in the policy, then the key, the numbers of the exchanges, and the rule."""


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize("name", ENDINGS)
def test_each_way_to_end_otherwise_is_told_with_the_exchanges_and_the_rule(name: str) -> None:
    old, new, ending, numbers, rule = ENDINGS[name]
    again = told(house_policy(old, new))
    ids = [f"SLC-20261202-{number:06}" for number in numbers]
    assert again["changed"] == [{"id": each, "ending": ending, "rule": rule} for each in ids]
    counted = {key: value["exchanges"] for key, value in again["endings"].items() if value["exchanges"]}
    assert counted == {ending: len(numbers)}
    assert again["endings"][ending]["people"] == 1
    assert again["endings"][ending]["by_rule"] == {rule: len(numbers)}
    assert again["endings"][ending]["by_group"] == {"研发": len(numbers)}


@pytest.mark.usefixtures("lived")
def test_what_nobody_looked_for_then_is_said_to_be_unknown() -> None:
    new = house_policy("[API_KEY, PRIVATE_KEY]", "[API_KEY, PRIVATE_KEY, IBAN_CODE]")
    code, lines = replayed(new)
    assert code == 0
    assert lines[0] == "As far as the records tell, no exchange would have ended otherwise."
    again = told(new)
    assert lines[1] == (
        "In 3 of them the new policy looks for IBAN_CODE, which nobody looked for then; it is taken as not there."
        f" What they held is not known: {', '.join(again['blind_ids'])}"
    )
    assert len(again["blind_ids"]) == 3 and all(each.startswith("SLC-20261202-") for each in again["blind_ids"])
    assert (again["blind"], again["unseen"], again["decided"], again["skipped"]) == (3, ["IBAN_CODE"], 5, 1)


@pytest.mark.usefixtures("lived")
def test_no_word_of_a_prompt_is_in_a_replay() -> None:
    Path("strict.yaml").write_text(STRICT, "utf-8")
    for form in ((), ("--json",)):
        shown = "\n".join(replayed("strict.yaml", *form)[1])
        assert SECRET not in shown and CUSTOMER not in shown


def test_only_what_happened_since_is_decided_again(lived: Tenant) -> None:
    for since, decided in (("2026-12-02T04:00", 5), ("2026-12-02T12:00+08:00", 5), ("2026-12-02T04:01", 0)):
        done = run("policy", "replay", HOUSE, "--since", since, "--json")
        assert json.loads(done.stdout)["decided"] == decided, since
    assert lived.log.exists()


def test_answers_and_lines_about_sluice_itself_are_no_exchanges(lived: Tenant) -> None:
    flow = flow_to("openai", chat("你好"))
    lived.ask(flow)
    lived.answer(flow, 200, "application/json", b"{}")
    lived.house.ledger.audit.write(notice("start", NOON, "test", {}))
    assert {one["event"] for one in lived.records()} == {"request", "answer", "start"}
    assert (told(HOUSE)["decided"], told(HOUSE)["skipped"]) == (6, 1)


WRONG = {
    "a span": (
        ("policy.yaml", "--since", "lately"),
        "lately: write --since as 30d, 12h, 2w, 2026-11-01 or 2026-11-01T09:30",
    ),
    "no log": (("policy.yaml",), "state/audit.jsonl: cannot be read: No such file or directory"),
    "another file": (("policy.yaml", "--audit", "policy.yaml"), "policy.yaml:1: not a record"),
    "a policy": (("gone.yaml",), "gone.yaml:1:1: The file cannot be read: No such file or directory."),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_replayed_is_told_by_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    words, message = WRONG[name]
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    done = run("policy", "replay", *words)
    assert (done.exit_code, done.stdout) == (3, "")
    assert message in done.stderr


def test_an_empty_log_has_nothing_to_decide(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")
    done = run("policy", "replay", furnish(tmp_path), "--audit", tmp_path / "log", "--since", "2000-01-01")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "Decided again: 0; cannot be decided again: 0.")


def test_a_log_that_goes_to_standard_output_must_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    Path("sluice.yaml").write_text('policy: policy.yaml\naudit: "-"\n', "utf-8")
    done = run("policy", "replay", "policy.yaml")
    assert done.exit_code == 3 and "name a file with --audit" in done.stderr


STARTS = {
    "30d": NOON - timedelta(days=30),
    "12h": NOON - timedelta(hours=12),
    "2w": NOON - timedelta(weeks=2),
    "2周": NOON - timedelta(weeks=2),
    " 1D ": NOON - timedelta(days=1),
    "2026-11-01": datetime(2026, 11, 1, tzinfo=UTC),
    "2026-11-01T08:00+08:00": datetime(2026, 11, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("since", STARTS)
def test_a_start_is_a_span_before_now_or_an_instant(since: str) -> None:
    assert start_of(since, NOON) == STARTS[since]


@pytest.mark.parametrize("since", ["", "30", "d", "-3d", "1.5d", "30 fortnights", "2026-13-01", "yesterday"])
def test_what_is_no_start_is_refused(since: str) -> None:
    with pytest.raises(SettingsError, match="write --since as"):
        start_of(since, Desk(Settings()).now())

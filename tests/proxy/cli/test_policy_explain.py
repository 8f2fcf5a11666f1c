"""`sluice policy explain` says why an exchange ends as it does: the recorded one by its number, or one thought of."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from proxy.caller import IdentitySources, NetworkSource
from proxy.cli.policy import Desk
from proxy.cli.policy_explain import hypothetical, known_grants, log_of
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from tests.policies.samples import HEAD, NOON, grant, parsed
from tests.proxy.cli.office import furnish, run
from tests.proxy.house import CUSTOMER, SECRET, Tenant, chat, flow_to, give, open_house
from tests.proxy.house import POLICY as HOUSE

NAMED = IdentitySources(networks=(NetworkSource(ip_network("127.0.0.1/32"), "alice"),))
"""Whoever sits at this machine is Alice."""
WEDNESDAY = ("--at", "2026-12-02 10:00")


def explained(*words: object, language: str = "en_GB.UTF-8") -> Result:
    """Return what `sluice policy explain` says with these words."""
    return run("policy", "explain", *words, language=language)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The office's policy in use, in the working directory."""
    monkeypatch.chdir(tmp_path)
    return furnish(tmp_path)


@pytest.mark.usefixtures("office")
def test_an_exchange_thought_of_is_explained_in_a_paragraph_and_a_row_for_each_rule() -> None:
    done = explained("--as", "王芳", "--service", "cursor", *WEDNESDAY)
    paragraph, *_, first, second, third = done.stdout.splitlines()
    assert done.exit_code == 0
    assert paragraph == (
        "王芳 asks cursor, at 2026-12-02 10:00 Asia/Shanghai: this needs an approval. "
        "Rule coding (“coding”, authorized) decides; also matching: chats."
    )
    assert first == "● chats (allowed)  matches"
    assert second == "○ confidential (forbidden)  data: no 机密 found (found: –)"
    assert third == "● coding (authorized)  matches"


@pytest.mark.usefixtures("office")
def test_it_is_explained_without_the_word_policy_too() -> None:
    words = ("explain", "--as", "王芳", "--service", "cursor", *WEDNESDAY)
    assert run(*words).stdout == run("policy", *words).stdout != ""


@pytest.mark.usefixtures("office")
def test_it_is_explained_in_the_readers_language() -> None:
    done = explained("--as", "王芳", "--service", "豆包", "--finds", "机密", *WEDNESDAY, language="zh_CN.UTF-8")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("王芳 2026-12-02 10:00 Asia/Shanghai 提问：doubao，含CONFIDENTIAL 1 处：被拒绝。")
    assert "    请用内部模型。" in lines
    assert lines[-3:] == [
        "● chats (允许)  匹配",
        "● confidential (禁止)  匹配",
        "○ coding (需授权)  服务：doubao不属于cursor",
    ]


DECIDED = {
    "nobody, an unlisted host": ((), ("allowed", "external", "chats")),
    "a grant": (("--as", "王芳", "--service", "Cursor", "--grant", "coding"), ("authorized", "external", "coding")),
    "no grant": (("--as", "王芳", "--service", "Cursor"), ("authorized", "nowhere", "coding")),
    "a grant for nobody": (("--service", "Cursor", "--grant", "coding"), ("authorized", "nowhere", "coding")),
    "a text": (("--says", "绝对机密"), ("forbidden", "nowhere", "confidential")),
    "a harmless text": (("--says", "天气"), ("allowed", "external", "chats")),
    "a class taken to be found": (("--finds", "机密"), ("forbidden", "nowhere", "confidential")),
    "an entity taken to be found": (("--finds", "CONFIDENTIAL"), ("forbidden", "nowhere", "confidential")),
    "several": (("--finds", "CN_ID_CARD", "--finds", "机密"), ("forbidden", "nowhere", "confidential")),
}


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("name", DECIDED)
def test_what_is_explained_is_what_would_be_decided(name: str) -> None:
    words, want = DECIDED[name]
    told = json.loads(explained(*words, *WEDNESDAY, "--json").stdout)
    assert (told["verdict"], told["route"], told["deciding"]) == want


@pytest.mark.usefixtures("office")
def test_the_options_are_the_facts() -> None:
    options = ("--as", "王芳", "--group", "研发", "--group", "财务", "--service", "豆包", "--activity", "上传")
    more = ("--account", "公司", "--purpose", "business", "--at", "2026-12-02T10:00+01:00")
    told = json.loads(explained(*options, *more, "--json").stdout)
    assert told["facts"] == {
        "user": "王芳",
        "groups": ["研发", "财务"],
        "service": "doubao",
        "activity": "upload",
        "at": "2026-12-02T10:00:00+01:00",
        "account": "company",
        "purpose": "business",
    }


@pytest.mark.usefixtures("office")
def test_what_was_found_in_a_text_is_told_with_what_speaks_for_it_and_without_its_value() -> None:
    said = ("--service", "cursor", "--says", "客户身份证 11010519491231002X")
    [line] = [line for line in explained(*said, *WEDNESDAY).stdout.splitlines() if "CN_ID_CARD 1" in line]
    assert line.startswith("    6-24 CN_ID_CARD 1.") and "passes the check cn_id_card" in line
    [finding] = json.loads(explained(*said, *WEDNESDAY, "--json").stdout)["findings"]
    assert "check:cn_id_card" in finding["because"] and "11010519491231002X" not in json.dumps(finding)


@pytest.mark.usefixtures("office")
def test_json_holds_what_the_lines_say_in_both_languages() -> None:
    told = json.loads(explained("--says", "11010519491231002X", *WEDNESDAY, "--json").stdout)
    assert told["paragraph"]["en"] == explained("--says", "11010519491231002X", *WEDNESDAY).stdout.splitlines()[0]
    assert "身份不明者" in told["paragraph"]["zh"]
    assert (told["redact"], told["found"], told["grant"]) == (["CN_ID_CARD"], {"CN_ID_CARD": 1}, "")
    assert [(row["id"], row["match"], bool(row["failed"]["en"])) for row in told["rules"]] == [
        ("chats", "yes", False),
        ("confidential", "no", True),
        ("coding", "no", True),
    ]


@pytest.mark.usefixtures("office")
def test_a_text_that_was_typed_is_not_told_back() -> None:
    for form in ((), ("--json",)):
        assert "11010519491231002X" not in explained("--says", "号码 11010519491231002X", *form).output


def test_a_rule_on_trial_is_marked_so(office: Path) -> None:
    text = office.read_text("utf-8").replace("verdict: forbidden", "verdict: forbidden\n    mode: observe")
    office.write_text(text, "utf-8")
    en = explained("--finds", "机密", *WEDNESDAY).stdout
    assert "● confidential (forbidden) [observe]  matches" in en and "is only observed" in en
    assert "● confidential (禁止) [观察]  匹配" in explained("--finds", "机密", language="zh_CN.UTF-8").stdout


WRONG = {
    "a service": (("--service", "cursr"), 3, "no service is called cursr"),
    "a rule": (("--grant", "code"), 3, "the policy has no rule code; its rules are chats, coding, confidential"),
    "a class": (("--finds", "secrets"), 3, "the policy has no data class secrets; it has CN_ID_CARD, CONFIDENTIAL, 个"),
    "a time": (("--at", "tomorrow"), 3, 'tomorrow: write a date and time as "2026-12-02 10:00"'),
    "a policy": (("--policy", "gone.yaml"), 3, "gone.yaml:1:1: The file cannot be read"),
    "an activity": (("--activity", "chat"), 2, "chat: write one of visit, prompt, upload"),
    "an account": (("--account", "paid"), 2, "paid: write one of free, personal, company, unknown"),
    "a purpose": (("--purpose", "fun"), 2, "fun: write one of business, personal, unknown"),
    "a number": (("SLC-1",), 3, "state/audit.jsonl: cannot be read: No such file or directory"),
    "a log": (("SLC-1", "--audit", "policy.yaml"), 3, "policy.yaml:1: not a record"),
    "a folder for a log": (("SLC-1", "--audit", "."), 3, "cannot be read: Is a directory"),
}


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_explained_is_told_by_what_is_wrong(name: str) -> None:
    words, code, told = WRONG[name]
    done = explained(*words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert told in done.stderr


# ── what has happened ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    """A house that keeps its log and its store where the settings of the working directory say."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sluice.yaml").write_text(f"policy: {HOUSE}\nstate: state\n", "utf-8")
    (tmp_path / "state").mkdir()
    tenant = open_house(tmp_path / "state")
    yield tenant
    tenant.close()


def asked(tenant: Tenant, text: str, client: str = "openai") -> dict[str, Any]:
    """Let a prompt through the real street; return its record."""
    tenant.ask(flow_to(client, chat(text)))
    return [one for one in tenant.records() if one["event"] == "request"][-1]


HAPPENED = {
    "let go": ("你好", "openai", "this goes to the service", "Rule office-use"),
    "redacted": (f"电话 {SECRET}", "openai", "asks openai-api with 1 × PHONE_NUMBER", "Taken out first: PHONE_NUMBER."),
    "kept inside": (CUSTOMER, "openai", "with 1 × CUSTOMER", "Rule customers-stay-inside"),
    "refused": ("你好", "forbidden", "this is refused", "Rule no-deepseek (“DeepSeek is not to be used”, forbidden)"),
    "to be approved": (
        "你好",
        "api.mistral.ai/v1/chat/completions",
        "this needs an approval",
        "mistral-needs-approval",
    ),
}


@pytest.mark.parametrize("name", HAPPENED)
def test_a_recorded_exchange_is_explained_by_its_number(lived: Tenant, name: str) -> None:
    text, client, became, rule = HAPPENED[name]
    record = asked(lived, text, client)
    done = explained(record["id"])
    paragraph = done.stdout.splitlines()[0]
    assert done.exit_code == 0
    assert became in paragraph and rule in paragraph and "2026-12-02 04:00 UTC" in paragraph
    told = json.loads(explained(record["id"], "--json").stdout)
    assert {key: told[key] for key in ("verdict", "route", "deciding", "policy")} == told["then"]
    assert told["then"] == {key: record[key] for key in ("verdict", "route", "deciding", "policy")}
    assert SECRET not in done.output and CUSTOMER not in done.output


def test_the_policy_of_today_says_what_it_would_do_and_what_was_decided_then(lived: Tenant) -> None:
    record = asked(lived, "你好")
    Path("new.yaml").write_text("policy: x\nversion: 9\notherwise: forbid\nrules: []\n", "utf-8")
    lines = explained(record["id"], "--policy", "new.yaml").stdout.splitlines()
    assert lines[0].startswith(
        f"Then, policy {record['policy']} decided: allowed, by office-use. This is what policy 9@"
    )
    assert "this is refused. No rule decides" in lines[1]
    zh = explained(record["id"], "--policy", "new.yaml", language="zh_CN.UTF-8").stdout.splitlines()
    assert zh[0].startswith(f"当时由政策 {record['policy']} 裁决：允许，依据 office-use。")
    assert explained(record["id"]).stdout.splitlines()[0].startswith("Somebody"), "nothing is said of what is the same"


def test_a_grant_that_opened_it_is_named_and_one_that_did_not_says_why(lived: Tenant) -> None:
    client = "api.mistral.ai/v1/chat/completions"
    lived.house.sources = NAMED
    give(lived.house.ledger, grant(id="G-OTHER", rule="another-rule"))
    refused = asked(lived, "你好", client)
    give(lived.house.ledger, grant(id="G-OPEN", rule="mistral-needs-approval"))
    opened = asked(lived, "你好", client)
    assert (refused["grant"], opened["grant"]) == ("", "G-OPEN")
    assert "        G-OTHER: it is for another rule" in explained(refused["id"]).stdout.splitlines()
    done = explained(opened["id"]).stdout
    assert "Opened by grant G-OPEN." in done and "        G-OTHER: it is for another rule" in done
    assert "G-OPEN:" not in done
    assert "由授权 G-OPEN 打开。" in explained(opened["id"], language="zh_CN.UTF-8").stdout


UNTOLD = {
    "whose grant is gone": {"grant": "G-GONE"},
    "that was kept to the minimum": {"tags": None},
    "that tells of a failure": {"outcome": "error"},
    "that was cut short": {"groups": ["研发", "… +7"]},
}


@pytest.mark.parametrize("name", UNTOLD)
def test_a_record_that_does_not_hold_enough_cannot_be_explained(lived: Tenant, name: str) -> None:
    log = Path("log.jsonl")
    record = asked(lived, "你好")
    kept = {key: value for key, value in (record | UNTOLD[name]).items() if value is not None}
    log.write_text(json.dumps(kept) + "\n", "utf-8")
    done = explained(record["id"], "--audit", log)
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"the record of {record['id']} does not hold what a decision needs" in done.stderr


def test_a_number_that_no_request_has_is_told_with_the_log(lived: Tenant) -> None:
    asked(lived, "你好")
    done = explained("SLC-20261202-ZZZZZZ")
    assert done.exit_code == 3
    assert done.stderr == f"{lived.log}: no request has the number SLC-20261202-ZZZZZZ\n"


# ── the pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────

CLOCKS = {
    "on the policy's clock": ("2026-12-02 10:00", "Asia/Shanghai", datetime(2026, 12, 2, 2, 0, tzinfo=UTC)),
    "with a zone of its own": ("2026-12-02T10:00Z", "Asia/Shanghai", datetime(2026, 12, 2, 10, 0, tzinfo=UTC)),
    "without a zone anywhere": ("2026-12-02 10:00", "", datetime(2026, 12, 2, 10, 0, tzinfo=UTC)),
    "a day": ("2026-12-02", "Asia/Shanghai", datetime(2026, 12, 1, 16, 0, tzinfo=UTC)),
    "now": ("", "Asia/Shanghai", NOON),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_a_time_is_on_the_clock_of_the_policy(name: str) -> None:
    at, zone, want = CLOCKS[name]
    policy = parsed(f"{HEAD}{f'time_zone: {zone}' if zone else ''}\nrules: []\n")
    case = hypothetical(policy, at, NOON)
    assert case.at == want and case.at.utcoffset() is not None


def test_the_log_is_a_file_or_must_be_named() -> None:
    assert log_of(Settings(state=Path("s"), audit="a.jsonl")) == Path("s/a.jsonl")
    with pytest.raises(SettingsError, match="name a file with --audit"):
        log_of(Settings(audit="-"))


def test_a_revoked_grant_is_known_too_and_nothing_is_made_where_there_is_no_store(lived: Tenant) -> None:
    give(lived.house.ledger, grant(id="G-1"))
    give(lived.house.ledger, grant(id="G-2", until=NOON - timedelta(days=9)))
    assert set(known_grants(Settings(state=Path("state")))) == {"G-1", "G-2"}
    assert known_grants(Settings(state=Path("nowhere"))) == {}
    assert not Path("nowhere").exists()


@pytest.mark.usefixtures("office")
def test_the_clock_of_the_desk_is_the_time_of_an_exchange_without_one() -> None:
    before = Desk.now()
    told = json.loads(explained("--json").stdout)
    assert before <= datetime.fromisoformat(told["facts"]["at"]) <= Desk.now()

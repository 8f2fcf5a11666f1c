"""What the policy guide shows is what happens: its files are written, its commands run, its output compared.

A block `yaml NAME` of a page is a file; a block `console` holds commands after `$ ` and what they print. A line `…` in
it stands for any lines. Ids, instants and fingerprints differ from run to run; each must be in its place.
"""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from detectors.find import Finder, shipped_detectors
from detectors.redact import redact
from detectors.treat import STRICTNESS
from policies import load
from policies.decide import decide
from policies.decision import Findings
from policies.load import load_policy
from policies.prove import facts_of
from policies.schema import policy_schema
from policies.suite import read_suite
from policies.words import canonical
from proxy.audit import Record
from proxy.cli.main import app
from proxy.cli.policy import Desk
from proxy.keys import private_directory
from proxy.services.catalogue import load_catalogue
from proxy.sources import pack, take_up
from proxy.store.open import open_store
from proxy.trail.sinks import open_audit
from proxy.trial import services_of
from proxy.workflow.permission import PolicyVersion
from tests.proxy.cli.invoke import CliRunner
from tests.test_docs import POLICY_GUIDES, Block, blocks, policy_of

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
LANGUAGES = dict(zip(POLICY_GUIDES, ("en_GB.UTF-8", "zh_CN.UTF-8"), strict=True))
VARYING = re.compile(r"(?<=@)[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?\+00:00")
ID = re.compile(r"\b[RG]-[0-9A-Z]{6}\b")
CATALOGUE = load_catalogue()


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Give each command of a console block with what it is said to print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def typed(printed: str) -> str:
    """Return what is typed in answer to questions, as a console shows it."""
    return "".join(f"{answer}\n" for answer in re.findall(r"\]: (.*)$", printed, re.MULTILINE))


def people_at_work(folder: Path) -> None:
    """Leave an audit log of a day on which two people used three services, in the evening too."""
    policy = load_policy(folder / "policy.yaml", CATALOGUE.services.keys())
    cases = "".join(
        f'  - {{name: "{number}", as: {who}, service: {service}, at: "2026-11-19 {at}", expect: allowed}}\n'
        for number, (who, service, at) in enumerate(
            [("zhaolei", "doubao", "10:00"), ("zhaolei", "doubao", "20:00"), ("lilei", "doubao", "21:30")]
        )
    )
    audit = open_audit("audit.jsonl", folder, "sluice-1")
    for case in read_suite(f"tests:\n{cases}", "day", policy).cases:
        facts = facts_of(case, services_of(CATALOGUE))
        found = Findings({"CREDIT_CARD": 1} if case.name == "0" else {}, 40)
        looked = frozenset({"CN_ID_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "CREDIT_CARD", "CUSTOMER"})
        redacted = {"CREDIT_CARD": 1} if case.name == "0" else {}
        decision = decide(policy, facts, found)
        audit.write(
            Record(
                f"SLC-20261119-7K2F9{case.name}", case.at, "forwarded", case.user, service=facts.service,
                activity="prompt", decision=decision, inspection="full", facts=facts, findings=found, looked=looked,
                redacted=redacted,
            ).fields("sluice-1")
        )  # fmt: skip
    audit.close()


def versions_in_force(folder: Path) -> None:
    """Remember both versions of the page as those that were in force; the second now stands on disk."""
    store = open_store("sqlite:///sluice.db", private_directory(folder / "state"))
    for name, at in (("policy.yaml", NOW), ("policy-next.yaml", NOW + timedelta(days=1))):
        policy, sources = take_up(folder / name, CATALOGUE.services.keys())
        store.keep_policy(PolicyVersion(policy.label, policy.digest, pack(sources), at, "file"))
    store.close()
    (folder / "policy-next.yaml").replace(folder / "policy.yaml")


def play(page: str, folder: Path, environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Run a page; gives each text that a console is said to print, and what was printed."""
    known: dict[str, str] = {}
    for block in blocks(page):
        name = block.kind.removeprefix("yaml ")
        if name.endswith(".yaml"):
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.text, "utf-8")
            if name == "policy.yaml":  # the page says: in a folder of its own, where the template's tests are not
                (folder / "policy_test.yaml").unlink(missing_ok=True)
        for command, said in commands(block.text) if block.kind == "console" else ():
            if "--audit" in command:
                people_at_work(folder)
            elif "rollback --list" in command:
                versions_in_force(folder)
            words = [known.get(word, word) for word in shlex.split(command)]
            assert words[0] == "sluice", command
            done = CliRunner(env=environment).invoke(app, words[1:], input=typed(said))
            printed = done.output.replace(str(folder), "")
            known.update(zip(ID.findall(said), ID.findall(printed), strict=False))
            yield said, printed


def settled(text: str) -> str:
    """Return a text with what differs from run to run made the same."""
    return ID.sub("ID", VARYING.sub("…", text)).strip("\n")


def fits(said: str, printed: str) -> bool:
    lines = [".*(?:\n.*)*?" if line == "…" else re.escape(line) for line in settled(said).split("\n")]
    return re.fullmatch("\n".join(lines), settled(printed)) is not None


@pytest.fixture(autouse=True)
def a_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Desk, "now", staticmethod(lambda: NOW))
    monkeypatch.setattr("getpass.getuser", lambda: "zhangmin")


@pytest.mark.parametrize("page", POLICY_GUIDES)
def test_what_the_console_shows_is_what_is_printed(page: str, tmp_path: Path) -> None:
    environment = {"LC_ALL": LANGUAGES[page], "COLUMNS": "200"}
    shown = list(play(page, tmp_path, environment))
    assert len(shown) >= 15
    assert [(said, printed) for said, printed in shown if not fits(said, printed)] == []


def test_a_console_that_shows_something_else_is_noticed() -> None:
    assert fits("a\n…\nG-7K2F9Q  until 2026-12-01T10:00+00:00\n", "a\nb\nc\nG-000000  until 2026-11-01T10:00+00:00")
    assert not fits("a\n…\nG-7K2F9Q\n", "a\nb\nG-000000  revoked")
    assert not fits("looser: 2", "looser: 3")


@pytest.mark.parametrize("page", POLICY_GUIDES)
def test_an_editor_offers_and_explains_what_the_page_shows(page: str) -> None:
    verdict = policy_schema()["$defs"]["a-rule"]["properties"]["verdict"]
    shown = {block.kind.removeprefix("text "): block.text for block in blocks(page)}
    assert re.findall(r"│ (\S+) +│", shown["completion"]) == verdict["enum"]
    assert shown["hover"].strip() == verdict["description"]


@pytest.mark.parametrize("page", POLICY_GUIDES)
def test_each_treatment_writes_what_the_page_shows(page: str) -> None:
    text = "身份证号11010519491231002X，手机13912345678，邮箱zhangsan@example.com"
    entities = frozenset({"CN_ID_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS"})
    findings = Finder(shipped_detectors()).find(text, entities).findings
    [shown] = [block.text for block in blocks(page) if block.kind == "text treatments"]
    for treatment, line in zip(STRICTNESS, shown.splitlines(), strict=True):
        written = redact(text, findings, b"k" * 32, treat=dict.fromkeys(entities, treatment)).text
        hidden = re.compile(r"_[0-9A-Z]{8}\]")
        assert hidden.sub("]", line).endswith("  " + hidden.sub("]", written))


AROUND = {
    "policy": "policy: around",
    "version": "version: 1",
    "time_zone": "time_zone: Asia/Shanghai",
    "otherwise": "otherwise: forbid",
    "hours": "hours: {working hours: &, 工作时间: &}".replace("&", '{days: mon, from: "09:00", to: "18:00"}'),
    "groups": "groups: {legal: [], 法务部: []}",
    "data_classes": "data_classes: {personal: &, customers: &, 个人信息: &, 客户资料: &}".replace(
        "&", "{entities: PHONE_NUMBER}"
    ),
    "rules": "rules:",
}
"""What the parts of a policy that a page shows speak of."""
PARTS = [block for block in blocks(*POLICY_GUIDES) if block.kind == "yaml part"]


def whole(part: str) -> str:
    """Return a policy that holds the part; rules that it only begins, or does not have, are added."""
    if re.match(r"    (?:stage|分批):", part):
        part = f"  - id: x\n    verdict: allowed\n{part}"
    if part.startswith("  - "):
        part = f"rules:\n{part}"
    sections = {canonical(word, load.KEYS) for word in re.findall(r"^(\w+):", part, re.MULTILINE)}
    before = "\n".join(text for word, text in AROUND.items() if word not in sections and word != "rules")
    after = "" if "rules" in sections else AROUND["rules"]
    return f"{before}\n{part}\n{after}\n  - {{id: approved-business-use, verdict: authorized}}\n"


@pytest.mark.parametrize("block", PARTS, ids=[f"{block.page}-{n}" for n, block in enumerate(PARTS)])
def test_every_part_of_a_policy_that_a_page_shows_is_right(block: Block) -> None:
    assert policy_of(whole(block.text)).rules


def test_both_guides_show_the_same_in_their_own_words() -> None:
    english, chinese = ([block.kind for block in blocks(page)] for page in POLICY_GUIDES)
    assert [kind for kind in english if kind != "text"] == [kind for kind in chinese if kind != "text"]

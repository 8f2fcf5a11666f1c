"""A proxy with a part missing never runs: whatever cannot be had stops the start and says where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from detectors.interface import DetectorError
from policies.decide import needs
from policies.decision import Decision, Facts
from policies.problem import PolicyError
from proxy.assemble import (
    SHIPPED_POLICY,
    builder_of,
    catalogue_of,
    here,
    ledger_of,
    policy_of,
    works_of,
)
from proxy.errors import SettingsError, StoreError
from proxy.pipeline import Street
from proxy.settings.detection import Detection
from proxy.settings.interface import Settings
from proxy.settings.read import parse_settings
from proxy.store.interface import Sealed
from proxy.store.open import open_store
from tests.proxy.house import NOON

FACTS = Facts("openai-api", "api", "US", "alice", frozenset(), "10.0.0.1", NOON, "prompt")


HERE = Detection(processes=0)
"""Detection in this process; that it may be done in others is told in tests/proxy/detecting/."""


def closed(house) -> None:
    house.ledger.audit.close()
    house.ledger.store.close()


def test_without_a_valid_policy_it_starts_and_refuses_every_ai_service_with_that_reason(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("polcy: x", "utf-8")
    works = works_of(Settings(policy=tmp_path / "bad.yaml", state=tmp_path / "state", detection=HERE))
    assert works.reloader.error is not None and "bad.yaml:1" in works.reloader.error.render()
    assert not works.reloader.health.sound
    decision = needs(works.house.street.policy, FACTS)
    assert isinstance(decision, Decision) and not decision.permitted
    assert (decision.deciding, "cannot be used" in decision.reason.en) == ("no-valid-policy", True)
    line = orjson.loads((tmp_path / "state" / "audit.jsonl").read_bytes().splitlines()[-1])
    assert (line["event"], line["places"]) == ("policy_rejected", [f"{tmp_path / 'bad.yaml'}:1:1"])
    closed(works.house)


def street_of(settings: Settings) -> Street:
    """Make the street of the policy that the settings name, as a start does."""
    return builder_of(settings, here(settings))(policy_of(settings, catalogue_of(settings)))


def test_the_settings_name_our_accounts_and_hosts_to_look_into(tmp_path: Path) -> None:
    text = "inspect: [GPU.partner.example.]\naccounts: {openai-api: [org-ours]}"
    street = street_of(parse_settings(text, "s.yaml", tmp_path, {}))
    assert (street.inspected, street.accounts) == ({"gpu.partner.example"}, {"openai-api": frozenset({"org-ours"})})


def test_an_account_of_a_service_that_never_tells_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="do not show whose account"):
        parse_settings("accounts: {kimi: [x]}", "s.yaml", tmp_path, {})


def test_the_log_says_once_that_a_gpu_that_was_asked_for_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    (tmp_path / "p.yaml").write_text(
        "policy: p\nversion: 1\notherwise: forbid\n"
        "data_classes: {c: {entities: [PERSON]}}\nrules: [{id: a, verdict: allowed, redact: c}]"
    )
    for device, count in (("auto", 0), ("cuda", 1)):
        settings = Settings(policy=tmp_path / "p.yaml", state=tmp_path, detection=replace(HERE, device=device))
        build = builder_of(settings, here(settings))
        with capture_logs() as lines:
            for _ in range(2):
                build(policy_of(settings, catalogue_of(settings)))
        told = [one["event"] for one in lines if one["log_level"] == "warning"]
        assert len(told) == count and all("asks for a GPU, and CPU" in one for one in told)


OWN = (
    "services: [{id: our-ai, name: {zh: 公司}, vendor: us, country: CN, category: chat, hosts: {exact: [ai.corp.cn]}}]"
)


def test_the_defaults_make_a_house_that_finds_and_keeps(tmp_path: Path) -> None:
    house = works_of(Settings(state=tmp_path / "state", detection=HERE)).house
    assert house.street.policy.file == str(SHIPPED_POLICY)
    assert house.street.finder.find("卡号4111111111111111谢谢", frozenset({"CREDIT_CARD"})).findings
    assert house.clock().utcoffset() is not None and len(house.entropy(4)) == 4
    closed(house)
    assert {path.name for path in (tmp_path / "state").iterdir()} >= {"keys", "audit.jsonl", "sluice.db"}


def test_a_service_of_the_company_joins_the_catalogue(tmp_path: Path) -> None:
    settings = parse_settings(OWN, "s.yaml", tmp_path, {})
    assert catalogue_of(settings).lookup("ai.corp.cn", "/") is not None
    assert catalogue_of(Settings()).lookup("ai.corp.cn", "/") is None


RULES = """
- {id: staff-number, entity: STAFF_NUMBER, pattern: 'ST-[0-9]{5}', edges: word, score: 0.9,
   examples: ['⟦ST-10427⟧'], counterexamples: ['ST-1042']}
"""
STAFF = """
policy: test
version: 1
otherwise: allow
data_classes: {staff: {entities: [STAFF_NUMBER]}}
rules: [{id: use, verdict: allowed, redact: staff}]
tests: [{name: x, service: ChatGPT, says: "badge ST-10427", expect: {redact: STAFF_NUMBER}}]
"""


def test_a_policy_may_name_what_a_rule_of_the_settings_finds(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    (tmp_path / "policy.yaml").write_text(STAFF, "utf-8")
    settings = parse_settings(
        "{policy: policy.yaml, detection: {processes: 0, rules: [rules.yaml]}}", "s.yaml", tmp_path, {}
    )
    works = works_of(settings)
    assert works.reloader.health.sound, works.reloader.error
    findings = works.house.street.finder.find("badge ST-10427", frozenset({"STAFF_NUMBER"})).findings
    assert [(one.start, one.end) for one in findings] == [(6, 14)]
    closed(works.house)
    with pytest.raises(PolicyError, match="STAFF_NUMBER"):
        policy_of(parse_settings("policy: policy.yaml", "s.yaml", tmp_path, {}), works.house.street.catalogue)


def test_without_models_a_policy_that_asks_for_names_is_not_put_in_force_and_the_reason_is_told(tmp_path: Path) -> None:
    settings = parse_settings("detection: {names: off, processes: 0}", "s.yaml", tmp_path, {})
    works = works_of(settings)
    assert not works.reloader.health.sound and works.house.street.policy.name == ""
    assert isinstance(works.reloader.error, PolicyError)
    assert "nothing looks for ADDRESS, PERSON" in works.reloader.error.render()
    closed(works.house)


def test_a_model_that_does_not_load_stops_the_start(tmp_path: Path) -> None:
    settings = parse_settings("detection: {models: [{path: absent}], processes: 0}", "s.yaml", tmp_path, {})
    with pytest.raises(DetectorError, match="model absent"):
        works_of(settings)


def test_headers_that_name_the_person_reach_no_upstream(tmp_path: Path) -> None:
    settings = parse_settings("identity: {header: {user: X-User, from: 10.0.0.1}}", "s.yaml", tmp_path, {})
    assert "x-user" in street_of(settings).stripped


BROKEN = {
    "a policy that is not there": ("policy: gone.yaml", PolicyError, r"gone\.yaml"),
    "a policy with a mistake": ("policy: bad.yaml", PolicyError, r"bad\.yaml:1"),
    "a store nobody knows": ("store: mysql://x", SettingsError, "store"),
    "a log in a place that cannot be": ("audit: blocked/a.jsonl", StoreError, "audit log"),
    "a state directory that cannot be": ("state: blocked", SettingsError, "cannot be made"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_cannot_be_had_stops_the_start(name: str, tmp_path: Path) -> None:
    text, error, told = BROKEN[name]
    (tmp_path / "bad.yaml").write_text("polcy: x", "utf-8")
    (tmp_path / "blocked").write_text("a file", "utf-8")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "blocked").write_text("a file", "utf-8")
    settings = parse_settings(text, "s.yaml", tmp_path, {})
    with pytest.raises(error, match=told):
        (street_of if "policy" in text else ledger_of)(settings)


def test_the_start_forgets_originals_that_have_expired(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    store = open_store("sqlite:///sluice.db", tmp_path)
    for name, kept in (("[A_00000000]", -timedelta(days=1)), ("[B_00000000]", timedelta(days=1))):
        then = now - timedelta(days=2)
        store.put_originals("alice", {name: Sealed(b"sealed", b"digest")}, now + kept, then)
    store.close()
    ledger = ledger_of(Settings(state=tmp_path))
    then = now - timedelta(days=2)  # when both were still alive
    assert ledger.store.get_original("alice", "[A_00000000]", then) is None
    assert ledger.store.get_original("alice", "[B_00000000]", then) == b"sealed"
    ledger.audit.close()
    ledger.store.close()

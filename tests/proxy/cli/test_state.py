"""Doctor looks at the state without making any, and says what would stop a start."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policies.decision import Grant
from proxy.assemble import ledger_of
from proxy.cli.check import Check
from proxy.cli.common import in_use_by_us
from proxy.cli.state import look_at_audit, look_at_certificate, look_at_state, look_at_store
from proxy.keys import certificate_authority, master_key
from proxy.rollout.authority import stage, swap
from proxy.settings.interface import Settings
from proxy.store.interface import Changes
from proxy.store.owner import owned
from proxy.workflow.permission import GrantRecord
from proxy.workflow.signing import Signer

LOOKS = (look_at_state, look_at_certificate, look_at_store, look_at_audit)


def seen(look: Callable[[Settings], Iterator[Check]], settings: Settings) -> Check:
    [one] = look(settings)
    return one


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_what_is_not_there_is_well_and_is_not_made(look, tmp_path: Path) -> None:
    one = seen(look, Settings(state=tmp_path / "deep" / "state"))
    assert one.ok and "first `sluice run`" in one.told.en
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("look", [look_at_state, look_at_store, look_at_audit], ids=lambda look: look.__name__)
def test_a_place_where_nothing_can_be_made_is_told(look, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    one = seen(look, Settings(state=tmp_path / "file" / "state"))
    assert not one.ok and f"{tmp_path / 'file'} is no directory" in one.told.en


def test_a_state_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not seen(look_at_state, Settings(state=tmp_path / "file")).ok


@pytest.mark.timeout(30)
@pytest.mark.parametrize("audit", ["/dev/full", "/dev/zero", "/"])
def test_a_log_that_is_no_plain_file_is_told_without_reading_it(audit: str, tmp_path: Path) -> None:
    one = seen(look_at_audit, Settings(state=tmp_path, audit=audit))
    assert not one.ok and "no plain file" in one.told.en


def test_an_authority_that_is_damaged_is_told(tmp_path: Path) -> None:
    certificate_authority(tmp_path, "n")
    assert seen(look_at_certificate, Settings(state=tmp_path)).ok
    (tmp_path / "ca" / "mitmproxy-ca.pem").write_text("nonsense")
    with pytest.raises(ValueError):
        seen(look_at_certificate, Settings(state=tmp_path))


def test_a_running_proxy_that_signs_with_the_authority_before_the_swap_is_told(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    with owned(tmp_path):
        certificate_authority(tmp_path, "n")
        stage(tmp_path, "n")
        swap(tmp_path)
        one = seen(look_at_certificate, settings)
        assert not one.ok and "restart sluice" in one.told.en and "重启" not in one.told.en
        certificate_authority(tmp_path, "n")
        one = seen(look_at_certificate, settings)
        assert one.ok and "sluice ca retire" in one.told.en


def test_grants_whose_signature_does_not_hold_are_told_and_no_key_is_made_to_look(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    ledger = ledger_of(settings)
    now = datetime.now(UTC)
    grant = Grant("G-7K2F9Q", "alice", "", "mistral-api", "r", "张敏", "x", now + timedelta(hours=1))
    assert ledger.store.keep(Changes(grant=Signer(master_key(tmp_path)).sign(GrantRecord(grant, now))))
    ledger.store.close()
    ledger.audit.close()
    assert seen(look_at_store, settings).told.en.endswith("1 grants")
    (tmp_path / "keys" / "master.key").unlink()
    assert "1 are ignored" in seen(look_at_store, settings).told.en
    assert not (tmp_path / "keys" / "master.key").exists()
    master_key(tmp_path)
    one = seen(look_at_store, settings)
    assert one.level == "warn" and "1 are ignored" in one.told.en and "1 条签名不符" in one.told.zh


def test_a_log_that_somebody_writes_is_in_use(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    assert not in_use_by_us(settings)
    ledger = ledger_of(settings)
    assert in_use_by_us(settings)
    ledger.audit.close()
    ledger.store.close()
    assert not in_use_by_us(settings)
    assert seen(look_at_audit, settings).ok and seen(look_at_store, settings).ok and seen(look_at_state, settings).ok

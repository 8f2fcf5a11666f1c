"""New workers take what is theirs from changed settings; what is the supervisor's, too, needs a restart of it."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from proxy.workers import supervise as supervising
from proxy.workers.interface import Source, Workers
from proxy.workers.supervise import ONLY_WORKERS, Supervisor, supervise
from tests.proxy.house import Tenant, works


class Known(Supervisor):
    def __init__(self, settings: Settings) -> None:
        self.settings = settings


def test_what_only_workers_need_may_change_and_nothing_else() -> None:
    known = Known(Settings(workers=Workers(count=4)))
    known.must_be_theirs(Settings(contact="it@example.com", scan_seconds=5, workers=Workers(count=2)))
    for changed in ({"audit": "other.jsonl"}, {"listen": ("", 1)}, {"node": "n"}, {"policy": Path("x")}):
        given: dict[str, Any] = changed
        with pytest.raises(SettingsError, match=next(iter(given))):
            known.must_be_theirs(replace(Settings(), **given))
    assert {one.name for one in fields(Settings)} >= ONLY_WORKERS


WRONG = {
    "a file of logins that is not there": ({"proxy_login": Path("gone")}, "gone"),
    "certificates that are none": ({"upstream_ca": Path("junk.pem")}, "junk.pem: the certificates cannot be read"),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG)
def test_what_no_worker_could_take_is_told_once_before_any_is_started(
    given: dict[str, Path], told: str, tmp_path: Path, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "open_sockets", lambda _: pytest.fail("it went on"))
    (tmp_path / "junk.pem").write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    settings = replace(
        Settings(state=tmp_path / "state", workers=Workers(count=2)),
        **{name: tmp_path / path for name, path in given.items()},
    )
    with pytest.raises(SettingsError, match=told):
        supervise(settings, None, Source("", "", tmp_path), works(tenant, tmp_path), lambda *_: None)


@pytest.mark.parametrize("mode", ["wireguard", "regular@8081", "local"])
def test_a_mode_that_listens_by_itself_takes_no_workers(mode: str, tmp_path: Path) -> None:
    settings = Settings(mode=mode, state=tmp_path, workers=Workers(count=2))
    with pytest.raises(SettingsError, match="takes no workers"):
        supervise(settings, None, Source("", "", tmp_path), None, lambda *_: None)  # type: ignore[arg-type]

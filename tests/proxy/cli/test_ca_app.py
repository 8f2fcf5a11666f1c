"""`sluice ca`, as it is typed: a kit, a rotation, and words for what is not possible."""

import shutil
from pathlib import Path

import pytest

from proxy.cli.main import app
from proxy.keys import BASENAME, master_key
from proxy.rollout.authority import standings
from proxy.store.workflow import WorkflowTables
from proxy.trail.chain import read_line
from tests.proxy.cli.invoke import CliRunner
from tests.proxy.cli.unkept import overtaken, refused


def typed(folder: Path, *words: str) -> tuple[int, str]:
    config = folder / "sluice.yaml"
    config.write_text("state: state\nnode: proxy-1\n")
    done = CliRunner().invoke(app, ["ca", *words, "--config", str(config)])
    return done.exit_code, done.output


def test_from_nothing_to_a_rotation(tmp_path: Path) -> None:
    code, told = typed(tmp_path, "show")
    assert code == 1 and "no authority" in told and "sluice run" in told
    assert typed(tmp_path, "kit", str(tmp_path / "kit"))[0] != 0
    code, told = typed(tmp_path, "next")
    first = standings(tmp_path / "state")[0].fingerprint
    assert code == 0 and first in told.replace("\n", "")
    assert typed(tmp_path, "swap")[0] == 0 and typed(tmp_path, "next")[0] == 0
    for way in (("--proxy", "http://proxy.example:8080"), ("--proxy", "proxy"), ("--pac", "ftp://x")):
        code, told = typed(tmp_path, "kit", str(tmp_path / "kit"), *way)
        assert code == 3 and "such as" in told and not (tmp_path / "kit").exists()
    code, told = typed(tmp_path, "kit", str(tmp_path / "kit"), "--proxy", "proxy.example:8080")
    assert code == 0 and "README.md" in told
    assert {path.name for path in (tmp_path / "kit" / "certificates").iterdir()} == {
        "sluice-ca-1.crt",
        "sluice-ca-2.crt",
    }
    assert typed(tmp_path, "kit", str(tmp_path / "kit"))[0] != 0  # what is there is not written over
    code, told = typed(tmp_path, "show")
    assert code == 0 and told.count("SHA-256") == 2 and "PRIVATE" not in told
    assert typed(tmp_path, "swap")[0] == 0 and typed(tmp_path, "retire")[0] == 0 and typed(tmp_path, "retire")[0] != 0
    code, told = typed(tmp_path, "show")
    assert code == 0 and "no client may trust it" in told and told.count("SHA-256") == 2
    assert typed(tmp_path, "kit", str(tmp_path / "after"))[0] == 0
    assert len(list((tmp_path / "after" / "gone").glob("*.crt"))) == 1


def test_each_step_of_a_rotation_is_in_the_log_with_who_did_it_and_which_authority(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert typed(tmp_path, "next")[0] == 0 and typed(tmp_path, "swap")[0] == 0
    assert not (state / "keys").exists(), "no key is made for a house that has not begun"
    master_key(state)
    first = standings(state)[0].fingerprint
    assert typed(tmp_path, "next", "--by", "chenhua")[0] == 0
    second = standings(state)[1].fingerprint
    assert typed(tmp_path, "swap", "--by", "chenhua")[0] == 0 and typed(tmp_path, "retire", "--by", "lisi")[0] == 0
    assert typed(tmp_path, "retire")[0] == 3, "what fails leaves no event"
    lines = [read_line(line) for line in (state / "audit.jsonl").read_bytes().splitlines()]
    told = [(one["event"], one["user"], one["authority"], one.get("before")) for one in lines]
    assert told == [
        ("ca_made", "chenhua", second, None),
        ("ca_swapped", "chenhua", second, first),
        ("ca_retired", "lisi", first, None),
    ]
    assert b"PRIVATE" not in (state / "audit.jsonl").read_bytes()


def held(state: Path) -> dict[str, bytes]:
    return {str(path.relative_to(state)): path.read_bytes() for path in state.glob("ca*/*") if path.is_file()}


def taken_from(state: Path, folder: Path) -> tuple[str, str]:
    pair = shutil.copytree(state / "ca", folder / "pki", dirs_exist_ok=True)
    return str(pair / f"{BASENAME}-ca-cert.pem"), str(pair / f"{BASENAME}-ca.pem")


@pytest.mark.parametrize("lost", [refused, overtaken])
def test_a_step_that_cannot_be_put_on_record_is_not_done(tmp_path: Path, lost, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    assert typed(tmp_path, "next")[0] == 0 and typed(tmp_path, "swap")[0] == 0
    master_key(state)
    keep = WorkflowTables.keep
    for words in (("next",), ("take", *taken_from(state, tmp_path)), ("swap",), ("retire",)):
        if words == ("swap",):
            assert typed(tmp_path, "next")[0] == 0
        before = held(state)
        monkeypatch.setattr(WorkflowTables, "keep", lost)
        code, told = typed(tmp_path, *words)
        assert code == 3 and ("disk full" in told or "did not keep the event" in told), words
        assert held(state) == before, words
        monkeypatch.setattr(WorkflowTables, "keep", keep)
        if words == ("swap",):
            assert typed(tmp_path, "swap")[0] == 0
    names = [read_line(line)["event"] for line in (state / "audit.jsonl").read_bytes().splitlines()]
    assert names == ["ca_made", "ca_swapped"], "what was not done is not on record"


def test_a_step_that_fails_once_it_is_on_record_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    master_key(state)
    with monkeypatch.context() as broken:
        broken.setattr("proxy.rollout.authority.hand_over", lambda _state: (tmp_path / "gone").stat())
        code, told = typed(tmp_path, "next")
    assert code == 3 and "the audit log has it as done (ca_made), but it failed" in told


def test_an_authority_taken_from_elsewhere_is_in_the_log(tmp_path: Path) -> None:
    state = tmp_path / "state"
    master_key(state)
    assert typed(tmp_path, "next")[0] == 0
    pair = (state / "ca-next").rename(tmp_path / "pki")
    words = (str(pair / f"{BASENAME}-ca-cert.pem"), str(pair / f"{BASENAME}-ca.pem"))
    code, told = typed(tmp_path, "take", *words, "--by", "chenhua")
    assert code == 0, told
    lines = [read_line(line) for line in (state / "audit.jsonl").read_bytes().splitlines()]
    assert [one["event"] for one in lines] == ["ca_made", "ca_taken"]
    assert {one["authority"] for one in lines} == {standings(state)[0].fingerprint}

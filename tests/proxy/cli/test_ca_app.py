"""`sluice ca`, as it is typed: a kit, a rotation, and words for what is not possible."""

from pathlib import Path

from proxy.cli.main import app
from proxy.rollout.authority import standings
from tests.proxy.cli.invoke import CliRunner


def typed(folder: Path, *words: str) -> tuple[int, str]:
    config = folder / "sluice.yaml"
    config.write_text("state: state\nnode: proxy-1\n")
    done = CliRunner().invoke(app, ["ca", *words, "--config", str(config)])
    return done.exit_code, done.output


def test_from_nothing_to_a_rotation(tmp_path: Path) -> None:
    assert typed(tmp_path, "show")[0] == 1
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

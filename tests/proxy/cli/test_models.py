"""`sluice models export` writes what the settings use, once, and says under which names."""

from pathlib import Path

from proxy.cli.models import app
from tests.proxy.cli.invoke import CliRunner


def test_one_form_is_named_and_a_folder_is_not_written_over(tmp_path: Path) -> None:
    config = tmp_path / "sluice.yaml"
    config.write_text("detection: {names: fast}\n", "utf-8")
    given = ["export", "--config", str(config)]
    assert CliRunner().invoke(app, given).exit_code == 3
    assert CliRunner().invoke(app, [*given, "--triton", "a", "--mlserver", "b"]).exit_code == 3
    done = CliRunner().invoke(app, [*given, "--triton", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert done.output.split() == [one.name for one in (tmp_path / "out").iterdir()]
    again = CliRunner().invoke(app, [*given, "--triton", str(tmp_path / "out")])
    assert again.exit_code == 3 and "not empty" in again.output

"""Every form is written whole; a file with values in it is for its owner alone."""

import json
from io import StringIO
from pathlib import Path

import pytest

from policies.decision import Text
from proxy.cli.scan_look import Looked, Wish, look
from proxy.cli.scan_view import Sum
from proxy.cli.scan_write import Form, asked_for, opened, write
from proxy.errors import SettingsError
from tests.proxy.cli.scanned import BOTH, small_finder

NUMBER = "4111 1111 1111 1111"
PICTURE = Looked("p.png", problem=Text("it is no text"), binary=True)


def written(form: Form, screen: StringIO | None = None, **options: object) -> str:
    asked = asked_for(form, Wish(BOTH, **options), explain=True, jobs=1, screen=screen)
    out = screen or StringIO()
    write([look(small_finder(), asked.wish, "a.txt", NUMBER), PICTURE], asked, Sum(), out)
    return out.getvalue()


@pytest.mark.parametrize("form", Form)
def test_no_form_tells_a_value_or_a_picture_unasked(form: Form) -> None:
    text = written(form)
    assert "CREDIT_CARD" in text and "a.txt" in text
    assert NUMBER not in text and "p.png" not in text


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.SARIF])
def test_every_form_but_sarif_tells_values_that_were_asked_for(form: Form) -> None:
    assert NUMBER in written(form, show=True)


def test_a_terminal_gets_the_view_and_a_pipe_the_lines() -> None:
    assert "│" in written(Form.TEXT, StringIO()) and "│" not in written(Form.TEXT)
    assert [json.loads(line)["id"] for line in written(Form.JSONL, StringIO()).splitlines()] == ["a.txt"]


@pytest.mark.parametrize("form", Form)
def test_people_read_reasons_in_their_language_and_programs_the_same_in_every_one(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {}
    for name in ("C.UTF-8", "zh_CN.UTF-8"):
        monkeypatch.setenv("LC_ALL", name)
        said[name] = written(form)
    for_people = form in (Form.TEXT, Form.HTML)
    assert ("通过校验" in said["zh_CN.UTF-8"]) is for_people and "通过校验" not in said["C.UTF-8"]
    assert (said["C.UTF-8"] == said["zh_CN.UTF-8"]) is not for_people


def test_a_file_with_values_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old and longer")
    path.chmod(0o644)
    with opened(path, private=True) as stream:
        stream.write("新")
    assert path.read_text("utf-8") == "新" and path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"), opened(tmp_path / "no" / "report", private=False):
        pass

import io

import pytest
from rich.console import Console

from policies.decision import Text
from proxy.cli import demo as command
from proxy.demo.act import DemoTrouble, Played, Promise
from proxy.demo.scenes import SCENES


def outcome(monkeypatch: pytest.MonkeyPatch, played: list[Played]) -> int:
    monkeypatch.setattr(command, "play", lambda *_: played)
    return command.demo()


@pytest.mark.parametrize(("kept", "code"), [(True, command.KEPT), (False, command.BROKEN)])
def test_it_ends_well_only_if_every_promise_was_kept(monkeypatch, kept: bool, code: int) -> None:
    promise = Promise(Text("a", "甲"), kept)
    assert code == outcome(monkeypatch, [Played(SCENES[0], (), (), "", True, 1, (promise,))])


def test_a_missing_sdk_is_said_with_what_to_install(monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "missing_sdks", lambda: ["openai"])
    assert command.demo() == command.CANNOT
    assert "pip install openai" in capsys.readouterr().out


def test_trouble_is_said_plainly(monkeypatch, capsys) -> None:
    def trouble(*_):
        raise DemoTrouble("no grant")

    monkeypatch.setattr(command, "play", trouble)
    assert command.demo() == command.CANNOT
    assert "The demo cannot go on: no grant" in capsys.readouterr().out


@pytest.mark.parametrize("scene", SCENES[::6], ids=lambda scene: scene.language)
def test_a_scene_is_shown_plainly_where_there_is_no_terminal(scene) -> None:
    console = Console(file=io.StringIO(), width=100)
    promise = Promise(Text("it held", "做到了"), False)
    command.show(console, Played(scene, (), (), "it said no", True, 1, (promise,)))
    shown = console.file.getvalue()
    assert "\x1b" not in shown
    assert "it said no" in shown
    assert "✗ " + promise.words.in_language(scene.language) in shown
    assert command.NOTHING.in_language(scene.language) in shown

"""`sluice demo` keeps its own promises, in both languages."""

import os
import subprocess
from pathlib import Path

from proxy.demo.process import importable, sluice
from tests import nursery


def test_the_demo_ends_well_and_shows_every_way(tmp_path: Path) -> None:
    environment = {**os.environ, **importable(), "NO_COLOR": "1", "COLUMNS": "200"}
    with (tmp_path / "said").open("wb") as said:
        demo = nursery.begin(
            sluice("demo"), stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=environment
        )
        ended = demo.wait()
    shown = (tmp_path / "said").read_text("utf-8")
    assert ended == 0, shown
    promised = ("what the person typed", "员工输入", "All 12 scenes came out as promised")
    for words in (*promised, "[CN_ID_CARD_", "[PERSON_", "[ADDRESS_"):
        assert words in shown
    assert "✗" not in shown

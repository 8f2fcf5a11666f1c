"""How the self-tests stand is said in a file, as a whole or not at all."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from proxy.canary.judge import Result
from proxy.canary.state import ROUND, Round, read_round, round_of, write_round

NOW = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
CAUGHT = Result("openai-api", "caught", "", "SLC-1", 200)
MISSED = Result("deepseek-api", "missed", "left", "SLC-2", 200, ("API_KEY",))


def test_what_is_written_is_read_again_and_counts_add_up(tmp_path: Path) -> None:
    last = round_of(NOW, [CAUGHT, MISSED])
    write_round(tmp_path, last)
    assert read_round(tmp_path) == last == Round(NOW, {"caught": 1, "missed": 1}, {"deepseek-api": "missed left"})
    told = orjson.loads((tmp_path / ROUND).read_bytes())
    assert (told["flown"], told["proven"]) == (2, 1)
    assert [file.name for file in tmp_path.iterdir()] == [ROUND]


@pytest.mark.parametrize(
    "content",
    [None, b"", b"[]", b"{}", b'{"at":1,"fates":{},"unproven":{}}', b'{"at":"2026-12-02","fates":[],"unproven":{}}'],
)
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / ROUND).write_bytes(content)
    assert read_round(tmp_path) is None


def test_a_folder_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    write_round(tmp_path / "gone", round_of(NOW, [CAUGHT]))

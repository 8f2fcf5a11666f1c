"""Every planted value goes every way the street has, and is then looked for wherever it has no business to be."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.street import CHAT, INTERNAL_KEY, Planted, Street, completion, load_planted, open_street, run_here
from tests.thorough import THOROUGH, crossed

WAYS = {
    "chat": lambda text: {"url": CHAT, "json": completion(text)},
    "stream": lambda text: {"url": CHAT, "json": completion(text, stream=True)},
    "unknown JSON": lambda text: {"url": "https://api.openai.com/v1/new", "json": {"x": [text]}},
    "forbidden": lambda text: {"url": "https://api.deepseek.com/v1/chat/completions", "json": completion(text)},
    "truncated": lambda text: {"url": CHAT, "content": f'{{"messages": [{{"content": "{text}"'.encode()},
    "query": lambda text: {"url": "https://chatgpt.com/c", "params": {"q": text}, "content": b""},
    "path of a forbidden host": lambda text: {"url": f"https://api.deepseek.com/{text}", "content": b"x"},
}


@crossed("case, way", {case.name: case for case in load_planted()}, {way: way for way in WAYS})
def test_a_planted_value_is_nowhere_but_in_the_clients_own_answer(street: Street, case: Planted, way: str) -> None:
    answer = street.kept().post(**WAYS[way](case.text))
    assert answer.status_code in (200, 400, 403)
    if answer.status_code != 200:
        assert case.value not in answer.text + str(answer.headers)
    street.expect_no_leak()
    street.expect_silence()


def test_the_audit_of_all_this_verifies_and_shows_no_value(street: Street) -> None:
    street.post(CHAT, json=completion(load_planted()[0].text))
    verified = run_here("audit", "verify", str(street.proxy.audit))
    assert verified.returncode == 0, verified.stdout.decode() + verified.stderr.decode()
    shown = run_here("audit", "show", str(street.proxy.audit))
    assert street.leaks(shown.stdout + shown.stderr + verified.stdout + verified.stderr) == []


# -- a whole run, and every file that it leaves ------------------------------------------------------------------------


def files_below(*folders: Path) -> Iterator[Path]:
    """Yield every file below the folders, sockets and links left out."""
    for folder in folders:
        for at, _, names in os.walk(folder):
            for name in names:
                path = Path(at) / name
                if path.is_file() and not path.is_symlink():
                    yield path


@pytest.mark.usefixtures("session_street")  # has filled the cache, which takes longer than a start may
def test_no_file_of_a_run_holds_a_value_that_somebody_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """State, store, log, standard output and error, temporary files: all are read. Caches stay the same."""
    temporary, cache = tmp_path / "temporary", Path(os.environ["CACHE_DIRECTORY"])
    temporary.mkdir(mode=0o700)
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("SLUICE_LOG_LEVEL", "debug")
    with open_street(tmp_path / "street") as street:
        made_of_rules = {path: path.read_bytes() for path in files_below(cache)}  # which hold examples of their own
        for row, case in enumerate(load_planted()):
            for column, way in enumerate(WAYS.values()):
                for http2 in (False, True) if THOROUGH else ((row + column) % 2 == 1,):
                    street.kept(http2=http2).post(**way(case.text))
        street.expect_no_leak()
        street.external.stop()
        street.post(CHAT, json=completion(load_planted()[0].text))
        street.external.start()
        leaks = {str(path): street.leaks(path.read_bytes()) for path in files_below(tmp_path)}
        assert {path: found for path, found in leaks.items() if found} == {}
    assert {path: path.read_bytes() for path in files_below(cache)} == made_of_rules
    left = list(files_below(tmp_path))
    assert {path.name for path in left} >= {"audit.jsonl", "sluice.db", "sluice.log", "master.key"}
    for path in left:
        content = path.read_bytes()
        assert street.leaks(content) == [], path
        assert INTERNAL_KEY.encode() not in content, path
    assert not [path for path in left if path.name.startswith("core") or path.suffix in (".flow", ".flows", ".har")]
    private = [path for path in files_below(street.proxy.folder) if b"PRIVATE KEY" in path.read_bytes()]
    private += list(files_below(street.proxy.folder / "state" / "keys"))
    assert len(private) > 1
    assert [path for path in private if stat.S_IMODE(path.stat().st_mode) != 0o600] == []

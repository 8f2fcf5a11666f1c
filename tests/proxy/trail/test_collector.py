"""The witness of another house keeps what that house signed, and never what contradicts it."""

import threading
from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.trail.collector import Collection, collect, server
from proxy.trail.interface import Outside
from proxy.trail.signer import as_pem, public_keys
from proxy.trail.witness import Away, Contradicts, deliver
from tests.proxy.trail.signed import AT, begin, signed_log


def test_what_is_signed_is_kept_once_and_what_is_not_or_contradicts_is_refused_and_kept_apart(tmp_path: Path) -> None:
    house = tmp_path / "house"
    _, lines, keys = signed_log(house, (3, 2))
    kept = Collection(tmp_path / "kept.jsonl", keys)
    assert kept.take(lines) == "" and kept.take(lines) == ""
    assert (tmp_path / "kept.jsonl").read_bytes() == lines
    _, foreign, _ = signed_log(tmp_path / "stranger", (3,))
    assert kept.take(foreign) == "forged" and kept.take(b"nonsense\n") == "unreadable"
    (house / "audit.checkpoints.jsonl").write_bytes(lines.splitlines(True)[0])  # somebody goes on from a backup
    other = begin(house)
    assert other.look(AT.replace(hour=12))
    other.log.close()
    fork = other.path.read_bytes().splitlines()[1]
    assert kept.take(fork) == "fork"
    assert (tmp_path / "kept.jsonl").read_bytes() == lines
    assert fork in (tmp_path / "kept.jsonl.refused").read_bytes()
    told = list[str]()
    again = Collection(tmp_path / "kept.jsonl", keys, told.append)
    aside = (tmp_path / "kept.jsonl.refused").read_bytes()
    assert again.take(fork) == "fork", "after a restart, too"
    assert again.take(fork + b"\n" + fork.replace(b"n1", b"n2")) == "forged" and told == ["forged"]
    assert (tmp_path / "kept.jsonl.refused").read_bytes().startswith(aside), "once, however often it is tried"
    assert (tmp_path / "kept.jsonl.refused").read_bytes().count(fork) == 1


def test_over_http_it_takes_what_comes_with_the_token(tmp_path: Path) -> None:
    _, lines, keys = signed_log(tmp_path / "house", (3, 2))
    with server(Collection(tmp_path / "kept", keys), ("127.0.0.1", 0), "t0ken") as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{made.server_address[1]}/"
        for token in ("", "other"):
            with pytest.raises(Away, match="401"):
                deliver(Outside("url", address, token), lines.splitlines(), None)
        deliver(Outside("url", address, "t0ken"), lines.splitlines(), None)
        with pytest.raises(Contradicts, match="409"):
            deliver(Outside("url", address, "t0ken"), [b"{}"], None)
        made.shutdown()
    assert (tmp_path / "kept").read_bytes() == lines


def test_what_cannot_serve_is_told_before_it_starts(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    for where, match in (("127.0.0.1:0", "cannot start"), ("0.0.0.0:0", "certificate")):
        with pytest.raises(SettingsError, match=match):
            collect(tmp_path / "kept", key, where, None, None, print)
        key.write_text(as_pem(public_keys(tmp_path)), "utf-8")
    _, foreign, _ = signed_log(tmp_path / "stranger", (3,))
    (tmp_path / "kept").write_bytes(foreign)
    with pytest.raises(SettingsError, match="does not hold"):
        Collection(tmp_path / "kept", public_keys(tmp_path))

"""Checkpoints are one story, signed by known keys in their time; any other is found, with its place."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from proxy.trail.chain import BadLine
from proxy.trail.checkpoint import Key, read_checkpoint, read_keys, trusted
from proxy.trail.signer import as_pem, change_key, public_keys, sign
from proxy.trail.verify import compare
from tests.proxy.trail.signed import AT, signed_log

ZEROS = "0" * 64


def point(state: Path, size: int, number: int, prev: bytes | str = ZEROS, minutes: int = 0, **other: str) -> bytes:
    """Return a signed checkpoint of the house in `state`."""
    import hashlib

    before = hashlib.sha256(prev).hexdigest() if isinstance(prev, bytes) else prev
    told = {"hash": f"{size:064x}", "root": f"{size:064x}", "log": "a" * 64, "policy": "p", "node": "n"}
    at = (AT + timedelta(minutes=minutes)).isoformat()
    return sign(state, {**told, "size": size, "number": number, "prev": before, "time": at, **other})


def test_those_of_a_house_hold_in_any_order_and_twice(tmp_path: Path) -> None:
    _, lines, keys = signed_log(tmp_path, (3, 2, 4))
    told = lines.splitlines()
    points, fault = trusted([told[2], told[0], told[1], told[0], b"", b'{"torn'], keys)
    assert fault is None and [(one.number, one.size, one.policy) for one in points] == [
        (1, 3, "policy 1"),
        (2, 5, "policy 1"),
        (3, 9, "policy 1"),
    ]
    assert trusted([told[2]], keys)[1] is None, "one that is missing proves less, and accuses nobody"


def test_every_changed_byte_of_a_checkpoint_is_found_or_unreadable(tmp_path: Path) -> None:
    _, lines, keys = signed_log(tmp_path, (3,))
    line, by_id = lines.rstrip(b"\n"), {key.id: key for key in keys}
    assert read_checkpoint(line, by_id).size == 3
    for place in range(len(line)):
        with pytest.raises(BadLine):
            read_checkpoint(line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :], by_id)


def test_what_contradicts_is_found_with_the_record_from_which_on(tmp_path: Path) -> None:
    first = point(tmp_path, 5, 1)
    second = point(tmp_path, 9, 2, first, 1)
    table = {
        "another of that size": ([first, second, point(tmp_path, 9, 3, second, 2, root="b" * 64)], "fork", 6),
        "another of that number": ([first, second, point(tmp_path, 8, 2, first, 1)], "fork", 6),
        "not after the one before": ([first, second, point(tmp_path, 12, 3, first, 2)], "fork", 6),
        "shorter": ([first, second, point(tmp_path, 7, 3, second, 2)], "backwards", 0),
        "earlier": ([first, second, point(tmp_path, 12, 3, second, -1)], "backwards", 0),
        "of another house": ([point(tmp_path / "other", 5, 1)], "forged", 0),
    }
    for name, (lines, problem, record) in table.items():
        _, fault = trusted(lines, public_keys(tmp_path))
        assert fault is not None and (fault.problem, fault.first) == (problem, record), name


def test_a_forked_file_of_checkpoints_still_proves_what_both_stories_tell(tmp_path: Path) -> None:
    """The log is checked against that, and which of the two contradicting checkpoints is its own is said."""
    data, lines, keys = signed_log(tmp_path, (30, 20, 10))
    told = lines.splitlines()
    forged = {**json.loads(told[1]), "size": 51, "hash": "b" * 64}
    for name in ("key", "signature"):
        del forged[name]
    rival = sign(tmp_path, forged)
    checked = compare(data.splitlines(keepends=True), [told[0], rival, told[1], told[2]], keys)
    assert (checked.problem, checked.of, checked.bad_line, checked.first) == ("fork", "checkpoints", 3, 31)
    assert (checked.signed, checked.lines, checked.agrees) == (30, 60, (3,))
    en, zh = checked.told("en"), checked.told("zh")
    assert "checkpoint in line 3: it contradicts" in en and "that in line 2" in en and "whole and linked" in en
    assert "up to record 30 they tell one story" in en and "It is the log of the checkpoint in line 3" in en
    assert "与第 2 行矛盾" in zh and "首条可疑记录：第 31 条" in zh and "它与第 3 行的检查点相符" in zh
    changed = data.replace(b"SLC-9", b"SLC-8", 1)
    both = compare(changed.splitlines(keepends=True), [told[0], rival, told[1]], keys)
    assert (both.of, both.problem, both.first) == ("log", "edited", 10) and both.fault is not None
    assert "line 10" in both.told("en") and "checkpoint in line 3" in both.told("en")


def test_one_that_was_changed_is_named_and_the_others_prove_the_log(tmp_path: Path) -> None:
    data, lines, keys = signed_log(tmp_path, (30, 20, 10))
    told = lines.splitlines()
    checked = compare(
        data.splitlines(keepends=True), [told[0], told[1].replace(b"policy 1", b"policy 2"), told[2]], keys
    )
    assert (checked.problem, checked.of, checked.bad_line) == ("forged", "checkpoints", 2)
    assert (checked.first, checked.signed) == (0, 60) and "prove every record up to 60" in checked.told("en")


def test_one_of_a_key_that_is_not_given_says_how_to_get_it(tmp_path: Path) -> None:
    data, lines, keys = signed_log(tmp_path, (30,))
    _, new = change_key(tmp_path, AT + timedelta(minutes=5))
    later = point(tmp_path, 40, 2, lines.rstrip(b"\n"), 6)
    checked = compare(data.splitlines(keepends=True), [*lines.splitlines(), later], keys)
    assert (checked.problem, checked.bad_line, checked.signed) == ("forged", 2, 30)
    for language in ("en", "zh"):
        assert new.id in checked.told(language) and "sluice audit key" in checked.told(language)


def test_a_key_that_was_left_or_revoked_signs_no_more(tmp_path: Path) -> None:
    first = point(tmp_path, 5, 1)
    stolen = (tmp_path / "keys" / "audit.key").read_bytes()
    old, new = change_key(tmp_path, AT + timedelta(minutes=5))
    second = point(tmp_path, 9, 2, first, 6)
    assert old.id != new.id and trusted([first, second], public_keys(tmp_path))[1] is None
    (tmp_path / "keys" / "audit.key").write_bytes(stolen)
    late, backdated = point(tmp_path, 12, 3, second, 7), point(tmp_path, 12, 3, second, 6)
    both = (Key(old.public, old.revoked), new)
    for lines in ([first, second, late], [first, second, backdated], [first, point(tmp_path, 9, 2, first, 6)]):
        _, fault = trusted(lines, both)
        assert fault is not None and fault.problem == "revoked"
    points, fault = trusted([first, second, point(tmp_path, 12, 2, first, 7)], both)
    assert fault is not None and (fault.problem, fault.line, len(points)) == ("revoked", 3, 2), (
        "nor makes others doubtful"
    )
    never = (Key(old.public), new)
    assert trusted([first, second, backdated], never)[1] is not None, "left for another, it does not come back"


def test_public_keys_are_read_back_from_pem_and_nothing_else_is(tmp_path: Path) -> None:
    change_key(tmp_path, AT)
    keys = public_keys(tmp_path)
    text = as_pem(keys)
    assert read_keys(text) == keys and keys[0].revoked == AT.isoformat() and not keys[1].revoked
    assert json.loads(point(tmp_path, 1, 1))["key"] == keys[-1].id
    for wrong in ("", "age1…", text.replace("MCow", "MDow"), text.replace(AT.isoformat(), "yesterday")):
        with pytest.raises(ValueError):
            read_keys(wrong)


def test_a_log_that_was_begun_anew_does_not_hide_the_one_before_it(tmp_path: Path) -> None:
    _, before, keys = signed_log(tmp_path, (20, 5))
    (tmp_path / "audit.jsonl").unlink()
    (tmp_path / "audit.checkpoints.jsonl").unlink()
    data, after, _ = signed_log(tmp_path, (7,), AT + timedelta(days=1))
    checked = compare(data.splitlines(keepends=True), (before + after).split(b"\n"), keys)
    assert checked.ok and [one.size for one in checked.others] == [25]
    assert "another log" in checked.told("en") and "of 25 record(s)" in checked.told("en")
    assert "另一份日志" in checked.told("zh")
    alone = compare(data.splitlines(keepends=True), after.split(b"\n"), keys)
    assert alone.ok and alone.others == ()

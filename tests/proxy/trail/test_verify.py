"""Every way of touching an audit log is found, a whole log is never accused, and a cut end needs a witness."""

import hashlib
import json
import random
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.audit import Answered, Chain, Record, notice
from proxy.trail import verify as room
from proxy.trail.chain import Head, canonical
from proxy.trail.verify import PROBLEMS, Checked, verify

AT = datetime(2026, 11, 20, tzinfo=UTC)
USERS = ("张三", "alice", "")


def log(size, chain=None):
    lines, chain = [], chain or Chain()
    for number in range(size):
        record = (
            Record(f"SLC-{number}", AT, "forwarded", user=USERS[number % 3], entities={"PERSON": number, "项目": 1})
            if number % 2
            else Answered(f"SLC-{number}", AT, 200)
        )
        line, chain = chain.seal(record.fields("n1"))
        lines.append(line + b"\n")
    return lines


def recovered(chain, torn):
    notes = {"torn_bytes": len(torn), "torn_hash": hashlib.sha256(torn).hexdigest()}
    line, _ = chain.seal(notice("recovered", AT, "n1", notes))
    return torn + b"\n" + line + b"\n"


def head_of(lines):
    last = json.loads(lines[-1])
    return Head(last["seq"], last["hash"])


LOG = log(60)
WHOLE = b"".join(LOG)


def check(data, **options):
    return verify(BytesIO(data), **options)


@pytest.mark.parametrize("size", [0, 1, 2, 60])
def test_a_whole_log_is_never_accused(size):
    checked = verify(LOG[:size])
    assert checked == Checked(head_of(LOG[:size]) if size else Head())
    assert checked.ok


def test_a_change_of_any_byte_is_found_on_its_line():
    chance = random.Random(20261120)
    starts = [0]
    for line in LOG:
        starts.append(starts[-1] + len(line))
    row = 0
    for place, byte in enumerate(WHOLE):
        while place >= starts[row + 1]:
            row += 1
        changed = bytearray(LOG[row])
        changed[place - starts[row]] = (byte + chance.randrange(1, 256)) % 256
        # The lines before are whole, so checking from there on says what checking all would say.
        before = head_of(LOG[:row]) if row else Head()
        rest = bytes(changed) + b"".join(LOG[row + 1 : row + 3])
        assert check(rest, after=before).bad_line == 1, (place, changed)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_inserting_or_deleting_bytes_anywhere_is_found(data):
    start = data.draw(st.integers(0, len(WHOLE) - 1))
    end = data.draw(st.integers(start, min(start + 700, len(WHOLE) - 1)))
    extra = data.draw(st.binary(min_size=1, max_size=5))
    if WHOLE[start:end] != extra:
        assert not check(WHOLE[:start] + extra + WHOLE[end:]).ok


@pytest.mark.parametrize("row", range(59))
def test_deleting_repeating_or_swapping_a_line_is_found(row):
    before, line, after = LOG[:row], LOG[row], LOG[row + 1 :]
    deleted = verify([*before, *after])
    repeated = verify([*before, line, line, *after])
    swapped = verify([*before, after[0], line, *after[1:]])
    assert (deleted.bad_line, deleted.problem) == (row + 1, "moved")
    assert (repeated.bad_line, repeated.problem) == (row + 2, "moved")
    assert (swapped.bad_line, swapped.problem) == (row + 1, "moved")


def resealed(line, **changes):
    record = {**json.loads(line), **changes}
    del record["hash"]
    return canonical({**record, "hash": hashlib.sha256(canonical(record)).hexdigest()}) + b"\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (LOG[5].replace(b'"n1"', b'"n2"'), "edited"),
        (LOG[5].replace(b'"node"', b'"Node"'), "spelling"),
        (LOG[5].replace(b":", b": ", 1), "spelling"),
        (LOG[5].replace(b'"n1"', b'"\\u006e1"'), "spelling"),
        (LOG[5].replace(b'{"', b'{"activity":"","', 1), "spelling"),
        (LOG[5].replace(b'"bytes_in":0', b'"bytes_in":0.0'), "spelling"),
        (LOG[5].replace(b'"bytes_in":0', b'"bytes_in":NaN'), "spelling"),
        (LOG[5].replace(b"\n", b"\r\n"), "spelling"),
        (LOG[5][:40] + b"\n", "unreadable"),
        (b"\n", "unreadable"),
        (b"[]\n", "unreadable"),
        (b"[" * 100_000 + b"\n", "unreadable"),
        (b'{"seq":' + b"9" * 9999 + b"}\n", "unreadable"),
        (LOG[5].replace(b"n1", b"\xff1"), "unreadable"),
        (resealed(LOG[5], seq=True), "edited"),
        (resealed(LOG[5], seq=99), "moved"),
        (resealed(LOG[5], prev="0" * 64), "unlinked"),
    ],
)
def test_what_is_wrong_with_a_line_is_named(line, problem):
    checked = verify([*LOG[:5], line, *LOG[6:]])
    assert (checked.bad_line, checked.problem, checked.head) == (6, problem, head_of(LOG[:5]))


def test_a_line_rewritten_with_a_fresh_hash_breaks_the_line_after_it():
    checked = verify([*LOG[:5], resealed(LOG[5], node="n2"), *LOG[6:]])
    assert (checked.bad_line, checked.problem) == (7, "unlinked")


@pytest.mark.parametrize(
    ("lines", "bad_line", "problem"),
    [
        (LOG[:50], 51, "cut"),
        ([], 1, "cut"),
        ([*log(59), resealed(LOG[59], node="n2")], 60, "forked"),
        (LOG, 0, ""),
        (log(80), 0, ""),
    ],
    ids=["cut", "emptied", "rewritten", "the same", "grown"],
)
def test_a_head_kept_elsewhere_proves_the_end(lines, bad_line, problem):
    checked = verify(lines, expected_head=head_of(LOG))
    assert (checked.bad_line, checked.problem, checked.witnessed) == (bad_line, problem, not problem)


def test_a_cut_end_is_not_called_proven_without_a_witness():
    checked = verify(LOG[:50])
    assert checked.ok
    assert "nothing proves that the end was not cut" in checked.told("en")
    assert "证明末尾未被截去" in checked.told("zh")
    assert f"50:{head_of(LOG[:50]).hash}" in checked.told("en")


def test_a_log_written_anew_is_found_by_a_head_alone_and_the_words_say_so():
    anew = log(80, Chain())[:60]
    anew[0] = resealed(anew[0], node="n2")
    for row in range(1, 60):
        anew[row] = resealed(anew[row], prev=head_of(anew[:row]).hash)
    checked = verify(anew)
    assert checked.ok and verify(anew, expected_head=head_of(LOG)).problem == "forked"
    assert "nor that all of it was not written anew" in checked.told("en") and "--head" in checked.told("en")
    assert "整份日志未被重写" in checked.told("zh") and "--head" in checked.told("zh")


def test_a_segment_is_checked_from_the_head_of_the_one_before():
    before = head_of(LOG[:30])
    assert verify(LOG[30:], after=before) == Checked(head_of(LOG))
    assert verify(LOG[30:]).problem == "moved"
    assert verify(LOG[30:], expected_head=before, after=before).witnessed
    assert verify(LOG[30:], expected_head=Head(30, "f" * 64), after=before).problem == "forked"


CHAIN = Chain(5, head_of(LOG[:5]).hash)
START = b"".join(LOG[:5])


@pytest.mark.parametrize("torn", [b"", LOG[5][:30], b"\0" * 40, b'{"a', b'{"a\n{"even', b'{"a\n'])
def test_a_torn_write_that_a_recovery_owns_up_to_is_no_tampering(torn):
    repair = recovered(CHAIN, torn) if torn else recovered(CHAIN, b"")[1:]
    checked = check(START + repair)
    assert (checked.problem, checked.repaired, checked.head.seq) == ("", int(bool(torn)), 6)


@pytest.mark.parametrize(
    "data",
    [
        START + LOG[5][:30],
        START + LOG[5][:30] + b"\n" + LOG[5],
        START + recovered(CHAIN, LOG[5][:30]).replace(b'{"', b"{'", 1),
        START + b"x" + recovered(CHAIN, LOG[5][:30]),
        START + recovered(CHAIN, LOG[5][:30]).split(b"\n")[0] + b"\n",
        START + b"torn\n" + LOG[5],
    ],
    ids=["no record", "another record", "other bytes", "more bytes", "record cut off", "nothing owns up"],
)
def test_a_torn_write_that_nothing_owns_up_to_is_bad(data):
    checked = check(data)
    assert (checked.bad_line, checked.problem) == (6, "unreadable")


def test_a_last_line_without_its_end_is_unfinished():
    checked = check(WHOLE[:-1])
    assert (checked.bad_line, checked.problem, checked.head.seq) == (60, "unfinished", 59)


@pytest.mark.parametrize("problem", sorted(PROBLEMS))
def test_every_problem_is_told_in_both_languages_with_its_line(problem):
    checked = Checked(Head(4, "ab"), bad_line=5, problem=problem)
    assert checked.told("en").startswith("line 5: ")
    assert checked.told("zh").startswith("第 5 行：")
    assert checked.told("zh").endswith("链头: 4:ab")


def test_the_verifier_needs_nothing_but_the_standard_library():
    imports = {
        line.split()[1].split(".")[0]
        for line in Path(room.__file__).read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imports == {"hashlib", "json", "collections", "dataclasses", "typing"}

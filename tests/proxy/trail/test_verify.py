"""Every way of touching an audit log is found, a whole log is never accused, and a cut end needs a witness."""

import hashlib
import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.audit import Answered, Chain, Record, notice
from proxy.cli.trail import PROGRAM, write_program
from proxy.trail.chain import Head, canonical
from proxy.trail.checked import PROBLEMS, Checked
from proxy.trail.checkpoint import trusted
from proxy.trail.prove import proof, records
from proxy.trail.signer import as_pem
from proxy.trail.verify import compare, verify
from tests.proxy.trail.signed import signed_log
from tests.thorough import THOROUGH, drawn

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
EACH = 60 if THOROUGH else 12
"""Lines of which each byte is changed: one kind of record and one name after the other, twice over."""
WHOLE = b"".join(LOG)


def check(data, **options):
    return verify(BytesIO(data), **options)


@pytest.mark.parametrize("size", [0, 1, 2, 60])
def test_a_whole_log_is_never_accused(size):
    checked = verify(LOG[:size])
    assert checked == Checked(head_of(LOG[:size]) if size else Head(), lines=size)
    assert checked.ok


def test_a_change_of_any_byte_is_found_on_its_line():
    chance = random.Random(20261120)
    starts = [0]
    for line in LOG:
        starts.append(starts[-1] + len(line))
    row = 0
    for place, byte in enumerate(b"".join(LOG[:EACH])):
        while place >= starts[row + 1]:
            row += 1
        changed = bytearray(LOG[row])
        changed[place - starts[row]] = (byte + chance.randrange(1, 256)) % 256
        # The lines before are whole, so checking from there on says what checking all would say.
        before = head_of(LOG[:row]) if row else Head()
        rest = bytes(changed) + b"".join(LOG[row + 1 : row + 3])
        assert check(rest, after=before).bad_line == 1, (place, changed)


@settings(max_examples=drawn(300), deadline=None)
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
    assert verify(LOG[30:], after=before) == Checked(head_of(LOG), lines=30)
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
    for module in PROGRAM:
        for line in Path(module.__file__).read_text().splitlines():
            if line.startswith(("import ", "from ")):
                name = line.split()[1]
                ours = {one.__name__ for one in PROGRAM}
                assert name in ours or name.partition(".")[0] in sys.stdlib_module_names, name


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A log of a thousand records, the checkpoints that a witness has, and the keys."""
    return signed_log(tmp_path_factory.mktemp("signed"), (100,) * 10)


def against(data, checkpoints, keys):
    return compare(BytesIO(data), checkpoints.splitlines(), keys)


def test_a_log_that_its_witness_knows_is_proven_to_its_last_checkpoint_and_no_further(signed):
    data, checkpoints, keys = signed
    checked = against(data, checkpoints, keys)
    assert (checked.ok, checked.signed, checked.clock) == (True, 1000, 0)
    assert "up to 1000; nothing proves the end after that" in checked.told("en")
    assert against(data, b"".join(checkpoints.splitlines(True)[:4]), keys).signed == 400


def test_thousands_of_mutations_of_any_kind_are_all_found(signed):
    """Each byte would take hours; each place, kind and length is drawn instead, with a seed."""
    data, *_ = signed
    lines, luck = data.splitlines(True), random.Random(7)
    for turn in range(drawn(10_000, usual=3_000)):
        row = luck.randrange(1000)
        line = lines[row]
        # The hundred lines round the change and the chain before them are what decides.
        first = max(0, row - 3)
        before = head_of(lines[:first]) if first else Head()
        part = lines[first : row + 4]
        at, kind = row - first, turn % 6
        if kind == 0:
            place = luck.randrange(len(line))
            part[at] = line[:place] + bytes([line[place] ^ luck.randrange(1, 256)]) + line[place + 1 :]
        elif kind == 1:
            del part[at]
        elif kind == 2:
            part.insert(at, luck.choice(lines))
        elif kind == 3:
            part[at : at + 2] = reversed(part[at : at + 2])
        elif kind == 4:
            place = luck.randrange(len(line))
            part[at] = line[:place] + line[place + 1 + luck.randrange(3) :]
        else:
            part[at] = line[:-1] + b" " + line[-1:]
        whole = part == lines[first : row + 4]
        expected = head_of(lines[: row + 4])
        checked = verify(part, expected, before if first else None)
        assert checked.ok == whole, (turn, row, kind)
        if not whole:
            assert checked.first <= row + 2, (turn, row, kind)


def test_each_byte_of_a_log_matters_to_its_witness(signed):
    data, checkpoints, keys = signed
    points, _ = trusted(checkpoints.splitlines(), keys)
    luck = random.Random(8)
    for _ in range(drawn(60)):
        place = luck.randrange(len(data))
        changed = data[:place] + bytes([data[place] ^ luck.randrange(1, 256)]) + data[place + 1 :]
        checked = verify(BytesIO(changed), checkpoints=points)
        assert not checked.ok and checked.first <= data[:place].count(b"\n") + 2


def rewritten(lines, row, **changes):
    """Return the log with one line changed, and all after it linked and hashed anew: what a thief of the disk does."""
    lines = list(lines)
    lines[row] = resealed(lines[row], **changes)
    for number in range(row + 1, len(lines)):
        lines[number] = resealed(lines[number], prev=json.loads(lines[number - 1])["hash"])
    return b"".join(lines)


def test_what_the_chain_alone_cannot_see_the_witness_does(signed, tmp_path):
    data, checkpoints, keys = signed
    lines = data.splitlines(True)
    stranger, foreign, _ = signed_log(tmp_path, (100, 100), AT + timedelta(days=1))
    table = {
        "cut at the end": (b"".join(lines[:950]), checkpoints, "cut", 951),
        "cut at a checkpoint": (b"".join(lines[:900]), checkpoints, "cut", 901),
        "emptied": (b"", checkpoints, "cut", 1),
        "a backup put back": (b"".join(lines[:300]), checkpoints, "cut", 301),
        "a backup gone on with": (
            b"".join([*lines[:300], *log(700, Chain(300, head_of(lines[:300]).hash))]),
            checkpoints,
            "rewritten",
            301,
        ),
        "one line rewritten, all after it linked anew": (
            rewritten(lines, 450, node="n2"),
            checkpoints,
            "rewritten",
            401,
        ),
        "written anew": (rewritten(lines, 0, node="n2"), checkpoints, "strange", 1),
        "another log": (stranger, checkpoints, "strange", 1),
        "checkpoints of a stranger": (data, foreign, "forged", 0),
        "no checkpoints": (data, b"\n", "none", 0),
    }
    for name, (changed, told, problem, first) in table.items():
        assert problem == "none" or problem == "forged" or verify(BytesIO(changed)).ok, name
        checked = against(changed, told, keys)
        assert (checked.problem, checked.first) == (problem, first), name
        if checked.missing:
            assert f"signed over {checked.missing} records" in checked.told("en") and "另存" not in checked.told("zh")
        else:
            assert PROBLEMS[problem][0] in checked.told("en") and PROBLEMS[problem][1] in checked.told("zh")


@pytest.fixture(scope="module")
def desk(signed, tmp_path_factory):
    """What an auditor has: the program, a log, what the witness kept, the public key."""
    folder = tmp_path_factory.mktemp("auditor")
    data, checkpoints, keys = signed
    write_program(folder / "verify.pyz")
    for name, held in (("log", data), ("told", checkpoints), ("key", as_pem(keys).encode())):
        (folder / name).write_bytes(held)
    (folder / "cut").write_bytes(b"".join(data.splitlines(True)[:950]))
    point = checkpoints.splitlines()[2]
    (folder / "proof").write_bytes(proof(250, records(BytesIO(data), 300), point))
    (folder / "false").write_bytes((folder / "proof").read_bytes().replace(b"SLC-49", b"SLC-48"))
    return folder


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("log --key key --checkpoints told", 0, "prove every record up to 1000"),
        ("cut --key key --checkpoints told", 1, "first bad record (seq): 951"),
        ("cut", 0, "nothing proves that the end was not cut"),
        ("cut --language zh", 0, "证明末尾未被截去"),
        ("--proof proof --key key", 0, "Record 250 is proven"),
        ("--proof proof --key key --language zh", 0, "编号: SLC-49"),
        ("--proof proof --key key --json", 0, '"id": "SLC-49"'),
        ("log --key key --checkpoints told --json", 0, '"signed": 1000'),
        ("--proof false --key key", 1, "does not match its hash"),
        ("log --checkpoints told", 2, "the key"),
        ("missing", 2, "No such file"),
        ("log --key log --checkpoints told", 2, "no public key"),
    ],
)
def test_an_auditor_needs_python_and_the_public_key_and_nothing_else(desk, arguments, code, said):
    command = [sys.executable, "-I", "-S", "verify.pyz", *arguments.split()]
    done = subprocess.run(command, cwd=desk, capture_output=True, check=False)
    assert (done.returncode, said in (done.stdout + done.stderr).decode()) == (code, True), done.stderr

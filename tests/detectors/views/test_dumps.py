"""Dumps are read as the programs write them, over lines, with their columns, and taken out as a whole."""

import random
import struct
import subprocess
from shutil import which

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.dumps import dumps
from tests.detectors.views.reading import CARD, ID, MAIL, found, redacted
from tests.thorough import drawn

SAID = f"please call, my id is {ID}, card {CARD}, mail {MAIL} thanks"


def shown(data: bytes) -> str:
    return "".join(chr(one) if 32 <= one < 127 else "." for one in data)


def lines(data: bytes, width: int = 16):
    for start in range(0, len(data), width):
        yield start, data[start : start + width]


WAYS = {
    "xxd": lambda d: (f"{s:08x}: {r.hex(' ', -2):<40} {shown(r)}" for s, r in lines(d)),
    "xxd -g1 -c8": lambda d: (f"{s:08x}: {r.hex(' '):<24} {shown(r)}" for s, r in lines(d, 8)),
    "xxd -b": lambda d: (f"{s:08x}: {' '.join(f'{o:08b}' for o in r):<54} {shown(r)}" for s, r in lines(d, 6)),
    "xxd -e": lambda d: (
        f"{s:08x}: {' '.join(r[p : p + 4][::-1].hex() for p in range(0, len(r), 4)):<36} {shown(r)}"
        for s, r in lines(d)
    ),
    "hexdump -C": lambda d: (
        f"{s:08x}  {'  '.join(r[h : h + 8].hex(' ') for h in (0, 8) if r[h:]):<48}  |{shown(r)}|" for s, r in lines(d)
    ),
    "hexdump": lambda d: (
        f"{s:07x} " + " ".join(f"{w:04x}" for (w,) in struct.iter_unpack("<H", r + b"\0" * (len(r) % 2)))
        for s, r in lines(d)
    ),
    "od": lambda d: (
        f"{s:07o} " + " ".join(f"{w:06o}" for (w,) in struct.iter_unpack("<H", r + b"\0" * (len(r) % 2)))
        for s, r in lines(d)
    ),
    "od -c": lambda d: (f"{s:07o}" + "".join(f"   {chr(o)}" for o in r) for s, r in lines(d)),
    "od -tu1": lambda d: (f"{s:07o}" + "".join(f" {o:3d}" for o in r) for s, r in lines(d)),
    "od -b": lambda d: (f"{s:07o}" + "".join(f" {o:03o}" for o in r) for s, r in lines(d)),
    "gdb": lambda d: (f"0x7fffe3{s:02x} <buf+{s}>:\t" + "\t".join(f"0x{o:02x}" for o in r) for s, r in lines(d, 8)),
    "quoted": lambda d: (f"> {s:04x}   {r.hex(' '):<48}  {shown(r)}" for s, r in lines(d)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lines", "lines of Windows"])
def test_what_a_program_has_dumped_is_found_and_the_whole_dump_taken_out(way, end):
    text = f"看:{end}" + end.join(WAYS[way](SAID.encode())) + f"{end}谢谢"
    assert {"CN_ID_CARD", "CREDIT_CARD", "EMAIL_ADDRESS"} <= {entity for entity, _ in found(text)}
    left = redacted(text)
    assert left.replace("> ", "").split() == ["看:", "⟦⟧", "谢谢"]


@pytest.mark.parametrize("way", ["xxd", "hexdump -C", "gdb", "od -b"])
def test_a_dump_may_begin_behind_a_word(way):
    assert "EMAIL_ADDRESS" in {entity for entity, _ in found("看 " + "\n".join(WAYS[way](MAIL.encode())))}


@pytest.mark.parametrize(
    "command",
    [
        ("xxd",),
        ("xxd", "-b"),
        ("xxd", "-e"),
        ("xxd", "-i"),
        ("xxd", "-p"),
        ("hexdump", "-C"),
        ("hexdump",),
        ("od",),
        ("od", "-c"),
        ("od", "-tx1z"),
        ("od", "-An", "-tu1"),
    ],
    ids=" ".join,
)
def test_what_the_programs_themselves_print_is_found(command):
    if not which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    text = subprocess.run(command, input=SAID.encode(), capture_output=True, check=True).stdout.decode()
    assert {"CN_ID_CARD", "CREDIT_CARD", "EMAIL_ADDRESS"} <= {entity for entity, _ in found(text)}


@given(st.binary(min_size=40, max_size=300), st.sampled_from(sorted(WAYS)))
@settings(max_examples=drawn(60), deadline=None)
def test_one_reading_of_a_dump_is_its_bytes_and_its_place_is_all_of_it(data, way):
    if way == "od -c":
        data = bytes(33 + one % 90 for one in data)
    data = data.replace(b"%", b".").replace(b"\\", b"/")  # both may begin an escape, which is read as one
    text = "\n".join(WAYS[way](data))
    rows = list(dumps(read_text(text)))
    made = [one if isinstance(one, bytes) else one.encode() for _, _, _, one in rows]
    assert any(one.rstrip(b"\0") == data.rstrip(b"\0") for one in made)
    assert {(start, end) for start, end, _, _ in rows} == {(0, len(text))}


@pytest.mark.parametrize("way", WAYS)
def test_dumps_of_pictures_and_programs_are_nobodys(way):
    data = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(5).randbytes(300)
    if way == "od -c":
        data = bytes(33 + one % 90 for one in data)
    assert found("\n".join(WAYS[way](data))) == []


@given(st.text("0123456789abcdef :|\n\t.x*", max_size=160))
@settings(max_examples=drawn(200), deadline=None)
def test_any_text_can_be_read(text):
    for start, end, _, _ in dumps(read_text(text)):
        assert 0 <= start < end <= len(text)

"""Bytes as programs print them, codes in pieces, and numbers in scripts that few can type.

Enters: a random generator and what is to be written. Leaves: a text as the named program, or a person with a converter
from the net, would have it. `harmless` writes what programs print all day that is nobody's.
"""

import base64
import codecs
import hashlib
import json
import math
import struct
import zlib
from collections.abc import Callable, Iterator
from random import Random

import brotli

from bench.evasion.writings import Writing, code, within

Of = Callable[[Random, bytes], str]


def rows(data: bytes, width: int) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(data), width):
        yield start, data[start : start + width]


def shown(data: bytes) -> str:
    return "".join(chr(one) if 32 <= one < 127 else "." for one in data)


def xxd(rng: Random, data: bytes) -> str:
    """Print as xxd does, plainly, byte by byte, or with the bytes of each word turned."""
    width, group, turned = rng.choice(((16, 2, False), (16, 2, False), (8, 1, False), (16, 4, True), (12, 1, False)))
    lines = []
    for start, row in rows(data, width):
        words = [row[place : place + group] for place in range(0, len(row), group)]
        body = " ".join((word[::-1] if turned else word).hex() for word in words)
        lines.append(f"{start:08x}: {body:<{width * 2 + math.ceil(width / group)}} {shown(row)}")
    return "\n".join(lines)


def xxd_bits(_: Random, data: bytes) -> str:
    lines = (f"{start:08x}: {' '.join(f'{one:08b}' for one in row):<54} {shown(row)}" for start, row in rows(data, 6))
    return "\n".join(lines)


def hexdump_canonical(_: Random, data: bytes) -> str:
    lines = []
    for start, row in rows(data, 16):
        body = "  ".join(row[half : half + 8].hex(" ") for half in (0, 8) if row[half:])
        lines.append(f"{start:08x}  {body:<48}  |{shown(row)}|")
    return "\n".join((*lines, f"{len(data):08x}"))


def dumped_words(rng: Random, data: bytes) -> str:
    """Print words of two bytes as hexdump and od do, in the machine's order."""
    data += b"\0" * (len(data) % 2)
    form = rng.choice(("{:04x}", "{:06o}", "{:5d}"))
    head = "{:07x}" if form == "{:04x}" else "{:07o}"
    lines = [
        head.format(start) + " " + " ".join(form.format(word) for (word,) in struct.iter_unpack("<H", row))
        for start, row in rows(data, 16)
    ]
    return "\n".join((*lines, head.format(len(data))))


def od(rng: Random, data: bytes) -> str:
    form = rng.choice((" {:02x}", " {:03o}", " {:3d}", "  {:02x}"))
    head = rng.choice(("{:07o}", "{:06x}", ""))
    lines = [head.format(start) + "".join(form.format(one) for one in row) for start, row in rows(data, 16)]
    return "\n".join(lines)


def od_characters(_: Random, data: bytes) -> str:
    lines = (
        f"{start:07o}" + "".join(f"   {chr(one)}" if 32 <= one < 127 else f" {one:03o}" for one in row)
        for start, row in rows(data, 16)
    )
    return "\n".join(lines)


def debugger(_: Random, data: bytes) -> str:
    """Print memory as gdb does."""
    return "\n".join(
        f"0x{0x7FFFFFFFE3A0 + start:x}:\t" + "\t".join(f"0x{one:02x}" for one in row) for start, row in rows(data, 8)
    )


def array(rng: Random, data: bytes) -> str:
    form = rng.choice(("0x{:02x}", "0x{:02X}", "{}", "{:3d}", "0x{:02x}u", "'\\x{:02x}'", "(byte)0x{:02x}"))
    width = rng.choice((8, 12, 1000))
    body = ",\n    ".join(", ".join(form.format(one) for one in row) for _, row in rows(data, width))
    before, after = rng.choice(
        (
            ("unsigned char note_txt[] = {\n    ", "\n};"),
            ("byte[] b = new byte[] {", "};"),
            ("x = bytes([", "]).decode()"),
            ("new Uint8Array([", "])"),
            ("let note: [u8; 64] = [", "];"),
            ("[", "]"),
        )
    )
    return before + body + after


def escaped(rng: Random, data: bytes) -> str:
    form = rng.choice(("\\{:03o}", "\\0{:03o}", "\\x{:02x}", "\\{:o}"))
    before, after = rng.choice((('printf "', '"'), ("$'", "'"), ("", "")))
    return before + "".join(form.format(one) for one in data) + after


def called(rng: Random, data: bytes) -> str:
    """Put together of characters, each by its number, as the languages of macros and queries do."""
    number = rng.choice(("{}", "{}", "0x{:02x}", "&H{:02X}"))
    form, sign = rng.choice(
        (
            ("chr({})", "+"),
            ("Chr({})", " & "),
            ("ChrW$({})", " & "),
            ("CHAR({})", "&"),
            ("CHR({})", "||"),
            ("[char]{}", "+"),
            ("String.fromCharCode({})", " + "),
            ("unichr({})", " + "),
            ("#{}", ""),
        )
    )
    if rng.random() < 0.4:
        form, sign = "{}", rng.choice((",", ", "))
        name = rng.choice(("String.fromCharCode", "CHAR", "pack('C*', ", "Buffer.from(["))
        return f"{name}({sign.join(number.format(one) for one in data)})"
    return sign.join(form.format(number.format(one)) for one in data)


def code_points(rng: Random, text: str) -> str:
    """Put together of characters by their numbers in Unicode."""
    form, sign = rng.choice((("{}", ","), ("{}", " "), ("0x{:04x}", ", "), ("U+{:04X}", " "), ("{:04x}", " ")))
    return sign.join(form.format(ord(one)) for one in text)


def bits(rng: Random, data: bytes) -> str:
    form, sign = rng.choice((("{:08b}", " "), ("{:08b}", "\n"), ("{:08b}", ""), ("0b{:08b}", ", "), ("{:08b}", ",")))
    return sign.join(form.format(one) for one in data)


def a_line(rng: Random, data: bytes) -> str:
    """Print one byte, or a word of some bytes, on each line."""
    size = rng.choice((1, 1, 2, 4, 8, 20))
    form = rng.choice(("{}", "0x{}", "{}h", '"{}",')) if size < 8 else "{}"
    return "\n".join(form.format(row.hex()) for _, row in rows(data, size))


PRINTED: tuple[Of, ...] = (
    *(xxd, xxd, xxd_bits, hexdump_canonical, hexdump_canonical, dumped_words, od, od_characters, debugger),
    *(array, array, escaped, called, called, bits, a_line),
)


def printed(rng: Random, data: bytes) -> str:
    """Write bytes as some program prints them."""
    return rng.choice(PRINTED)(rng, data)


def in_short_lines(rng: Random, data: bytes) -> str:
    """Wrap a code into lines of a few signs."""
    code = coded(rng, data)
    width = rng.choice((4, 5, 6, 8, 10, 12, 12))
    sign = rng.choice(("\n", "\n", "\r\n", "\n  ", "\n> ", " " if width < 7 else "\n"))
    return sign.join(code[place : place + width] for place in range(0, len(code), width))


def in_literals(rng: Random, data: bytes) -> str:
    """Put a code together of strings of a program."""
    code = coded(rng, data)
    width = rng.choice((4, 6, 8, 10, 12, 20))
    quote = rng.choice("\"'")
    sign = rng.choice((" + ", "+", "\n  ", " . ", " & ", " +\n    ", " \\\n  ", " & _\n  ", " || ", ", "))
    pieces = [f"{quote}{code[place : place + width]}{quote}" for place in range(0, len(code), width)]
    before, after = ("s = ''.join([", "])") if sign == ", " else ("s = ", "")
    return before + sign.join(pieces) + after


def coded(rng: Random, data: bytes) -> str:
    return rng.choice((base64.b64encode(data).decode(), base64.b64encode(data).decode(), data.hex()))


def raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(9, wbits=-15)
    return machine.compress(data) + machine.flush()


def squeezed(rng: Random, data: bytes) -> str:
    """Pack without a head that would tell, or turn the letters, and write that in base64 or hex."""
    pack = rng.choice(
        (raw_deflate, zlib.compress, brotli.compress, lambda d: codecs.encode(d.decode(), "rot13").encode())
    )
    return rng.choice((base64.b64encode(pack(data)).decode(), base64.b64encode(pack(data)).decode(), pack(data).hex()))


def utf7(_: Random, text: str) -> str:
    """Write every character in the shifted code of UTF-7, digits too."""
    return f"+{base64.b64encode(text.encode('utf-16-be')).decode().rstrip('=')}-"


CELLS = dict(zip("abcdefghijklmnopqrstuvwxyz", "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", strict=True))
SIGNS = {".": "⠲", "-": "⠤", "@": "⠈⠁", "_": "⠨⠤"}
COMPUTER = " A1B'K2L@CIF/MSP\"E3H9O6R^DJG>NTQ,*5<-U8V.%[$+X!&;:4\\0Z7(_?W]#Y)="
"""Computer braille: what the cells stand for, by their numbers."""


def braille(rng: Random, text: str) -> str:
    how = rng.choice(("numbers", "each digit", "computer"))
    if how == "computer" and text.upper() == text:
        return "".join(chr(0x2800 + COMPUTER.index(one)) for one in text)
    written, counting = "", False
    for one in text:
        if one.isdigit():
            written += ("" if counting and how == "numbers" else "⠼") + CELLS["jabcdefghi"[int(one)]]
        else:
            letter = SIGNS.get(one) or ("⠠" if one.isupper() else "⠰" if counting else "") + CELLS[one.lower()]
            written += letter
        counting = one.isdigit()
    return written


def suzhou(rng: Random, text: str) -> str:
    return rng.choice(("", "", " ")).join("〇〡〢〣〤〥〦〧〨〩"[int(one)] if one.isdigit() else one for one in text)


ROMAN = ("N", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
ROMAN_SIGNS = "〇ⅠⅡⅢⅣⅤⅥⅦⅧⅨ"


def roman(rng: Random, text: str) -> str:
    """Write each digit as a Roman number; the Romans had no nought, so people write what they like."""
    nought = rng.choice(("N", "0", "O", "〇"))
    if rng.random() < 0.5:
        signs, sign = (nought, *ROMAN_SIGNS[1:]), rng.choice(("", " ", "-"))
    else:
        signs, sign = (nought, *ROMAN[1:]), rng.choice((" ", "-", ", ", " / "))
        signs = tuple(map(str.lower, signs)) if rng.random() < 0.3 else signs
    return sign.join(signs[int(one)] if one.isdigit() else one for one in text)


UNITS = ("", "万", "亿", "万亿", "亿亿")
SPELT = "零一二三四五六七八九"


def spelt_group(group: str) -> str:
    """Spell four digits with their tens."""
    written = ""
    for place, digit in enumerate(group):
        unit = ("千", "百", "十", "")[place + 4 - len(group)]
        if digit != "0":
            written += SPELT[int(digit)] + unit
        elif written[-1:] != "零":
            written += "零"
    return written.rstrip("零")


def with_units(rng: Random, text: str) -> str:
    """Write a number as one amount, with its ten thousands and hundred millions."""
    groups = [text[max(0, end - 4) : end] for end in range(len(text), 0, -4)]
    if rng.random() < 0.3:
        return "".join(group + unit for group, unit in zip(groups[::-1], UNITS[len(groups) - 1 :: -1], strict=True))
    written = ""
    for group, unit in zip(groups[::-1], UNITS[len(groups) - 1 :: -1], strict=True):
        spelt = spelt_group(group)
        written += ("零" if written and group.startswith("0") and not spelt.startswith("零") else "") + spelt + unit
    return written


def picture(rng: Random, size: int) -> bytes:
    """Return the first bytes of a picture, a certificate or a program: what people paste of them."""
    head = rng.choice(
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\x01\0H\0H\0\0",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0",
            b"\x30\x82\x03\x5d\x30\x82\x02\x45\xa0\x03\x02\x01\x02\x02\x09\0",
            b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
        )
    )
    return head + rng.randbytes(size)


def harmless(rng: Random) -> str:
    """Write what looks like bytes of a text and is none: dumps of binary files, digests, tables of numbers."""
    size = rng.randint(48, 400)
    table = rng.choice(("dump", "dump", "array", "digests", "colours", "matrix", "codes", "times", "sizes", "keys"))
    if table == "dump":
        return rng.choice((xxd, xxd_bits, hexdump_canonical, dumped_words, od, od_characters, debugger))(
            rng, picture(rng, size)
        )
    if table == "array":
        return rng.choice((array, called, bits, a_line, escaped))(rng, picture(rng, size))
    if table == "digests":
        make = rng.choice((hashlib.sha256, hashlib.sha1, hashlib.md5))
        made = (make(rng.randbytes(9)).hexdigest() for _ in range(rng.randint(2, 12)))
        return rng.choice(("\n", " ", ", ")).join(made)
    if table == "colours":
        form = rng.choice(("rgb({}, {}, {})", "#{:02x}{:02x}{:02x}", "{:3d} {:3d} {:3d}", "{{{}, {}, {}}}"))
        return rng.choice((", ", "\n")).join(form.format(*rng.randbytes(3)) for _ in range(rng.randint(6, 30)))
    if table == "matrix":
        top = rng.choice((60, 100, 256, 1000, 30000))
        lines = [[rng.randint(0, top) for _ in range(rng.choice((4, 8, 12)))] for _ in range(rng.randint(4, 16))]
        return rng.choice((json.dumps(lines), "\n".join(" ".join(f"{one:5d}" for one in line) for line in lines)))
    if table == "codes":
        return ", ".join(str(one) for one in range(rng.randint(30, 60), rng.randint(70, 126)))
    if table == "times":
        return "\n".join(
            f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
            for _ in range(rng.randint(5, 40))
        )
    if table == "sizes":
        return "\n".join(f"{rng.randint(10, 9999):>6} {rng.randint(10, 99)} {rng.randint(100, 999)}" for _ in range(12))
    code = base64.b64encode(rng.randbytes(size)).decode()
    width = rng.choice((8, 12, 64, 76))
    return rng.choice(("\n", '"\n"')).join(code[place : place + width] for place in range(0, len(code), width))


def amount(rng: Random) -> str:
    """Write an amount of money or people, as a report does."""
    number = str(rng.randint(10**8, 2 * 10**10))
    return with_units(rng, number) + rng.choice(("元", "美元", "人", "股", "吨", "千瓦时", "元人民币", "次"))


def or_harmless(way: Writing) -> Writing:
    """Return the way of writing values in which half of the twins are what programs print all day."""
    return lambda rng, value: (
        f"{value.before}\n{harmless(rng)}\n{value.after}" if value.twin and rng.random() < 0.5 else way(rng, value)
    )


def or_amount(way: Writing) -> Writing:
    """Return the way of writing numbers in which half of the twins are amounts of a report."""
    return lambda rng, value: (
        f"全年{rng.choice(('营业收入', '产量', '净利润'))}{amount(rng)},同比增长。"
        if value.twin and rng.random() < 0.5
        else way(rng, value)
    )


PRINTED_WAYS = tuple(map(or_harmless, (*code(printed), *code(printed), within(code_points))))
IN_PIECES = tuple(map(or_harmless, (*code(in_short_lines), *code(in_literals))))
SQUEEZED = (*code(squeezed), within(utf7), within(braille))
FAR_NUMERALS = tuple(map(or_amount, (within(suzhou), within(roman))))
AMOUNTS = (or_amount(within(with_units)),)

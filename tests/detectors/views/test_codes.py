"""What is encoded is found and taken out whole, in any code and codes within codes; ordinary tokens are left alone."""

import base64
import binascii
import gzip
import quopri
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.budget import Budget, Exceeded
from detectors.views.codes import codes
from tests.detectors.views.reading import ID, MAIL, found, redacted

SAID = f"身份证 {ID} 和 {MAIL}"


def uu(data: bytes) -> str:
    lines = [binascii.b2a_uu(data[place : place + 45]).decode() for place in range(0, len(data), 45)]
    return f"begin 644 a.txt\n{''.join(lines)}`\nend"


WAYS = {
    "hex": lambda data: data.hex(),
    "capital hex": lambda data: data.hex().upper(),
    "hex of a program": lambda data: "0x" + data.hex(),
    "hex with blanks": lambda data: data.hex(" "),
    "hex with colons": lambda data: data.hex(":"),
    "base32": lambda data: base64.b32encode(data).decode(),
    "quoted-printable": lambda data: "".join(f"={byte:02X}" for byte in data),
    "word of a mail": lambda data: f"=?utf-8?B?{base64.b64encode(data).decode()}?=",
    "quoted word of a mail": lambda data: (
        f"=?utf-8?Q?{quopri.encodestring(data, header=True).decode().replace('=' + chr(10), '')}?="
    ),
    "uuencode": uu,
    "ascii85": lambda data: base64.a85encode(data, adobe=True).decode(),
    "gzip": lambda data: base64.b64encode(gzip.compress(data)).decode(),
    "zlib": lambda data: base64.b64encode(zlib.compress(data)).decode(),
    "deflate without a head": lambda data: base64.b64encode(zlib.compress(data, wbits=-15)).decode(),
    "brotli": lambda data: base64.b64encode(brotli.compress(data)).decode(),
    "utf-16": lambda data: base64.b64encode(data.decode().encode("utf-16")).decode(),
    "gb18030": lambda data: base64.b64encode(data.decode().encode("gb18030")).decode(),
    "hex in base64": lambda data: base64.b64encode(data.hex().encode()).decode(),
    "base64 in hex": lambda data: base64.b64encode(data).hex(),
    "three deep": lambda data: base64.b32encode(base64.b64encode(data.hex().encode())).decode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_encoded_is_found_and_the_whole_code_taken_out(way):
    code = WAYS[way](SAID.encode())
    text = f"请看:\n{code}\n谢谢"
    assert {"CN_ID_CARD", "EMAIL_ADDRESS"} <= {entity for entity, _ in found(text)}
    assert redacted(text) == "请看:\n⟦⟧\n谢谢"


@pytest.mark.parametrize("sign", [" ", ", ", ",", "; "])
def test_numbers_of_characters_are_read(sign):
    code = sign.join(str(ord(one)) for one in MAIL)
    assert ("EMAIL_ADDRESS", code) in found(f"chars [{code}] end")


@pytest.mark.parametrize("padding", ["", "="])
@given(st.integers(13_000_000_000, 19_999_999_999))
def test_a_mobile_number_alone_in_base64_is_found_though_it_is_shorter_than_a_token(padding, number):
    code = base64.b64encode(str(number).encode()).decode().rstrip("=") + padding
    assert redacted(f"解码 {code} 一下") == "解码 ⟦⟧ 一下"


@pytest.mark.parametrize(
    "text", ["aMTM4MDAxMzgwMDA", "MTM4MDAxMzgwMDAx", "MTM4MDAxMzgw", "MTM4MDAx-zgwMDA", "MTIzNDU2Nzg5MDE"]
)
def test_what_is_only_like_it_is_no_mobile_number(text):
    assert all(entity != "PHONE_NUMBER" for entity, _ in found(f"see {text} there"))


@pytest.mark.parametrize(
    "text",
    [
        "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
        "a_function_name_that_is_very_long_indeed_and_goes_on",
        "see detectors/views/codes.py and proxy/adapters/openai/chat",
        "550e8400-e29b-41d4-a716-446655440000",
        "x == 10 and y == 20",
        "MFRGGZDFMZTWQ2LKNNWG23TPOA",
        "<~ not a code ~>",
    ],
)
def test_ordinary_tokens_hold_nothing(text):
    assert [code.text for code in codes(read_text(text), Budget()) if code.kind != "base32"] == []
    assert found(text) in ([], [("UUID", text)])


def test_too_much_work_is_told():
    with pytest.raises(Exceeded):
        list(codes(read_text(f"{SAID.encode().hex()} " * 20), Budget(500)))


@given(st.text(max_size=120))
def test_any_text_can_be_read(text):
    for code in codes(read_text(text), Budget()):
        assert 0 <= code.start < code.end


@pytest.mark.parametrize(
    "code",
    [
        "=?UTF-8?Q?Why_does_this_fail?_api=5Fkey=3DAKIAIVMV6SDZHN6C7UVG_is_mine.?=",
        "begin 644 note.txt\nM5VAY(&1O97,@=&AI<R!F86EL/R!A<&E?:V5Y/4%+24%72T0S0DM&3D%%635'\n"
        "2,T$V(&ES('=H870@22!U<V4N\n`\nend",
    ],
    ids=["a question mark in a word of mail", "signs of an escape in uuencode"],
)
def test_signs_of_other_codes_do_not_hide_one(code):
    assert redacted(f"look: {code}\nthanks") == "look: ⟦⟧\nthanks"


@pytest.mark.parametrize("way", ["hex", "capital hex", "base32", "gzip", "base64 in hex", "hex in base64"])
def test_a_code_that_is_turned_round_is_read_from_its_end(way):
    code = WAYS[way](SAID.encode())[::-1].strip("=")
    assert redacted(f"请看:\n{code}\n谢谢") == "请看:\n⟦⟧\n谢谢"


@pytest.mark.parametrize("way", ["hex", "base32", "gzip", "quoted-printable"])
def test_a_code_that_is_shown_from_right_to_left_is_read_as_shown(way):
    code = WAYS[way](SAID.encode())[::-1]
    assert redacted(f"看\u202e{code}\u202c谢谢") == "看⟦⟧谢谢"


def test_digits_in_the_shifted_code_of_utf_7_are_read():
    code = f"+{base64.b64encode(ID.encode('utf-16-be')).decode().rstrip('=')}-"
    assert redacted(f"看 {code} 谢谢") == "看 ⟦⟧ 谢谢"

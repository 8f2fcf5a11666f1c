"""Files in base64 in the midst of a text are read like any other file, or told as unread; icons stop nobody."""

import base64
import gzip
import io
import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from detectors.interface import Scan
from proxy.adapters.interface import Prompt
from proxy.adapters.openai_chat import OpenAIChat
from proxy.attachments import read_prompt
from proxy.documents.document import Document, Limits
from proxy.documents.read import read_document
from proxy.embedded import insets, without_read
from proxy.errors import OpaquePart, SealedFile
from proxy.exchange import Forward, Part
from tests.proxy.documents.files import PHONE, coded, drawing, everything, pdf, read, word, zipped
from tests.proxy.house import chat, street
from tests.proxy.test_pipeline import depart, ruled

LETTER = zipped({"a.txt": f"tel {PHONE} ".encode() * 30})
PICTURE = coded(drawing("x"))
ICON = coded(Image.new("RGB", (16, 16), "red"))


class Here:
    """Reads files in this process, without looking at pictures."""

    def __init__(self, **limits: object) -> None:
        self.limits = Limits(ocr=False, seconds=100, **limits)  # type: ignore[arg-type]

    def read(self, data: bytes, name: str) -> Document:
        return read_document(data, name, self.limits)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def uri(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64(data)}"


def wrapped(data: bytes) -> str:
    return base64.encodebytes(data).decode().rstrip()


WAYS: dict[str, Callable[[bytes], str]] = {
    "HTML": lambda data: f'<p>看图</p><img alt="x" src="{uri(data)}"><p>done</p>',
    "Markdown": lambda data: f"see ![shot]({uri(data)}) and tell",
    "CSS": lambda data: f"a{{background:url({uri(data)})}}",
    "capitals": lambda data: f"<img src='DATA:image/png;BASE64,{b64(data)}'>",
    "a charset": lambda data: f"x data:application/zip;charset=utf-8;base64,{b64(data)} y",
    "no type": lambda data: f"x data:;base64,{b64(data)} y",
    "lines of a mail": lambda data: f"attached:\n\n{wrapped(data)}\n\nregards",
    "a line of code": lambda data: f'BLOB = "{b64(data)}"\n',
    "slashes as JSON may have them": lambda data: f'so: {{"u": "{uri(data)}"}}'.replace("/", r"\/"),
    "signs of an address": lambda data: "x " + uri(data).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


def prompt_of(text: str, reader: Here | None = None) -> Prompt:
    return read_prompt(OpenAIChat(), chat(text), "application/json", reader or Here())


@every_way
def test_what_stands_in_a_file_is_a_part_and_an_unchanged_text_the_same_bytes(way) -> None:
    prompt = prompt_of(way(LETTER))
    assert any(f"tel {PHONE}" in part.text for part in prompt.parts) and not prompt.opaque
    assert prompt.rewrite([part.text for part in prompt.parts]) == chat(way(LETTER))


@every_way
def test_a_changed_file_stands_where_its_code_stood(way) -> None:
    prompt = prompt_of(way(LETTER))
    made = json.loads(prompt.rewrite([part.text.replace(PHONE, "[P]") for part in prompt.parts]))
    [inset] = insets(made["messages"][0]["content"])
    assert inset.data is not None and "tel [P]" in everything(read(inset.data))
    assert PHONE not in everything(read(inset.data))
    before, after = way(LETTER)[:4], way(LETTER)[-1:]
    assert made["messages"][0]["content"].startswith(before) and made["messages"][0]["content"].endswith(after[:0])


@every_way
def test_a_picture_that_nobody_reads_is_told_as_unread(way) -> None:
    assert prompt_of(way(PICTURE)).opaque == ("/messages/0/content#0",)


@pytest.mark.parametrize("data", [b"\x00\x01binary" * 20, b"\x89PNG\r\n\x1a\n" + b"\0" * 90, b"OTTO" + bytes(300)])
def test_what_is_no_file_that_we_know_is_told_as_unread(data: bytes) -> None:
    assert prompt_of(f"<i style='{uri(data)}'>").opaque
    percent = "".join(f"%{byte:02x}" for byte in data)
    assert prompt_of(f"<i style='data:font/x,{percent}'>").opaque


def test_without_a_reader_and_past_the_most_files_they_are_unread_too(monkeypatch) -> None:
    assert read_prompt(OpenAIChat(), chat(f"a {uri(LETTER)}"), "", None).opaque == ("/messages/0/content#0",)
    monkeypatch.setattr("proxy.embedded.MOST", 1)
    assert prompt_of(f"a {uri(LETTER)} b {uri(LETTER)}").opaque == ("/messages/0/content#1",)


def test_a_code_that_is_cut_short_is_unread_and_an_example_is_text() -> None:
    assert prompt_of("![x](" + uri(LETTER)[:-3] + "…)").opaque
    for example in (
        "data:image/png;base64,iVBORw0KGgo…",
        "data:image/png;base64,${b64}",
        "write data:text/plain,hello",
    ):
        assert not prompt_of(f"how does {example} work?").opaque


def test_what_decodes_to_text_stays_with_the_detectors() -> None:
    said = f"tel {PHONE}; ".encode() * 20
    for data in (said, gzip.compress(said), said.decode().encode("utf-16")):
        assert not list(insets(f"x {uri(data, 'text/plain')} y"))


ICONS = {
    "16 by 16": (ICON, True),
    "a spacer": (coded(Image.new("RGB", (600, 1))), True),
    "one pixel": (coded(Image.new("RGB", (1, 1)), "GIF"), True),
    "17 by 17": (coded(Image.new("RGB", (17, 17))), False),
    "more behind it": (ICON + b"\0" * 5000, False),
    "cut short": (ICON[:-32], False),
}


@pytest.mark.parametrize(("data", "passes"), ICONS.values(), ids=ICONS.keys())
def test_an_icon_counts_as_read_for_no_words_fit_in_it(data: bytes, passes: bool) -> None:
    if len(data) >= 64:
        assert (not prompt_of(f"<img src='{uri(data)}'>").opaque) is passes
    assert (not Here().read(data, "").opaque) is passes


def test_the_most_pixels_of_an_icon_are_set_and_what_is_written_in_its_file_is_read() -> None:
    assert Here(icon_pixels=0).read(ICON, "").opaque
    assert not Here(icon_pixels=1024).read(coded(Image.new("RGB", (32, 32))), "").opaque
    noted = PngImagePlugin.PngInfo()
    noted.add(b"prVt", f"tel {PHONE}".encode())
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=noted)
    assert f"tel {PHONE}" in everything(Here().read(out.getvalue(), ""))


def test_a_file_that_cannot_be_written_or_whose_code_was_cut_into_is_an_error() -> None:
    prompt = prompt_of(f"x {uri(pdf(f'a page with {PHONE} on it'))} y")
    with pytest.raises(SealedFile):
        prompt.rewrite([part.text.replace(PHONE, "[P]") for part in prompt.parts])
    prompt = prompt_of(f"x {uri(LETTER)} y")
    with pytest.raises(SealedFile):
        prompt.rewrite([part.text.replace(PHONE, "[P]").replace(b64(LETTER)[10:30], "[K]") for part in prompt.parts])


@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 3))
def test_whatever_stands_around_files_is_left_as_it_is(before: str, after: str, count: int) -> None:
    text = f"{before} {f' {uri(LETTER)} ' * count} {after}"
    found = [one for one in insets(text) if one.data == LETTER]
    assert len(found) == count and all(text[one.start : one.end] == uri(LETTER) for one in found)


@given(st.text(alphabet="data:;base64,/+=ABC \n\\%3d%2fUEsDBiVBORw0KGgo", max_size=300))
def test_any_text_is_cut_up_without_an_error(text: str) -> None:
    found = list(insets(text))
    assert all(0 <= one.start < one.end <= len(text) and one.code in text for one in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_what_was_read_as_a_file_is_no_longer_closed_as_text_but_anything_beside_it_is() -> None:
    text = f"x {b64(LETTER)}\nplease read it"
    [inset] = insets(text)
    part = Part("p", "user", text, read=((inset.start, inset.end),))
    inside, longer, other = (inset.start, inset.end), (inset.start, inset.end + 7), (0, 1)
    assert without_read([part], [Scan(opaque=(inside, longer))]) == [Scan()]
    assert without_read([part], [Scan(opaque=(inside, other))]) == [Scan(opaque=(other,))]
    more = Part("p", "user", text + "A" * 40, read=part.read)
    beyond = (inset.start, len(more.text))
    assert without_read([more], [Scan(opaque=(beyond,))])[0].opaque == (beyond,)


def test_on_the_street_an_archive_in_a_text_is_rewritten_and_a_picture_is_policys() -> None:
    here = street(documents=Here())
    departure = depart(chat(f"BLOB = '{b64(LETTER)}'"), here)
    assert isinstance(departure.outcome, Forward) and departure.inspection == "full"
    [inset] = insets(json.loads(departure.outcome.body or b"")["messages"][0]["content"])
    assert inset.data is not None and "[PHONE_NUMBER_" in everything(read(inset.data))
    with pytest.raises(OpaquePart):
        depart(chat(WAYS["HTML"](PICTURE)), here)
    with pytest.raises(OpaquePart):
        depart(chat(WAYS["HTML"](PICTURE)), street())
    passed = depart(chat(WAYS["HTML"](PICTURE)), ruled("  - {id: r, verdict: allowed, redact: c, unreadable: pass}\n"))
    assert passed.inspection == "partial"


def test_a_word_file_in_an_uploads_text_is_read_too() -> None:
    page = f"<img src='{uri(word([f'tel {PHONE}']))}'>"
    prompt = read_prompt(OpenAIChat(), chat(page), "", Here())
    assert any(PHONE in part.text for part in prompt.parts)

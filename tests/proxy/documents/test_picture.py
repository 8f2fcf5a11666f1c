"""Pictures are read with what stands beside their pixels, or told; the reading itself is in test_ocr.py."""

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from proxy.documents.document import Limits
from proxy.documents.picture import flat
from proxy.documents.reading import Seen
from tests.proxy.documents.files import HIGH, coded, drawing, everything, pdf, read, reasons, texts, zipped

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Put a reader in place that says how large each picture was."""
    sizes: list[tuple[int, ...]] = []

    def look(pixels, _wait):
        sizes.append(pixels.shape)
        return Seen(f"picture {len(sizes)}")

    monkeypatch.setattr("proxy.documents.ocr.recognise", look)
    return sizes


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_looked_at(format: str, looked: list[tuple[int, ...]]):
    document = read(coded(drawing("x"), format))
    assert (document.kind, everything(document), document.opaque) == ("picture", "picture 1", ())
    assert looked == [(HIGH, 900, 3)] and not document.rewritable


def test_every_frame_is_looked_at_once(looked: list[tuple[int, ...]]):
    frames = [drawing("one"), drawing("two"), drawing("one")]
    data = coded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    assert list(texts(read(data)).values()) == ["picture 1", "picture 2", "picture 1"]
    assert len(looked) == 2
    assert reasons(read(data, "", Limits(pages=2))) == [("", "too_many_pages")]


def test_the_same_picture_in_many_files_is_looked_at_once(looked: list[tuple[int, ...]]):
    data = coded(drawing("logo"))
    assert not read(zipped({"a.png": data, "b.png": data})).opaque
    assert len(looked) == 1


@pytest.mark.usefixtures("looked")
def test_words_beside_the_pixels_are_read():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret note")
    info.add_itxt("Author", "张三")
    said = everything(read(coded(drawing("x"), "PNG", pnginfo=info)))
    assert "secret note" in said and "张三" in said
    exif = Image.Exif()
    exif[0x010E] = "described 138"
    exif[0x9C9B] = "标题".encode("utf-16-le")
    said = everything(read(coded(drawing("x"), "JPEG", exif=exif, comment=b"a comment")))
    assert "described 138" in said and "标题" in said and "a comment" in said


REFUSED = {
    "no OCR": (coded(drawing("x")), Limits(ocr=False), ("", "picture")),
    "too large": (coded(drawing("x")), Limits(pixels=1000), ("", "too_large")),
    "too many": (
        zipped({"a.png": coded(drawing("a")), "b.png": coded(drawing("b"))}),
        Limits(pictures=1),
        ("b.png", "too_many_pages"),
    ),
    "cut short": (coded(drawing("x"))[:200], Limits(), ("", "broken")),
    "no picture": (b"\x89PNG\r\n\x1a\n", Limits(), ("", "broken")),
    "something behind it": (coded(drawing("x")) + b"secret", Limits(), ("", "hidden")),
}


@pytest.mark.usefixtures("looked")
@pytest.mark.parametrize(("data", "limits", "want"), REFUSED.values(), ids=REFUSED.keys())
def test_a_picture_that_is_not_looked_at_whole_is_told(data: bytes, limits: Limits, want):
    assert want in reasons(read(data, "", limits))


def test_a_picture_that_nobody_can_make_out_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("proxy.documents.ocr.recognise", lambda *_: Seen("l1I|", illegible=True))
    assert reasons(read(coded(drawing("x")))) == [("", "illegible")]


def test_white_letters_on_nothing_are_seen():
    picture = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    picture.putpixel((1, 1), (255, 255, 255, 255))
    assert np.asarray(flat(picture)).max() == 255 and np.asarray(flat(picture)).min() == 0


def test_a_bomb_of_pixels_is_never_unpacked():
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    assert reasons(read(out.getvalue())) == [("", "too_large")]


def test_a_scanned_page_is_looked_at_and_a_page_of_text_is_not(looked: list[tuple[int, ...]]):
    document = read(pdf("a page of text, long enough to be one", drawing("scan")))
    assert texts(document)["#page2/picture"] == "picture 1"
    assert len(looked) == 1 and max(looked[0]) == 2000
    assert ("#page2", "picture") in reasons(read(pdf("x" * 20, drawing("scan")), "", Limits(ocr=False)))

"""The shipped models read print in Chinese and English; and the arithmetic around them."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from proxy.documents.ocr import (
    ENLARGED,
    LARGEST,
    OVERLAP,
    SLACK,
    TILE,
    Line,
    laid_out,
    recognise,
    shrunk,
    stretches,
    tiles,
    widened,
)
from tests.proxy.documents.files import CHINESE_FONTS, drawing

NEEDS_CHINESE_FONT = pytest.mark.skipif(
    not any(path.exists() for path in CHINESE_FONTS),
    reason="NO CHINESE FONT: install fonts-wqy-microhei or fonts-noto-cjk, or this proves nothing",
)


def seen(picture: Image.Image):
    return recognise(np.asarray(picture.convert("RGB")), lambda: None)


def test_english_print_is_read():
    found = seen(drawing("Call 13800138000 or", "mail wang.fang@example.com", "key sk-live-4eC39HqLyjWD"))
    assert not found.illegible
    lines = found.text.splitlines()
    assert "13800138000" in lines[0].replace(" ", "") and "wang.fang@example.com" in lines[1]
    assert "4eC39HqLyjWD" in lines[2].replace(" ", "")


@pytest.mark.parametrize("shape", [(60, 1600), (200, 1600), (1600, 200), (40, 420), (735, 2000), (8, 8)], ids=str)
def test_a_thin_picture_is_no_more_work_than_one_tile_and_nothing_in_it_moves(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (*shape, 3), np.uint8)
    wide = widened(pixels)
    height, width = wide.shape[:2]
    assert np.array_equal(wide[: shape[0], : shape[1]], pixels) and max(height, width) == max(shape)
    assert max(height, width) * max(1.0, ENLARGED / min(height, width)) <= TILE
    assert (wide[shape[0] :] == wide[shape[0] - 1]).all() and (wide[:, shape[1] :] == wide[:, [shape[1] - 1]]).all()


def test_a_line_of_small_print_is_read() -> None:
    strip = np.asarray(drawing("mail wang.fang@example.com or 13800138000", size=14, least=0).convert("RGB"))[10:50]
    text = recognise(strip, lambda: None).text.replace(" ", "")
    assert "wang.fang@example.com" in text and "13800138000" in text


TURNED = {"upright": 0, "a little": 4, "on its side": 90}


@NEEDS_CHINESE_FONT
@pytest.mark.parametrize(
    "how",
    [
        *("upright", "on its side"),
        pytest.param("a little", marks=pytest.mark.slow),  # as on its side, each line is cut out and turned
    ],
)
def test_chinese_print_is_read_upright_and_turned(how: str):
    picture = drawing("客户张三，手机 13800138000", "身份证 11010519491231002X", chinese=True)
    text = seen(picture.rotate(TURNED[how], expand=True, fillcolor="white")).text.replace(" ", "")
    assert "张三" in text and "13800138000" in text and "11010519491231002X" in text


def test_light_print_on_dark_ground_is_read():
    picture = Image.eval(drawing("password: hunter-22", least=0), lambda value: 255 - value)
    assert "hunter-22" in seen(picture).text.replace(" ", "")


@pytest.mark.parametrize("what", ["white", "noise", "a gradient"])
def test_a_picture_without_writing_is_read_and_says_nothing(what: str):
    if what == "white":
        pixels = np.full((300, 400, 3), 255, np.uint8)
    elif what == "noise":
        pixels = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
    else:
        pixels = np.tile(np.linspace(0, 255, 400, dtype=np.uint8)[None, :, None], (300, 1, 3))
    found = recognise(pixels, lambda: None)
    assert (found.text, found.illegible) == ("", False)


def test_writing_that_is_too_small_to_read_is_told():
    picture = drawing(*(f"Call 1380013800{number} or mail wang.fang@example.com" for number in range(6)), size=12)
    small = picture.resize((picture.width * 35 // 100, picture.height * 35 // 100))
    assert seen(small).illegible


def test_a_picture_of_a_few_pixels_holds_no_writing():
    assert recognise(np.zeros((3, 400, 3), np.uint8), lambda: None).text == ""


@pytest.mark.parametrize("size", [1, TILE, TILE + SLACK, TILE + SLACK + 1, 3840, LARGEST])
def test_tiles_cover_all_and_share_some(size: int):
    found = list(stretches(size))
    assert found[0][0] == 0 and found[-1][1] == size
    for (_, end), (start, _) in pairwise(found):
        assert end - start == OVERLAP
    assert all(end - start <= TILE + SLACK for start, end in found)


def test_a_tile_knows_its_place():
    pixels = np.zeros((3000, 4000, 3), np.uint8)
    pixels[2990, 3990] = 255
    (place,) = [(left, top) for tile, left, top in tiles(pixels) if tile.max()]
    assert place == (4000 - 2080, 3000 - 1580)


def test_only_huge_pictures_are_made_smaller():
    assert shrunk(np.zeros((10, LARGEST, 3), np.uint8)).shape == (10, LARGEST, 3)
    assert shrunk(np.zeros((100, 2 * LARGEST, 3), np.uint8)).shape == (50, LARGEST, 3)


def test_what_stands_in_a_row_is_in_one_line():
    lines = [Line("c", 1, 0, 50, 60), Line("b", 1, 80, 3, 12), Line("a", 1, 0, 0, 10), Line("d", 1, 0, 100, 110)]
    assert laid_out(lines) == "a  b\nc\nd"

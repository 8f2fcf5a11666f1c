"""The section on files is read whole, and every slip in it is told with its place."""

from pathlib import Path

import pytest

from proxy.documents.document import Limits
from proxy.errors import SettingsError
from proxy.settings.read import parse_settings

HERE = Path("/etc/sluice")


def read(text: str, **environment: str) -> Limits:
    return parse_settings(f"documents: {text}", "sluice.yaml", HERE, environment).documents


GOOD = {
    "nothing": ("{}", Limits()),
    "no OCR": ("{ocr: false}", Limits(ocr=False)),
    "sizes": ("{size: 8MiB, unpacked: 1GiB, memory: 1GiB}", Limits(size=8 << 20, unpacked=1 << 30, memory=1 << 30)),
    "time and processes": ("{seconds: 7.5, processes: 4}", Limits(seconds=7.5, processes=4)),
    "counts": (
        "{expansion: 50, depth: 2, files: 9, pages: 8, pictures: 7, pixels: 6, characters: 5}",
        Limits(expansion=50, depth=2, files=9, pages=8, pictures=7, pixels=6, characters=5),
    ),
}


@pytest.mark.parametrize(("text", "expected"), GOOD.values(), ids=GOOD)
def test_it_is_read(text: str, expected: Limits) -> None:
    assert read(text) == expected


WRONG = {
    "unknown key": ("{ocrs: true}", "1:13: unknown key `ocrs`"),
    "no switch": ("{ocr: maybe}", "must be one of true, false"),
    "no size": ("{size: 8}", "a size is expected"),
    "no number": ("{depth: deep}", "a whole number from 1"),
    "no time": ("{seconds: 0}", "a number above zero"),
    "too little memory": ("{memory: 64MiB}", "at least 256MiB"),
    "too many processes": ("{processes: 65}", "a whole number from 1 to 64"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_slip_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert said in str(caught.value)


def test_the_environment_beats_the_file() -> None:
    assert read("{ocr: true}", SLUICE_DOCUMENTS_OCR="false", SLUICE_DOCUMENTS_SECONDS="3") == Limits(
        ocr=False, seconds=3
    )

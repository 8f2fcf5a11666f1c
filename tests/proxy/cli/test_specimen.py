"""The specimen is read where pictures can be, and only there."""

import pytest

from proxy.cli.specimen import legible_after, picture_of
from proxy.documents.document import Limits
from tests.proxy.documents.files import PATIENT


@pytest.mark.slow  # tests/proxy/documents/test_ocr.py reads pictures, test_scan_files.py does in processes of their own
def test_the_specimen_is_read_and_timed() -> None:
    assert (legible_after(PATIENT) or 0.0) > 0.0


@pytest.mark.parametrize("limits", [Limits(ocr=False), Limits(pixels=10), Limits(memory=256 << 20)])
def test_where_pictures_cannot_be_read_that_is_said(limits: Limits) -> None:
    assert legible_after(limits) is None


def test_where_the_time_is_over_nobody_knows() -> None:
    with pytest.raises(TimeoutError):
        legible_after(Limits(seconds=0.001))


def test_each_specimen_is_another_picture() -> None:
    assert picture_of("a") != picture_of("b")

"""Windows become one batch, and none of them shows what it is made of."""

import numpy as np

from detectors.ner.model import Window, padded


def window(first, numbers):
    return Window(first, first + len(numbers), {"ids": np.array(numbers, np.int64)})


def test_short_rows_are_filled_up_with_the_number_for_padding():
    batch = padded([window(0, [1, 2, 3]), window(3, [4])], {"ids": 9})
    assert batch["ids"].tolist() == [[1, 2, 3], [4, 9, 9]]
    assert padded([window(0, [1, 2]), window(3, [4])], {})["ids"].tolist() == [[1, 2], [4, 0]]


def test_rows_of_features_keep_their_axes_and_kind():
    one = Window(0, 2, {"ids": np.ones((2, 16), np.int32)})
    other = Window(0, 1, {"ids": np.ones((1, 16), np.int32)})
    batch = padded([one, other], {})["ids"]
    assert batch.shape == (2, 2, 16) and batch.dtype == np.int32 and not batch[1, 1].any()


def test_a_window_does_not_show_its_numbers():
    assert "4711" not in repr(window(0, [4711]))

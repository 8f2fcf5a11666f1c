"""No refusal has a status that a client library tries again."""

import json

import pytest

from proxy.adapters.interface import Refusal
from proxy.adapters.vendors.refusing import final, tell


@pytest.mark.parametrize(
    ("status", "want"),
    [(400, 400), (403, 403), (408, 403), (409, 403), (413, 413), (429, 403), (500, 424), (503, 424), (200, 403)],
)
def test_every_status_becomes_final(status: int, want: int) -> None:
    assert final(status) == want


def test_an_answer_says_that_it_is_final_and_has_its_number() -> None:
    answer = tell(Refusal(503, "c", "不可", "SL-1"), {"m": "不可"}, status=200, extra=(("x-y", "1"),))
    headers = dict(answer.headers)
    assert (answer.status, json.loads(answer.body)) == (200, {"m": "不可"})
    assert (headers["x-should-retry"], headers["cache-control"], headers["x-request-id"]) == (
        "false",
        "no-store",
        "SL-1",
    )
    assert headers["content-type"] == "application/json" and headers["x-y"] == "1"

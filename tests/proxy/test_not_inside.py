"""An adapter is answered for by the company's model, or the page says why not."""

from proxy.coverage import covered
from proxy.not_inside import REASONS, why_not

ROWS = {one.id: one for one in covered()}


def test_an_adapter_is_answered_for_inside_or_has_a_reason_and_never_both() -> None:
    assert {one.id for one in ROWS.values() if not one.redirects and not why_not(one.id)} == set()
    assert {one.id for one in ROWS.values() if one.redirects and why_not(one.id)} == set()
    assert all(any(why == why_not(one) for one in ROWS) for _, why, _ in REASONS), "a reason that no adapter has"

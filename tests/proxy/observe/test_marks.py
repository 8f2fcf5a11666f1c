"""Steps are marked whatever becomes of them, and a look at the clock changes nothing of it."""

import pytest

from detectors.interface import Scan
from proxy.errors import StoreError
from proxy.observe.marks import STAGES, Mark, Marks, Timed


def test_a_step_is_marked_when_it_is_over() -> None:
    heard: list[Mark] = []
    marks = Marks(heard.append)
    with marks.stage("read"):
        assert heard == []
    assert (
        [(mark.stage, mark.failed) for mark in heard]
        == [("read", False)]
        == [(mark.stage, mark.failed) for mark in marks.done]
    )
    assert heard[0].took >= 0 and heard[0].began > 0


@pytest.mark.parametrize(("error", "stores"), [(StoreError("disk"), ["record"]), (ValueError("x"), [])])
def test_what_a_step_raises_goes_on_as_it_came(error: Exception, stores: list[str]) -> None:
    failed: list[str] = []
    marks = Marks(store_failed=failed.append)
    with pytest.raises(type(error)) as raised, marks.stage("record"):
        raise error
    assert raised.value is error and failed == stores
    assert [(mark.stage, mark.failed) for mark in marks.done] == [("record", True)]


class Told:
    """A searcher that tells what it was asked."""

    entities = frozenset({"EMAIL_ADDRESS"})

    def find(self, _text, entities):
        return Scan(unknown=entities)

    def find_all(self, texts, entities):
        return [self.find(text, entities) for text in texts]

    def find_spread(self, texts, groups, entities):
        return [self.find(text, entities) for text, _ in zip(texts, groups, strict=True)]


def test_a_timed_searcher_answers_as_the_other_does_and_marks_each_search() -> None:
    marks, plain = Marks(), Told()
    timed, asked = Timed(plain, marks), frozenset({"PHONE"})
    assert timed.entities == plain.entities
    assert timed.find("a", asked) == plain.find("a", asked)
    assert timed.find_all(["a", "b"], asked) == plain.find_all(["a", "b"], asked)
    assert timed.find_spread(["a"], [None], asked) == plain.find_spread(["a"], [None], asked)
    assert [mark.stage for mark in marks.done] == ["find"] * 3 and "find" in STAGES

"""Windows of many callers share batches, and no answer depends on it; nobody hangs, and no failure reads as empty."""

import time
from math import inf
from threading import Event, Thread
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.allowance import Interest, before
from detectors.effort import Effort
from detectors.interface import CannotTell
from detectors.ner import batch as room
from detectors.ner.batch import Batcher, Caller, Job, Pace, batches, run
from detectors.ner.model import Window
from tests.thorough import drawn

SOON = 20.0


class Double:
    """A model whose logits are twice its input; it notes its batches, may be held up, and fails on 13."""

    name, cost = "double", 1
    padding = MappingProxyType({})

    def __init__(self):
        self.batches = []
        self.go = Event()
        self.go.set()
        self.entered = Event()

    def run(self, inputs):
        self.entered.set()
        assert self.go.wait(SOON)
        self.batches.append(inputs["ids"].tolist())
        if (inputs["ids"] == 13).any():
            raise RuntimeError("the text says: 13")
        return (2.0 * inputs["ids"][:, :, None]).astype(np.float32)


def window(*numbers):
    return Window(0, len(numbers), {"ids": np.array(numbers, np.int64)})


@pytest.fixture
def batcher():
    one = Batcher()
    yield one
    one.close()


@pytest.fixture
def model():
    return Double()


def ask(batcher, model, *windows, seconds=SOON, caller=None):
    return (caller or Caller(batcher)).submit(model, windows, batcher.clock() + seconds)


def numbers(answers):
    return [answer[:, 0].tolist() for answer in answers]


def test_each_window_gets_its_own_answer_in_the_order_it_was_handed_over(batcher, model):
    job = ask(batcher, model, window(1, 2, 3), window(4), window(5, 6))
    assert numbers(job.wait()) == [[2, 4, 6], [8], [10, 12]]


def held(batcher, model):
    """Hold the worker with a first window, so that what comes next waits together; return its job."""
    model.go.clear()
    job = ask(batcher, model, window(99))
    assert model.entered.wait(SOON)
    return job


def test_those_who_wait_together_are_run_together(batcher, model):
    first = held(batcher, model)
    jobs = [ask(batcher, model, window(at, at)) for at in (1, 2, 3)]
    model.go.set()
    assert [numbers(job.wait()) for job in (first, *jobs)] == [[[198]], [[2, 2]], [[4, 4]], [[6, 6]]]
    assert model.batches == [[[99]], [[1, 1], [2, 2], [3, 3]]]


def test_a_small_text_does_not_wait_for_the_whole_of_a_large_one(model):
    batcher = Batcher(Pace(round=4, batch=4))
    first = held(batcher, model)
    large = ask(batcher, model, *(window(at) for at in range(20, 40)))
    small = ask(batcher, model, window(1))
    model.go.set()
    for job in (first, large, small):
        job.wait()
    batcher.close()
    assert [1] in model.batches[1], "the first round after it came"


def test_one_who_brings_many_texts_has_as_many_turns_as_one_who_brings_one(model):
    batcher = Batcher(Pace(round=4, batch=4))
    first = held(batcher, model)
    with batcher.caller() as caller:
        many = [ask(batcher, model, window(at), caller=caller) for at in range(20, 40)]
    one = ask(batcher, model, window(1))
    model.go.set()
    for job in (first, *many, one):
        job.wait()
    batcher.close()
    assert [1] in model.batches[1], "the first round after it came"


def test_two_models_take_turns(batcher, model):
    other = Double()
    first = held(batcher, model)
    jobs = [ask(batcher, one, window(at)) for at, one in ((1, model), (2, other), (3, model))]
    model.go.set()
    assert [numbers(job.wait()) for job in (first, *jobs)] == [[[198]], [[2]], [[4]], [[6]]]
    assert other.batches == [[[2]]] and model.batches == [[[99]], [[1], [3]]]


def test_a_window_waits_for_a_caller_who_is_about_to_bring_his(model):
    batcher = Batcher(Pace(wait=SOON))
    with batcher.caller() as caller:
        first = ask(batcher, model, window(1))
        second = ask(batcher, model, window(2))
        assert not model.entered.wait(0.05), "somebody is still making windows"
        caller.came(), caller.came()
        assert numbers(first.wait()) == [[2]] and numbers(second.wait()) == [[4]]
    batcher.close()
    assert model.batches == [[[1], [2]]]


def test_nobody_waits_for_a_caller_who_gave_up(model):
    batcher = Batcher(Pace(wait=SOON))
    with pytest.raises(ValueError, match="gave up"), batcher.caller():
        raise ValueError("gave up")
    assert numbers(ask(batcher, model, window(1)).wait()) == [[2]]
    batcher.close()


def test_a_window_that_a_model_fails_on_fails_alone(batcher, model):
    first = held(batcher, model)
    good, bad, fine = (ask(batcher, model, window(at)) for at in (1, 13, 2))
    model.go.set()
    assert numbers(first.wait() + good.wait() + fine.wait()) == [[198], [2], [4]]
    with pytest.raises(CannotTell) as told:
        bad.wait()
    assert "13" not in str(told.value), "a model's message may quote the text"
    assert told.value.__cause__ is None
    assert numbers(ask(batcher, model, window(3)).wait()) == [[6]], "the worker goes on"


class Broken(Double):
    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def run(self, inputs):
        return self.answer(inputs["ids"])


BROKEN = {
    "no numbers": lambda ids: np.full((*ids.shape, 2), np.nan, np.float32),
    "too few tokens": lambda ids: np.zeros((len(ids), 1, 2), np.float32),
    "too few rows": lambda ids: np.zeros((0, ids.shape[1], 2), np.float32),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_what_is_no_answer_is_not_taken_for_one(batcher, answer):
    with pytest.raises(CannotTell):
        ask(batcher, Broken(answer), window(1, 2)).wait()


def test_who_has_waited_long_enough_cannot_tell(batcher, model):
    first = held(batcher, model)
    note = Effort()
    with before(inf, effort=note):
        late = ask(batcher, model, window(1), seconds=0.01)
    with pytest.raises(CannotTell, match="no time"):
        late.wait()
    assert note.short and not note.crowded, "it was not for the text's sake"
    model.go.set()
    first.wait()
    assert numbers(ask(batcher, model, window(2)).wait()) == [[4]]
    assert [[1]] not in model.batches, "nobody waits for it any more"


def test_the_work_of_a_batch_is_noted_for_each_by_its_tokens(batcher, model, monkeypatch):
    clock = iter([1.0, 5.0])
    monkeypatch.setattr(room.time, "thread_time", lambda: next(clock))
    notes = [Effort(), Effort()]
    jobs = []
    for note, one in zip(notes, (window(1, 2, 3), window(4)), strict=True):
        with before(inf, effort=note):
            jobs.append(Job(model, [one], inf, batcher.clock))
    run([(job, 0) for job in jobs])
    assert [note.seconds for note in notes] == [3.0, 1.0]


def test_windows_that_nobody_waits_for_any_more_are_not_run(batcher, model):
    model.go.clear()
    first = ask(batcher, model, window(1))
    assert model.entered.wait(SOON)
    waits = Interest()
    with before(inf, waits=waits):
        left = ask(batcher, model, window(2), window(3))
    stays = ask(batcher, model, window(4))
    gone = Thread(target=waits.end)
    gone.start()
    with pytest.raises(CannotTell, match="nobody waits"):
        left.wait()
    gone.join()
    model.go.set()
    assert first.wait()[0] == stays.wait()[0] / 4
    assert model.batches == [[[1]], [[4]]]


def test_there_is_an_end_to_who_may_wait(model):
    batcher = Batcher(Pace(waiting=2))
    first = held(batcher, model)
    second = ask(batcher, model, window(1), window(2))
    note = Effort()
    with pytest.raises(CannotTell, match="too many"), before(inf, effort=note):
        ask(batcher, model, window(3))
    assert note.crowded and not note.short
    model.go.set()
    first.wait(), second.wait()
    assert numbers(ask(batcher, model, window(4), window(5)).wait()) == [[8], [10]], "room again"
    batcher.close()


def test_whoever_waits_when_it_shuts_down_cannot_tell(model):
    batcher = Batcher()
    first = held(batcher, model)
    waiting = ask(batcher, model, window(1))
    closing = Thread(target=batcher.close)
    closing.start()
    while not batcher._closed:
        time.sleep(0.001)
    model.go.set()
    closing.join(SOON)
    assert not closing.is_alive() and numbers(first.wait()) == [[198]]
    with pytest.raises(CannotTell, match="shut down"):
        waiting.wait()
    with pytest.raises(CannotTell, match="shut down"):
        ask(batcher, model, window(1))
    batcher.close()


def test_one_that_was_never_used_shuts_down():
    Batcher().close()


def jobs_of(model, lengths):
    until = time.monotonic() + SOON
    return [Job(model, [window(*range(1, length + 1))], until, time.monotonic) for length in lengths]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.integers(1, 120), st.sampled_from([0.6, 0.9]))
@settings(max_examples=drawn(80), deadline=None)
def test_batches_hold_every_window_once_and_little_padding(lengths, most, alike):
    taken = [(job, 0) for job in jobs_of(Double(), lengths)]
    made = list(batches(taken, most, alike))
    assert sorted(map(id, (pair[0] for batch in made for pair in batch))) == sorted(id(job) for job, _ in taken)
    for batch in made:
        sizes = [len(job.windows[place]) for job, place in batch]
        assert len(sizes) == 1 or max(sizes) * len(sizes) <= most
        assert min(sizes) >= alike * max(sizes)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=20))
@settings(max_examples=drawn(50), deadline=None)
def test_an_answer_does_not_depend_on_who_shares_the_batch(lengths):
    model = Double()
    jobs = jobs_of(model, lengths)
    for batch in batches([(job, 0) for job in jobs], 30, 0.6):
        run(batch)
    assert [numbers(job.wait()) for job in jobs] == [[[2.0 * at for at in range(1, length + 1)]] for length in lengths]


def test_many_callers_at_once_all_get_their_own(batcher, model):
    wrong = []

    def ask_often(one):
        for length in range(1, 12):
            with batcher.caller() as caller:
                job = ask(batcher, model, window(*[one] * length), caller=caller)
                caller.came()
                if numbers(job.wait()) != [[2.0 * one] * length]:
                    wrong.append(one)

    threads = [Thread(target=ask_often, args=(100 + one,)) for one in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert wrong == [] and not any(thread.is_alive() for thread in threads)
    assert len(model.batches) < 16 * 11, "some were run together"

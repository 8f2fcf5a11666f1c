"""A conversation opens for its owner alone, and nothing of it can be read in the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.interface import Talk
from proxy.errors import ConversationOver, StoreError, TooLarge
from proxy.internal import talks as module
from proxy.internal.talks import Talks
from proxy.store.sqlite import SqliteStore
from tests.proxy.vaults import kept

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ID = "3f0c2b5e-77aa-4b1d-9a52-0d6e5b1c9f01"
ALICE, BOB = "user:alice", "user:bob"


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


@pytest.fixture
def talks():
    made = Talks(*kept(), 30 * DAY)
    yield made
    made.store.close()


def hold(talks: Talks, *turns: tuple[str, str], owner: str = ALICE, at: datetime = NOW) -> None:
    """Hold a conversation; an empty answer never came."""
    for question, answer in turns:
        talk = talks.find(owner, "chatgpt", [ID], at) or Talk(ID)
        number = talks.ask(owner, "chatgpt", talk, asked(question), at)
        if answer:
            talks.answer(owner, "chatgpt", talk, number, answer, at)


def test_what_was_said_comes_back_to_its_owner(talks: Talks) -> None:
    hold(talks, ("你好", "Hello"), ("again?", ""))
    found = talks.find(ALICE, "chatgpt", ["x" * 9, ID.upper()], NOW)
    assert found is not None and (found.id.lower(), found.ours) == (ID, True)
    assert [([*turn.question], turn.answer) for turn in found.turns] == [
        (asked("你好"), "Hello"),
        (asked("again?"), ""),
    ]
    assert {turn.at for turn in found.turns} == {int(NOW.timestamp())}


@given(st.text(), st.text(min_size=1))
def test_any_text_comes_back_as_it_was(question: str, answer: str) -> None:
    talks = Talks(*kept(), DAY)
    hold(talks, (question, answer))
    found = talks.find(ALICE, "chatgpt", [ID], NOW)
    assert found is not None and ([*found.turns[0].question], found.turns[0].answer) == (asked(question), answer)
    talks.store.close()


@pytest.mark.parametrize(
    ("owner", "at"),
    [(BOB, NOW), (ALICE, NOW + 30 * DAY), (BOB, NOW + 31 * DAY)],
    ids=["somebody else", "too late", "both"],
)
def test_whoever_may_not_have_it_is_told_to_begin_anew(talks: Talks, owner: str, at: datetime) -> None:
    hold(talks, ("a", "b"))
    with pytest.raises(ConversationOver):
        talks.find(owner, "chatgpt", [ID], at)


@pytest.mark.parametrize(("service", "names"), [("claude", [ID]), ("chatgpt", [ID[:-1]]), ("chatgpt", [])])
def test_what_the_companys_model_has_not_begun_is_the_vendors(talks: Talks, service: str, names: list[str]) -> None:
    hold(talks, ("a", "b"))
    assert talks.find(ALICE, service, names, NOW) is None


def test_where_none_are_to_be_kept_none_is_and_none_goes_on(talks: Talks) -> None:
    hold(talks, ("a", "b"))
    off = replace(talks, kept_for=timedelta(0))
    with pytest.raises(ConversationOver):
        off.find(ALICE, "chatgpt", [ID], NOW)
    assert off.ask(ALICE, "chatgpt", Talk("another-1"), asked("x"), NOW) == 0
    assert off.find(ALICE, "chatgpt", ["another-1"], NOW) is None


def test_nothing_of_it_can_be_read_in_the_file(tmp_path) -> None:
    store = SqliteStore(tmp_path / "sluice.db")
    hold(Talks(*kept(store), DAY), ("Project Falcon", "The falcon flies"))
    store.close()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [word for word in (b"Falcon", b"falcon", ID.encode(), b"chatgpt") if word in written] == []


@pytest.mark.parametrize("other", [b"\1nothing", b"sealed for nobody" * 9])
def test_a_turn_that_was_changed_in_the_store_is_never_guessed_at(talks: Talks, other: bytes) -> None:
    hold(talks, ("a", "b"))
    talks.store.put_answer(1, other)
    with pytest.raises(StoreError, match="cannot be opened"):
        talks.find(ALICE, "chatgpt", [ID], NOW)


def test_a_question_is_no_answer_and_another_conversations_is_none_at_all(talks: Talks) -> None:
    hold(talks, ("a", "b"))
    digest = talks.digest("chatgpt", ID)
    for place in (f"question of {digest}", f"answer of {talks.digest('chatgpt', 'another-1')}"):
        talks.store.put_answer(1, talks.vault.seal(ALICE, talks.digest("chatgpt", ID), place, "forged", NOW))
        with pytest.raises(StoreError):
            talks.find(ALICE, "chatgpt", [ID], NOW)


@pytest.mark.parametrize("limit", ["MOST_TURNS", "MOST_BYTES"])
def test_one_that_grows_too_long_ends(talks: Talks, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    hold(talks, ("a", "b"), ("c", "d"))
    monkeypatch.setattr(module, limit, 2)
    with pytest.raises(TooLarge):
        hold(talks, ("e", "f"))


def test_an_ended_one_is_over(talks: Talks) -> None:
    hold(talks, ("a", "b"))
    talks.end("chatgpt", Talk(ID), NOW)
    with pytest.raises(ConversationOver):
        talks.find(ALICE, "chatgpt", [ID], NOW)

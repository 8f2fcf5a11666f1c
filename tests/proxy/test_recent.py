"""A value that comes in several requests: its last piece is taken out, and what is remembered for that is little."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.dictionary import Dictionary
from detectors.find import Finder, shipped_detectors
from detectors.interface import Scan
from proxy.errors import StoreError
from proxy.exchange import Part
from proxy.recent import (
    KEPT,
    LASTS,
    LENGTH,
    NEAR,
    Recent,
    find_after,
    is_secret_value,
    last_said,
    may_be_piece,
    nearest,
    run_together,
    tail_of,
)
from proxy.store.sqlite import SqliteStore
from tests.proxy.house import NOON, Tenant, chat, flow_to, open_house, world
from tests.proxy.vaults import Held, kept

CARD = "4539578763621486"
ID = "11010519491231002X"


@pytest.fixture(scope="module")
def finder() -> Finder:
    terms = (Dictionary(f"terms:{one.entity}", one.entity, one.terms) for one in world()[0].dictionaries)
    return Finder((*shipped_detectors(names=False), *terms))


@pytest.fixture
def tenant(tmp_path, finder):
    opened = open_house(tmp_path, finder=finder)
    yield opened
    opened.close()


@contextmanager
def remembering(store: SqliteStore | None = None, keys: Held | None = None) -> Iterator[Recent]:
    """Give what remembers, in memory or in a store of its own."""
    held, vault = kept(store or SqliteStore(None), keys)
    yield Recent(held, vault)
    held.close()


def say(tenant: Tenant, text: str, **more: object) -> str:
    """Send a text and return how it goes out."""
    flow = tenant.ask(flow_to("openai", chat(text, **more)))
    assert flow.response is None, flow.response
    return str(orjson.loads(flow.request.content or b"")["messages"][-1]["content"])


DRIPS = {
    "two halves": ["the card is 45395787", "63621486 and that is all"],
    "with words before": ["记一下卡号：45395787", "然后是 63621486"],
    "three thirds": ["card 453957", "876362", "1486"],
    "an identity card": ["身份证 110105", "19491231", "002X"],
    "an address of mail": ["write to zhang.wei@", "customer-mail.cn please"],
    "digit by digit": ["the number of my card, one by one", *CARD],
    "an identity card sign by sign": ["身份证号如下", *ID],
    "two digits at a time": [CARD[at : at + 2] for at in range(0, len(CARD), 2)],
    "four pieces alike": ["4242", "4242", "4242", "4242"],
    "harmless words between": ["card 45395787", "and now translate hello into French", "好的，谢谢", "63621486"],
}


@pytest.mark.parametrize("pieces", DRIPS.values(), ids=DRIPS)
def test_the_last_piece_of_a_value_does_not_go_out(tenant: Tenant, pieces: list[str]) -> None:
    for piece in pieces[:-1]:
        say(tenant, piece)
    assert "[" in say(tenant, pieces[-1]), "a placeholder stands for it"
    assert sum(tenant.records()[-1]["redacted"].values()) == 1


HARMLESS = {
    "nothing that goes on": ["the card is 45395787", "thank you 22222222"],
    "too long ago": ["the card is 45395787", "63621486"],
    "no check digits": ["order 45395787", "63621487 please"],
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_value_stays(tmp_path, finder: Finder, name: str) -> None:
    now = [NOON]
    tenant = open_house(tmp_path, lambda: now[0], finder=finder)
    first, second = HARMLESS[name]
    say(tenant, first)
    now[0] += LASTS if name == "too long ago" else timedelta(minutes=5)
    assert say(tenant, second) == second
    tenant.close()


def test_another_persons_piece_and_another_services_count_for_nothing(tenant: Tenant) -> None:
    say(tenant, "the card is 45395787")
    other = flow_to("openai", chat("63621486"))
    other.client_conn.peername = ("10.9.9.9", 1)
    tenant.ask(other)
    assert b"[" not in (other.request.content or b"").replace(b'"messages":[', b"")
    elsewhere = tenant.ask(flow_to("anthropic", chat("63621486")))
    assert orjson.loads(elsewhere.request.content or b"")["messages"][-1]["content"] == "63621486"


def test_a_client_that_repeats_the_conversation_is_not_read_twice(finder: Finder) -> None:
    """Its end, and the beginning that it sends once more, do not touch."""
    history = [Part("/0", "user", "63621486 is the first"), Part("/1", "user", "the number is 45395787")]
    before = [tail_of("the number is 45395787", "the number is 45395787")].copy
    found = find_after(before, finder, [*history, Part("/2", "user", "hello")], 0, frozenset({"CREDIT_CARD"}))
    assert [one.findings for one in found] == [(), (), ()]
    alone = find_after(before, finder, [Part("/0", "user", "63621486 is the rest")], 0, frozenset({"CREDIT_CARD"}))
    assert len(alone[0].findings) == 1


@pytest.mark.parametrize(
    ("ends", "texts"),
    [
        (["the card is 45395787"], ["hello", "63621486 end"]),
        (["hello there 7", "the card is 45395787"], ["hello there 7", "63621486 end"]),
        (["the card is 45395787"], ["hello", "how are you?", "fine", "thanks", "63621486 end"]),
    ],
    ids=["something harmless first", "one text once more", "much that is harmless first"],
)
def test_what_stands_before_the_last_words_of_a_body_does_not_part_them_from_what_was_said(
    finder: Finder, ends: list[str], texts: list[str]
) -> None:
    before = [tail_of(end, end) for end in ends].copy
    parts = [Part(f"/{at}", "user", text) for at, text in enumerate(texts)]
    found = find_after(before, finder, parts, 0, frozenset({"CREDIT_CARD"}))
    assert [len(one.findings) for one in found] == [0] * (len(texts) - 1) + [1]


def test_what_was_taken_out_is_not_remembered_and_what_is_kept_is_not_shown(tenant: Tenant) -> None:
    say(tenant, f"pay with {CARD}")
    say(tenant, f"{CARD} is mine, of 2031")
    (tail,) = tenant.house.ledger.recent.before("address:127.0.0.1", "openai-api", NOON)
    assert CARD not in tail.sent and tail.sent.endswith("of 2031") and "2031" not in repr(tail)
    store = tenant.house.ledger.store
    assert isinstance(store, SqliteStore)
    rows = store.rows("SELECT * FROM ends")
    assert len(rows) == 1 and "2031" not in repr(rows) and "127.0.0.1" not in repr(rows) and "openai" not in repr(rows)


def test_only_what_has_gone_out_is_remembered(tenant: Tenant) -> None:
    tenant.ask(flow_to("openai", chat("华星科技 45395787")))  # to the company's model
    tenant.ask(flow_to("forbidden", chat("45395787")))
    assert say(tenant, "63621486") == "63621486"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 90), st.text(max_size=400)), max_size=40))
def test_there_is_never_more_than_a_little_of_anybody(said: list[tuple[int, int, str]]) -> None:
    now = NOON
    with remembering() as recent:
        for person, minutes, text in said:
            now += timedelta(minutes=minutes)
            recent.remember(f"p{person}", "s", tail_of(text, text), now)
            tails = recent.before(f"p{person}", "s", now)
            assert len(tails) <= KEPT and all(len(one.sent) <= LENGTH for one in tails)
            assert not may_be_piece(text[-LENGTH:]) or tails[-1].sent == text[-LENGTH:]
            assert recent.before("nobody", "s", now) == ()


def test_a_clock_that_is_put_back_keeps_nothing_alive() -> None:
    with remembering() as recent:
        recent.remember("p", "s", tail_of("7", "7"), NOON)
        for at in (NOON + LASTS, NOON - LASTS, datetime(2030, 1, 1, tzinfo=NOON.tzinfo)):
            assert recent.before("p", "s", at) == ()
        assert recent.before("p", "s", NOON - timedelta(minutes=1))


def test_another_process_and_one_that_is_started_again_know_it_and_who_was_forgotten_is_not_known(tmp_path) -> None:
    keys, text = Held(), "card 4539\udc80 4539"
    with remembering(SqliteStore(tmp_path / "s.db"), keys) as first:
        first.remember("p", "s", tail_of(text, text), NOON)
        with remembering(SqliteStore(tmp_path / "s.db"), keys) as second:
            assert [one.sent for one in second.before("p", "s", NOON)] == [text]
            first.store.forget_owner("p", NOON)  # the key alone goes: what it sealed opens no more
            assert second.before("p", "s", NOON) == ()
            first.remember("p", "s", tail_of("card 7", "card 7"), NOON)
            assert [one.sent for one in second.before("p", "s", NOON)] == ["card 7"], "it hides nothing that opens"


class Deaf(SqliteStore):
    """A store that is asked for nothing and given nothing of what was said."""

    def get_ends(self, *_: object) -> list[bytes]:
        raise StoreError("asked")

    def put_end(self, *_: object) -> None:
        raise StoreError("told")


ORDINARY_WORDS = {
    "English": "Please translate this into German. It's a well-known text",
    "Chinese": "请把这段话翻译成英文，谢谢！",
    "a question": "What is the capital of France?",
    "a number within": "In 2024 we sold 300 pieces, which is more than before",
    "code": "def add(a, b):\n    return a + b\n\nexplain this {code}",
}


@pytest.mark.parametrize("text", ORDINARY_WORDS.values(), ids=ORDINARY_WORDS)
def test_a_harmless_request_asks_the_store_for_nothing(finder: Finder, text: str) -> None:
    assert not may_be_piece(text)
    parts = [Part("/0", "system", "Answer in 20 words"), Part("/1", "user", text)]
    asked = frozenset({"CREDIT_CARD"})
    with remembering(Deaf(None)) as deaf:
        deaf.remember("p", "s", tail_of(text, text), NOON)
        find_after(deaf.asked("p", "s", NOON, b"k"), finder, parts, 0, asked)
        for piece in ("63621486", "then comes 63621486."):
            with pytest.raises(StoreError, match="asked"):
                find_after(deaf.asked("p", "s", NOON, b"k"), finder, [Part("/", "user", piece)], 0, asked)
            with pytest.raises(StoreError, match="told"):
                deaf.remember("p", "s", tail_of(piece, piece), NOON)


def test_of_long_ends_a_few_are_read_and_of_small_ones_all() -> None:
    ends = [tail_of(text, text) for text in ("a 12", "b 34", "c 56", "d 78")]
    digits = [tail_of(one, one) for one in CARD]
    assert nearest(ends) == ends[-NEAR:]
    assert nearest([*ends, *digits]) == [ends[-1], *digits]
    assert nearest([*digits, *ends]) == ends[-NEAR:] and nearest([]) == []
    assert run_together(["my card", "45", " 39.", "a 7", "8"]) == ["my card", "4539", "a 7", "8"]
    assert run_together([]) == []


PARTS = {
    "the newest turn of a user": (["user:a", "assistant:b", "user:c", "tool:d"], "c"),
    "nobody is called a user": (["other:a", "other:b"], "b"),
    "only the model speaks": (["assistant:a"], None),
    "nothing": ([], None),
}


@pytest.mark.parametrize(("told", "wanted"), PARTS.values(), ids=PARTS)
def test_whose_words_are_the_last(told: list[str], wanted: str | None) -> None:
    parts = [Part("/", one.partition(":")[0], one.partition(":")[2]) for one in told]
    found = last_said(parts, [part.text for part in parts], [Scan()] * len(parts), b"k")
    assert (found.sent if found else None) == wanted


SECRETS = {
    "password": (
        {"lM#IqrQb#NPS", "Zhang.Wei!2024", "20240101", "sa-4tz9w", "p@ss"},
        {"Wei", "zhang.wei1990", "Mary-Jane", "it is Li Wei", "张伟2024", ""},
    ),
    "api_key": (
        {"mg9qXiqjVfmfkxNei61JPM4qULU0rOBh"},
        {"john-smith-20240101", "Wei", "zhangwei1990", "mg9q Xiqj VfmfkxNei61JPM4q"},
    ),
    "owner": (set(), {"lM#IqrQb#NPS", "mg9qXiqjVfmfkxNei61JPM4qULU0rOBh"}),
    "": (set(), {"mg9qXiqjVfmfkxNei61JPM4qULU0rOBh"}),
}


@pytest.mark.parametrize("label", SECRETS)
def test_one_word_under_the_key_of_a_secret_that_no_name_looks_like_is_one(label: str) -> None:
    secrets, others = SECRETS[label]
    assert {one for one in secrets | others if is_secret_value(label, one)} == secrets


class Reader:
    """A detector of names that finds none, and remembers what it read."""

    name, entities = "reader", frozenset({"PERSON"})

    def __init__(self) -> None:
        self.read: list[str] = []

    def find(self, text: str, _entities: frozenset[str]) -> tuple[()]:
        self.read.append(text)
        return ()


def test_no_model_for_names_reads_a_secret_and_every_other_text_is_read() -> None:
    reader = Reader()
    told = [
        ("password", "lM#IqrQb#NPS", True),
        ("owner", "Li Wei", True),
        ("", "hello", False),
        ("password", "Wei", True),
        ("password", "王小明的生日", True),
        ("token_owner", "Jane Doe", True),
    ]
    parts = [Part("/", "user", text, label=label, keyed=held) for label, text, held in told]
    assert len(find_after(tuple, Finder([reader]), parts, 0, frozenset({"PERSON"}))) == len(parts)
    assert sorted(reader.read) == sorted(["Li Wei", "hello", "Wei", "王小明的生日", "Jane Doe"])

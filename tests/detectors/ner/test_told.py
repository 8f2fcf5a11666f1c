"""A secret that a model sees is taken whole, without what stands round it, and only where the text is a sentence."""

import time
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.allowance import Allowance, Given, Interest
from detectors.interface import CannotTell
from detectors.ner.mention import Mention
from detectors.ner.told import LONGEST, UNSAID, is_told, told
from tests.rows import each

LEAST = 0.5


def seen(text: str, part: str, score: float = 0.9) -> tuple[Mention, float]:
    start = text.index(part)
    return Mention(start, start + len(part), "PASSWORD", score, ("model:latin",)), LEAST


def values(text: str, part: str, score: float = 0.9) -> list[str]:
    return [text[one.start : one.end] for one in told(text, [seen(text, part, score)])]


@each(
    ("text", "part", "value"),
    [
        ("the shed opens with 4417 and a push", "4417", "4417"),
        ("the shed opens with 4417.", "4417.", "4417"),
        ("mine is hunter2! so far", "hunter", "hunter2!"),
        ("mine is Blue-Otter_9, hers is not", "Otter", "Blue-Otter_9"),
        ("mine is Blue-Otter_9.", "Blue", "Blue-Otter_9"),
        ("it only takes “kX9$mmq2” now", "“kX9", "kX9$mmq2"),
        ("the words are purple monkey dishwasher (old)", "purple monkey dishwasher", "purple monkey dishwasher"),
        ("后门按4417#进来", "4417", "4417#"),
        ("后门按1120进来", "1120", "1120"),
        ("暗号是天王盖地虎，别说出去", "天王盖地虎", "天王盖地虎"),
        ("他的是「woaini1314」", "woaini", "woaini1314"),
        ("the shed opens with 4417👍", "4417", "4417"),
        ("the shed opens with 4417…", "4417", "4417"),
        ("裏口のドアは4417です", "4417", "4417"),
        ("뒷문은 4417입니다", "4417", "4417"),
        ("mine is Пароль-2019 now", "2019", "Пароль-2019"),
        ("mine is pässwört§77€ now", "77", "pässwört§77€"),
        ("admin/Qt#2023spring on the till", "2023", "Qt#2023spring"),
        ("Wi-Fi密码：小猪佩奇2024", "2024", "小猪佩奇2024"),
        ("仓库门按2024进", "2024", "2024"),
        ("Evita,17,yes,3352\nMilo,18,no,3353", "3352", "3352"),
    ],
)
def test_a_secret_is_taken_whole_and_alone(text: str, part: str, value: str) -> None:
    assert values(text, part) == [value]


@each(
    ("text", "part", "why"),
    [
        ("type your password here", "password", "it is the word for one"),
        ("it says ******** there", "********", "it is hidden already"),
        ("put ${TOKEN} there", "${TOKEN}", "it is a variable"),
        ("see https://example.com/a4417b for it", "4417", "it is a part of an address"),
        ("see bob4417@example.com for it", "4417", "it is a part of an address"),
        ("it takes 44 now", "44", "it is too short"),
        ("the card is 4417 1234 5678 9113", "4417 1234 5678 9113", "it is too long a number for a code"),
        ("dial 116117 for a doctor", "116117", "everybody knows it"),
        ("紧急情况拨112", "112", "everybody knows it"),
        ("visits,18420,17903,2.9%\nwhy", "18420", "it stands in a row of figures"),
        ("sum up\n4821\n9930\n4417\n1204\n8830\n", "4417", "it stands in a column of figures"),
        ("let f(x)=x2-2ax+3 be", "x2-2ax+3", "it is an equation"),
        ("keys: toast.saved=Saved! is new", "toast.saved=Saved!", "it is an assignment"),
        ("it takes " + "x1" * LONGEST + " now", "x1", "it is too long"),
        ("it takes x1 " + "x1 " * LONGEST + "now", "x1 " * LONGEST, "so much is none, whatever is cut off"),
    ],
)
def test_what_is_no_value_is_left_alone(text: str, part: str, why: str) -> None:
    assert values(text, part) == [], why


CODE = """def opened(door):
    code = door.code
    return code == 4417


class Door:
    def shut(self):
        pass
"""
LOG = "".join(f"2026-11-28 10:00:0{at} INFO {what}\n" for at, what in enumerate(("opened with 4417", "shut", "idle")))


@each(("text", "score"), [(CODE, 0.99), (LOG, 0.99), ("the shed opens with 4417", 0.4)])
def test_a_model_is_not_believed_in_code_or_logs_or_when_it_is_not_sure(text: str, score: float) -> None:
    assert values(text, "4417", score) == []


@each(("score", "taken"), [(LEAST + UNSAID + 0.05, False), (LEAST + UNSAID + 0.15, True)])
def test_in_a_table_a_model_must_be_surer(score: float, taken: bool) -> None:
    assert bool(values("Evita,17,yes,3352\nMilo,18,no,3353", "3352", score)) is taken


@each(
    ("text", "part", "because", "score", "taken"),
    [
        ("the shed door takes 4417", "4417", "model:latin", LEAST, True),  # a figure, and something is opened
        ("it was 4417 again", "4417", "model:latin", LEAST, False),  # nothing is opened
        ("it was 4417 again", "4417", "model:latin", LEAST + UNSAID, True),
        ("仓库门是4417", "4417", "model:hashed", LEAST, True),
        ("倉庫門是4417", "4417", "model:hashed", LEAST, True),  # traditional, too
        ("the shed door takes marmalade", "marmalade", "model:latin", LEAST, False),  # a mere word
        ("把“春眠不觉晓”改写成白话", "春眠不觉晓", "model:hashed", 0.95, False),  # mere words, nothing opened
        ("also for cp313-abi3-linux_x86_64 now", "cp313-abi3-linux_x86_64", "model:latin", 0.95, False),  # joined words
        ("see pkg.module.name for more", "pkg.module.name", "model:latin", 0.95, False),
        ("admin logs in with pkg.module.name", "pkg.module.name", "model:latin", LEAST + UNSAID, True),
        ("the door opens with marmalade", "marmalade", "model:hashed", 0.95, False),  # which is for Chinese
        ("开门用marmalade", "marmalade", "model:hashed", LEAST + UNSAID, True),
        ("暗号是“春眠不觉晓”", "春眠不觉晓", "model:hashed", LEAST + UNSAID, True),
    ],
)
def test_how_sure_a_model_must_be_follows_from_what_is_said_around(
    text: str, part: str, because: str, score: float, taken: bool
) -> None:
    start = text.index(part)
    one = Mention(start, start + len(part), "PASSWORD", score, (because,))
    assert bool(told(text, [(one, LEAST)])) is taken


@each(
    ("label", "because", "ours"),
    [
        ("PASSWORD", ("model:latin",), True),
        ("PASSWORD", ("model:hashed",), True),
        ("PASSWORD", ("model:strange",), False),
        ("PERSON", ("model:latin",), False),
    ],
)
def test_only_what_our_models_learnt_from_sentences_is_judged_here(label: str, because: tuple, ours: bool) -> None:
    assert is_told((Mention(0, 4, label, 0.9, because), LEAST)) is ours


@given(st.text('ab1.!#"“，。 \n门', min_size=1, max_size=40), st.data())
def test_whatever_is_taken_lies_in_the_text_and_holds_what_was_seen_but_for_its_edges(text: str, data) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for one in told(text, [(Mention(start, end, "PASSWORD", 0.9, ("model:latin",)), LEAST)]):
        value = text[one.start : one.end]
        assert value == value.strip() and len(value) >= 3
        seen_letters = {at for at in range(start, end) if text[at].isalnum()}
        assert seen_letters <= set(range(one.start, one.end)), "it cut a letter off"


def test_whoever_looks_at_many_places_can_be_stopped() -> None:
    text = "the shed opens with 4417"
    with Given(Allowance(9, inf, time.monotonic, Interest())), pytest.raises(CannotTell):
        told(text, [seen(text, "4417")] * 10)


def test_a_secret_keeps_its_reasons() -> None:
    text = "the shed opens with 4417"
    assert told(text, [seen(text, "44")]) == [Mention(20, 24, "PASSWORD", 0.9, ("model:latin",))]


def test_what_is_told_once_is_found_wherever_else_it_stands_in_the_text_as_a_whole_word() -> None:
    text = "the shed opens with 4417. Poster:\n- swipe\n- 4417\nnot 44170, room 4417-b"
    found = told(text, [seen(text, "4417")])
    assert [one.start for one in found] == [text.index("4417"), text.index("4417\n"), text.index("4417-b")]
    short = "it takes 417, then 417"
    assert len(told(short, [seen(short, "417")])) == 1, "too short to be the same elsewhere"

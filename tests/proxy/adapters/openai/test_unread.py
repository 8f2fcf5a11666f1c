"""Tokens of the service's own go back as they came; what can be read in their place is read."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.openai.unread import LARGEST_ID, is_token_list, without_sealed, without_token_ids
from proxy.adapters.prompt import Rules, TreePrompt, read_json
from proxy.adapters.sealed import is_sealed

TOKEN = base64.urlsafe_b64encode(bytes(range(256))).decode()
PLACES = ("/input/*/encrypted_content", "/seal")


def read(body: object) -> TreePrompt:
    return read_json(json.dumps(body, ensure_ascii=False).encode(), Rules())


def texts(prompt: TreePrompt) -> list[str]:
    return [part.text for part in prompt.parts if not part.pointer.endswith("#key")]


SEALS = {
    "long ciphertext": (TOKEN, True),
    "short ciphertext": (TOKEN[:64], True),
    "shorter than any": (TOKEN[:63], False),
    "a text": ("My card is 4111 1111 1111 1111, and it stands where only ciphertext should.", False),
    "a text in base64": (
        base64.b64encode("我的信用卡号是 4111111111111111，请勿外传，谢谢，再见。".encode() * 2).decode(),
        False,
    ),
    "a document": (base64.b64encode(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(200))).decode(), False),
    "an archive": (base64.b64encode(b"PK\x03\x04\x14\x00" + bytes(range(200))).decode(), False),
    "a picture": (base64.b64encode(b"\x89PNG\r\n\x1a\n\x00" + bytes(range(200))).decode(), False),
    "digits alone": ("4111111111111111" * 5, False),
    "no text at all": (7, False),
}


@pytest.mark.parametrize(("value", "want"), SEALS.values(), ids=SEALS.keys())
def test_only_base64_of_what_nobody_can_read_is_sealed(value, want: bool):
    assert is_sealed(value) is want
    prompt = without_sealed(read({"input": [{"encrypted_content": value, "text": "张伟"}]}), PLACES)
    assert texts(prompt)[-1] == "张伟"
    assert (len(texts(prompt)) == 1 and not prompt.opaque and not prompt.files) is (want or value == 7)


def test_elsewhere_the_same_token_stays_opaque():
    prompt = without_sealed(read({"seal": TOKEN, "input": [{"image": TOKEN}], "other": {"seal": TOKEN}}), PLACES)
    assert list(prompt.opaque) == ["/input/0/image", "/other/seal"]
    assert [file.pointer for file in prompt.files] == list(prompt.opaque)


def test_what_is_left_out_goes_back_byte_for_byte_beside_what_changes():
    body = {"seal": TOKEN, "input": [{"encrypted_content": TOKEN[:80], "text": "张伟"}]}
    prompt = without_sealed(read(body), PLACES)
    changed = json.loads(
        prompt.rewrite(["[PERSON_7K2F9ABC]" if part.text == "张伟" else part.text for part in prompt.parts])
    )
    assert changed == {"seal": TOKEN, "input": [{"encrypted_content": TOKEN[:80], "text": "[PERSON_7K2F9ABC]"}]}


LISTS = {
    "one list": ([100264, 9906, 0], ["/input"], []),
    "lists": ([[100264], [198001, 2]], ["/input/0", "/input/1"], []),
    "lists and a text": ([[100264], "张伟"], ["/input/0"], ["张伟"]),
    "an empty list": ([[], [198001]], ["/input/1"], []),
    "a number that is no token": ([LARGEST_ID, 198001], [], [str(LARGEST_ID), "198001"]),
    "a fraction": ([198001.5], [], ["198001.5"]),
    "below zero": ([-198001], [], ["-198001"]),
    "truth": ([True], [], []),
    "a text": ("张伟", [], ["张伟"]),
    "texts": (["Ann", "李雷"], [], ["Ann", "李雷"]),
    "lists that are deeper": ([[[198001]]], [], ["198001"]),
    "an object": ({"0": [198001]}, [], ["198001"]),
}


@pytest.mark.parametrize(("value", "opaque", "read_"), LISTS.values(), ids=LISTS.keys())
def test_token_ids_are_opaque_and_all_else_is_read(value, opaque: list[str], read_: list[str]):
    prompt = without_token_ids(read({"input": value}), "input")
    assert (list(prompt.opaque), texts(prompt)) == (opaque, read_)


@pytest.mark.parametrize("body", [[], 7, "x", {"other": [198001]}], ids=repr)
def test_a_body_without_the_field_has_none(body):
    assert without_token_ids(read(body), "input").opaque == ()


@given(st.lists(st.integers(0, LARGEST_ID - 1), min_size=1, max_size=20), st.text(max_size=5))
def test_a_list_of_ids_has_no_parts_and_is_written_back_as_it_was(ids: list[int], text: str):
    assert is_token_list(ids)
    prompt = without_token_ids(read({"prompt": ids, "suffix": text}), "prompt")
    assert list(prompt.opaque) == ["/prompt"]
    assert texts(prompt) in ([text], [])
    changed = json.loads(prompt.rewrite(["x"] * len(prompt.parts)))
    assert changed["prompt"] == ids

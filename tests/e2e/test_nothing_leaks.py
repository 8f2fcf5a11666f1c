"""Every planted value goes every way the street has, and is then looked for wherever it has no business to be."""

import pytest

from proxy.demo.process import run_sluice
from tests.e2e.street import CHAT, Planted, Street, completion, load_planted

WAYS = {
    "chat": lambda text: {"url": CHAT, "json": completion(text)},
    "stream": lambda text: {"url": CHAT, "json": completion(text, stream=True)},
    "unknown JSON": lambda text: {"url": "https://api.openai.com/v1/new", "json": {"x": [text]}},
    "forbidden": lambda text: {"url": "https://api.deepseek.com/v1/chat/completions", "json": completion(text)},
    "truncated": lambda text: {"url": CHAT, "content": f'{{"messages": [{{"content": "{text}"'.encode()},
    "query": lambda text: {"url": "https://chatgpt.com/c", "params": {"q": text}, "content": b""},
    "path of a forbidden host": lambda text: {"url": f"https://api.deepseek.com/{text}", "content": b"x"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", load_planted(), ids=lambda case: case.name)
def test_a_planted_value_is_nowhere_but_in_the_clients_own_answer(street: Street, case: Planted, way: str) -> None:
    answer = street.post(**WAYS[way](case.text))
    assert answer.status_code in (200, 400, 403)
    if answer.status_code != 200:
        assert case.value not in answer.text + str(answer.headers)
    street.expect_no_leak()
    street.expect_silence()


def test_the_audit_of_all_this_verifies_and_shows_no_value(street: Street) -> None:
    street.post(CHAT, json=completion(load_planted()[0].text))
    verified = run_sluice("audit", "verify", str(street.proxy.audit))
    assert verified.returncode == 0, verified.stdout.decode() + verified.stderr.decode()
    shown = run_sluice("audit", "show", str(street.proxy.audit))
    assert street.leaks(shown.stdout + shown.stderr + verified.stdout + verified.stderr) == []

"""What an exchange leaves behind: what happened, not what was said, in a chain that shows tampering."""

from pathlib import Path

import pytest

from tests.e2e.street import CHAT, Street, completion, load_planted, run_here

CARD = next(each for each in load_planted() if each.name == "card with spaces")


@pytest.fixture
def log(street: Street, tmp_path: Path) -> Path:
    """A copy of an audit file with lines of every kind."""
    for text in (CARD.text, "Summarise Project Falcon.", "hello"):
        street.post(CHAT, json=completion(text))
    street.post("https://api.deepseek.com/v1/chat/completions", json=completion(CARD.text))
    copy = tmp_path / "audit.jsonl"
    copy.write_bytes(street.proxy.audit.read_bytes())
    return copy


def test_a_line_says_who_what_and_how_it_ended(street: Street) -> None:
    street.post(CHAT, json=completion(CARD.text))
    record = street.last_record()
    wanted = {
        "user": "alice",
        "service": "openai-api",
        "host": "api.openai.com",
        "activity": "prompt",
        "adapter": "openai-chat",
        "verdict": "allowed",
        "route": "external",
        "outcome": "forwarded",
        "rules": ["office-use"],
        "inspection": "full",
        "entities": {"CREDIT_CARD": 1},
        "redacted": {"CREDIT_CARD": 1},
    }
    assert wanted == {key: record[key] for key in wanted}
    assert record["policy"].startswith("7@")


def test_the_line_of_a_request_is_there_before_its_bytes_go_out(street: Street) -> None:
    """The stand-in holds the answer; only a line written before it may be there by then."""
    street.external.manner.hold_after = 1
    with street.client() as client, client.stream("POST", CHAT, json=completion("hi", stream=True)):
        assert street.last_record()["outcome"] == "forwarded"
        street.external.manner.released.set()


def test_the_file_of_a_running_proxy_verifies(log: Path) -> None:
    done = run_here("audit", "verify", str(log))
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def edited(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b'"forwarded"', b'"refused"') for line in lines]


TAMPERED = {
    "edited": edited,
    "removed": lambda lines: lines[:1] + lines[2:],
    "reordered": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "doubled": lambda lines: [*lines[:2], *lines[1:]],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_line_that_was_tampered_with_is_found(log: Path, how: str) -> None:
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(TAMPERED[how](lines)))
    done = run_here("audit", "verify", str(log))
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr

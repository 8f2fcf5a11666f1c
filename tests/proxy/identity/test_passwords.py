"""Passwords in a file: what holds, what does not, a file that changes, and one place after another."""

import base64
import hashlib
from pathlib import Path

import bcrypt
import pytest

from proxy.errors import SettingsError
from proxy.identity.passwords import HOLDS, PasswordFile, Passwords


def line(name: str, password: str, *, sha: bool = False) -> str:
    if sha:
        return f"{name}:{{SHA}}{base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()}\n"
    return f"{name}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "users.htpasswd"
    made.write_text("# people\n" + line("wangfang", "a:b") + line("王芳", "密码") + line("old", "sha", sha=True))
    return made


@pytest.mark.parametrize(
    ("name", "password", "found"),
    [
        ("wangfang", "a:b", "wangfang"),
        ("王芳", "密码", "王芳"),
        ("old", "sha", "old"),
        ("wangfang", "a", ""),
        ("wangfang", "", ""),
        ("WANGFANG", "a:b", ""),
        ("nobody", "a:b", ""),
        ("", "", ""),
    ],
)
def test_a_password_holds_or_does_not(path: Path, name: str, password: str, found: str) -> None:
    assert PasswordFile(path).check(name, password) == found


def test_a_file_that_changes_is_read_anew_and_one_that_is_broken_lets_nobody_in(path: Path) -> None:
    file = PasswordFile(path)
    assert file.check("wangfang", "a:b")
    path.write_text(line("lilei", "new-password"))
    assert file.check("lilei", "new-password") and not file.check("wangfang", "a:b")
    path.write_text("lilei:plain-words\n")
    assert not file.check("lilei", "new-password") and not file.check("lilei", "plain-words")
    path.unlink()
    assert not file.check("lilei", "new-password")


@pytest.mark.parametrize("text", ["nonsense\n", "a:plain-secret\n", "a:$apr1$salt$secret\n", ":x\n"])
def test_a_file_that_cannot_be_used_is_told_without_a_word_of_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "users.htpasswd"
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        PasswordFile(path)
    assert str(path) in str(error.value) and "secret" not in str(error.value) and "htpasswd -B" in str(error.value)


class Place:
    def __init__(self, found: str) -> None:
        self.found, self.asked = found, 0

    def check(self, _name: str, password: str) -> str:
        self.asked += 1
        return self.found if password == "right" else ""


def test_what_has_held_counts_for_a_while_and_what_has_not_never_does() -> None:
    now, place = [0.0], Place("alice")
    passwords = Passwords((place,), b"k" * 32, lambda: now[0])
    assert [passwords.check("alice", "right") for _ in range(3)] == ["alice"] * 3 and place.asked == 1
    assert [passwords.check("alice", "wrong") for _ in range(3)] == [""] * 3 and place.asked == 4
    assert passwords.check("alicer", "ight") == ""  # where the name ends is in the digest
    now[0] = HOLDS
    assert passwords.check("alice", "right") == "alice" and place.asked == 6
    assert "right" not in repr(vars(passwords))


def test_places_are_asked_one_after_another() -> None:
    first, second = Place(""), Place("alice")
    assert Passwords((first, second), b"k" * 32).check("alice", "right") == "alice"
    assert (first.asked, second.asked) == (1, 1)

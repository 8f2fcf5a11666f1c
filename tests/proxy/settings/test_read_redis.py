"""The section `redis` of the settings: secrets by reference, mistakes with their place."""

import pytest

from proxy.errors import SettingsError
from proxy.settings.read import parse_settings
from proxy.store.address import Access


def read(text, folder, **environment):
    return parse_settings(f"redis:\n  {text}\n", "sluice.yaml", folder, environment).redis


def test_passwords_come_from_files_and_variables(tmp_path):
    (tmp_path / "pw").write_text("SECRET one\n", "utf-8")
    text = "{password_file: pw, sentinel_password_env: S, ca: ca.pem, certificate: c.pem, key: k.pem, replicas: 1}"
    found = read(text, tmp_path, S="SECRET two")
    paths = (tmp_path / name for name in ("ca.pem", "c.pem", "k.pem"))
    assert found == Access("SECRET one", "SECRET two", *paths, replicas=1)
    assert read("password_env: P", tmp_path, P="x") == Access("x")
    assert read("prefix: sluice-test.2", tmp_path) == Access(prefix="sluice-test.2")


def test_commands_that_send_nothing_open_the_store_with_the_passwords_they_find(tmp_path):
    (tmp_path / "pw").write_text("SECRET\n", "utf-8")

    def found(text):
        return parse_settings(f"redis: {text}\n", "sluice.yaml", tmp_path, {"P": "other"}, secrets=False).redis.password

    assert found("{password_file: pw}") == "SECRET" and found("{password_env: P}") == "other"
    assert found("{password_file: none}") == found("{password_env: Q}") == "", "not every command opens the store"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("password: SECRET", "unknown key `password`"),
        ("password_env: P", "the environment variable P is empty or not set"),
        ("password_file: none", "cannot be read"),
        ("key: k.pem", "a `key` belongs to a `certificate`"),
        ("prefix: 'a:{b}'", "letters, digits"),
        ("replicas: 10", "from 0 to 9"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, text, reason):
    with pytest.raises(SettingsError, match=r"sluice\.yaml:2:\d+") as caught:
        read(text, tmp_path)
    assert reason in str(caught.value)

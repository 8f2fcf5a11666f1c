"""Files of settings: which values stand under keys of secrets, however the file is written."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.settings_file import looks_set, values

FILES = {
    "YAML": ("a.yaml", "db:\n  user: root\n  password: correcthorse  # old\n", ["correcthorse"]),
    "YAML, quoted": ("a.yml", "密码: \"correct horse\"\npwd: 'a#b'\n", ["correct horse", "a#b"]),
    "YAML, name and value": (
        "d.yaml",
        "env:\n  - name: DB_PASSWORD\n    value: correcthorse\n  - name: X\n    value: y",
        ["correcthorse"],
    ),
    "YAML, a list": (
        "a.yaml",
        "passwords:\n  - correcthorse\n  - batterystaple\nother:\n  - x",
        ["correcthorse", "batterystaple"],
    ),
    "YAML, a map": (
        "a.yaml",
        "passwords:\n  root: correcthorse\n  db:\n    - batterystaple\npassword:\n  host: db1\n  hint: staple",
        ["correcthorse", "batterystaple"],
    ),
    "YAML, above": ("a.yaml", "password:\n  value: correcthorse\nhost: db", ["correcthorse"]),
    "YAML, entries in quotes": (
        "compose.yaml",
        "environment:\n  - \"DB_PASSWORD=correct!horse\"\n  - 'APP_PASSWORD: correct horse'  # old\n  - A=b\n",
        ["correct!horse", "correct horse"],
    ),
    "YAML, a quote in quotes": ("a.yaml", "password: 'correct''horse'\nx: y\n", ["correct''horse"]),
    "YAML, a text of its own lines": ("a.yaml", "password: |\n  correcthorse\nx: y\n", ["correcthorse"]),
    "env": (
        ".env",
        "export APP_SECRET=Zw99kk12\nDB_PASSWORD=correcthorse\nAPP_NAME=x1y2z3a4\n",
        ["Zw99kk12", "correcthorse"],
    ),
    "env, by its content": ("", "HOST=db\nDB_PASSWORD=correcthorse\n", ["correcthorse"]),
    "properties": ("a.properties", "spring.datasource.password=correcthorse\r\nx=y\r\n", ["correcthorse"]),
    "ini": ("my.cnf", "[client]\n;password=old\npassword = correcthorse\n", ["correcthorse"]),
    "YAML, in one line": ("a.yaml", "db: {user: root, password: correcthorse, port: 1}\nx: [1]", ["correcthorse"]),
    "YAML, an anchor": ("a.yaml", "password: &pw correcthorse\nother: *pw\n", ["correcthorse"]),
    "TOML, an array": ("a.toml", 'passwords = ["correcthorse", "a b"]\n', ["correcthorse", "a b"]),
    "TOML": ("a.toml", '[db]\npassword = "correcthorse"\nport = 1\n', ["correcthorse"]),
    "what says something about a password": ("a.yaml", "password_policy: strict\nshow_password: always\n", []),
    "a name of a secret": ("a.yaml", "secret: db-credentials\nsecretName: app-secret\n", []),
    "a note named after them": (
        "密码.txt",
        "Sommer2024\r\n- root: Zw99kk12\nhint: Abc12345\nsee the wiki\n",
        ["Sommer2024", "Zw99kk12"],
    ),
    "a list named after them": ("a/passwords.txt", "correcthorse\n\nstring\n", ["correcthorse"]),
    "a note named otherwise": ("password_policy.txt", "correcthorse\n", []),
    "prose": ("a.txt", "password: correcthorse\nis what we should never write, says the guide.\nAnd so on.", []),
}


@pytest.mark.parametrize("case", FILES)
def test_values_of_secrets_are_told(case: str) -> None:
    name, text, want = FILES[case]
    assert [text[one.start : one.end] for one in values(text, name)] == want


def test_a_text_is_settings_by_most_of_its_lines() -> None:
    assert looks_set("a: 1\nb: 2\n# note\n\nc = 3") and not looks_set("a: 1") and not looks_set("one\ntwo\na: 1\n")


@given(st.text(st.sampled_from("ab:=#-'\"\\\n \tpwd密码[{|"), max_size=200))
def test_places_are_in_order_and_within_their_lines(text: str) -> None:
    found = values(text, "a.yaml")
    assert all(one.start < one.end and "\n" not in text[one.start : one.end] for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))

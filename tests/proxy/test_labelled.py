"""What only a key gives away is found where a text is JSON, and in its value alone."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.interface import Finding, Scan
from proxy.adapters.openai_chat import OpenAIChat
from proxy.exchange import Field, Part
from proxy.labelled import LONGEST, TOGETHER, find_in, find_labelled, sheets_of, within

FINDER = Finder(shipped_detectors(names=False))
ENTITIES = DEFAULT_ENTITIES | {"PASSWORD", "API_KEY", "CN_PASSPORT"}
PASSWORD = "Zw99kk12"


def taken(content: str) -> dict[str, str]:
    """Return what is found in a message, by its entity."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
    parts = OpenAIChat().read(body, "application/json").parts
    scans = FINDER.find_all([part.text for part in parts], ENTITIES)
    found = find_labelled(FINDER, parts, scans, ENTITIES)
    return {
        one.entity: part.text[one.start : one.end]
        for part, scan in zip(parts, found, strict=True)
        for one in scan.findings
    }


CASES: dict[str, tuple[Any, str, str]] = {
    "an object": ({"user": "root", "password": PASSWORD}, "PASSWORD", PASSWORD),
    "deeper": ({"db": {"login": [{"password": PASSWORD}]}}, "PASSWORD", PASSWORD),
    "JSON in JSON": ({"config": json.dumps({"password": PASSWORD})}, "PASSWORD", PASSWORD),
    "Chinese": ({"密码": PASSWORD}, "PASSWORD", PASSWORD),
    "a map of passwords": ({"passwords": {"root": PASSWORD}}, "PASSWORD", PASSWORD),
    "a map of words": ({"passwords": {"root": "correcthorse"}}, "PASSWORD", "correcthorse"),
    "by whose it is": ({"passwords": {"mail": PASSWORD}}, "PASSWORD", PASSWORD),
    "by whose it is, deeper": ({"passwords": {"mail": {"work": "correcthorse"}}}, "PASSWORD", "correcthorse"),
    "by whose it is, in Chinese": ({"密码": {"邮箱": "correcthorse"}}, "PASSWORD", "correcthorse"),
    "by the name of a token": ({"passwords": {"token": PASSWORD}}, "PASSWORD", PASSWORD),
    "secrets": ({"secrets": {"db": {"main": PASSWORD}}}, "PASSWORD", PASSWORD),
    "credentials": ({"credentials": {"mail": PASSWORD}}, "PASSWORD", PASSWORD),
    "of an archive": ({"command": ["/usr/bin/zip", "-P", PASSWORD, "a.zip"]}, "PASSWORD", PASSWORD),
    "the new one": ({"login": {"password": {"new": PASSWORD}}}, "PASSWORD", PASSWORD),
    "a map of lists": ({"密码": {"机房": {"路由器": [PASSWORD]}}}, "PASSWORD", PASSWORD),
    "an argument": ({"command": ["sshpass", "-p", PASSWORD, "ssh", "h"]}, "PASSWORD", PASSWORD),
    "an argument with its option": ({"command": ["/usr/bin/mysql", f"-p{PASSWORD}"]}, "PASSWORD", f"-p{PASSWORD}"),
    "a pair": ([["password", PASSWORD]], "PASSWORD", PASSWORD),
    "a pair of a setting": ({"env": [["A", "b"], ["DB_PASSWORD", PASSWORD]]}, "PASSWORD", PASSWORD),
    "a label": ({"label": "密码", "text": PASSWORD}, "PASSWORD", PASSWORD),
    "columns and rows": ({"columns": ["user", "password"], "rows": [["bob", PASSWORD]]}, "PASSWORD", PASSWORD),
    "of which system": ({"db_password_prod": PASSWORD, "x": "secretWord"}, "PASSWORD", PASSWORD),
    "a secret word": ({"secretWord": PASSWORD}, "PASSWORD", PASSWORD),
    "a passport": ({"护照号": "E12345678"}, "CN_PASSPORT", "E12345678"),
    "a table": ([{"账号": "zhang", "密码": PASSWORD}, {"账号": "wang", "密码": "x"}], "PASSWORD", PASSWORD),
}


@pytest.mark.parametrize("name", CASES)
def test_a_key_gives_its_value_away(name: str) -> None:
    value, entity, wanted = CASES[name]
    assert taken(json.dumps(value, ensure_ascii=False)).get(entity) == wanted


ABOUT: dict[str, Any] = {
    "a schema": {"properties": {"password": {"type": "string", "format": "password1", "pattern": "abc12345"}}},
    "a form": {"password": {"label": "Passw0rd", "placeholder": "Sommer2024", "error": {"code": "E1234567"}}},
    "whose it is": {"passwords": [{"username": "zhangwei", "hint": "correcthorse"}]},
    "whose mailbox it is": {"passwords": [{"email": "zhangwei88", "site": "intranet5", "hint": "correcthorse"}]},
    "an address of mail": {"credentials": {"mail": "zhangwei88@corp.cn"}},
    "how secrets are kept": {"secrets": {"backend": "vault", "name": "app-secret-v2", "type": "kv2store"}},
    "a file of an archive": [["unzip", "-p", "archive1", "data1"], ["mysql", "-P", "dbport1"]],
    "names of columns": [["password", "user"], ["password", "varchar"]],
    "ports": {"command": ["docker", "run", "-p", "8080:80"], "x": ["sshpass", "-p", "$PASS1"]},
    "its rules": {"密码": {"规则": "correcthorse", "长度": "abc12345"}},
}


@pytest.mark.parametrize("name", ABOUT)
def test_what_is_said_about_a_password_beneath_its_name_is_none(name: str) -> None:
    assert "PASSWORD" not in taken(json.dumps(ABOUT[name], ensure_ascii=False))


@pytest.mark.parametrize("key", ["passwords", "password", "密码"])
@pytest.mark.parametrize("joint", [", ", "、", " and ", "/"])
def test_several_passwords_in_one_value_are_each_one_of_its_own(key: str, joint: str) -> None:
    values = ["Sommer2024", "Winter2025", "correcthorse"]
    body = json.dumps({"messages": [{"role": "user", "content": json.dumps({key: joint.join(values)})}]}).encode()
    parts = OpenAIChat().read(body, "application/json").parts
    scans = find_labelled(FINDER, parts, FINDER.find_all([part.text for part in parts], ENTITIES), ENTITIES)
    found = {part.text[one.start : one.end] for part, scan in zip(parts, scans, strict=True) for one in scan.findings}
    assert found == set(values)


def test_lines_of_json_are_read_with_their_keys() -> None:
    assert taken(f'{{"password":"{PASSWORD}"}}\n{{"password":"{PASSWORD}"}}\n').get("PASSWORD") == PASSWORD


def test_what_an_interface_calls_a_key_is_no_word_but_a_password_is_somebodys() -> None:
    parts = OpenAIChat().read(b'{"model":"m","prompt_cache_key":"k1","password":"Zw99kk12"}', "application/json").parts
    assert [(part.text, part.label) for part in parts] == [("k1", ""), (PASSWORD, "password")]


class Marker:
    """Finds every `#` with the two characters around it."""

    entities = frozenset({"MARK"})

    def find_all(self, texts: list[str], _entities: frozenset[str]) -> list[Scan]:
        return [
            Scan(
                tuple(Finding(max(0, at - 1), at + 2, "MARK", 1.0, "m") for at, sign in enumerate(text) if sign == "#")
            )
            for text in texts
        ]


@given(st.lists(st.tuples(st.text(max_size=5), st.text("ab#", max_size=20))))
def test_what_is_found_lies_in_its_value(made: list[tuple[str, str]]) -> None:
    parts = [Part("/p", "user", text, label=label) for label, text in made]
    for part, scan in zip(
        parts, find_labelled(Marker(), parts, [Scan()] * len(parts), frozenset({"MARK"})), strict=True
    ):  # type: ignore[arg-type]
        assert all(0 <= one.start < one.end <= len(part.text) for one in scan.findings)
        assert bool(scan.findings) >= ("#" in part.text and bool(part.label))


def test_what_is_found_already_is_not_found_twice_and_what_is_unknown_stays_so() -> None:
    parts = [Part("/p", "user", "a#b", label="k")]
    own = Scan((Finding(0, 3, "OWN", 1.0, "o"),), frozenset({"OTHER"}), away=True)
    assert find_labelled(Marker(), parts, [own], frozenset({"MARK"})) == [own]  # type: ignore[arg-type]


def test_of_a_long_value_the_beginning_is_read_and_no_sheet_grows_without_end() -> None:
    parts = [Part("/p", "user", "x" * size, label="k") for size in (10, TOGETHER, *[LONGEST] * 40)]
    sheets = list(sheets_of(parts, [Scan(())] * len(parts)))
    assert [number for sheet in sheets for _, number, _ in sheet.places] == list(range(len(parts)))
    assert all(len(sheet.text) <= TOGETHER + LONGEST + 20 * len(sheet.places) for sheet in sheets) and len(sheets) > 1


def test_an_identifier_as_a_whole_is_masked_behind_its_key_and_nothing_else_is() -> None:
    values = ["139001390013", "Ann Lee", "John", "half13900139001"]
    parts = [Part("/p", "user", value, label="k") for value in values]
    places = [(0, 12, "PHONE_NUMBER"), (0, 7, "OWN"), (0, 4, "PERSON"), (4, 15, "PHONE_NUMBER")]
    scans = [Scan((Finding(*place, 1.0, "m"),)) for place in places]
    (sheet,) = sheets_of(parts, scans)
    assert sheet.text == 'k: "************"\nk: Ann Lee\nk: "John"\nk: "half13900139001"\n'


def test_what_goes_over_a_border_is_cut_there_and_a_key_of_a_program_stays() -> None:
    text = "key: a#\n张三的卡: c"
    part = Part("/f", "user", text, fields=(Field(5, 7, ""), Field(14, 15, "")), bounded=True)
    over, key, word = (Finding(*place, "MARK", 1.0, "m") for place in ((6, 15), (0, 3), (8, 12)))
    found = within(part, Scan((key, over, word))).findings
    assert [text[one.start : one.end] for one in found] == ["#", "c", "张三的卡"]
    assert within(replace(part, bounded=False), Scan((over,))).findings == (over,)


@pytest.mark.parametrize(
    ("text", "over", "want"),
    [
        ("OA\tli\tQwer!2345\n", (3, 10), ["li", "Qwer"]),
        ("a\t 138 \t\t00\tb", (2, 11), ["138", "00"]),
        ("a\tb", (0, 1), ["a"]),
        ("\tBEGIN\n\tKEY", (1, 11), ["BEGIN\n\tKEY"]),
    ],
)
def test_what_goes_over_the_border_of_a_cell_is_cut_there(text: str, over: tuple[int, int], want: list[str]) -> None:
    found = within(Part("/f", "user", text), Scan((Finding(*over, "MARK", 1.0, "m"),))).findings
    assert [text[one.start : one.end] for one in found] == want


def test_what_a_key_gives_away_is_found_wherever_else_in_the_request_it_stands() -> None:
    told, bare = json.dumps({"password": PASSWORD}), f"ssh root@h1, then {PASSWORD}"
    parts = [Part("0", "tool", bare), Part("1", "user", told, fields=(Field(14, 14 + len(PASSWORD), "password"),))]
    for order in (parts, parts[::-1]):
        found = find_in(tuple, FINDER, order, 0, ENTITIES)
        assert [
            [part.text[one.start : one.end] for one in scan.findings] for part, scan in zip(order, found, strict=True)
        ] == [[PASSWORD]] * 2
    assert FINDER.find(bare, ENTITIES).findings == ()

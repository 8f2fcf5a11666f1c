"""Whatever JSON it is and wherever a secret stands in it: what goes out is JSON of the same shape."""

import io
import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.redact import PLACEHOLDER, redact
from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.attachments import parts_of
from proxy.documents.document import Limits
from proxy.documents.read import read_document
from proxy.labelled import find_in
from tests.proxy.documents.files import excel
from tests.thorough import drawn

FINDER: Final = Finder(shipped_detectors(names=False))
WITH_NAMES: Final = Finder(shipped_detectors())
SECRETS: Final = (
    ("密码", "Zw99kk12"),
    ("password", "correcthorse7"),
    ("db_password", 48293716),
    ("初始密码", 12345678),
    ("护照号", "E12345678"),
    ("手机", 13912345678),
    ("身份证", "110101199003074477"),
    ("email", "li.wei@kehu-mail.cn"),
    ("bank_card", 6222021234567890128),
)
WORDS: Final = ("gpt-4o", "claude-3", "ok", "model2", "", "第一页", "v1.2.3", "note7", "a b")
"""None names a secret: a list of such a name and a value is one, and so are rows below it."""
KEYS: Final = ("model", "model2", "note", "备注", "a", "n1", "stream", "db_name2", "config", "value", "名称", "x-1")
NUMBERS = st.integers(0, 4096).filter(lambda number: not 130 <= number <= 199)
"""Three in a row that begin with a carrier's digits, as in `130, 1000, 1000`, are a mobile number."""
PLAIN = st.sampled_from(WORDS) | NUMBERS | st.booleans() | st.none()
TREES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)
FOUND: Final = (*DEFAULT_ENTITIES, "CN_PASSPORT", "PASSWORD")


@st.composite
def hidden(draw: st.DrawFn) -> tuple[Any, Any]:
    """Return a body and the secret somewhere in it."""
    key, secret = draw(st.sampled_from(SECRETS))
    body: Any = draw(st.sampled_from((secret, [secret], [1, secret], {"value": secret}, [{"val": secret}])))
    around = draw(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=3))
    after = draw(st.dictionaries(st.sampled_from([one + "_" for one in KEYS]), TREES, max_size=3))
    body = {**around, key: body, **after}
    for _ in range(draw(st.integers(0, 3))):
        body = draw(st.sampled_from(({"data": body, "model": "gpt-4o"}, [body, "end"], {"x": [body], "n1": 7})))
    return body, secret


def sent(body: bytes, kind: str) -> bytes:
    """Return a body, or a file, as it goes out."""
    if kind == "file":
        document = read_document(body, "a.json", Limits(seconds=100))
        parts, rewrite = parts_of(document, "", "user"), document.rewrite
    else:
        prompt = choose(Asked("POST", "/api/unknown", host="ai.example")).read(body, "application/json")
        parts, rewrite = tuple(prompt.parts), prompt.rewrite
    scans = find_in(tuple, FINDER, parts, 0, frozenset(FOUND))
    return rewrite([redact(part.text, scan.findings, b"k").text for part, scan in zip(parts, scans, strict=True)])


def differs(old: Any, new: Any) -> list[tuple[Any, Any]]:
    """Return the values that are otherwise; the shape must be the same."""
    if isinstance(old, dict):
        assert isinstance(new, dict) and list(old) == list(new)
        return [pair for key in old for pair in differs(old[key], new[key])]
    if isinstance(old, list):
        assert isinstance(new, list) and len(old) == len(new)
        return [pair for one, other in zip(old, new, strict=True) for pair in differs(one, other)]
    return [] if type(old) is type(new) and old == new else [(old, new)]


@settings(max_examples=drawn(150, 40), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(hidden(), st.sampled_from(("body", "file", "pretty")))
def test_only_the_value_that_holds_the_secret_changes(made: tuple[Any, Any], kind: str) -> None:
    body, secret = made
    data = json.dumps(body, ensure_ascii=False, indent=2 if kind == "pretty" else None).encode()
    changed = differs(body, json.loads(sent(data, "file" if kind == "pretty" else kind)))
    assert [old for old, _ in changed] == [secret]
    assert all(isinstance(new, str) and PLACEHOLDER.fullmatch(new) for _, new in changed)


ROWS: Final[dict[str, tuple[list[list[str]], list[list[str]]]]] = {
    "a break in a cell": (
        [["姓名", "密码", "备注"], ["张三", "Abc@12345", "多行\n备注"], ["李四", "sunshine", "x"]],
        [["姓名", "密码", "备注"], ["#", "#", "多行\n备注"], ["#", "#", "x"]],
    ),
    "a break in a heading": ([["编号", "密码\n(初始)"], ["a", "Abc@12345"]], [["编号", "密码\n(初始)"], ["a", "#"]]),
    "a tab and a break": (
        [["编号", "备注", "密码"], ["1", "a\tb\nc", "Abc@12345"], ["2", "", "sunshine"]],
        [["编号", "备注", "密码"], ["1", "a\tb\nc", "#"], ["2", "", "#"]],
    ),
    "a name before a password": (
        [["系统", "账号", "密码"], ["OA", "li", "Qwer!2345"]],
        [["系统", "账号", "密码"], ["OA", "li", "#"]],
    ),
    "two cells of a name": ([["编号", "名", "姓"], ["1", "Wei", "Zhang"]], [["编号", "名", "姓"], ["1", "#", "#"]]),
}


@pytest.mark.parametrize("name", ROWS)
def test_cells_of_a_workbook_are_taken_whole_and_nothing_goes_over_their_borders(name: str) -> None:
    rows, want = ROWS[name]
    document = read_document(excel(rows), "a.xlsx", Limits(seconds=100))
    parts = parts_of(document, "", "user")
    scans = find_in(tuple, WITH_NAMES, parts, 0, frozenset((*FOUND, "PERSON")))
    made = document.rewrite(
        [redact(part.text, scan.findings, b"k").text for part, scan in zip(parts, scans, strict=True)]
    )
    cells = [[cell.value or "" for cell in row] for row in load_workbook(io.BytesIO(made)).active.rows]
    assert [[PLACEHOLDER.sub("#", cell) for cell in row] for row in cells] == want

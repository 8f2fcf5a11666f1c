"""Values of registered rows are found however they are written, and only where they say something."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.company.exact import COMMON, ExactMatch
from detectors.redact import redact
from tests.detectors.company.samples import ROWS, exact, plan, values
from tests.thorough import drawn


@pytest.fixture(scope="module")
def customers(tmp_path_factory) -> ExactMatch:
    return exact(tmp_path_factory.mktemp("state"), asked=plan(alone=("账号", "证件", "邮箱")))


FOUND = {
    "name and telephone of a row": ("客户欧阳明月，电话13812340001。", ["欧阳明月", "13812340001"]),
    "the order does not matter": ("13812340001（欧阳明月）", ["13812340001", "欧阳明月"]),
    "name in traditional characters": ("歐陽明月 13812340001", ["歐陽明月", "13812340001"]),
    "spaces in a name": ("欧阳 明月：138 1234 0001", ["欧阳 明月", "138 1234 0001"]),
    "full width": ("欧阳明月 １３８１２３４０００１", ["欧阳明月", "１３８１２３４０００１"]),
    "country code in one piece": ("欧阳明月 +8613812340001", ["欧阳明月", "13812340001"]),
    "country code apart": ("欧阳明月 +86 138 1234 0001", ["欧阳明月", "138 1234 0001"]),
    "English name in any case": ("MARIA  LOPEZ, 139-1234-0002", ["MARIA  LOPEZ", "139-1234-0002"]),
    "company without its brackets": ("上海北斗集团有限公司 欧阳明月", ["上海北斗集团有限公司", "欧阳明月"]),
    "company with half-width brackets": ("欧阳明月@上海北斗(集团)有限公司", ["欧阳明月", "上海北斗(集团)有限公司"]),
    "account alone": ("转到6222021234567890吧", ["6222021234567890"]),
    "account in groups": ("card 6222-0212-3456-7890.", ["6222-0212-3456-7890"]),
    "identity card alone, small letter": ("证件11010119900307001x", ["11010119900307001x"]),
    "e-mail alone": ("写信给m.lopez@example.org谢谢", ["m.lopez@example.org"]),
    "zero-width characters": ("欧\u200b阳明月 138\u200b12340001", ["欧\u200b阳明月", "138\u200b12340001"]),
}


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_values_of_one_row_are_found_however_they_are_written(customers, text, want):
    assert values(customers, text) == want


NEAR_MISSES = {
    "a name alone": "今天欧阳明月来过。",
    "a telephone number alone": "请拨打13812340001。",
    "a company alone": "Falcon Heavy Industries",
    "name and telephone of two rows": "欧阳明月 13912340002",
    "another digit": "欧阳明月 13812340002",
    "a number within a longer one": "欧阳明月 2138123400019",
    "a name within a longer number of words": "欧阳明 13812340001",
    "a code within a longer one": "证件XE887766551",
    "placeholders of forms": "測試員 13800138000 test@example.com 123456789",
    "far apart": f"欧阳明月{'。' * 150}13812340001",
}


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_what_is_no_row_is_not_found(customers, text):
    assert values(customers, text) == []


def test_a_finding_says_how_many_columns_speak_for_it(customers):
    two = customers.find("欧阳明月 13812340001", customers.entities)
    three = customers.find("欧阳明月 13812340001 上海北斗集团有限公司", customers.entities)
    alone = customers.find("6222021234567890", customers.entities)
    assert {one.because for one in two} == {("exact:customers", "columns:2")}
    assert {one.because for one in three} == {("exact:customers", "columns:3")}
    assert alone[0].because == ("exact:customers", "columns:1")
    assert min(one.score for one in three) > max(one.score for one in two)
    assert {(one.entity, one.detector) for one in (*two, *alone)} == {("CUSTOMER", "exact:customers")}


def test_as_many_columns_are_needed_as_the_index_says(tmp_path: Path):
    strict = exact(tmp_path, asked=plan(need=3))
    assert values(strict, "欧阳明月 13812340001") == []
    assert values(strict, "欧阳明月 13812340001 E88776655") == ["欧阳明月", "13812340001", "E88776655"]


def test_nothing_matches_alone_that_was_not_named(tmp_path: Path):
    nobody = exact(tmp_path)
    assert [values(nobody, one) for one in ("6222021234567890", "m.lopez@example.org", "E88776655")] == [[], [], []]


def test_what_many_rows_share_matches_neither_alone_nor_together(tmp_path: Path):
    rows = [("欧阳明月", f"62220212{n:08d}", "88886666") for n in range(COMMON + 1)]
    shared = exact(tmp_path, rows, plan(("n:name", "a:account", "t:phone"), alone=("t", "a")))
    assert values(shared, "总机88886666") == []
    assert values(shared, "欧阳明月 88886666") == []
    assert values(shared, "欧阳明月 6222021200000003") == ["欧阳明月", "6222021200000003"]


def test_a_short_number_never_matches_alone(tmp_path: Path):
    short = exact(tmp_path, [("欧阳明月", "700123")], plan(("n:name", "a:account"), alone=("a",)))
    assert values(short, "编号700123") == []
    assert values(short, "欧阳明月 700123") == ["欧阳明月", "700123"]


def test_the_stop_list_of_the_company_counts(tmp_path: Path):
    stopped = exact(tmp_path, asked=plan(alone=("账号",), stop=("6222-0212-3456-7890",)))
    assert values(stopped, "6222021234567890 6222021299998888") == ["6222021299998888"]


def test_a_long_text_is_looked_through_to_its_end(customers):
    row = "欧阳明月 13812340001"
    for length in (65_536 - 6, 65_536, 70_000, 131_072 - 3):
        assert values(customers, "字" * length + row) == ["欧阳明月", "13812340001"], length


def test_a_table_of_rows_is_found_row_by_row(customers):
    text = "\n".join(f"{row[0]}\t{row[3]}" for row in ROWS[:3])
    assert len(values(customers, text)) == 6


def test_nothing_is_looked_for_when_nobody_asks(customers):
    assert customers.find("6222021234567890", frozenset({"PERSON"})) == ()


def test_an_index_without_rows_finds_nothing(tmp_path: Path):
    assert values(exact(tmp_path, []), FOUND["account alone"][0]) == []


@given(st.text("欧阳明月 13812340001，Aa.@", max_size=30), st.text("。x 1明", max_size=20))
@settings(max_examples=drawn(60))
def test_offsets_are_exact_wherever_a_row_stands_and_redaction_gives_the_text_back(customers, before, after):
    text = f"{before}。欧阳明月，13812340001。{after}"
    found = customers.find(text, customers.entities)
    redaction = redact(text, found, b"k" * 32)
    restored = redaction.text
    for token, original in redaction.originals.items():
        restored = restored.replace(token, original)
    assert restored == text
    assert "欧阳明月，13812340001" not in redaction.text
    assert all(0 <= one.start < one.end <= len(text) for one in found)

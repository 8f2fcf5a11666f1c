"""A workbook reads as tables, and what is taken out of a cell is out of the whole file."""

import io
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from proxy.documents.sheet import as_text, in_order, plainly
from tests.proxy.documents.files import (
    PHONE,
    everything,
    excel,
    members,
    read,
    reasons,
    redacted,
    saved,
    shared_excel,
    texts,
    zipped,
)

ROWS = [["姓名", "电话", "卡"], ["张三", 13800138000, 4111111111111111], ["张三", "13800138000", "=B2&A2"]]
WANT = "姓名\t电话\t卡\n张三\t13800138000\t4111111111111111\n张三\t13800138000"


def test_rows_are_lines_and_formulas_stand_apart():
    document = read(excel(ROWS))
    found = texts(document)
    assert (document.kind, reasons(document)) == ("xlsx", [])
    assert found["xl/worksheets/sheet1.xml#0"] == WANT
    assert found["xl/worksheets/sheet1.xml#f0"] == "B2&A2"


def test_hidden_sheets_and_comments_are_read():
    document = read(excel([["a"]], hidden="隐藏 secret", comment="to 李四"))
    assert "隐藏 secret" in everything(document) and "to 李四" in everything(document)


@pytest.mark.parametrize("make", [excel, shared_excel])
def test_numbers_and_texts_are_taken_out_and_the_workbook_opens(make):
    document = read(make(ROWS))
    made = document.rewrite(redacted(document, {PHONE: "[P]", "张三": "[N]", "4111111111111111": "[C]"}))
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(made)).active.rows]
    assert rows == [["姓名", "电话", "卡"], ["[N]", "[P]", "[C]"], ["[N]", "[P]", "=B2&A2"]]
    assert not any(PHONE.encode() in part or "张三".encode() in part for part in members(made).values())
    assert everything(read(made)) == "\n".join(
        redacted(document, {PHONE: "[P]", "张三": "[N]", "4111111111111111": "[C]"})
    )


def test_a_shared_text_that_changes_in_one_row_changes_in_all():
    document = read(shared_excel([["x", "same"], ["y", "same"]]))
    new = [part.text.replace("x\tsame", "x\t[N]") for part in document.parts]
    made = document.rewrite(new)
    assert [[cell.value for cell in row] for row in load_workbook(io.BytesIO(made)).active.rows] == [
        ["x", "[N]"],
        ["y", "[N]"],
    ]


def test_texts_that_no_cell_shows_are_read_too():
    parts = members(shared_excel([["shown"]]))
    shared = parts["xl/sharedStrings.xml"].replace(b"</sst>", b"<si><t>or</t><t>phan</t></si></sst>")
    document = read(zipped({**parts, "xl/sharedStrings.xml": shared}))
    assert texts(document)["xl/sharedStrings.xml#0"] == "orphan"
    made = document.rewrite(redacted(document, {"orphan": "[X]"}))
    assert b"phan" not in members(made)["xl/sharedStrings.xml"]


def test_rich_and_inline_texts_are_one_value():
    parts = members(excel([["shown"]]))
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><r><t>138</t></r><r><t>0013</t></r></is></c><c><v>7</v></c>'
        b'<c t="str"><f>"x"</f><v>8000</v></c></row></sheetData>'
        b"<headerFooter><oddHeader>secret head</oddHeader></headerFooter></worksheet>"
    )
    document = read(zipped({**parts, "xl/worksheets/sheet1.xml": sheet}))
    assert texts(document)["xl/worksheets/sheet1.xml#0"] == "1380013\t7\t8000\nsecret head"
    made = members(document.rewrite(redacted(document, {"1380013": "[P]", "\t7": "\t[Q]"})))
    assert b"<t>[P]</t></r><r><t></t>" in made["xl/worksheets/sheet1.xml"]
    assert b'<c t="str"><v>[Q]</v></c>' in made["xl/worksheets/sheet1.xml"]


def test_a_sheet_that_is_cut_short_is_told():
    parts = members(excel(ROWS))
    cut = {**parts, "xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"][:-20]}
    assert ("xl/worksheets/sheet1.xml", "broken") in reasons(read(zipped(cut)))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("4.111111111111111E15", "4111111111111111"), ("1.38E+10", "13800000000"), ("12.5", "12.5"), ("1E400", "1E400"),
     ("abcE", "abcE"), ("-0.001", "-0.001"), ("1E-3", "0.001")],
)  # fmt: skip
def test_numbers_have_all_their_digits(stored: str, shown: str):
    assert plainly(stored) == shown


@given(st.integers(10, 10**29))
def test_any_whole_number_is_read_in_full(number: int):
    digits = str(number).rstrip("0")
    stored = f"{digits[0]}.{digits[1:] or '0'}E{len(str(number)) - 1}"
    assert int(plainly(stored)) == number


@pytest.mark.parametrize(
    ("tag", "want"),
    [
        (b'<c r="A1" t="n">', b'<c r="A1" t="str">'),
        (b'<x:c r="A1">', b'<x:c t="str" r="A1">'),
        (b"<c>", b'<c t="str">'),
    ],
)
def test_a_cell_can_say_that_it_holds_a_text(tag: bytes, want: bytes):
    ((start, end, content),) = as_text(tag, (0, len(tag)))
    assert tag[:start] + content + tag[end:] == want


def test_sheets_come_in_order():
    assert sorted(["xl/worksheets/sheet10.xml", "xl/worksheets/sheet9.xml"], key=in_order)[0].endswith("sheet9.xml")


def test_columns_stay_columns_and_every_stretch_of_a_long_sheet_begins_with_its_heading():
    book = Workbook()
    sheet = book.active
    sheet.append(["员工账号表"])
    sheet.append(["姓名", "账号", "密码"])
    for number in range(900):
        sheet.append([None, None if number % 2 else "li", f"Zw{number}kk12"])
    out = io.BytesIO()
    book.save(out)
    rows = [part.text for part in read(out.getvalue(), "a.xlsx").parts if part.pointer.startswith("xl/worksheets")]
    assert len(rows) > 1 and rows[0].startswith("员工账号表\n姓名\t账号\t密码\n\tli\tZw0kk12\n\t\tZw1kk12\n")
    assert all(text.startswith("姓名\t账号\t密码\n\t") for text in rows[1:])


@pytest.mark.parametrize("make", [excel, shared_excel])
def test_breaks_and_tabs_in_a_cell_part_nothing_and_are_written_as_they_were(make):
    document = read(make([["a\tb\nc", "x"], ["密码\n(初始)", "1\n2\n3\n4\n5\n6"]]))
    (text,) = (part.text for part in document.parts if part.pointer.startswith("xl/worksheets"))
    assert text == "a\fb\fc\tx\n密码\f(初始)\t1\n2\n3\n4\n5\n6"
    made = document.rewrite(redacted(document, {"b\fc": "b\f[C]", "码\f": "[M]"}))
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(made)).active.rows]
    assert rows == [["a\tb\n[C]", "x"], ["密[M](初始)", "1\n2\n3\n4\n5\n6"]]


HEADS = {
    "in the middle": ("&C内部资料", ["内部资料"]),
    "three places, and codes of how": (
        '&L&"宋体,Bold"&14机密&C&KFF0000Plan &P / &N&R张三 &D',
        ["机密", "Plan ", " / ", "张三 "],
    ),
    "a sign that stands for itself": ("&LR&&D 研发", ["R&&D 研发"]),
    "no code": ("机密", ["机密"]),
}


@pytest.mark.parametrize(("written", "want"), HEADS.values(), ids=HEADS)
def test_what_is_printed_above_a_page_is_read_without_its_codes(written, want):
    book = Workbook()
    book.active["A1"] = "x"
    made = members(saved(book))
    sheet = made["xl/worksheets/sheet1.xml"]
    head = f"<headerFooter><oddHeader>{escape(written)}</oddHeader></headerFooter></worksheet>".encode()
    document = read(zipped(made | {"xl/worksheets/sheet1.xml": sheet.replace(b"</worksheet>", head)}))
    assert texts(document)["xl/worksheets/sheet1.xml#0"] == "\n".join(["x", *want])
    made = document.rewrite([part.text.replace("机密", "[M]") for part in document.parts])
    assert escape(written.replace("机密", "[M]")).encode() in members(made)["xl/worksheets/sheet1.xml"]

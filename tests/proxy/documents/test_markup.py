"""Pages read as people see them, and what they do not see is read, too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.markup import Places
from tests.proxy.documents.files import PHONE, everything, read, reasons, redacted
from tests.rows import each

SEEN = {
    "a value over tags": ("<p>电话 138<b>0013</b>8000</p>", f"电话 {PHONE}"),
    "references": ("<p>&#49;3800&#x31;38000 &amp; &eacute;</p>", "13800138000 & é"),
    "lines and cells": ("<div>a</div>b<br>c<table><tr><td>x<td>y</table>", "a\nb\nc\nx\ty"),
    "space between words": ("<p><b>a</b> <i>b</i></p>", "a b"),
    "a script": ("<p>a<script>var k = '<secret>'</script>b", "a\nvar k = '<secret>'\nb"),
    "a comment": ("<p>a<!-- b <p> -->", "a\n b <p> "),
    "attributes": (
        '<p><img alt="王芳" src=x.png class="c" style="d"><a href=\'mailto:a&#64;b.com\'>z</a>',
        "z\n王芳\nx.png\nmailto:a@b.com",
    ),
    "a lone sign": ("<p>1 < 2 and 3 > 2</p>", "1 < 2 and 3 > 2"),
    "no end": ("<p>a<!-- b", "a\n b"),
    "a picture that draws itself": ('<svg xmlns="http://x"><text>138<tspan>0013</tspan></text></svg>', "1380013"),
}


@pytest.mark.parametrize(("page", "want"), SEEN.values(), ids=SEEN.keys())
def test_all_of_a_page_is_read(page: str, want: str):
    document = read(page.encode(), "a.html")
    assert (document.kind, everything(document)) == ("html", want)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_a_change_touches_nothing_but_its_own_places(codec: str):
    page = '<html><body x=1>\n<p title="张">你好，电话 138<b>0013</b>8000 &nbsp;谢谢</p><a href=tel:13800138000>'
    document = read(page.encode(codec), "a.htm")
    made = document.rewrite(redacted(document, {PHONE: "[<P>]"})).decode(codec)
    assert made == page.replace("138<b>0013</b>8000 &nbsp;", "[&lt;P&gt;]<b></b> \xa0").replace(
        "tel:13800138000", '"tel:[&lt;P&gt;]"'
    )


def test_entities_of_its_own_make_a_page_unreadable():
    assert reasons(read(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')) == [("", "entities")]


PIECES = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "a", "张 ", "&amp;", "&", "<", ">", "<!--", "-->", "<b x='", "'", "\n", "<script>", "]]>"]
    )
)


@given(PIECES)
def test_any_page_goes_back_as_it_came_and_every_change_is_kept(pieces: list[str]):
    data = ("<html>" + "".join(pieces)).encode()
    document = read(data)
    assert document.rewrite([part.text for part in document.parts]) == data
    if document.kind == "html":
        assert all(
            "X9" in everything(read(document.rewrite([part.text.replace("a", "X9") for part in document.parts])))
            for part in document.parts
            if "a" in part.text
        )


@given(st.text(), st.data())
def test_places_count_bytes(text: str, data):
    places = Places(text)
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        first, last = places.of(start, end)
        assert text.encode("utf-8", "surrogatepass")[first:last] == text[start:end].encode("utf-8", "surrogatepass")


NAMES = {
    "a mail address in angle brackets": "<p>from <li.wei@kehu.example></p>",
    "closed again": "<p>x</li.wei@kehu.example></p>",
    "where a name stands without a value": "<p a='1' li.wei@kehu.example>x</p>",
    "in quotes without a name": "<p 'li.wei@kehu.example'>x</p>",
    "as the name of an attribute": "<p li.wei@kehu.example='1'>x</p>",
    "as a class": "<p class='li.wei@kehu.example'>x</p>",
    "as an id without quotes": "<p id=li.wei@kehu.example>x</p>",
}


@each("page", NAMES.values(), ids=NAMES.keys())
def test_what_stands_where_only_names_should_is_read_and_can_be_taken_out(page: str):
    document = read(page.encode(), "a.html")
    assert "li.wei@kehu.example" in everything(document)
    new = [part.text.replace("li.wei@kehu.example", "[EMAIL_ADDRESS_7K2F9ABC]") for part in document.parts]
    written = document.rewrite(new).decode()
    assert "li.wei" not in written and "[EMAIL_ADDRESS_7K2F9ABC]" in written


def test_names_of_elements_and_attributes_are_no_text():
    page = "<svg:g xlink:href='#a' data-x1 disabled><my-element aria-label='b' /></svg:g>"
    assert everything(read(page.encode(), "a.html")).split() == ["#a", "b"]


LABELS = {
    "an element": ("<c><password>correcthorse</password></c>", {"password": "correcthorse"}),
    "in Chinese": ("<c><护照号>E12345678</护照号></c>", {"护照号": "E12345678"}),
    "an attribute": ('<db pwd="correcthorse"/>', {"password": "correcthorse"}),
    "a name beside it": ('<add key="SmtpPassword" value="correcthorse"/>', {"password": "correcthorse"}),
    "a name of what it holds": ('<entry key="db.password">correcthorse</entry>', {"password": "correcthorse"}),
    "a section of data": ("<password><![CDATA[correcthorse]]></password>", {"password": "correcthorse"}),
    "a name before it": (
        "<dict><key>password</key>\n<string>correcthorse</string></dict>",
        {"password": "correcthorse"},
    ),
    "a page": ('<p id="x" class="y">correcthorse</p><input type="text" value="z">', {}),
    "a field of a page": ('<input name="password" value="correcthorse">', {"password": "correcthorse"}),
}


@pytest.mark.parametrize(("page", "want"), LABELS.values(), ids=LABELS.keys())
def test_a_value_says_under_which_name_it_stands(page: str, want: dict[str, str]):
    parts = read(f'<?xml version="1.0"?>{page}'.encode(), "a.xml").parts
    told = {one.label: part.text[one.start : one.end] for part in parts for one in part.fields}
    assert {label: text for label, text in told.items() if text in want.values() or label == "password"} == want


def test_elements_in_chinese_stay_elements():
    page = "<?xml version='1.0'?><客户 备注='a'><电话>13800138000</电话><空/></客户>"
    document = read(page.encode(), "a.xml")
    assert document.rewrite(redacted(document, {PHONE: "[P]"})).decode() == page.replace(PHONE, "[P]")


def test_cells_stay_in_their_columns_though_some_are_empty():
    page = "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td></td>\n <td>1</td></tr></table><p>end</p>"
    assert everything(read(page.encode(), "a.html")) == "a\tb\n\t1\nend"

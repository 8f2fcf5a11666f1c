"""Of a part of an office file all running text is taken, and the attributes that people write."""

import pytest

from proxy.documents.document import Document, Limits
from proxy.documents.office_xml import prose, xmp
from proxy.documents.pieces import woven
from proxy.documents.reading import Reading


def reading() -> Reading:
    return Reading(Limits(), lambda: 0.0, lambda data, *_: Document("text", data))


def took(xml: str, name: str = "word/document.xml") -> list[str]:
    return [one.text for one in prose(f"<w:root xmlns:w='u'>{xml}</w:root>".encode(), name, reading())]


RUNNING = {
    "a value over three runs": ("<w:p><w:r><w:t>138</w:t></w:r><w:r><w:t>0013</w:t></w:r></w:p>", ["1380013"]),
    "marks between runs": ("<w:p><w:t>a</w:t><w:proofErr/><w:bookmarkStart/><w:t>b</w:t></w:p>", ["ab"]),
    "paragraphs": ("<w:p><w:t>a</w:t></w:p><w:p/><w:p><w:t>b</w:t></w:p>", ["a\nb"]),
    "tabs, breaks and hard hyphens": ("<w:p>a<w:tab/>b<w:br/>c<w:noBreakHyphen/>d</w:p>", ["a\tb\nc-d"]),
    "rows of a table": (
        "<w:tr><w:tc><w:p>姓名</w:p></w:tc><w:tc><w:p>张三</w:p><w:p>李四</w:p></w:tc></w:tr><w:tr><w:tc><w:p>x</w:p></w:tc></w:tr>",
        ["姓名\t张三\f李四\nx"],
    ),
    "a table as Word writes it, a cell empty and one over two columns": (
        "<w:p>0</w:p><w:tbl><w:tblPr><w:x/></w:tblPr>"
        "<w:tr><w:tc><w:tcPr><w:y/></w:tcPr><w:p/></w:tc><w:tc><w:tcPr/><w:p>a</w:p></w:tc><w:tc><w:p>b</w:p></w:tc>"
        "</w:tr>"
        "<w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr><w:p>c</w:p></w:tc><w:tc><w:p>d</w:p></w:tc></w:tr>"
        "</w:tbl>"
        "<w:p>1</w:p>",
        ["0\n\ta\tb\nc\t\td\n1"],
    ),
    "breaks and tabs in a cell": (
        "<w:tr><w:tc><w:p>a<w:tab/>b<w:br/>c</w:p><w:p>d</w:p></w:tc><w:tc><w:p>e</w:p></w:tc></w:tr>",
        ["a\fb\fc\fd\te"],
    ),
    "a cell of many paragraphs": (
        "<w:tr><w:tc>" + "<w:p>a</w:p>" * 7 + "</w:tc><w:tc><w:p>e</w:p></w:tc></w:tr>",
        ["a\fa\fa\fa\fa\na\na\te"],
    ),
    "deleted words and field codes": (
        "<w:p><w:delText>old</w:delText><w:instrText> LINK </w:instrText></w:p>",
        ["old LINK "],
    ),
    "a text box inside a paragraph": ("<w:p>a<w:box><w:p>b</w:p></w:box>c</w:p>", ["a\nb\nc"]),
    "spaces of OpenDocument": (
        "<text:p xmlns:text='t'>a<text:s text:c='3'/>b<text:line-break/>c</text:p>",
        ["a   b\nc"],
    ),
    "numbers that place things": ("<w:posOffset>123456</w:posOffset><w:p>x</w:p>", ["x"]),
    "a space by itself": ("<w:p><w:t>a</w:t><w:t> </w:t><w:t>b</w:t></w:p>", ["a b"]),
    "lines of an indented file": ("\n  <w:p>\n    <w:r><w:t>a</w:t></w:r>\n  </w:p>\n", ["a"]),
}


@pytest.mark.parametrize(("xml", "want"), RUNNING.values(), ids=RUNNING.keys())
def test_running_text_reads_as_a_person_reads_it(xml: str, want: list[str]):
    assert took(xml) == want


ATTRIBUTES = {
    "what a picture shows": ("<w:docPr w:id='1' w:descr='张三 at home'/>", ["张三 at home"]),
    "who made a comment": ("<w:comment w:author='Bob'/>", ["Bob"]),
    "an address elsewhere": (
        "<w:R Type='http://x' Target='mailto:a@b.com' TargetMode='External'/>",
        ["mailto:a@b.com"],
    ),
    "an address inside": ("<w:R Type='http://x' Target='media/image1.png'/>", []),
    "Chinese, wherever": ("<w:x w:anything='机密'/>", ["机密"]),
    "a long number": ("<w:x w:val='13800138000'/>", ["13800138000"]),
    "how it looks": ("<w:x w:val='120' w:rsidR='00A12B34' w:ascii='Times New Roman' typeface='宋体'/>", []),
    "a comment of the file": ("<!-- 138 -->", [" 138 "]),
}


@pytest.mark.parametrize(("xml", "want"), ATTRIBUTES.values(), ids=ATTRIBUTES.keys())
def test_attributes_are_taken_if_people_write_them(xml: str, want: list[str]):
    assert took(xml) == want


def test_names_that_the_program_gives_are_left_where_it_keeps_them():
    assert took("<w:style w:name='Light Shading Accent'/><w:x w:val='张'/>", "word/styles.xml") == ["张"]
    assert took("<w:font w:name='宋体 Light Font'/>", "word/fontTable.xml") == []
    assert took("<Application>Microsoft Office Word</Application><Company>张三公司</Company>", "docProps/app.xml") == [
        "张三公司"
    ]
    assert took("<Application>tel 13800138000</Application>", "docProps/app.xml") == ["tel 13800138000"]


def test_runs_of_a_comment_in_a_workbook_are_one_line():
    xml = "<comment><text><r><t>138</t></r><r><t>0013</t></r></text></comment>"
    assert took(xml, "xl/comments1.xml") == ["1380013"]


def test_a_change_touches_nothing_but_its_own_places():
    data = "<a:x xmlns:a='u'  b = \"1\"><a:p><a:t>电话 138</a:t><a:t>00</a:t></a:p><!--k--></a:x>".encode()
    texts = prose(data, "p.xml", reading())
    document = woven("xml", data, texts)
    assert [part.text for part in document.parts] == ["电话 13800", "k"]
    want = data.replace("电话 138".encode(), "电话 [&lt;P&gt;]".encode()).replace(b">00<", b"><")
    assert document.rewrite(["电话 [<P>]", "k"]) == want


def test_a_number_of_opendocument_that_is_taken_out_becomes_a_text():
    data = (
        b"<t:table-cell xmlns:t='t' xmlns:office='o' office:value-type=\"float\" office:value=\"13800138000\">"
        b"<p>13800138000</p></t:table-cell>"
    )
    document = woven("xml", data, prose(data, "content.xml", reading()))
    made = document.rewrite(["[P]"] * len(document.parts))
    assert b'office:value-type="string" office:value="[P]"' in made and b"13800138000" not in made


def test_metadata_is_read_as_its_words():
    packet = '<x:xmpmeta xmlns:x="x"><rdf xmlns:dc="d"><dc:creator>张三</dc:creator></rdf></x:xmpmeta>'
    assert xmp(f"<?xpacket begin?>{packet}<?xpacket end?>", reading()) == "张三"
    assert xmp("<x:xmpmeta> broken", reading()) == "<x:xmpmeta> broken"
    assert xmp("plain", reading()) == "plain"


def test_the_number_of_a_sensitivity_label_is_read_and_no_other_number():
    number = "1234abcd-1111-2222-3333-4444abcdabcd"
    label = f'<c:label id="{{{number}}}" enabled="1" siteId="{{aaaabbbb-1111-2222-3333-4444cdefcdef}}" removed="0"/>'
    xml = label.replace("c:", "w:")
    assert took(xml, "docMetadata/LabelInfo.xml") == [number]
    assert took(xml) == []

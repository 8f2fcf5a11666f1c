"""Names in columns: every cell under a heading of names that can be one, and none elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.columns import columns

FOUND = {
    "commas": ("姓名,电话\n林志玲,17700981233\n高明,17700981234", ["林志玲", "高明"]),
    "tabs": ("编号\t姓名\t部门\n1\t万芳\t财务部\n2\t高峰\t法务部\n", ["万芳", "高峰"]),
    "Markdown": ("| 姓名 | 年龄 |\n|------|:---:|\n| 成龙 | 70 |\n| 白雪 | 20 |", ["成龙", "白雪"]),
    "a heading in English": ("id,full_name,city\n7,Anna Schmidt,Bonn\n8,Priya,Pune", ["Anna Schmidt", "Priya"]),
    "quotation marks": ('"Name","Note"\n"Schmidt, Anna","a, b"', ["Schmidt, Anna"]),
    "an empty cell at the end": ("姓名,电话\n李娜,\n高明,1", ["李娜", "高明"]),
    "two columns of names": ("收件人;金额;寄件人\n李娜;5;王伟", ["李娜", "王伟"]),
    "a stray line and a longer row": ("姓名,电话\n林志玲,1\n备注\n高明,2,3\n高峰,4", ["林志玲", "高明", "高峰"]),
    "a cell of two lines": ("姓名\t电话\n高明\f（兼）\t1\n高峰\t2", ["高明", "高峰"]),
    "a couple": ("guest,diet\nDev & Ruth,none\nAnna and Peter,vegan", ["Dev", "Ruth", "Anna", "Peter"]),
    "a title": ("Guest | Diet\nFr. Malachy | fish\nDR. Anna | none", ["Malachy", "Anna"]),
    "a heading that heads other things, too": ("Owner,Server\nPriya,db1\nteam-a,db2", ["Priya"]),
    "a text round it": ("见下表：\n姓名,分数\n高明,99\n\n高明的做法", ["高明"]),
}


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_every_name_in_its_column_is_found(text, want):
    assert [text[one.start : one.end] for one in columns(text)] == want


NOTHING = {
    "what is no name of a person": "name,version\nrequests,2.1\nUSB Cable,9",
    "no value": "姓名,电话\n,17700981233\n待补充,1",
    "another column": "项目,姓名\n高明,\n高峰,",
    "a line of another shape": "姓名,电话\n高明 高峰 和别的人",
    "behind a blank line": "姓名,电话\n\n高明,1",
    "a sentence that lists such words": "请提供姓名，电话，地址。\n高明，1，2",
    "one column is no table": "姓名\n高明",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_nothing_is_found_where_no_name_stands_in_a_column(text):
    assert list(columns(text)) == []


@given(st.lists(st.lists(st.sampled_from(["姓名", "高明", "Anna", '"', "", " ", "1"]), max_size=4), max_size=6))
def test_whatever_is_found_lies_in_one_line_of_the_text(rows):
    text = "\n".join(",".join(row) for row in rows)
    for one in columns(text):
        assert text[one.start : one.end].strip()
        assert "\n" not in text[one.start : one.end]

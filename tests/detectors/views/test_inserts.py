"""The values of statements stand under the columns they name; whatever stands there, each cell lies in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.views.inserts import inserts

READ = {
    "quotes and brackets in a value": (
        "INSERT INTO t (a, b) VALUES ('x, (y)', 'it''s');",
        [["a", "b"], ["x, (y)", "it''s"]],
    ),
    "what is no string": (
        "insert into s.t (a,b,c) values (1, now(), NULL),\n (-2.5, lower('X'), true)",
        [["a", "b", "c"], ["1", "now()", "NULL"], ["-2.5", "lower('X')", "true"]],
    ),
    "types behind": ("INSERT INTO t (a) VALUES ('x'::text)", [["a"], ["x"]]),
    "names in quotes": ('INSERT INTO "t" ("a", [b]) VALUES (1,2)', [["a", "b"], ["1", "2"]]),
    "a value that does not end": ("INSERT INTO t (a, b) VALUES (1, 'x", [["a", "b"], ["1"]]),
    "a dump": ("COPY t (a, b) FROM stdin;\n1\t\n\t2\n\\.\n3\t4\n", [["a", "b"], ["1", ""], ["", "2"]]),
    "no names": ("INSERT INTO t VALUES (1, 2)", None),
    "a question": ("How do I insert into a table (or two) values?", None),
}


@pytest.mark.parametrize("name", READ)
def test_the_names_of_columns_are_the_headings_of_values(name: str) -> None:
    text, want = READ[name]
    tables = [[[text[slice(*cell)] for cell in row] for row in table] for table in inserts(text, text.encode())]
    assert tables == ([want] if want else [])


@given(
    st.lists(
        st.sampled_from(
            [
                "INSERT INTO t (a,密码) VALUES ",
                "COPY t (a) FROM x\n",
                "('",
                "'",
                "x",
                "),(",
                "\t",
                "\n",
                "\\",
                '"',
                ",",
                "(",
                ")",
                "é",
            ]
        ),
        max_size=30,
    )
)
def test_cells_of_any_text_lie_in_it_in_order(words: list[str]) -> None:
    text = "".join(words)
    for table in inserts(text, text.encode()):
        for row in table:
            assert all(0 <= start <= end <= len(text) for start, end in row)
            assert row == sorted(row)

"""Chinese pages of the administrator's say what the English ones do, which `test_docs.py` holds true to the code."""

import re

import pytest

from tests.test_docs import PAGES, ROOT, blocks, read

TWINS = ("chaos", "coverage", "documents", "eval", "ner", "scan", "settings")
CODE = re.compile(r"`[^`\n]+`")
COMMENT = re.compile(r"(?:^| +)# .*", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BUILT = re.compile(r"^(#+|\||- |[0-9]\. )(.*)$", re.MULTILINE)
"""Headings, rows of tables and points of lists."""
CELLS = re.compile(r"(?<!\\)\|")


def examples(page: str) -> list[tuple[str, str]]:
    """Return what the fenced blocks of a page hold, without their comments, which each language has in its own."""
    return [(block.kind, COMMENT.sub("", block.text)) for block in blocks(page)]


def built(page: str) -> list[tuple[str, list[list[str]]]]:
    """Return a page's headings, rows and points, with the words of code in each cell, in any order."""
    lines = BUILT.findall(FENCED.sub("", read(page)))
    return [(mark, [sorted(CODE.findall(cell)) for cell in CELLS.split(line)]) for mark, line in lines]


@pytest.mark.parametrize("name", TWINS)
def test_the_chinese_page_shows_the_same_examples(name: str) -> None:
    english = examples(f"docs/{name}.md")
    assert examples(f"docs/{name}.zh.md") == english
    assert bool(english) == ("```" in read(f"docs/{name}.md"))


@pytest.mark.parametrize("name", TWINS)
def test_the_chinese_page_has_every_section_row_and_point_with_the_same_words_of_code(name: str) -> None:
    chinese, english = built(f"docs/{name}.zh.md"), built(f"docs/{name}.md")
    assert [mark for mark, _ in chinese] == [mark for mark, _ in english]
    for told, asked in zip(chinese, english, strict=True):
        assert len(told[1]) == len(asked[1])
        if told[0] in ("|", "#", "##", "###"):
            assert told[1] == asked[1]


@pytest.mark.parametrize("name", TWINS)
def test_the_chinese_page_leaves_out_no_word_of_code(name: str) -> None:
    assert set(CODE.findall(read(f"docs/{name}.md"))) <= set(CODE.findall(read(f"docs/{name}.zh.md")))


@pytest.mark.parametrize("name", TWINS)
def test_the_two_pages_lead_to_each_other(name: str) -> None:
    for here, there in ((f"{name}.md", f"{name}.zh.md"), (f"{name}.zh.md", f"{name}.md")):
        assert f"]({there})" in read(f"docs/{here}").partition("\n## ")[0]


@pytest.mark.parametrize("page", [page for page in PAGES if page.endswith(".zh.md")])
def test_a_chinese_page_leads_to_chinese_pages_where_there_are_any(page: str) -> None:
    folder, own = (ROOT / page).parent, (ROOT / page.replace(".zh.md", ".md")).resolve()
    for target in re.findall(r"\]\((?!https?:)([^)#]+\.md)", read(page)):
        file = (folder / target).resolve()
        twin = file.with_name(f"{file.name.removesuffix('.md')}.zh.md")
        assert file == own or not twin.exists(), target

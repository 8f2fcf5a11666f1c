"""Content blocks and the parts that stand for them; what cannot be shown is refused by its type."""

import pytest

from proxy.adapters.anthropic_blocks import LEFT_OUT, blocks_of, merged, parts_of
from proxy.errors import WireError


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


PNG = {"type": "base64", "media_type": "image/png", "data": "iVBO"}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}

SHOWN = {
    "a string": ("请看附件", [text("请看附件")]),
    "an empty string": ("", []),
    "text": ([text("a") | {"cache_control": {"type": "ephemeral"}}], [text("a")]),
    "empty text": ([text("")], []),
    "an image in base64": (
        [{"type": "image", "source": PNG}],
        [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}],
    ),
    "an image by address": (
        [{"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}}],
        [{"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}],
    ),
    "a document of text": (
        [{"type": "document", "title": "合同", "source": {"type": "text", "media_type": "text/plain", "data": "甲方"}}],
        [text("Document: 合同"), text("甲方")],
    ),
    "a document with context and blocks": (
        [{"type": "document", "context": "draft", "source": {"type": "content", "content": [text("a"), text("b")]}}],
        [text("draft"), text("a"), text("b")],
    ),
    "a PDF": (
        [{"type": "document", "source": PDF}],
        [{"type": "file", "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBE"}}],
    ),
    "a PDF with a title": (
        [{"type": "document", "title": "q3.pdf", "source": PDF}],
        [
            text("Document: q3.pdf"),
            {"type": "file", "file": {"filename": "q3.pdf", "file_data": "data:application/pdf;base64,JVBE"}},
        ],
    ),
    "a search result": (
        [{"type": "search_result", "title": "T", "source": "wiki/1", "content": [text("a")]}],
        [text("Search result: T (wiki/1)"), text("a")],
    ),
    "a tool found by search": ([{"type": "tool_reference", "tool_name": "grep"}], [text("Tool available: grep")]),
    "what the vendor made for itself": ([{"type": kind} for kind in sorted(LEFT_OUT)], []),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_block_becomes_parts(name):
    content, want = SHOWN[name]
    assert parts_of(content, "content") == want


FILE = {"type": "file", "file_id": "file_1"}

REFUSED = {
    "an unknown type": ([{"type": "hologram"}], "of type hologram"),
    "a file kept by the vendor": ([{"type": "container_upload", "file_id": "f"}], "of type container_upload"),
    "an uploaded image": ([{"type": "image", "source": FILE}], "an image source of type file"),
    "an uploaded document": ([{"type": "document", "source": FILE}], "a document source of type file"),
    "a document by address": (
        [{"type": "document", "source": {"type": "url", "url": "https://a.example"}}],
        "a document source of type url",
    ),
    "no type": ([{}], "of type unknown"),
    "a type that is no word": ([{"type": ["thinking"]}], "of type unknown"),
    "a type that may be text": ([{"type": "张伟 13800138000"}], "of type unknown"),
    "text without text": ([{"type": "text"}], "the field text of a text must be a string"),
    "an image without source": ([{"type": "image"}], "the field source of a image must be an object"),
    "a number": (5, "content must be a string or a list of content blocks"),
    "a list of strings": (["a"], "content must be a string or a list of content blocks"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_shown_is_refused_by_its_type_and_without_its_text(name):
    content, why = REFUSED[name]
    with pytest.raises(WireError, match=why) as caught:
        parts_of(content, "content")
    assert "138" not in str(caught.value)


def test_a_string_is_one_block():
    assert blocks_of("你好", "content") == [text("你好")]


def test_parts_become_one_string_only_if_all_are_text():
    image = {"type": "image_url", "image_url": {"url": "u"}}
    assert merged([text("a"), text("b")]) == "a\nb"
    assert merged([text("a"), image]) == [text("a"), image]

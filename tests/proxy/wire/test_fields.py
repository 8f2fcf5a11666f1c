"""Header fields that may hold text are parts; those of the protocol and credentials are nobody's business."""

import pytest

from proxy.errors import SealedField, WireError
from proxy.exchange import Headers
from proxy.wire.fields import read_fields
from proxy.wire.lawful import is_sealed
from tests.rows import each

UNREAD = """
host origin accept accept-language accept-encoding user-agent connection content-type content-length content-encoding
cookie authorization proxy-authorization x-api-key api-key x-goog-api-key x-auth-token x-csrf-token
openai-sentinel-chat-requirements-token ocp-apim-subscription-key sec-fetch-dest sec-ch-ua if-none-match if-match
anthropic-version anthropic-beta openai-organization openai-project openai-beta x-stainless-lang x-stainless-timeout
traceparent tracestate x-datadog-trace-id x-amz-date x-request-id idempotency-key x-forwarded-for x-real-ip te priority
"""

READ: dict[str, tuple[Headers, list[tuple[str, str]]]] = {
    "a note": ((("x-note", "致电13800138000"),), [("header:x-note", "致电13800138000")]),
    "a title": ((("x-title", "Falcon"),), [("header:x-title", "Falcon")]),
    "JSON": ((("x-meta", '{"a": "\\u673a\\u5bc6"}'),), [("header:x-meta#/a", "机密")]),
    "a file's name": ((("content-disposition", "a; filename=b"),), [("header:content-disposition", "a; filename=b")]),
    "the page before": (
        (("referer", "https://chatgpt.com/%E4%BD%A0?q=138"),),
        [("header:referer/1", "你"), ("header:referer?0/k", "q"), ("header:referer?0/v", "138")],
    ),
    "an origin with more than an origin has": (
        (("origin", "https://a.example?password=Hunter-7x"),),
        [("header:origin?0/k", "password"), ("header:origin?0/v", "Hunter-7x")],
    ),
    "a page without text": ((("referer", "https://chatgpt.com/c/550e8400-e29b-41d4-a716-446655440000"),), []),
    "a page that is no URL": ((("referer", "13800138000"),), [("header:referer", "13800138000")]),
    "an application's page": (
        (("http-referer", "https://a.example/?b"),),
        [("header:http-referer?0/k", "b"), ("header:http-referer?0/v", "")],
    ),
    "a name like a credential's, but not": ((("x-author", "Ann"),), [("header:x-author", "Ann")]),
    "a media type with more to say": (
        (("content-type", "application/json; x=Ann"),),
        [("header:content-type", "application/json; x=Ann")],
    ),
    "a media type that says how it is read": ((("content-type", "text/plain; charset=utf-8; boundary=b"),), []),
    "a long token": ((("x-state", "iVBORw0KGgo" * 30),), [("header:x-state", "iVBORw0KGgo" * 30)]),
}


@each("name", UNREAD.split())
def test_fields_of_the_protocol_and_credentials_are_not_read(name: str) -> None:
    fields = read_fields(((name, "bytes=0-9" if name == "range" else "v1.2"),))
    assert fields.parts == ()
    assert fields.rewrite([]) == ()


@each("name", [name for name in UNREAD.split() if name not in ("host", "content-length", "cookie")])
def test_what_no_program_writes_there_is_read_and_taken_out_or_refused(name: str) -> None:
    fields = read_fields(((name, "13800138000"),))
    if name == "proxy-authorization":  # is not sent on
        assert fields.parts == ()
        return
    assert [(part.pointer, part.text, part.program) for part in fields.parts] == [
        (f"header:{name}", "13800138000", True)
    ]
    if is_sealed(name):
        with pytest.raises(SealedField):
            fields.rewrite(["[PHONE_NUMBER_7K2F9QAA]"])
    else:
        assert fields.rewrite(["[PHONE_NUMBER_7K2F9QAA]"]) == ((name, "[PHONE_NUMBER_7K2F9QAA]"),)


@pytest.mark.parametrize(("headers", "parts"), READ.values(), ids=READ)
def test_all_other_fields_are_read_and_stay_where_nothing_changes(
    headers: Headers, parts: list[tuple[str, str]]
) -> None:
    fields = read_fields((("host", "a"), *headers, ("cookie", "b")))
    assert [(part.pointer, part.text) for part in fields.parts] == parts
    assert fields.rewrite([part.text for part in fields.parts]) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("referer", "https://a.example/x?password=Hunter-7x"), ("x-password", "Hunter-7x"), ("password", "Hunter-7x")],
)
def test_a_password_is_told_by_the_name_of_its_field_or_of_the_field_in_a_pages_query(name: str, value: str) -> None:
    part = read_fields(((name, value),)).parts[-1]
    assert (part.text, part.label) == ("Hunter-7x", "password")


def test_only_fields_that_change_are_given_back() -> None:
    fields = read_fields(
        (
            ("x-note", "tel 13800138000"),
            ("x-other", "nothing"),
            ("authorization", "Bearer sk-proj-Ab3dEf6hIj9kLmNo"),
            ("referer", "https://a.example/chat%20x?q=13800138000&r=%7e#13800138000"),
        )
    )
    changed = fields.rewrite([part.text.replace("13800138000", "[PHONE_NUMBER_7K2F9QAA]") for part in fields.parts])
    assert changed == (
        ("x-note", "tel [PHONE_NUMBER_7K2F9QAA]"),
        ("referer", "https://a.example/chat%20x?q=%5BPHONE_NUMBER_7K2F9QAA%5D&r=%7e"),
    )


def test_a_fragment_of_a_page_goes_nowhere() -> None:
    assert read_fields((("referer", "https://a.example/#13800138000"),)).rewrite([]) == (
        ("referer", "https://a.example/"),
    )


def test_a_repeated_field_comes_back_once_with_all_its_values() -> None:
    fields = read_fields((("x-note", "a"), ("x-tag", "t"), ("x-note", "b")))
    assert fields.rewrite(["a", "t", "c"]) == (("x-note", "a, c"),)


def test_a_field_that_is_not_utf8_is_refused_if_it_is_read() -> None:
    with pytest.raises(WireError, match="UTF-8"):
        read_fields((("x-note", "\udcbb\udcfa"),))
    with pytest.raises(WireError, match="UTF-8"):
        read_fields((("referer", "https://a.example/?q=\udcbb"),))
    with pytest.raises(WireError, match="UTF-8"):
        read_fields((("user-agent", "\udcbb"),))
    assert read_fields((("cookie", "\udcbb"),)).parts == ()


def test_a_text_for_each_part_is_needed() -> None:
    with pytest.raises(ValueError, match="one text for each part"):
        read_fields((("x-note", "a"),)).rewrite([])


def test_no_value_is_in_the_repr() -> None:
    assert "secret" not in repr(read_fields((("x-note", "secret"), ("referer", "https://secret/?a"))))


NAMES: dict[str, list[str]] = {
    "x-note": [],
    "x-goog-ext-525001261-jspb": ["x-goog-ext-525001261-jspb"],
    "x-13800138000": ["x-13800138000"],
    "13800138000-token": ["13800138000-token"],
    "x_api2-v10": [],
    "sec-ch-ua-full-version-list": [],
    ":authority": [],
}


@pytest.mark.parametrize(("name", "parts"), NAMES.items(), ids=NAMES)
def test_a_name_that_is_no_word_is_read_too_even_of_a_field_whose_value_is_not(name: str, parts: list[str]) -> None:
    fields = read_fields(((name, "v"), ("x-other", "w")))
    assert [part.text for part in fields.parts if part.pointer == "header"] == parts
    assert fields.rewrite([part.text for part in fields.parts]) == ()
    changed = [part.text.replace("w", "W") for part in fields.parts]
    assert fields.rewrite(changed) == (("x-other", "W"),)
    assert not any(part.pointer != "header" and name in part.pointer for part in fields.parts if parts)


def test_a_name_cannot_be_written_anew() -> None:
    fields = read_fields((("x-13800138000", "v"),))
    with pytest.raises(SealedField):
        fields.rewrite(["x-[PHONE_NUMBER_7K2F9QAA]", "v"])

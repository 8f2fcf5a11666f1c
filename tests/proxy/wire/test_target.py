"""Text in a URL is a part like any other, and what did not change keeps its bytes."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import WireError
from proxy.wire.target import read_target
from tests.silence import says_nothing_of

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
RAW = st.text(st.sampled_from("abcq=&?%+41é你;/ "), max_size=30)
QUERIES = {
    "no query": ("/a/b", []),
    "empty query": ("/a?", ["", ""]),
    "one field": ("/a?q=%E4%BD%A0%E5%A5%BD", ["q", "你好"]),
    "plus is a space": ("/a?q=a+b", ["q", "a b"]),
    "no value": ("/a?flag", ["flag", ""]),
    "names are text too": ("/a?13912345678=1", ["13912345678", "1"]),
    "a second question mark": ("/a?q=why?&r=1", ["q", "why?", "r", "1"]),
    "an equals sign in a value": ("/a?q=a=b", ["q", "a=b"]),
    "an escape that is none": ("/a?q=%zz", ["q", "%zz"]),
    "JSON in a value": ("/a?v=%7B%22prompt%22%3A%22%5Cu673a%5Cu5bc6%22%7D", ["v", "机密"]),
    "a long token": ("/a?state=" + "iVBORw0KGgo" * 30, ["state", "iVBORw0KGgo" * 30]),
}
SEGMENTS = {
    "Chinese": ("/prompt/%E8%87%B4%E7%94%B513800138000", ["致电13800138000"]),
    "raw Chinese": ("/prompt/机密", ["机密"]),
    "words": ("/prompt/call%20Ann/image", ["call Ann"]),
    "words encoded twice": ("/prompt/call%2520Ann", ["call%20Ann"]),
    "words in lines": ("/prompt/a%0Ab", ["a\nb"]),
    "a telephone number": ("/v1/files/13800138000", ["13800138000"]),
    "one in groups": ("/v1/files/138-0013-8000", ["138-0013-8000"]),
    "an address": ("/users/alice@corp.example/runs", ["alice@corp.example"]),
    "a slash in a segment": ("/prompt/a%2F%E4%BD%A0", ["a/你"]),
    "JSON": ("/prompt/%7B%22a%22%3A%20%22b%20c%22%7D", ["b c"]),
    "a citizen's number in pieces": ("/v1/x/11010/51949/12310/02X/y", ["11010", "51949", "12310", "02X"]),
    "the same in two": ("/x/1101051949123100/2x", ["1101051949123100", "2x"]),
    "pieces with a wrong check digit": ("/v1/x/11010/51949/12310/021", []),
    "the whole of the path": ("/%E4%BD%A0/b/c%20d?q", ["你", "c d", "q", ""]),
}
ORDINARY = """
/ /v1/chat/completions /v1/models/gpt-4o-2024-08-06 /v1/messages/count_tokens /v1/threads/thread_abc123/runs/run_9f
/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/invoke /v1beta/models/gemini-2.0-flash-001:generateContent
/v1/projects/p/locations/us/publishers/anthropic/models/claude-3-5-sonnet@20240620:rawPredict
/openai/deployments/x/chat/completions /c/550e8400-e29b-41d4-a716-446655440000 /g/g-p-6789abcdef0123/project
/_next/static/chunks/4bd1b696-09db6df3b2b1ab2d.js /api/@scope/x.y~z /a//b/ *
"""


@pytest.mark.parametrize(("path", "texts"), (QUERIES | SEGMENTS).values(), ids=QUERIES | SEGMENTS)
def test_names_values_and_segments_that_are_text_are_parts(path: str, texts: list[str]) -> None:
    target = read_target(path)
    assert [part.text for part in target.parts] == texts
    assert target.rewrite(texts) == path


@pytest.mark.parametrize("path", ORDINARY.split())
def test_ordinary_paths_hold_no_part(path: str) -> None:
    target = read_target(path)
    assert target.parts == ()
    assert target.rewrite([]) == path


def test_only_what_changed_is_written_anew() -> None:
    target = read_target("/s%65arch/%e4%bd%a0/a%20b?a=%7e&q=call+13912345678&b=%2F")
    texts = [part.text for part in target.parts]
    texts[1], texts[5] = "a [PERSON_7K2F9QAA]/再", "call [PHONE_NUMBER_7K2F9QAA] & 再见"
    changed = target.rewrite(texts)
    assert changed.startswith("/s%65arch/%e4%bd%a0/a%20%5BPERSON_7K2F9QAA%5D%2F%E5%86%8D?a=%7e&q=call+%5BPHONE_NUMBER_")
    assert changed.endswith("&b=%2F")
    assert [part.text for part in read_target(changed).parts] == texts


def test_json_in_a_value_is_written_as_json() -> None:
    target = read_target("/a?v=%7B%22a%22%3A%22Ann%20Lee%22%2C%22b%22%3A1%7D")
    assert target.rewrite(["v", 'x"y']) == "/a?v=%7B%22a%22%3A%22x%5C%22y%22%2C%22b%22%3A1%7D"


@pytest.mark.parametrize("path", ["/v1/models#13800138000", "/v1/models#?q=机密"])
def test_a_fragment_goes_nowhere(path: str) -> None:
    assert read_target(path).rewrite([]) == "/v1/models"


@pytest.mark.parametrize(
    "path",
    ["/a?q=%ff%fe", "/a?q=\udcff", "/a?\ud800=1", "/%bb%fa%c3%dc", "/\udcff"],
    ids=["escaped", "raw", "in a name", "in the path", "raw in the path"],
)
def test_a_target_that_is_not_utf8_is_refused(path: str) -> None:
    with pytest.raises(WireError, match="UTF-8"):
        read_target(path)


@given(
    st.sampled_from(["/a?q={}%ff", "/a?{}\ud800=1", "/{}%bb%fa", "/\udcff/{}", "/{}?q=%ff", "/a?k={}&v=\udcff"]),
    st.text("abc/?&=%;\udc80 中", max_size=6),
)
def test_what_cannot_be_read_is_neither_in_the_error_nor_behind_it(form: str, around: str) -> None:
    try:
        read_target(form.format(f"{around}tr0ub4dor{around}"))
    except WireError as error:
        says_nothing_of(error, "tr0ub4dor")


def test_pointers_tell_places_and_no_text() -> None:
    assert [part.pointer for part in read_target("/x/%E4%BD%A0?name=secret&b=%5B%22c%22%5D").parts] == (
        ["/2", "?0/k", "?0/v", "?1/k", "?1/v#/0"]
    )
    assert "secret" not in repr(read_target("/secret%20plan?name=secret"))


def test_a_text_for_each_part_is_needed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        read_target("/a?b=1").rewrite(["b"])


@given(RAW, RAW)
def test_unchanged_texts_give_the_same_bytes(path: str, query: str) -> None:
    try:
        target = read_target(f"/{path}?{query}")
    except WireError:
        return
    assert target.rewrite([part.text for part in target.parts]) == f"/{path}?{query}"


PARAMETERS = {
    "a parameter": ("/v1/x;password=Zw99kk12;v=2", "/v1/x;password=[P_1];v=2"),
    "an escaped one": ("/v1/x%3Bpassword%3DZw99kk12", "/v1/x%3Bpassword%3D[P_1]"),
    "a segment": ("/v1/pwd=Zw99kk12/y", "/v1/pwd=[P_1]/y"),
}


@pytest.mark.parametrize(("path", "want"), PARAMETERS.values(), ids=PARAMETERS)
def test_a_password_among_the_parameters_of_a_segment_is_a_value_of_its_own(path: str, want: str) -> None:
    target = read_target(path)
    ((part,), (field,)) = target.parts, target.parts[0].fields
    assert (part.text[field.start : field.end], field.label) == ("Zw99kk12", "password")
    assert unquote(target.rewrite([part.text.replace("Zw99kk12", "[P_1]")])) == unquote(want)


@pytest.mark.parametrize("path", ["/v1/x;v=2", "/v1/x;show_password=true", "/v1/x;password=", "/v1/passwords/new"])
def test_other_parameters_are_the_interfaces_own_words(path: str) -> None:
    assert read_target(path).parts == ()


@given(RAW, st.data())
def test_reading_after_a_rewrite_gives_the_new_texts(raw: str, data: st.DataObject) -> None:
    try:
        target = read_target("/p%20q/?" + raw)
    except WireError:
        return
    texts = [data.draw(st.one_of(st.just(part.text), WORDS)) for part in target.parts]
    texts[0] = "é" + texts[0]
    assert [part.text for part in read_target(target.rewrite(texts)).parts] == texts


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("key=AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", False),
        ("accessToken=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", False),
        ("access_token=4111111111111111", True),
        ("token=Ann%20Lee%20of%20Contoso", True),
        ("key=13800138000", True),
        ("q=AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", True),
    ],
    ids=["a key", "a token", "a card", "words", "a telephone", "another field"],
)
def test_a_key_in_the_query_arrives_and_anything_else_is_read(query: str, read: bool) -> None:
    target = read_target(f"/v1/models/m:generateContent?{query}")
    value = query.partition("=")[2]
    assert any(part.text.replace(" ", "%20") == value for part in target.parts) is read
    assert target.rewrite([part.text for part in target.parts]).endswith(query)

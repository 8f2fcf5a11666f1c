"""What comes in another charset goes on in UTF-8 with a label that says so, or is refused; nothing is guessed."""

from urllib.parse import quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.forms import FORM
from proxy.errors import Unreadable, WireError
from proxy.exchange import Forward
from proxy.wire.body import charset_of
from proxy.wire.charset import any_as_utf8, as_utf8
from tests.proxy.house import SECRET
from tests.proxy.test_pipeline import depart

SAID = '{"你": "好，世界 é"}'
CHINESE = '{"你": "好，世界"}'

READ = {
    "GBK": (CHINESE.encode("gbk"), "application/json; charset=GBK", "application/json; charset=utf-8"),
    "a text": (CHINESE.encode("gbk"), "text/plain; charset=gbk", "text/plain; charset=utf-8"),
    "GB 2312": (CHINESE.encode("gb2312"), 'application/json;charset="gb2312"', "application/json; charset=utf-8"),
    "GB 18030": (
        '{"你": "好😀"}'.encode("gb18030"),
        "application/json;charset=gb18030",
        "application/json; charset=utf-8",
    ),
    "Big5": ('{"你": "好"}'.encode("big5"), "application/json; charset=big5", "application/json; charset=utf-8"),
    "UTF-16 with a mark": (
        SAID.encode("utf-16"),
        "application/json; charset=utf-16",
        "application/json; charset=utf-8",
    ),
    "UTF-16 that nobody declares": (SAID.encode("utf-16"), "application/json", "application/json; charset=utf-8"),
    "UTF-16 without a mark": (SAID.encode("utf-16-le"), "application/json", "application/json; charset=utf-8"),
    "UTF-16 the other way round": (SAID.encode("utf-16-be"), "text/json", "text/json; charset=utf-8"),
    "UTF-8 with a mark": (SAID.encode("utf-8-sig"), "application/json", "application/json; charset=utf-8"),
    "other parameters": (
        CHINESE.encode("gbk"),
        "application/x+json; v=1; charset=gbk; p=2",
        "application/x+json; v=1; p=2; charset=utf-8",
    ),
}


@pytest.mark.parametrize(("body", "kind", "mended"), READ.values(), ids=READ)
def test_json_or_text_in_another_charset_becomes_the_same_in_utf8(body: bytes, kind: str, mended: str) -> None:
    made, told = as_utf8(body, kind)
    assert told == mended and charset_of(told) == "utf-8"
    assert made.decode().startswith('{"你": "好')
    assert as_utf8(made, told) == (made, "")


LEFT = {
    "UTF-8": (SAID.encode(), "application/json"),
    "nothing": (b"", "application/json; charset=gbk"),
    "a text in UTF-8": (SAID.encode("utf-8-sig"), "text/plain; charset=utf-8"),
    "a text that declares none": (CHINESE.encode("gbk"), "text/plain"),
    "a page": (CHINESE.encode("gbk"), "text/html; charset=gbk"),
    "a form": (b"a=b", "application/x-www-form-urlencoded; charset=gbk"),
    "GBK that nobody declares": (CHINESE.encode("gbk"), "application/json"),
    "two charsets": (CHINESE.encode("gbk"), "application/json; charset=gbk; charset=utf-8"),
    "an unknown one": (CHINESE.encode("gbk"), "application/json; charset=rot13"),
    "a mark of another": (SAID.encode("utf-16"), "application/json; charset=gbk"),
    "a mark of UTF-8": (SAID.encode("utf-8-sig"), "application/json; charset=gbk"),
    "UTF-16 called UTF-8": (SAID.encode("utf-16"), "application/json; charset=utf-8"),
    "UTF-16 without its mark": (SAID.encode("utf-16-be"), "application/json; charset=utf-16"),
}


@pytest.mark.parametrize(("body", "kind"), LEFT.values(), ids=LEFT)
def test_where_nothing_is_sure_or_nothing_is_to_do_it_stays_as_it_is(body: bytes, kind: str) -> None:
    assert as_utf8(body, kind) == (body, "")


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b'{"a": "\xff\xff"}', "application/json; charset=gbk"), (b'\xff\xfe{\0"', "application/json")],
)
def test_bytes_against_their_charset_are_an_error(body: bytes, kind: str) -> None:
    for read in (as_utf8, any_as_utf8):
        with pytest.raises(WireError) as caught:
            read(body, kind)
        assert caught.value.__cause__ is None and caught.value.__context__ is None, "those hold the body"


@given(
    st.binary(max_size=60), st.sampled_from(["", "; charset=gbk", "; charset=utf-16", "; charset=utf-8", "; charset=x"])
)
def test_whatever_comes_is_utf8_with_its_label_or_as_it_was_or_refused(body: bytes, charset: str) -> None:
    kind = f"application/json{charset}"
    try:
        made, mended = as_utf8(body, kind)
    except WireError:
        return
    assert (mended and made.decode("utf-8") is not None) or made == body
    if not mended and charset in ("; charset=gbk", "; charset=utf-16") and body:
        with pytest.raises(Unreadable):
            charset_of(kind)


def test_plain_text_in_the_charset_that_it_declares_is_read_and_goes_on_in_utf8() -> None:
    kind = (("content-type", "text/plain; charset=gbk"),)
    outcome = depart(f"手机 {SECRET}".encode("gbk"), host="api.anthropic.com", path="/v1/notes", headers=kind).outcome
    assert isinstance(outcome, Forward) and outcome.body is not None
    assert outcome.body.decode().startswith("手机 [PHONE_NUMBER_")
    assert dict(outcome.replaced)["content-type"] == "text/plain; charset=utf-8"


LINE = f"请把这份说明发给王经理，他的手机是 {SECRET}，谢谢。"
CARD = "Dear John, card 4111 1111 1111 1111, call 13812345678 now"

UNKNOWN = {
    "UTF-16, the small end first": (CARD.encode("utf-16-le"), "text/plain", CARD),
    "UTF-16, the large end first": (CARD.encode("utf-16-be"), "text/plain", CARD),
    "UTF-16 with a mark": (CARD.encode("utf-16"), "text/plain", CARD),
    "a text of no charset": (LINE.encode("gbk"), "text/plain", LINE),
    "a body of no type": (LINE.encode("gbk"), "", LINE),
    "a text that says it": (LINE.encode("gbk"), "text/csv; charset=gb2312", LINE),
    "JSON of no charset": (f'{{"a":"{LINE}"}}'.encode("gbk"), "application/json", f'{{"a":"{LINE}"}}'),
    "Big5": ("請把這份說明發給王經理，謝謝。".encode("big5"), "text/plain", "請把這份說明發給王經理，謝謝。"),
    "Big5 that says it": ("請把".encode("big5"), "text/plain;charset=big5", "請把"),
    "a form": (f"q={quote_plus(LINE, encoding='gbk')}&n=1".encode(), FORM, f"q={quote_plus(LINE)}&n=1"),
    "a form that says it": (
        f"q={quote_plus('张', encoding='gbk')}".encode(),
        f"{FORM}; charset=gbk",
        f"q={quote_plus('张')}",
    ),
}


@pytest.mark.parametrize(("body", "kind", "want"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_no_format_is_known_of_is_read_in_the_charset_that_it_says_or_shows(
    body: bytes, kind: str, want: str
) -> None:
    made, mended = any_as_utf8(body, kind)
    assert made.decode() == want and mended.endswith("charset=utf-8")


CLOSED = {
    "a picture": (b"\x89PNG\r\n\x1a\n\xff\xfe", "text/plain"),
    "bytes of no charset": (bytes(range(128, 256)) * 4, "text/plain"),
    "Western letters": ("déjà vu à Zürich".encode("latin-1"), "text/plain"),
    "an unknown charset": (LINE.encode("gbk"), "text/plain; charset=utf-7"),
    "two charsets": (LINE.encode("gbk"), "text/plain; charset=gbk; charset=utf-8"),
    "called UTF-8": (LINE.encode("gbk"), "text/plain; charset=utf-8"),
    "no text": (LINE.encode("gbk"), "application/octet-stream"),
    "UTF-8": (LINE.encode(), "text/plain"),
}


@pytest.mark.parametrize(("body", "kind"), CLOSED.values(), ids=CLOSED)
def test_where_nobody_can_tell_the_charset_nothing_is_made_of_it(body: bytes, kind: str) -> None:
    assert any_as_utf8(body, kind) == (body, "")


@given(st.binary(max_size=60), st.sampled_from(["", "; charset=gbk", "; charset=big5", "; charset=utf-8"]))
def test_any_body_is_utf8_with_its_label_or_as_it_was_or_refused(body: bytes, charset: str) -> None:
    for media in ("text/plain", FORM, "application/json", ""):
        try:
            made, mended = any_as_utf8(body, media + charset)
        except WireError:
            continue
        assert (mended.endswith("charset=utf-8") and made.decode("utf-8") is not None) or (made, mended) == (body, "")


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=gbk", FORM])
def test_gbk_on_a_host_whose_format_nobody_knows_goes_on_without_what_is_confidential(kind: str) -> None:
    body = f"q={quote_plus(LINE, encoding='gbk')}".encode() if kind == FORM else LINE.encode("gbk")
    headers = (("content-type", kind),)
    outcome = depart(body, host="api.openai.com", path="/v1/nobody/knows", headers=headers).outcome
    assert isinstance(outcome, Forward) and outcome.body is not None
    said = unquote_plus(outcome.body.decode())
    assert "王经理" in said and "[PHONE_NUMBER_" in said and SECRET not in said
    assert dict(outcome.replaced)["content-type"] == f"{kind.partition(';')[0]}; charset=utf-8"

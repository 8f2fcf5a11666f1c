"""Address and header fields of a request are read together, and go back each to its place."""

from proxy.exchange import Request
from proxy.wire.head import read_head

REQUEST = Request(
    "GET", "https", "a.example", 443, "/x?q=13800138000", (("x-note", "13800138000"), ("x-user", "zhang"))
)


def test_what_changes_goes_back_to_its_place_and_what_goes_no_further_is_not_read() -> None:
    head = read_head(REQUEST, {"x-user"})
    assert "zhang" not in [part.text for part in head.parts]
    assert head.rewrite([part.text for part in head.parts]) == (REQUEST.path, ())
    path, fields = head.rewrite([part.text.replace("13800138000", "P") for part in head.parts])
    assert (path, fields) == ("/x?q=P", (("x-note", "P"),))

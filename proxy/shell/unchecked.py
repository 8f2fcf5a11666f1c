"""mitmproxy's messages, made without a look at the type of each of their fields.

Enters and leaves nothing. Stock mitmproxy compares the fields of every request and response that it makes with their
annotations, a check for those who develop it, which Python leaves out with `-O`; it takes as long as reading the head.
We cannot use `-O`, which would leave out other checks, too. What makes messages here are mitmproxy's own readers and
`flows`, which the type checker has read.
"""

from mitmproxy import http


def install() -> None:
    """Leave the check out; raises `RuntimeError` where mitmproxy's layout is not the one known."""
    if __debug__ and not hasattr(http.MessageData, "__post_init__"):
        raise RuntimeError("this mitmproxy makes its messages in another way; use version 12.2")
    http.MessageData.__post_init__ = as_it_is  # type: ignore[method-assign]


def as_it_is(_message: http.MessageData) -> None:
    """Do nothing."""

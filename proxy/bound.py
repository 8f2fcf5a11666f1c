"""Whether a signature covers a request, so that it would no longer be valid if a word of the request were changed.

Enters: the header fields of a request and the wire format of its service. Leaves: yes or no. A bound request is sent as
it came or not at all, for the service would refuse it with an error that nobody understands. Bearer keys, cookies and
the signatures of other parts (Spark's of its address, chatglm.cn's of the time) bind nothing. What web pages sign is
known from public clients and was not seen live.
"""

import re
from typing import Final

from proxy.exchange import Headers, header

AUTHORIZATION: Final = re.compile(
    r"""(?xi)
    AWS4-(?:HMAC|ECDSA-P256)-SHA256\b                # Amazon: address, named header fields, hash of the body
    | TC3-HMAC-SHA256\b                              # Tencent Cloud: the same
    | (?:HMAC|SDK-HMAC|ACS3-HMAC)-SHA256\b           # Volcengine, Huawei Cloud, Alibaba Cloud: the same
    | bce-auth-v[0-9]+/                              # Baidu: length and digest of the body, where fields are not named
    | Signature\b .* x-content-sha256                # Oracle: among the named header fields is the hash
    """
)
"""Schemes whose signature covers the body."""

OPEN: Final = frozenset({"unsigned-payload", "streaming-unsigned-payload-trailer"})
"""What stands for the hash where Amazon's scheme leaves the body out."""

PAGES: Final = {"zai": "x-signature", "poe": "poe-tag-id", "hailuo": "yy", "qianwen": "clt-acs-sign"}
"""Wire formats of web pages, and the header field with a hash over what is asked."""


def is_bound(headers: Headers, wire: str, *, head: bool, body: bool) -> bool:
    """Return whether a signature covers what would change of a request: its `head`, its `body` or both."""
    if wire in PAGES and header(headers, PAGES[wire]):
        return body
    if "content-digest" in header(headers, "signature-input").lower():  # RFC 9421
        return True
    if AUTHORIZATION.match(header(headers, "authorization").strip()) is None:
        return False
    return head or header(headers, "x-amz-content-sha256").lower() not in OPEN

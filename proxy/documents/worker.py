"""The process that reads files which unpack, nest, or need libraries: little memory, no files to write, no network use.

Enters: requests on standard input, each a line of JSON and the bytes of a file. Leaves: answers on standard output in
the same form. It is started, watched and ended by `proxy.documents.reader`; what a library prints goes nowhere, for it
may quote the file.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from proxy.documents.document import FixedText, Limits
from proxy.documents.read import read_document
from proxy.documents.reading import Seen
from proxy.no_core import leave_no_core


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    confine(int(sys.argv[1]))
    serve(sys.stdin.buffer, answers)


def confine(memory: int) -> None:
    """Give up what reading does not need: more memory than this, files to write, and a core with content in it."""
    leave_no_core()
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(what, (most, most))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each request with one answer."""
    while line := requests.readline():
        asked = json.loads(line)
        told, content = answer(asked, requests.read(asked["size"]))
        answers.write(json.dumps({**told, "size": len(content)}).encode("ascii") + b"\n" + content)
        answers.flush()


def answer(asked: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what is in a file; or, where new texts are given, the file with them."""
    seen = {mark: Seen(**one) for mark, one in asked["seen"].items()}
    document = read_document(data, asked["name"], Limits(**asked["limits"]), seen=seen)
    if asked["texts"] is not None:
        try:
            return {"done": True}, document.rewrite(asked["texts"])
        except (FixedText, ValueError):
            return {"done": False}, b""
    parts = [[part.pointer, part.text, part.fixed, part.fields, part.bounded] for part in document.parts]
    told = {"kind": document.kind, "parts": parts, "opaque": [asdict(one) for one in document.opaque]}
    return {**told, "seen": {mark: asdict(one) for mark, one in seen.items()}}, b""


if __name__ == "__main__":
    main()

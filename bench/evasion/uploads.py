"""Files that carry a value: documents, archives, pictures, under their own names or others.

Enters: a random generator and a value. Leaves: a request that uploads a file, or holds one as base64.
"""

import base64
import io
import json
import tarfile
from random import Random

from bench.evasion.values import Value
from bench.evasion.wires import Sent, archive, multipart

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def upload(name: str, data: bytes, kind: str = "application/octet-stream") -> Sent:
    """Return the upload of a file."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}'
    body, headers = multipart(('Content-Disposition: form-data; name="purpose"', b"assistants"), (head, data))
    return Sent(body, "/v1/files", headers)


def document(text: str) -> bytes:
    """Return a word processor's document."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return archive(
        {
            "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
            f'ContentType="{kind}"/></Types>'.encode(),
            "_rels/.rels": f'<?xml version="1.0"?><Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
            f'Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>'.encode(),
            "word/document.xml": f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>{text}'
            "</w:t></w:r></w:p></w:body></w:document>".encode(),
        }
    )


def files(rng: Random, value: Value) -> Sent:
    """Upload a document or a file of text."""
    text = value.sentence
    how = rng.randrange(4)
    if how == 0:
        return upload("report.docx", document(text))
    if how == 1:
        return upload("list.csv", f"no,note\n1,{text}\n".encode(), "text/csv")
    if how == 2:
        return upload("notes.md", f"# Notes\n\n{text}\n".encode(), "text/markdown")
    # without an address of its own: that would be found, and the mail refused for it
    mail = f"From: accounting\r\nSubject: hello\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    return upload("mail.eml", mail.encode(), "message/rfc822")


def archives(rng: Random, value: Value) -> Sent:
    """Upload an archive: nested, of another kind, or locked."""
    text = value.sentence.encode()
    plain = archive({"a.txt": text})
    how = rng.randrange(5)
    if how == 0:
        return upload("a.zip", plain, "application/zip")
    if how == 1:
        return upload("a.zip", archive({"inner/b.zip": plain, "c.txt": b"hello"}), "application/zip")
    if how == 2:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w:gz") as opened:
            entry = tarfile.TarInfo("a.txt")
            entry.size = len(text)
            opened.addfile(entry, io.BytesIO(text))
        return upload("a.tar.gz", made.getvalue(), "application/gzip")
    if how == 3:
        head = b"7z\xbc\xaf\x27\x1c" if rng.random() < 0.5 else b"Rar!\x1a\x07\x01\x00"
        return upload("a.7z", head + rng.randbytes(300))
    locked = bytearray(plain)
    for sign, shift in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag that says "encrypted"
        locked[plain.index(sign) + shift] |= 1
    return upload("a.zip", bytes(locked), "application/zip")


def disguised(rng: Random, value: Value) -> Sent:
    """Upload a file under a name and a type that are not its own."""
    data = rng.choice((document(value.sentence), archive({"a.txt": value.sentence.encode()}), value.sentence.encode()))
    name, kind = rng.choice(
        (("a.png", "image/png"), ("a.mp3", "audio/mpeg"), ("a.bin", "application/x-foo"), ("a.pdf", "application/pdf"))
    )
    return upload(name, data, kind)


def office_inside(rng: Random, value: Value) -> Sent:
    """Put a document into JSON as base64."""
    code = base64.b64encode(document(value.sentence)).decode()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    data = rng.choice((f"data:{kind};base64,{code}", code))
    part = {"type": "file", "file": {"filename": "a.docx", "file_data": data}}
    said = [{"role": "user", "content": [{"type": "text", "text": "Summarise"}, part]}]
    return Sent(json.dumps({"model": "m", "messages": said}).encode())


def picture(rng: Random, value: Value) -> Sent:
    """Send a picture; what is drawn in it nobody reads here, so that it must count as unread."""
    del value
    noise = base64.b64encode(b"\x89PNG\r\n\x1a\n" + rng.randbytes(600)).decode()
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + noise}}
    said = [{"role": "user", "content": [{"type": "text", "text": "Read this screenshot"}, part]}]
    return Sent(json.dumps({"model": "m", "messages": said}).encode(), pieces=(noise,))

"""Every byte of an archive is a member's, or it is told."""

import io
import struct
import zipfile

import pytest

from proxy.documents.bundle import Bundle
from proxy.documents.document import Document, FixedText, Limits
from proxy.documents.reading import Reading, Unread
from proxy.documents.zip_file import Archive, name_of
from tests.proxy.documents.files import members, zipped
from tests.silence import says_nothing_of

PLAIN = zipped({"a.txt": b"hello", "b/c.txt": b"world" * 100})


def opened(data: bytes, limits: Limits | None = None) -> Archive:
    return Archive(data, Reading(limits or Limits(), lambda: 0.0, lambda data, *_: Document("text", data)))


def rest(data: bytes) -> tuple[list[str], list[str]]:
    """Return why something is not looked into, and what is written beside the members."""
    bundle = Bundle()
    opened(data).gather_rest(bundle)
    return [one.reason for one in bundle.opaque], [part.text for part in bundle.parts]


def flagged(data: bytes, flag: int) -> bytes:
    """Return the archive with a flag set on its first member, in both places."""
    made = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.find(signature) + offset] |= flag
    return bytes(made)


def streamed() -> bytes:
    """Return an archive written to where one cannot seek: sizes stand behind the members."""

    class Pipe(io.BytesIO):
        def seek(self, *_):
            raise OSError

        def tell(self):
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"hello")
        archive.writestr("b.txt", b"hello")
    return out.getvalue()


ODD = {
    "an archive like any": (PLAIN, []),
    "one that was streamed": (streamed(), []),
    "a program before it": (b"MZ" + b"x" * 90 + PLAIN, ["hidden"]),
    "text behind it": (PLAIN + b"secret", ["hidden"]),
    "text between members and list": (
        (lambda at: PLAIN[:at] + b"secret" + PLAIN[at:-6] + struct.pack("<I", at + 6) + b"\0\0")(
            PLAIN.find(b"PK\x01\x02")
        ),
        ["hidden"],
    ),
}


@pytest.mark.parametrize(("data", "want"), ODD.values(), ids=ODD.keys())
def test_bytes_of_no_member_are_told(data: bytes, want: list[str]):
    assert rest(data)[0] == want


def test_a_member_that_the_list_leaves_out_is_hidden():
    whole = zipped({"a.txt": b"hello", "b.txt": b"secret"})
    first = zipped({"a.txt": b"hello"})
    cut = whole.find(b"PK\x01\x02")
    central = first[first.find(b"PK\x01\x02") : -22]
    ending = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), cut, 0)
    assert rest(whole[:cut] + central + ending)[0] == ["hidden"]


def test_comments_are_text():
    assert rest(zipped({"a": b""}, comment="密码 secret".encode()))[1] == ["密码 secret"]


def test_members_are_unpacked_within_limits():
    archive = opened(zipped({"a": b"\0" * (8 << 20)}), Limits(expansion=100))
    with pytest.raises(Unread, match="too_large"):
        archive.read(archive.members[0])
    with pytest.raises(Unread, match="too_many_files"):
        opened(PLAIN, Limits(files=1))


BROKEN = {
    "an encrypted member": (flagged(PLAIN, 1), "encrypted"),
    "a wrong checksum": (
        PLAIN.replace(zipfile.ZipFile(io.BytesIO(PLAIN)).infolist()[0].CRC.to_bytes(4, "little"), b"\1\2\3\4"),
        "broken",
    ),
    "a compression nobody knows": (PLAIN.replace(b"\x08\x00", b"\x62\x00"), "unknown"),
}


@pytest.mark.parametrize(("data", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_member_that_cannot_be_read_says_why(data: bytes, reason: str):
    archive = opened(data)
    with pytest.raises(Unread) as caught:
        archive.read(archive.members[0])
    assert caught.value.reason == reason


def test_a_member_that_cannot_be_copied_is_not_behind_the_error(monkeypatch: pytest.MonkeyPatch):
    archive = opened(PLAIN)

    def quoting(*_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(archive, "_written", quoting)
    with pytest.raises(FixedText) as raised:
        archive.written({})
    says_nothing_of(raised.value, "secret")


def test_two_members_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a", b"1")
            archive.writestr("a", b"2")
    with pytest.raises(Unread, match="hidden"):
        opened(out.getvalue())


def test_an_archive_is_written_with_other_content_and_names_and_keeps_the_rest():
    made = opened(PLAIN).written({"a.txt": b"new"}, ["x.txt", "b/c.txt"])
    assert members(made) == {"x.txt": b"new", "b/c.txt": b"world" * 100}
    old, new = (zipfile.ZipFile(io.BytesIO(data)).infolist()[1] for data in (PLAIN, made))
    assert (old.date_time, old.external_attr, old.compress_type) == (
        new.date_time,
        new.external_attr,
        new.compress_type,
    )


@pytest.mark.parametrize(
    ("raw", "flag", "want"),
    [
        ("张三.txt".encode("gbk"), 0, "张三.txt"),
        ("张三.txt".encode(), 0x800, "张三.txt"),
        (b"a.txt", 0, "a.txt"),
        ("张三.txt".encode(), 0, "张三.txt"),
    ],
)
def test_names_are_read_as_they_were_meant(raw: bytes, flag: int, want: str):
    info = zipfile.ZipInfo(raw.decode("utf-8") if flag else raw.decode("cp437"))
    info.flag_bits = flag
    assert name_of(info) == want

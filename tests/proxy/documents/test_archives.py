"""Archives are read through all their layers, and bombs go off at their limits."""

import bz2
import gzip
import io
import lzma
import random
import zipfile

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.documents.archives import gzip_notes
from proxy.documents.document import FixedText, Limits
from tests.proxy.documents.files import (
    PHONE,
    everything,
    members,
    read,
    reasons,
    redacted,
    tarred,
    texts,
    word,
    zipped,
)
from tests.thorough import drawn

NOTE = f"电话 {PHONE}".encode()
PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}


@pytest.mark.parametrize("kind", PACKED)
def test_a_packed_file_is_read_whatever_it_is_called(kind: str):
    document = read(PACKED[kind](NOTE), "holiday.jpg")
    assert (document.kind, everything(document), document.rewritable) == (kind, NOTE.decode(), False)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_the_members_of_a_tar_archive_are_read(mode: str):
    document = read(tarred({"d/a.txt": NOTE, "b.zip": zipped({"in.txt": b"inner"})}, mode))
    assert {"d/a.txt": NOTE.decode(), "b.zip!in.txt": "inner"}.items() <= texts(document).items()
    assert "b.zip" in texts(document)["@names"]


def test_archives_within_archives_are_read_and_written_in_place():
    data = zipped(
        {"张三.zip": zipped({"f.docx": word(["tel ", PHONE]), "n.txt": NOTE}), "x.json": b'{"a": 13800138000}'}
    )
    document = read(data)
    assert texts(document)["张三.zip!f.docx!word/document.xml#0"] == f"tel {PHONE}"
    made = members(document.rewrite(redacted(document, {PHONE: "[P]", "张三": "[N]"})))
    assert made["x.json"] == b'{"a": "[P]"}'
    assert members(made["[N].zip"])["n.txt"].decode() == "电话 [P]"
    assert "tel [P]" in everything(read(members(made["[N].zip"])["f.docx"]))


def test_an_archive_with_something_fixed_in_it_can_be_written_but_for_that():
    document = read(zipped({"a.txt": NOTE, "b.gz": gzip.compress(b"fixed words")}))
    made = document.rewrite(redacted(document, {PHONE: "[P]"}))
    assert members(made)["a.txt"].decode() == "电话 [P]"
    with pytest.raises(FixedText):
        document.rewrite(redacted(document, {"fixed": "[X]"}))


def test_two_names_never_become_one():
    document = read(zipped({"a1.txt": b"x", "a2.txt": b"y"}))
    with pytest.raises(FixedText):
        document.rewrite(redacted(document, {"a1": "a", "a2": "a"}))


BOMBS = {
    "zeros": (zipped({"a": b"\0" * (64 << 20)}), Limits(), [("a", "too_large")]),
    "zeros in gzip": (gzip.compress(b"\0" * (64 << 20)), Limits(), [("", "too_large")]),
    "many files": (zipped({str(number): b"" for number in range(50)}), Limits(files=20), [("", "too_many_files")]),
    "too many in several": (
        zipped({f"{number}.zip": zipped({str(one): b"x" for one in range(9)}) for number in range(4)}),
        Limits(files=25),
        None,
    ),
    "a nest": (
        zipped({"a.zip": zipped({"a.zip": zipped({"a.zip": zipped({"a.zip": b"PK\x03\x04"})})})}),
        Limits(depth=3),
        [("a.zip!a.zip!a.zip", "too_deep")],
    ),
    "a large file": (b"PK\x03\x04" + b"\0" * 100, Limits(size=50), [("", "too_large")]),
    "much text": (zipped({"a.txt": b"words " * 100}), Limits(characters=100), [("a.txt", "too_large")]),
}


@pytest.mark.parametrize(("data", "limits", "want"), BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_told_and_never_read_as_empty(data: bytes, limits: Limits, want):
    document = read(data, "", limits)
    assert document.opaque and (want is None or reasons(document) == want)


def test_one_member_over_a_limit_hides_no_other():
    document = read(zipped({"bomb": b"\0" * (64 << 20), "a.txt": NOTE}))
    assert (reasons(document), texts(document)["a.txt"]) == ([("bomb", "too_large")], NOTE.decode())


@pytest.mark.parametrize("kind", PACKED)
def test_bytes_behind_a_packed_file_make_it_one_that_cannot_be_read(kind: str):
    assert reasons(read(PACKED[kind](NOTE) + b"secret")) == [("", "broken")]
    assert everything(read(PACKED[kind](NOTE) + PACKED[kind](b" more"))) == NOTE.decode() + " more"


def test_bytes_behind_the_end_of_a_tar_archive_are_told():
    assert reasons(read(tarred({"a": b"x"}) + b"\0" * 512 + b"secret".ljust(512))) == [("", "hidden")]


def test_what_a_gzip_file_says_of_itself_is_text():
    out = io.BytesIO()
    with gzip.GzipFile("secret.txt", "wb", fileobj=out) as file:
        file.write(b"x")
    assert "secret" in everything(read(out.getvalue()))
    noted = b"\x1f\x8b\x08\x1c" + b"\0" * 6 + b"\x02\0hiname\0word\0" + b"rest"
    assert gzip_notes(noted) == "hi\nname\nword"


@settings(deadline=None, max_examples=drawn(60))
@given(st.sampled_from(["zip", "tar", "gz", "bz2", "xz", "zst", "docx"]), st.randoms(use_true_random=False))
def test_anything_cut_or_damaged_is_read_or_told(kind: str, chance: random.Random):
    whole = {
        "zip": zipped({"a.txt": NOTE, "b.txt": b"x" * 300}),
        "tar": tarred({"a.txt": NOTE}),
        "docx": word(["a", "b"]),
        **{name: pack(NOTE) for name, pack in PACKED.items()},
    }[kind]
    if chance.random() < 0.5:
        data = whole[: chance.randrange(len(whole))]
    else:
        made = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            made[chance.randrange(len(made))] = chance.randrange(256)
        data = bytes(made)
    document = read(data)
    assert document.parts or document.opaque or not data


def test_a_damaged_member_is_not_copied_into_a_new_archive():
    data = zipped({"a.txt": NOTE, "b.txt": b"x" * 300})
    crc = zipfile.ZipFile(io.BytesIO(data)).infolist()[1].CRC.to_bytes(4, "little")
    document = read(data.replace(crc, b"\1\2\3\4"))
    with pytest.raises(FixedText):
        document.rewrite(redacted(document, {PHONE: "[P]"}))

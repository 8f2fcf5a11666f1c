"""Old office files show their words and are never taken for read; encrypted ones show nothing."""

from tests.proxy.documents.files import PHONE, everything, locked_word, read, reasons

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def test_words_of_an_old_file_are_seen_and_it_still_counts_as_unread():
    document = read(OLD + f"客户张三 {PHONE}".encode("utf-16-le") + b"\0" * 100)
    assert PHONE in everything(document) and not document.rewritable
    assert reasons(document) == [("", "legacy")]


def test_a_word_file_with_a_password_is_encrypted():
    document = read(locked_word("pass"))
    assert (document.parts, reasons(document)) == ((), [("", "encrypted")])

"""The nouns of the contract keep what is confidential out of sight."""

from detectors.interface import Finding, Redaction, Scan


def test_originals_are_never_in_the_repr_of_a_redaction():
    redaction = Redaction("[PASSWORD_0A1B2C3D]", {"[PASSWORD_0A1B2C3D]": "hunter2!"})
    assert "hunter2" not in repr(redaction)


def test_findings_sort_by_where_they_begin():
    later, sooner = Finding(5, 9, "API_KEY", 1.0, "x"), Finding(2, 3, "URL", 0.1, "y")
    assert sorted([later, sooner]) == [sooner, later]


def test_an_empty_scan_is_clean_and_leaves_nothing_unknown():
    assert Scan() == Scan((), frozenset())

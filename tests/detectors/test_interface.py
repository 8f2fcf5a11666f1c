"""The nouns of the contract keep what is confidential out of sight."""

import pytest

from detectors.interface import Finding, Redaction, Scan, group_of, is_secret, keyed


def test_originals_are_never_in_the_repr_of_a_redaction():
    redaction = Redaction("[PASSWORD_0A1B2C3D]", {"[PASSWORD_0A1B2C3D]": "hunter2!"})
    assert "hunter2" not in repr(redaction)


def test_findings_sort_by_where_they_begin():
    later, sooner = Finding(5, 9, "API_KEY", 1.0, "x"), Finding(2, 3, "URL", 0.1, "y")
    assert sorted([later, sooner]) == [sooner, later]


def test_an_empty_scan_is_clean_and_leaves_nothing_unknown():
    assert Scan() == Scan((), frozenset())


@pytest.mark.parametrize("group", [0, 1, 3, 1 << 20])
def test_values_under_keys_belong_to_the_group_of_the_others_and_secrets_among_them_are_known(group):
    assert group_of(group) == (group, False) and not is_secret(group)
    assert group_of(keyed(group)) == (group, True) and not is_secret(keyed(group))
    assert group_of(keyed(group, secret=True)) == (group, True) and is_secret(keyed(group, secret=True))


def test_what_is_of_no_group_and_groups_of_other_names_are_no_secrets():
    assert group_of(None) == (None, False) and group_of("user") == ("user", False)
    assert not is_secret(None) and not is_secret("user")

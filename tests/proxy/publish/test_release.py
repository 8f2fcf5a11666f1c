"""A release and a standing come back as they went, and what is no whole one is an error."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.publish.release import Release, Standing
from proxy.workflow.permission import PolicyVersion
from proxy.workflow.signing import Signer

NOON = datetime(2026, 12, 2, 12, tzinfo=UTC)
VERSION = PolicyVersion("3@9f86d081884c", "9f86" * 16, "政策", NOON, "张敏")
RELEASE = Release(4, VERSION, ("2@aa",))
CHANGES = {
    "number": replace(RELEASE, number=5),
    "text": replace(RELEASE, version=replace(VERSION, source="政策 ")),
    "name": replace(RELEASE, version=replace(VERSION, by="李四")),
    "label": replace(RELEASE, version=replace(VERSION, id="4@9f86d081884c")),
    "passed": replace(RELEASE, passed=()),
}


@given(st.integers(1, 2**50), st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.just("1@a"), max_size=3))
def test_they_come_back_as_they_went(number: int, words: str, passed: list[str]) -> None:
    release = Release(number, replace(VERSION, source=words, by=words), tuple(passed), "t")
    assert Release.from_fields(release.fields()) == release
    standing = Standing(words, NOON, number, words, tuple(passed), number, words)
    assert Standing.from_fields(standing.fields()) == standing
    older = {key: value for key, value in standing.fields().items() if key != "sluice"}
    assert Standing.from_fields(older) == replace(standing, sluice="")


@pytest.mark.parametrize("broken", [None, [], {}, {"number": 1}, {**RELEASE.fields(), "version": 3}, "x", 7])
def test_what_is_not_whole_is_an_error(broken: object) -> None:
    with pytest.raises(ValueError, match="not whole"):
        Release.from_fields(broken)
    with pytest.raises(ValueError, match="not whole"):
        Standing.from_fields(broken)


@pytest.mark.parametrize("name", CHANGES)
def test_a_tag_holds_for_one_release_of_one_house(name: str) -> None:
    ours = Signer(b"k" * 32)
    tag = ours.release(RELEASE.told())
    assert ours.holds_release(RELEASE.told(), tag)
    assert ours.holds_release(replace(RELEASE, tag=tag).told(), tag)  # it is no part of what it stands for
    assert not ours.holds_release(CHANGES[name].told(), tag)
    assert not Signer(b"o" * 32).holds_release(RELEASE.told(), tag)
    for none in ("", "é", "0" * 64):
        assert not ours.holds_release(RELEASE.told(), none)


def test_what_a_policy_says_is_not_shown() -> None:
    assert "政策" not in repr(RELEASE)

"""A policy is taken up with all its texts, so that it can be made again when the disk says something else."""

import os
from pathlib import Path

import pytest

from policies.problem import PolicyError
from proxy.sources import content, pack, stamp, take_up, unpack
from tests.proxy.house import POLICY

TEXT = POLICY.read_text("utf-8")
WITH_LIST = TEXT.replace("terms: [华星科技, Project Falcon]", "terms_file: customers.txt")

OWN = """
policy: test
version: 1
otherwise: allow
data_classes: {staff: {entities: [STAFF_NUMBER]}}
rules: [{id: use, verdict: allowed, redact: staff}]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy with a list of terms and a file of tests beside it."""
    path = tmp_path / "policy.yaml"
    path.write_text(WITH_LIST, "utf-8")
    (tmp_path / "customers.txt").write_text("华星科技\n", "utf-8")
    (tmp_path / "policy_test.yaml").write_text("tests: []\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same as a folder of two files."""
    path = tmp_path / "folder"
    path.mkdir()
    head, _, rules = TEXT.partition("rules:")
    (path / "base.yaml").write_text(f"{head}rules: []\n", "utf-8")
    (path / "more.yaml").write_text(f"rules:{rules}", "utf-8")
    return path


def test_what_was_packed_makes_the_same_policy_without_the_disk(policy: Path) -> None:
    loaded, sources = take_up(policy, None)
    for path in policy.parent.iterdir():
        path.unlink()
    again = unpack(pack(sources)).parse(None)
    assert (again.digest, again.dictionaries) == (loaded.digest, loaded.dictionaries)
    assert loaded.dictionaries[0].terms == ("华星科技",)


def test_a_folder_is_taken_up_as_a_whole(folder: Path) -> None:
    loaded, sources = take_up(folder, None)
    assert (len(sources.files), sources.folder) == (2, True)
    assert unpack(pack(sources)).parse(None).digest == loaded.digest


@pytest.mark.parametrize("whole", [True, False], ids=["a file", "a folder"])
def test_what_the_companys_own_rules_find_can_be_named_and_named_again_from_memory(tmp_path: Path, whole: bool) -> None:
    path = tmp_path / "own"
    path.mkdir()
    (path / "policy.yaml").write_text(OWN, "utf-8")
    taken = path / "policy.yaml" if whole else path
    loaded, sources = take_up(taken, None, {"STAFF_NUMBER"})
    assert [one.entities for one in loaded.classes] == [{"STAFF_NUMBER"}]
    assert unpack(pack(sources)).parse(None, {"STAFF_NUMBER"}).digest == loaded.digest
    for refused in (lambda: take_up(taken, None), lambda: sources.parse(None)):
        with pytest.raises(PolicyError, match="STAFF_NUMBER"):
            refused()


def test_no_text_shows_in_a_repr(policy: Path) -> None:
    assert "华星科技" not in repr(take_up(policy, None)[1])


@pytest.mark.parametrize("name", ["policy.yaml", "customers.txt", "policy_test.yaml"])
def test_a_change_of_any_file_changes_the_stamp(policy: Path, name: str) -> None:
    before = stamp(policy, {"customers.txt"})
    assert before == stamp(policy, {"customers.txt"})
    file = policy.with_name(name)
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1))
    assert before != stamp(policy, {"customers.txt"})
    file.unlink()
    assert before != stamp(policy, {"customers.txt"})


def test_a_new_file_in_a_folder_changes_its_stamp_and_its_content(folder: Path) -> None:
    before = stamp(folder, ()), content(folder)
    (folder / "z.yaml").write_text("rules: []\n", "utf-8")
    assert before[0] != stamp(folder, ()) and before[1] != content(folder)


def test_tests_and_lists_are_no_part_of_what_a_pin_holds_on_to(policy: Path) -> None:
    before = content(policy)
    policy.with_name("customers.txt").write_text("另一家\n", "utf-8")
    policy.with_name("policy_test.yaml").unlink()
    assert content(policy) == before
    policy.write_text(WITH_LIST + "\n", "utf-8")
    assert content(policy) != before


BROKEN = {
    "gone": lambda path: path.unlink(),
    "not UTF-8": lambda path: path.write_bytes(b"policy: \xff"),
    "a mistake": lambda path: path.write_text("polcy: x", "utf-8"),
    "its list gone": lambda path: path.with_name("customers.txt").unlink(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_taken_up_is_told_in_the_loaders_words(policy: Path, name: str) -> None:
    BROKEN[name](policy)
    with pytest.raises(PolicyError, match=r"policy\.yaml:\d+:\d+"):
        take_up(policy, None)


@pytest.mark.parametrize("text", ["{}", "[]", "policy: x", '{"form": "another"}'])
def test_anything_else_is_no_packed_policy(text: str) -> None:
    with pytest.raises(ValueError, match=r"packed|JSON|character|unexpected"):
        unpack(text)

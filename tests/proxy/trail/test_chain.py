"""The tree over a log is that of RFC 6962, and a proof of one line says no more and no less than that."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from proxy.trail.chain import Tree, included
from proxy.trail.prove import path_to

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def root_of(leaves: list[bytes]) -> bytes:
    """Return the root as the RFC defines it, by halves."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def tree_of(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Tree().root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(LEAVES)
def test_the_root_is_that_of_the_rfc(leaves: list[bytes]) -> None:
    assert tree_of(leaves).root == root_of(leaves).hex()


@given(LEAVES, st.data())
def test_every_line_is_proven_and_no_other_at_its_place(leaves: list[bytes], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(leaves)))
    root, path = root_of(leaves).hex(), [step.hex() for step in path_to(number, leaves)]
    assert included(leaves[number - 1], number, len(leaves), path, root)
    assert not included(leaves[number - 1] + b"x", number, len(leaves), path, root)
    assert not included(leaves[number - 1], number, len(leaves), [*path, "00" * 32], root)
    assert not included(leaves[number - 1], 0, len(leaves), path, root)
    assert not included(leaves[number - 1], len(leaves) + 1, len(leaves), path, root)
    if path:
        assert not included(leaves[number - 1], number, len(leaves), path[:-1], root)

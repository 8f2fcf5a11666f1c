"""A pattern is read as both engines read it, or not at all."""

import pytest

from detectors.syntax import (
    ANY,
    BEYOND,
    SIGNS_BEYOND,
    SINGLED,
    Atom,
    Choice,
    Unreadable,
    read,
    without_references,
)

PROVINCE = SINGLED["京"]


def shown(part) -> str:
    """Write a tree the plain way, so that tables can compare it."""
    if isinstance(part, Atom):
        return part.literal or part.text or "^"
    branches = []
    for branch in part.branches:
        items = [
            shown(item.part) + ("" if (item.least, item.most) == (1, 1) else f"{{{item.least},{item.most}}}")
            for item in branch
        ]
        branches.append(" ".join(items))
    return f"({' | '.join(branches)})"


READ = {
    "characters": ("ab", "(a b)"),
    "classes": (r"[a-c]\d.", r"([a-c] \d .)"),
    "a bracket in a class": (r"[]a][^\]]", r"([]a] [^\]])"),
    "repetition": ("a?b*c+d{2}e{2,}f{2,5}", "(a{0,1} b{0,None} c{1,None} d{2,2} e{2,None} f{2,5})"),
    "lazy and possessive repetition": ("a+?b++", "(a{1,None} b{1,None})"),
    "a brace that repeats nothing": ("a{x}", r"(a \{ x \})"),
    "groups": ("(a|b)(?:c)(?P<n>d)(?<m>e)(?>f)", "((a | b) (c) (d) (e) (f))"),
    "case": ("(?i)a1(?-i:b)(?i:c)", "((?i:a) 1 (b) ((?i:c)))"),
    "edges": (r"^\ba\B$\A\z", "(^ ^ a ^ ^ ^ ^)"),
    "look-around": ("(?<=a)b(?!c)(?=d)(?<!e)", "(^ b ^ ^ ^)"),
    "beyond ASCII": ("密[甲乙]", f"(密 {BEYOND})"),
    "beyond ASCII, told apart": ("[京沪][甲京]", f"({PROVINCE} [{PROVINCE}{BEYOND}])"),
    "a range beyond ASCII": ("[一-龥]", f"([{SIGNS_BEYOND}])"),
    "all beyond ASCII": (r"[^\x00-\x7f]", f"([{SIGNS_BEYOND}])"),
    "codes": (r"\x41\x{4e00}\u4e01", "(A 一 丁)"),
    "properties": (r"\p{Han}\pL", f"({ANY} {ANY})"),
    "what a group matched": (r"(a)\1", f"((a) ({ANY}{{0,None}}))"),
}


@pytest.mark.parametrize(("pattern", "want"), READ.values(), ids=READ)
def test_a_pattern_is_read(pattern, want):
    assert shown(read(pattern)) == want


@pytest.mark.parametrize(
    "pattern", ["(", ")", "a)", "[a", "*a", "(?x)a b", "(?(1)a)", "a{,2}", r"\Qa", "(?#a)", "(?Ua)"]
)
def test_what_is_not_understood_is_not_guessed(pattern):
    with pytest.raises(Unreadable):
        read(pattern)


WITHOUT_REFERENCES = {
    "to a class": (r"\d([- ])\d\1\d", r"\d([- ])\d[- ]\d"),
    "to a class, several times": (r"([:-])(?:a\1){4}\1", "([:-])(?:a[:-]){4}[:-]"),
    "to a class by its number": (r"(a|b)(?:c)(?P<n>[x])\2\1", r"(a|b)(?:c)(?P<n>[x])[x]\1"),
    "to a class in any case": (r"(?i:([ab]))\1", r"(?i:([ab]))(?i:[ab])"),
    "to more than a class": (r"([ab]c)\1", r"([ab]c)\1"),
    "to a class several times": (r"([ab]+)\1", r"([ab]+)\1"),
    "to no group yet": (r"\1([ab])", r"\1([ab])"),
    "none, but an escape": (r"([ab])\\1[\1]", r"([ab])\\1[\1]"),
    "not to be read": (r"([ab])\1(", r"([ab])\1("),
}


@pytest.mark.parametrize(("pattern", "want"), WITHOUT_REFERENCES.values(), ids=WITHOUT_REFERENCES)
def test_a_class_stands_for_what_refers_to_it(pattern, want):
    assert without_references(pattern) == want


@pytest.mark.parametrize(
    ("pattern", "wide", "plain"),
    [(r"\w", False, True), (r"\w", True, False), ("[^a]", True, True), ("密", False, False), (r"\p{L}", False, False)],
)
def test_it_is_told_which_atoms_single_out_characters_beyond_ascii(pattern, wide, plain):
    (branch,) = read(pattern, wide).branches
    assert branch[0].part.plain is plain


def test_a_letter_beyond_ascii_in_any_case_may_be_an_ascii_one():
    assert isinstance(read("(?i)\u212a"), Choice)  # the Kelvin sign is a K
    (branch,) = read("(?i)\u212a").branches
    assert (branch[0].part.text, branch[0].part.literal) == (ANY, "")

"""Exit codes are a contract with scripts."""

from proxy.cli import exits
from proxy.cli.exits import Exit


def test_the_codes_stay_what_they_are() -> None:
    assert {one.name: one.value for one in Exit} == {"OK": 0, "FOUND": 1, "USAGE": 2, "UNUSABLE": 3, "BUG": 4} | {
        "FAILED": 5,
        "UNPROVEN": 6,
        "LOOSER": 7,
    }


def test_every_code_has_its_line_in_the_table() -> None:
    lines = (exits.__doc__ or "").splitlines()
    for code in Exit:
        assert sum(line.startswith(f"- {code.value}: ") for line in lines) == 1

"""The page that says what is covered, made of the register of wire formats and the catalogue.

Enters: the rows of `proxy.coverage`. Leaves: the tables of `docs/coverage.md`, and lines for a terminal. Pure, but for
`main`, which writes the page: what stands above the mark was written by people and stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from proxy.coverage import PROVED, Covered, covered, services_of
from proxy.services.catalogue import load_catalogue
from proxy.services.service import Service

PAGE: Final = Path(__file__).parents[1] / "docs" / "coverage.md"
MARK: Final = "<!-- What follows is made of the code: `make docs` writes it anew. -->"


def tables(services: Mapping[str, Service]) -> str:
    """Return the generated part of the page."""
    rows = covered()
    parts = [MARK, "## By wire format", adapters(rows), "## By service", by_service(services, rows)]
    return "\n\n".join(parts) + "\n"


def page(kept: str, services: Mapping[str, Service]) -> str:
    """Return the page with its tables written anew."""
    return kept.partition(MARK)[0].rstrip() + "\n\n" + tables(services)


def adapters(rows: Sequence[Covered]) -> str:
    """Return the table of adapters."""
    head = [
        "| adapter | calls | redact | restore in streams | company's model | turns before | refusal | tested against |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *map(line, rows)])


def line(one: Covered) -> str:
    """Return the line of one adapter."""
    calls = "<br>".join(f"`{call.replace('|', '\\|')}`" for call in one.calls) or "all others"
    refusal = "in the conversation" if one.in_place else "the format's own error"
    cells = (
        f"`{one.id}`",
        calls,
        word(one.redacts),
        word(one.restores),
        word(one.redirects),
        one.turns or "–",
        refusal,
    )
    return "| " + " | ".join((*cells, PROVED[one.proved])) + " |"


def by_service(services: Mapping[str, Service], rows: Sequence[Covered]) -> str:
    """Return the table of services: those with adapters of their own one by one, the others counted."""
    told = list(services_of(services, rows))
    own = [(service, how) for service, how in told if how not in ("interfaces by path", "fallback")]
    head = ["| service | id | adapters of its own |", "|---|---|---|"]
    lines = [f"| {service.called[0]} | `{service.id}` | {names(how)} |" for service, how in own]
    by_path = sum(how == "interfaces by path" for _, how in told)
    rest = sum(how == "fallback" for _, how in told)
    after = f"""
{by_path} more services speak one of the interfaces, which are known by their paths on any host. {rest} services have
no known format: the fallback reads every string of what is sent to them, or policy decides unread."""
    return "\n".join([*head, *lines, after])


def names(how: str) -> str:
    """Return names of adapters, marked as code."""
    return ", ".join(f"`{name}`" for name in how.split(", "))


def word(can: bool) -> str:
    """Return yes, or a stroke."""
    return "yes" if can else "–"


def lines(services: Mapping[str, Service]) -> Iterator[str]:
    """Yield the coverage for a terminal, a line for each service."""
    for service, how in services_of(services, covered()):
        yield f"{service.id:32} {how}"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text("utf-8"), load_catalogue().services), "utf-8")


if __name__ == "__main__":
    main()

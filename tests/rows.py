"""One test for all rows of a long table, which names those that fail.

Enters: what `pytest.mark.parametrize` takes. Leaves: a test that runs its body once a row, all of them, and fails with
one error a row that failed. A test of its own for each of thousands of rows costs more than what most rows do. Rows
share what fixtures give, so a body that takes a fixture keeps to `parametrize`.
"""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from inspect import signature
from typing import Any

SHOWN = 20
"""Failures that are told in full; of more, the names."""


def each(
    names: str | Collection[str], table: Iterable[Any], ids: Callable[[Any], object] | Iterable[object] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test's body for every row of `table`, whose columns are `names`."""
    columns = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = list(named(list(table), ids, single=len(columns) == 1))
    if not rows:
        raise ValueError(f"no rows for {', '.join(columns)}")

    def of(body: Callable[..., None]) -> Callable[..., None]:
        @wraps(body)
        def test(**others: Any) -> None:
            failed: dict[str, Exception] = {}
            for title, values in rows:
                try:
                    body(**others, **dict(zip(columns, values, strict=True)))
                except Exception as error:
                    error.add_note(f"in the row {title}")
                    failed[title] = error
            if failed:
                said = f"{len(failed)} of {len(rows)} rows: {', '.join(failed)}"
                raise ExceptionGroup(said, list(failed.values())[:SHOWN])

        shape = signature(body)
        left = [each for name, each in shape.parameters.items() if name not in columns]
        test.__signature__ = shape.replace(parameters=left)  # type: ignore[attr-defined]
        return test

    return of


def named(table: list[Any], ids: Callable[[Any], object] | Iterable[object] | None, *, single: bool) -> Iterable[Any]:
    """Yield each row with a title of its own."""
    titles = [None] * len(table) if ids is None or callable(ids) else list(ids)
    for place, (row, title) in enumerate(zip(table, titles, strict=True)):
        marks = getattr(row, "marks", None)
        if marks:
            raise ValueError("a row with a mark needs a test of its own")
        values = row.values if marks is not None else (row,) if single else tuple(row)
        said = getattr(row, "id", None) or title
        yield f"{place}: {said or '-'.join(str(ids(one) if callable(ids) else one) for one in values)[:80]}", values

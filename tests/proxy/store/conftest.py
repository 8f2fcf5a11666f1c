"""Every store, each in turn."""

import pytest

from proxy.store.sqlite import SqliteStore

OPENERS = {
    "sqlite file": lambda folder: SqliteStore(folder / "sluice.db"),
    "sqlite memory": lambda _: SqliteStore(None),
}


@pytest.fixture(params=OPENERS)
def store(request, tmp_path):
    opened = OPENERS[request.param](tmp_path)
    yield opened
    opened.close()

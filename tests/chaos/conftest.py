"""The long faults run with `make chaos` alone; the short ones with every test."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones out, and say so, unless they are asked for."""
    if "chaos" in (config.getoption("-m") or ""):
        return
    for item in items:
        if item.get_closest_marker("chaos"):
            item.add_marker(pytest.mark.skip(reason="a long fault: `make chaos` brings it about"))

"""Fixtures for everybody; each file under `fixtures/` says what it gives."""

import pytest

pytest_plugins = [
    "tests.fixtures.stack", "tests.fixtures.web", "tests.fixtures.browser", "tests.fixtures.parts", "tests.fixtures.companies",
]  # fmt: skip

LONG_SECONDS = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that no process is left alone with it at the end, and may take longer."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG_SECONDS))

"""Fixtures for everybody; each file under `fixtures/` says what it gives."""

pytest_plugins = [
    "tests.fixtures.stack", "tests.fixtures.web", "tests.fixtures.browser", "tests.fixtures.parts", "tests.fixtures.companies",
]  # fmt: skip

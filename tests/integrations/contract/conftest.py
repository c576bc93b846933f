"""A company, for the doors of the application that lead out."""

from tests.accounts.conftest import company as company

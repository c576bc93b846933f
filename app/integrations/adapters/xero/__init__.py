"""Xero: chart of accounts, contacts, bills and what was paid on them."""

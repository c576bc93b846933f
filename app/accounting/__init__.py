"""Premiums against the books: what enrollments say a carrier is owed, and what the company's accounting says it billed."""

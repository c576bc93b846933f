"""Decisions about people: pure functions and words."""

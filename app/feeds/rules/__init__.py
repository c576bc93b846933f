"""Decisions about feeds: what a carrier must be told, when, what is held back, what its answer means. No database, clock or I/O."""

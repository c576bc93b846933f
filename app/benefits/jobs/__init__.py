"""What the benefits domain does later."""

from app.benefits.jobs import aging, coverage, submissions, windows

__all__ = ["aging", "coverage", "submissions", "windows"]

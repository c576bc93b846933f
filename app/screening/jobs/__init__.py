"""What the screening domain does later."""

from app.screening.jobs import (
    consents,
    files,
    letters,
    links,
    news,
    ordering,
    packages,
    reconciling,
    reports,
    retention,
    telling,
    watching,
)

__all__ = [
    "consents", "files", "letters", "links", "news", "ordering", "packages", "reconciling", "reports", "retention", "telling", "watching",
]  # fmt: skip

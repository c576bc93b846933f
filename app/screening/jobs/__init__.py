"""What the screening domain does later."""

from app.screening.jobs import letters, ordering, packages, reconciling, reports, telling, watching

__all__ = ["letters", "ordering", "packages", "reconciling", "reports", "telling", "watching"]

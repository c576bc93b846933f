"""What a service may raise. The web edge turns each into a page, the worker into a state."""

from __future__ import annotations


class CorridorError(Exception):
    """Base of every refusal a caller is expected to handle. `code` is stable and never holds personal data."""

    code = "error"


class NotFound(CorridorError):
    """No such row for this actor; a row of another tenant or outside the actor's scope looks the same (404)."""

    code = "not-found"


class Forbidden(CorridorError):
    """The actor may see the row but not do this (403)."""

    code = "forbidden"


class Conflict(CorridorError):
    """The row changed meanwhile, or the step is not allowed from its state (409)."""

    code = "conflict"


class Unavailable(CorridorError):
    """A part needed for this (key service, PDF engine) is away; try again later (503)."""

    code = "unavailable"


class Invalid(CorridorError):
    """What was typed or uploaded cannot be used (422).

    Args:
        errors: field name → message. A message says what to do next; it never repeats a secret.
    """

    code = "invalid"

    def __init__(self, errors: dict[str, str] | str) -> None:
        self.errors = {"": errors} if isinstance(errors, str) else errors
        super().__init__("; ".join(self.errors.values()))

"""Which choices stand open for a coverage."""

from __future__ import annotations

from app.benefits.rules.words import Election, EnrollmentType


def allowed(kind: str, *, has_coverage: bool, kept_plan_offered: bool) -> frozenset[Election]:
    """The elections a window offers for one coverage type.

    §125 elections are irrevocable for the plan year except in a window or after an event (Treas. Reg. §1.125-4), so outside a
    window nothing is allowed, and nobody chooses on the way out.

    Args:
        kind: the window's `EnrollmentType`.
        has_coverage: something of this coverage type is in force now.
        kept_plan_offered: that plan is offered again and the employee is still eligible.
    """
    if kind == EnrollmentType.TERMINATION:
        return frozenset()
    if has_coverage and kept_plan_offered:
        return frozenset(Election)
    return frozenset({Election.ELECT, Election.WAIVE})

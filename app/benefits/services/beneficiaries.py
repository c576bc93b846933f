"""Who receives a life benefit, after the enrollment too: this is no election, so it may change on any day."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import Beneficiary, BenefitPlan, Enrollment
from app.benefits.rules.beneficiaries import Share, incomplete
from app.benefits.rules.lifecycle import IN_FORCE
from app.benefits.services.making import beneficiaries_of
from app.core.clock import today
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, Regulation, record


def policies(session: Session, actor: Actor, *, lock: bool = False) -> Sequence[Enrollment]:
    """The signed-in employee's coverages, now or to come, that pay somebody, the one in force first.

    Raises:
        NotFound: nobody's, or none of theirs pays anybody.
    """
    query = (
        sa.select(Enrollment)
        .join(BenefitPlan, BenefitPlan.id == Enrollment.plan_id)
        .where(
            Enrollment.employee_id == actor.employee_id,
            Enrollment.status.in_([status.value for status in IN_FORCE]),
            sa.or_(Enrollment.coverage_ends_on.is_(None), Enrollment.coverage_ends_on >= today()),
            BenefitPlan.requires_beneficiary,
        )
        .order_by(Enrollment.coverage_starts_on, Enrollment.number)
    )
    found = session.scalars(query.with_for_update(of=Enrollment) if lock else query).all() if actor.employee_id else []
    if not found:
        raise NotFound
    return found


def present(session: Session, actor: Actor) -> list[Share]:
    """Who receives what now. Raises NotFound as `policies`."""
    return beneficiaries_of(session, policies(session, actor)[0].id)


def change(session: Session, actor: Actor, shares: Sequence[Share]) -> None:
    """Name other people, or other shares, for every coverage that pays somebody. Records `benefits.beneficiaries.changed`.

    Raises:
        NotFound: as `policies`.
        Invalid: the shares of a class do not make 100 %.
    """
    rows = policies(session, actor, lock=True)
    if incomplete(shares):
        raise Invalid("The shares of each class must make 100%")
    old = beneficiaries_of(session, rows[0].id)
    if sorted(old, key=repr) == sorted(shares, key=repr):
        return
    session.execute(sa.delete(Beneficiary).where(Beneficiary.enrollment_id.in_([row.id for row in rows])))
    session.add_all(
        Beneficiary(
            enrollment_id=row.id, kind=share.kind.value, name=share.name, relation=share.relation, share=share.percent
        )
        for row in rows
        for share in shares
    )  # fmt: skip
    session.flush()
    record(
        session, actor, "benefits.beneficiaries.changed", rows[0], new={"people": len(shares), "coverages": len(rows)},
        phi={"old": [_told(share) for share in old], "new": [_told(share) for share in shares]},
        person_id=actor.employee_id, regulation=Regulation.ERISA,
    )  # fmt: skip


def _told(share: Share) -> dict[str, str]:
    return {"name": share.name, "relation": share.relation, "kind": share.kind.value, "percent": str(share.percent)}

"""Who receives a life benefit may change on any day; the shares always make 100 %."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.benefits.models import Beneficiary
from app.benefits.rules.beneficiaries import Share
from app.benefits.rules.words import BeneficiaryKind
from app.benefits.services import beneficiaries
from app.core.errors import Invalid, NotFound
from app.core.events import AuditEvent, system
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_pages import Visitor, text
from tests.benefits.test_standing import covered as covered
from tests.benefits.world import World, hire, own_actor

D = Decimal
EVA = Share("Eva López", BeneficiaryKind.PRIMARY, D(100), "sister")


def named(session: Session) -> set[tuple[str, Decimal]]:
    return {(row.name, row.share) for row in session.scalars(sa.select(Beneficiary))}


def test_other_people_are_named_and_the_trail_keeps_them_sealed(session: Session, covered: World) -> None:
    before = beneficiaries.present(session, covered.employee_actor)
    assert [share.name for share in before] == ["Sam López", "Eva López"]
    beneficiaries.change(session, covered.employee_actor, [EVA])
    beneficiaries.change(session, covered.employee_actor, [EVA])
    assert named(session) == {("Eva López", D(100))}
    event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "benefits.beneficiaries.changed")).one()
    assert "Eva" not in str(event.new_values)
    assert [share["name"] for share in (event.phi or {})["old"]] == ["Sam López", "Eva López"]


def test_shares_make_a_hundred_and_only_ones_own(session: Session, covered: World) -> None:
    with pytest.raises(Invalid):
        beneficiaries.change(session, covered.employee_actor, [Share("Eva", BeneficiaryKind.PRIMARY, D(99))])
    ben = hire(session, "1002", first_name="Ben")
    with pytest.raises(NotFound):
        beneficiaries.present(session, own_actor(covered.company_id, ben.id))
    with pytest.raises(NotFound):
        beneficiaries.present(session, system("nobody"))


def test_the_page(app: Any, client: FlaskClient, session: Session, covered: World) -> None:
    user = make_user(session, covered.company_id, email="ana@acme.example", employee_id=covered.ana.id)
    sign_in(client, user)
    ana = Visitor(client, covered.company_id)
    assert "Who receives my life insurance" in text(ana.get("/benefits"))
    page = ana.get("/benefits/beneficiaries")
    assert "Sam López" in page
    assert "66.67" in page
    rows = {
        "people-0-name": "Sam López", "people-0-relation": "spouse", "people-0-kind": "primary", "people-0-percent": "50",
        "people-1-name": "Eva López", "people-1-relation": "", "people-1-kind": "primary", "people-1-percent": "30",
    }  # fmt: skip
    assert "add up to 80%" in text(ana.send(**rows))
    assert ana.status == 422
    assert "Beneficiary 3" in text(ana.send(**rows, add="1"))
    page = text(ana.send(**rows | {"people-1-percent": "50"}))
    assert "Your beneficiaries are saved." in page
    assert named(session) == {("Sam López", D(50)), ("Eva López", D(50))}

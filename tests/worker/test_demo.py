"""The demo company: believable, whole, and made through the same numbers as everything else."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.accounts.models import TenantDoor
from app.benefits.models import Beneficiary, BenefitPlan, Enrollment
from app.core.db import tenant, transaction
from app.feeds.models import CarrierChange, ManualTask
from app.people.models import Company
from worker.cli import seed
from worker.demo import by_hand, company, enrollments

DOOR = {"password": "x", "sftp_port": 1, "user": "u"}
SANDBOX = {
    "carriers": {"evergreen": DOOR, "brightline": DOOR},
    "screening": {"checkr_url": "http://127.0.0.1:1/screening/checkr/v1", "api_key": "sk_test"},
    "host": "127.0.0.1",
    "sftp_host_key": "ssh-ed25519 AAAA",
}


def test_life_insurance_goes_to_a_carrier_without_a_feed(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "A_FEW", (("ENG", "Engineering", 14), ("HR", "People team", 1)))
    monkeypatch.setattr(enrollments, "LIFE_EVERY", 6)
    monkeypatch.setattr(by_hand, "LEFT_OPEN", 1)
    company_id = uuid7()
    with tenant(company_id), transaction() as session:
        seed.fill(session, company_id, dict(SANDBOX), small=True)
        session.flush()
        shown = session.scalars(sa.select(TenantDoor.logo_file_id)).one()
        assert shown == session.scalars(sa.select(Company.logo_file_id)).one() is not None
        life = sa.select(Enrollment).join(BenefitPlan, BenefitPlan.id == Enrollment.plan_id)
        rows = session.scalars(life.where(Enrollment.coverage_type == "life", Enrollment.status == "active")).all()
        assert len(rows) >= 2
        for row in rows:
            shares = session.scalars(sa.select(Beneficiary.share).where(Beneficiary.enrollment_id == row.id)).all()
            assert sum(shares) == Decimal(100)
            assert (row.employer_contribution_amount, row.tier) == (0, "EMP")
            assert row.employee_contribution_amount == row.total_contribution_amount > 0
        states = session.scalars(sa.select(ManualTask.state)).all()
        assert sorted(states) == ["done"] * (len(rows) - 1) + ["open"]
        assert {row.carrier_status for row in rows} == {"confirmed", "ready"}
        by_hand_only = sa.select(CarrierChange.enrollment_id).join(ManualTask, ManualTask.change_id == CarrierChange.id)
        assert set(session.scalars(by_hand_only)) == {row.id for row in rows}

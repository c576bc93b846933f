"""The policy and the matrix: bounds, what is recorded, what the desk makes of a hint, and who may change them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.access import RoleType
from app.core.clock import today
from app.core.db import transaction
from app.core.errors import Invalid
from app.core.events import AuditEvent, system
from app.screening.models import MatrixRule, ReportRecord
from app.screening.services.policy import change_policy, policy
from tests.feeds.pages import Visitor, admin_of
from tests.screening import judging as j
from tests.screening.made import Employer

POLICY, MATRIX = "/screening/policy", "/screening/matrix"
TYPED = {
    "staff": "120", "adverse_days": "10", "consent_days": "60", "stale_days": "5", "second_person": "y", "sends_letters": "y",
    "contact_name": "Dana Cole", "contact_phone": "512-555-0100", "contact_email": "dana@acme.example",
}  # fmt: skip


@pytest.fixture
def admin(app: Any, employer: Employer) -> Visitor:
    return Visitor(app, admin_of(employer.company_id, "admin@acme.example", (RoleType.BG_CHECK_ADMIN,)))


def changes() -> list[AuditEvent]:
    with transaction() as session:
        query = sa.select(AuditEvent).where(AuditEvent.name == "screening.policy.changed").order_by(AuditEvent.id)
        return list(session.scalars(query))


def test_a_policy_is_set_and_every_change_is_recorded(admin: Visitor, employer: Employer) -> None:
    assert 'value="7"' in admin.get(POLICY)
    admin.post(POLICY, TYPED, page=POLICY)
    with transaction() as session:
        known = policy(session)
        assert (known.staff, known.second_person, known.adverse_days, known.consent_days) == (120, True, 10, 60)
        assert known.contact_email == "dana@acme.example"
    admin.post(POLICY, TYPED, page=POLICY)
    admin.post(POLICY, TYPED | {"staff": "", "second_person": ""}, page=POLICY)
    first, second = changes()
    assert first.old_values["adverse_days"] == 7
    assert first.new_values["adverse_days"] == 10
    assert first.new_values["contact_name"] == "changed"
    assert second.old_values == {"staff": 120, "second_person": True}
    assert second.new_values == {"staff": None, "second_person": False}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"adverse_days": "0"}, "from 1 to 14 days"),
        ({"adverse_days": "15"}, "from 1 to 14 days"),
        ({"consent_days": "29"}, "Enter 30 to 366 days"),
        ({"stale_days": "0"}, "Enter 1 to 30 days"),
        ({"staff": "-1"}, "Enter a number of people"),
        ({"contact_email": "dana"}, "Enter an email address"),
    ],
)
def test_a_policy_out_of_bounds_is_refused(admin: Visitor, wrong: dict[str, str], says: str) -> None:
    assert says in admin.post(POLICY, TYPED | wrong, 422, page=POLICY).get_data(as_text=True)
    assert changes() == []


@pytest.mark.parametrize(("name", "value"), [("adverse_days", 15), ("consent_days", 29), ("reconsideration", "x")])
def test_the_service_keeps_the_bounds_without_a_form(employer: Employer, name: str, value: Any) -> None:
    with transaction() as session, pytest.raises(Invalid) as refused:
        change_policy(session, system("test"), {name: value})
    assert list(refused.value.errors) == [name]


def test_a_hint_is_shown_beside_the_record_and_decides_nothing(app: Any, admin: Visitor, employer: Employer) -> None:
    hint = {
        "record_kind": "misdemeanor",
        "job_family": "",
        "within_years": "5",
        "hint": "escalate",
        "note": "Ask legal",
    }
    admin.post(MATRIX, hint, page=MATRIX)
    html = admin.post(MATRIX, hint, 422, page=MATRIX).get_data(as_text=True)
    assert "There is a hint for this already" in html
    admin.post(MATRIX, hint | {"within_years": "0"}, 422, page=MATRIX)
    with transaction() as session:
        request = j.in_review(session, employer)
        for record in session.scalars(sa.select(ReportRecord)):
            record.record_kind, record.happened_on = "misdemeanor", today()
    judge = Visitor(app, admin_of(employer.company_id, "judge@acme.example", (RoleType.BG_CHECK_SPECIALIST,)))
    html = judge.get(f"/screening/cases/{request.id}")
    assert "Matrix: ask a second person" in html
    with transaction() as session:
        assert set(session.scalars(sa.select(ReportRecord.choice))) == {"open"}
    found = re.search(rf"{MATRIX}/[0-9a-f-]+/removal", admin.get(MATRIX))
    assert found is not None
    admin.post(found[0], page=MATRIX)
    admin.post(found[0], status=404, page=MATRIX)
    with transaction() as session:
        assert session.scalars(sa.select(MatrixRule)).all() == []
        names = session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_type == "matrix_rule")).all()
    assert names == ["screening.matrix.changed", "screening.matrix.changed"]


@pytest.mark.parametrize(
    "role", [RoleType.RECRUITER, RoleType.BG_CHECK_SPECIALIST, RoleType.COMPLIANCE_OFFICER, RoleType.HIRING_MANAGER]
)
def test_who_does_not_configure_screening_sees_neither(app: Any, employer: Employer, role: RoleType) -> None:
    other = Visitor(app, admin_of(employer.company_id, "other@acme.example", (role,)))
    for url in (POLICY, MATRIX):
        other.get(url, 403)
        other.post(url, TYPED, 403, page="/account")

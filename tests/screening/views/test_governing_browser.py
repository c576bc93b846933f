"""Rules, policy, numbers and retention in a browser, on a phone and at a desk: readable for everybody, also with errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import RoleType
from app.core.clock import now
from app.core.db import tenant, transaction
from app.core.events import system
from app.screening.models import AcceptedRule
from app.screening.rules.impact import Ethnicity, Sex
from app.screening.services import retention, survey
from tests.a11y import assert_errors_linked
from tests.accounts.sign_in import make_user, sign_in_browser
from tests.screening import judging as j
from tests.screening.made import Employer
from tests.screening.views.test_recruiter_browser import look, many

pytestmark = pytest.mark.browser
ROLES = [RoleType.COMPLIANCE_OFFICER, RoleType.BG_CHECK_ADMIN]


def prepare(employer: Employer) -> str:
    """Checks of every kind, one destroyed and one held, a rule that is not accepted. Returns the held one's id."""
    with tenant(employer.company_id), transaction() as session:
        many(session, employer)
        old, held = j.in_review(session, employer), j.waiting(session, employer)
        for one in (old, held):
            survey.answer(session, system("test"), one.candidate_id, sex=Sex.FEMALE, ethnicity=Ethnicity.WHITE)
            one.submitted_at, one.completed_at = one.initiated_at, one.initiated_at + timedelta(days=3)
        held.legal_hold = True
        then = now() - timedelta(days=500)
        old.initiated_at, old.decided_at, old.decision, old.completed_at = then, then, "accepted", None
        session.execute(sa.update(AcceptedRule).where(AcceptedRule.rule_key == "us-ca-fca").values(withdrawn_at=now()))
        session.flush()
        retention.dispose_due(session, system("test"))
        return str(held.id)


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_every_page_of_compliance_and_administration(
    new_page: Callable[..., Any], live_url: str, session: Session, employer: Employer, phone: bool
) -> None:
    page = new_page(phone=phone)
    user = make_user(session, employer.company_id, email="cora@acme.example", roles=ROLES)
    sign_in_browser(page, user, live_url)
    held = prepare(employer)
    for path in (
        "rules", "rules/us-ca-fca", "rules/us-fcra", "rules/print?state=NY", "rules/texts", "policy", "matrix", "analytics",
        "analytics?by=week", "analytics/four-fifths", "retention", f"retention/holds/{held}",
    ):  # fmt: skip
        page.goto(f"/screening/{path}")
        look(page, path.replace("/", "-").replace("?", "-").replace(held, "one"))
    for path, button in (
        ("rules/us-ca-fca", "Accept this rule"), ("retention/holds/" + held, "Lift the hold"),
    ):  # fmt: skip
        page.goto(f"/screening/{path}")
        page.get_by_role("button", name=button, exact=True).click()
        page.locator("#error-summary").wait_for()
        look(page, "error-" + button.replace(" ", "-"))
        assert_errors_linked(page)
    page.goto("/screening/policy")
    page.get_by_label("Days to answer a notice").fill("20")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#error-summary").wait_for()
    assert_errors_linked(page)

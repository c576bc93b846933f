"""Numbers of checks: counted right, by role, in few queries; the four-fifths indicator shows counts and nobody."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core.access import RoleType
from app.core.clock import now
from app.core.db import engine, transaction
from app.core.events import AuditEvent, system
from app.screening.models import CandidateLink, CandidateSurvey, JobApplication, ScreeningRequest
from app.screening.rules.impact import Ethnicity, Sex
from app.screening.rules.places import Place
from app.screening.services import analytics, impact, survey
from app.screening.services.analytics import Asked
from app.screening.services.impact import Sifted, Step
from tests.feeds.pages import Visitor, admin_of
from tests.screening.made import AUSTIN, Employer, actor, order

PAGE, FOUR = "/screening/analytics", "/screening/analytics/four-fifths"
DAY = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # still October 31 in Los Angeles, November 1 in Chicago
OFFICER = RoleType.COMPLIANCE_OFFICER


@pytest.fixture
def officer(app: Any, employer: Employer) -> Visitor:
    return Visitor(app, admin_of(employer.company_id, "law@acme.example", (OFFICER,)))


@pytest.fixture
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT") and "set_config" not in statement:
            seen.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine(), "before_cursor_execute", note)


def a_check(employer: Employer, *, work: Place | None = None, **values: Any) -> ScreeningRequest:
    with transaction() as session:
        made = order(session, employer, work=work or AUSTIN)
        for name, value in values.items():
            setattr(made, name, value)
        return made


def asked(**changes: Any) -> Asked:
    return Asked((now() - timedelta(days=400)).date(), now().date() + timedelta(days=1), **changes)


def test_volume_counts_by_month_of_the_company(employer: Employer) -> None:
    for status in ("in_progress", "canceled", "in_progress"):
        a_check(employer, initiated_at=DAY, status=status)
    with transaction() as session:
        for zone, month in (("America/Chicago", 11), ("America/Los_Angeles", 10)):
            (row,) = analytics.volume(session, actor(OFFICER), asked(zone=zone))
            assert (row.since.month, row.total, row.numbers["in_progress"], row.numbers["canceled"]) == (month, 3, 2, 1)
        (week,) = analytics.volume(session, actor(OFFICER), asked(zone="America/Chicago", by="week"))
        assert week.since.isoformat() == "2026-10-26"
        none = Asked(DAY.date(), DAY.date(), zone="America/Los_Angeles")
        assert analytics.volume(session, actor(OFFICER), none) == []


def test_turnaround_by_provider_package_and_county(employer: Employer) -> None:
    for days in (1, 2, 3, 10):
        a_check(employer, initiated_at=DAY, submitted_at=DAY, completed_at=DAY + timedelta(days=days))
    houston = Place("US", "TX", "Harris", "Houston", False)
    a_check(employer, work=houston, initiated_at=DAY, submitted_at=DAY, completed_at=DAY + timedelta(days=20))
    a_check(employer, initiated_at=DAY, submitted_at=DAY)
    with transaction() as session:
        found = {(row.kind, row.name): row for row in analytics.turnaround(session, actor(OFFICER), asked())}
    assert found["provider", "Checkr"].median == pytest.approx(3.0)
    assert found["package", "essential"].checks == 5
    assert found["county", "Travis, TX"].median == pytest.approx(2.5)
    assert found["county", "Travis, TX"].ninth == pytest.approx(7.9)
    assert found["county", "Harris, TX"].checks == 1
    assert len(found) == 4


def test_cost_by_center_payer_and_month(employer: Employer) -> None:
    for center, paid, price in (("100", "company_paid", "54.99"), ("100", "shared", "45.01"), ("", "shared", "10")):
        a_check(
            employer,
            initiated_at=DAY,
            submitted_at=DAY,
            cost_center=center,
            billing_method=paid,
            total_cost=Decimal(price),
        )
    a_check(employer, initiated_at=DAY, cost_center="never ordered")
    with transaction() as session:
        found = {
            (row.kind, row.name): row[3:]
            for row in analytics.cost(session, actor(OFFICER), asked(zone="America/Chicago"))
        }
    assert found == {
        ("cost_center", "100"): (2, Decimal("100.00"), Decimal("50.00")),
        ("cost_center", ""): (1, Decimal("10.00"), Decimal("10.00")),
        ("billing_method", "company_paid"): (1, Decimal("54.99"), Decimal("54.99")),
        ("billing_method", "shared"): (2, Decimal("55.01"), Decimal("27.51")),
        ("month", "2026-11"): (3, Decimal("110.00"), Decimal("36.67")),
    }


def test_where_candidates_drop_out(employer: Employer) -> None:
    def link(request: ScreeningRequest, **values: Any) -> None:
        with transaction() as session:
            kept = {"channel": "email", "expires_at": now(), "token_hash": uuid4().bytes}
            session.add(CandidateLink(request_id=request.id, **(kept | values)))

    signed = a_check(employer, initiated_at=DAY, consent="approved", consent_obtained_at=DAY + timedelta(days=2))
    link(signed, sent_at=DAY, opened_at=DAY)
    link(signed, sent_at=DAY)  # a second link of the same check is no second check
    link(a_check(employer, initiated_at=DAY), sent_at=DAY, undeliverable_at=DAY)
    link(a_check(employer, initiated_at=DAY, consent="declined"), sent_at=DAY, opened_at=DAY)
    a_check(employer, initiated_at=DAY)
    with transaction() as session:
        found = analytics.consent(session, actor(OFFICER), asked())
    assert found._asdict() == {
        "begun": 4, "sent": 3, "bounced": 1, "opened": 2, "signed": 1, "declined": 1, "withdrawn": 0, "reminded": 0, "reminders": 0,
        "signed_after_reminder": 0,
    }  # fmt: skip


def test_the_page_needs_few_queries_and_keeps_filters(officer: Visitor, employer: Employer, queries: list[str]) -> None:
    assert "No check began in these days" in officer.get(PAGE)
    a_check(employer, submitted_at=now(), completed_at=now() + timedelta(days=2), total_cost=Decimal("54.99"))
    url = f"{PAGE}?by=week&provider={employer.connection_id}&package=essential"
    queries.clear()
    html = officer.get(url)
    assert len(queries) <= 6, queries
    for words in ("$54.99", "2.0", "Travis, TX", "The company pays"):
        assert words in html
    assert "No check began" in officer.get(
        f"{PAGE}?first-month=1&first-day=1&first-year=2020&last-month=2&last-day=1&last-year=2020"
    )
    assert "at most five years" in officer.get(f"{PAGE}?first-month=1&first-day=1&first-year=1990", 422)
    assert "turnaround.csv?by=week" in html
    answer = officer.client.get(f"{PAGE}/cost.csv?package=essential").get_data(as_text=True)
    assert "month" in answer
    assert "54.99" in answer
    officer.get(f"{PAGE}/nothing.csv", 404)


def surveyed(employer: Employer, sex: Sex, kind: Ethnicity = Ethnicity.WHITE, number: int = 1, **values: Any) -> None:
    """Checks of people who answered, as rows: what leads there is tested elsewhere."""
    first = a_check(employer, **values)
    with transaction() as session:
        survey.answer(session, system("test"), first.candidate_id, sex=sex, ethnicity=kind)
        candidate = dict(
            session.execute(
                sa.text("SELECT * FROM candidate WHERE id = :id AND company_id = :c"),
                {"id": first.candidate_id, "c": employer.company_id},
            )
            .mappings()
            .one()
        )
        model = session.get_one(ScreeningRequest, (employer.company_id, first.id))
        job = session.get_one(JobApplication, (employer.company_id, first.application_id))
        for _ in range(number - 1):
            _copy(session, candidate, job, model, sex, kind)


def _copy(session: Any, candidate: dict[str, Any], job: Any, model: Any, sex: Sex, kind: Ethnicity) -> None:
    from app.screening.models import Candidate

    columns = {column.name for column in Candidate.__table__.columns} - {
        "id",
        "created_at",
        "updated_at",
        "external_ref",
    }
    ids = [uuid4() for _ in range(3)]
    session.execute(sa.insert(Candidate).values(id=ids[0], **{name: candidate[name] for name in columns}))
    for table, row, changes in (
        (JobApplication, job, {"id": ids[1], "candidate_id": ids[0]}),
        (ScreeningRequest, model, {"id": ids[2], "candidate_id": ids[0], "application_id": ids[1], "number": uuid4().hex}),
    ):  # fmt: skip
        names = {column.name for column in table.__table__.columns} - {"created_at", "updated_at", "external_ref"}
        session.execute(sa.insert(table).values({name: getattr(row, name) for name in names} | changes))
    survey.answer(session, system("test"), ids[0], sex=sex, ethnicity=kind)


def test_rates_by_group_for_each_step(employer: Employer) -> None:
    done: dict[str, Any] = {"provider_status": "complete", "completed_at": now() + timedelta(days=1)}
    surveyed(employer, Sex.MALE, number=40, **done, clear=True, decision="accepted")
    surveyed(employer, Sex.FEMALE, number=20, **done, clear=True, decision="accepted")
    surveyed(employer, Sex.FEMALE, number=15, **done, clear=False, decision="not_accepted", notified_at=now())
    surveyed(employer, Sex.FEMALE, Ethnicity.ASIAN, number=3, **done, clear=False)
    surveyed(employer, Sex.DECLINED, Ethnicity.DECLINED, **done, clear=False)
    a_check(employer, **done)
    with transaction() as session:
        found = impact.indicator(session, actor(OFFICER), Sifted(package="essential"))
        assert impact.indicator(session, actor(OFFICER), Sifted(year=1999)).asked == 0
        assert impact.indicator(session, actor(OFFICER), Sifted(job_family="none")).asked == 0
    assert (found.asked, found.answered) == (80, 78)
    review = {one.group: one for one in found.by_sex[Step.REVIEW]}
    assert (review["female"].count.total, review["female"].count.selected) == (38, 20)
    assert review["female"].ratio == pytest.approx(20 / 38)
    assert review["female"].mark == "below"
    assert review["male"].mark == "reference"
    pre = {one.group: one.count.selected for one in found.by_sex[Step.PRE_ADVERSE]}
    assert pre == {"female": 23, "male": 40}
    final = {one.group: (one.count.total, one.count.selected) for one in found.by_sex[Step.FINAL]}
    assert final == {"female": (35, 20), "male": (40, 40)}
    assert [one.mark for one in found.by_ethnicity[Step.OFFER]] == ["reference", "hidden"]


def test_the_page_hides_small_groups_and_the_file_small_cells(officer: Visitor, employer: Employer) -> None:
    surveyed(employer, Sex.MALE, number=33)
    surveyed(employer, Sex.FEMALE, Ethnicity.ASIAN, number=4)
    html = officer.get(FOUR)
    assert "not a legal finding" in html
    assert "14281" in html
    assert "Fewer than 5, not shown" in html
    text = officer.post(f"{FOUR}/export", {}, 200, page=FOUR).get_data(as_text=True).lstrip("\ufeff")
    lines = list(csv.reader(io.StringIO(text)))
    assert "not a legal finding" in lines[0][0]
    female = [line for line in lines if line[2:3] == ["female"]]
    assert [line[3:8] for line in female] == [[""] * 5]
    with transaction() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "screening.impact.exported")).one()
    assert event.new_values["groups"] == len(lines) - 2


def test_answers_are_encrypted_and_the_trail_does_not_hold_them(employer: Employer) -> None:
    surveyed(employer, Sex.FEMALE, Ethnicity.NATIVE)
    with transaction() as session:
        row = session.scalars(sa.select(CandidateSurvey)).one()
        assert (row.sex, row.ethnicity) == ("female", "native")
        raw = session.execute(
            sa.text("SELECT sex_enc || ethnicity_enc FROM candidate_survey WHERE company_id = :c"),
            {"c": employer.company_id},
        )
        sealed = bytes(raw.scalar_one())
        assert b"female" not in sealed
        assert b"native" not in sealed
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "screening.survey.answered")).one()
        assert not event.old_values
        assert not event.new_values
        assert event.phi is None


@pytest.mark.parametrize("role", list(RoleType))
def test_who_sees_numbers_and_who_rates(app: Any, employer: Employer, role: RoleType) -> None:
    other = Visitor(app, admin_of(employer.company_id, "other@acme.example", (role,)))
    numbers = role in (OFFICER, RoleType.BG_CHECK_ADMIN, RoleType.BG_CHECK_MANAGER)
    other.get(PAGE, 200 if numbers else 403)
    other.get(FOUR, 200 if role is OFFICER else 403)
    other.post(f"{FOUR}/export", {}, 200 if role is OFFICER else 403, page="/account")


def test_nothing_but_the_survey_and_its_numbers_reads_the_answers() -> None:
    """Not the desk, not an API, not a job: a wall by construction."""
    root = Path(__file__).resolve().parents[3] / "app"
    users = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if "CandidateSurvey" in path.read_text()}
    assert users <= {
        "screening/models/__init__.py", "screening/models/candidates.py", "screening/services/survey.py",
        "screening/services/impact.py", "screening/services/disposal.py",
    }  # fmt: skip
    named = {path.name for path in root.rglob("*.py") if "candidate_survey" in path.read_text()}
    assert named == {"candidates.py"}

"""No page and no job sends a final notice while something it needs is missing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.core.access import RoleType
from app.core.db import transaction
from app.core.events import Actor, system
from app.core.jobs import REGISTRY, enqueue
from app.domains import load_jobs
from app.screening.models import ScreeningRequest
from app.screening.rules.adverse import Stage
from app.screening.rules.states import NoticeKind
from app.screening.services import adverse
from tests.feeds.pages import Visitor, admin_of
from tests.feeds.world import run_jobs
from tests.screening import judging as j
from tests.screening.made import Employer, stored
from tests.screening.services.test_adverse_gate import SPOILED, Spoil, no_report, report_runs

HARMLESS = (no_report, report_runs)
"""What the final step does not ask for: the report was complete when the notice went out."""


@pytest.fixture
def judge(app: Any, employer: Employer) -> Visitor:
    return Visitor(app, admin_of(employer.company_id, "judge@acme.example", (RoleType.BG_CHECK_SPECIALIST,)))


def asked(request_id: UUID) -> ScreeningRequest:
    with transaction() as session:
        return stored(session, request_id)


def finals(request_id: UUID) -> int:
    with transaction() as session:
        return sum(one.kind == NoticeKind.FINAL for one in j.letters_of(session, stored(session, request_id)))


def run_everything(request_id: UUID) -> None:
    """Every job of the domain: those a clock starts, and those an event starts, as if all events of a case came again."""
    load_jobs()
    kinds = sorted(kind for kind in REGISTRY if kind.startswith("screening."))
    with transaction() as session:
        request = stored(session, request_id)
        for kind in kinds:
            if REGISTRY[kind].every:
                enqueue(session, kind, request.company_id, key=f"test:{kind}")
    run_jobs(kinds=tuple(kind for kind in kinds if kind not in OUTWARD))


OUTWARD = {"screening.order", "screening.look", "screening.take_back", "screening.read_event", "screening.read_packages",
           "screening.fetch_report", "screening.tell_provider"}  # fmt: skip
"""They talk to a provider, which is not here; `tests/screening/jobs` runs them."""


@pytest.mark.parametrize(
    "spoil", [spoil for spoil in SPOILED if spoil not in HARMLESS], ids=lambda spoil: spoil.__name__
)
def test_the_button_and_its_address_are_closed(judge: Visitor, employer: Employer, spoil: Spoil) -> None:
    with transaction() as session:
        request = j.reassessed(session, employer)
        spoil(session, employer, request)
    html = judge.get(f"/screening/cases/{request.id}")
    assert "Look at the final notice" not in html
    assert "The final notice cannot go out yet" in html
    assert "It cannot go out yet" in judge.get(f"/screening/cases/{request.id}/final")
    judge.post(f"/screening/cases/{request.id}/final", {}, 409, page="/screening/letters")
    run_everything(request.id)
    assert asked(request.id).stage == Stage.REASSESS
    assert finals(request.id) == 0


@pytest.mark.parametrize("make", [j.assessed, j.notified, j.waiting])
def test_no_other_stage_leads_there(judge: Visitor, employer: Employer, make: Any) -> None:
    with transaction() as session:
        request = make(session, employer)
        if make is j.waiting:
            j.let_time_pass(session, request)
    stage = asked(request.id).stage
    judge.post(f"/screening/cases/{request.id}/final", {}, 409, page="/screening/letters")
    run_everything(request.id)
    assert asked(request.id).stage == stage
    assert finals(request.id) == 0


def test_a_case_with_nothing_missing_still_waits_for_a_click(judge: Visitor, employer: Employer) -> None:
    with transaction() as session:
        request = j.reassessed(session, employer)
    run_everything(request.id)
    assert finals(request.id) == 0
    assert asked(request.id).stage == Stage.REASSESS
    judge.post(f"/screening/cases/{request.id}/final", page="/screening/letters")
    assert asked(request.id).stage == Stage.FINAL
    assert finals(request.id) == 1


def test_an_open_dispute_that_a_provider_reports_closes_the_way(judge: Visitor, employer: Employer) -> None:
    with transaction() as session:
        request = j.reassessed(session, employer)
        actor: Actor = system("test")
        adverse.dispute_opened(session, actor, request, "provider:rep_1", request.initiated_at.date())
    assert asked(request.id).stage == Stage.PAUSED
    judge.post(f"/screening/cases/{request.id}/resume", {}, 409, page="/screening/letters")
    judge.post(f"/screening/cases/{request.id}/reassess", {}, 409, page="/screening/letters")
    judge.post(f"/screening/cases/{request.id}/final", {}, 409, page="/screening/letters")
    assert finals(request.id) == 0

"""The adjudicator's desk and the page of one case."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.people.services import full_name
from app.screening.rules.adverse import Action
from app.screening.rules.limits import longer_than_planned
from app.screening.services import desk as services
from app.screening.services import records, reports
from app.screening.services.cases import case as case_of
from app.screening.services.desk import Waits
from app.screening.services.dossier import Dossier, dossier
from app.screening.views import case_words as words
from app.screening.views.blueprint import bp, chosen, here
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/desk")
@requires(Can.RECORD_VIEW)
def desk() -> BaseResponse:
    why = chosen("why", list(Waits))
    found = services.desk(session(), actor(), Waits(why) if why else None, request.args.get("after", ""))
    waiting = services.counts(session(), actor())
    tabs = [{"label": _("Everything"), "url": url_for("screening.desk"), "current": not why}]
    tabs += [
        {
            "label": words.WAITS[one][0],
            "url": url_for("screening.desk", why=one.value),
            "current": why == one,
            "count": waiting[one],
        }
        for one in Waits
    ]
    return page(
        "screening/desk.html", found=found, tabs=tabs, rows=[_row(row) for row in found.rows],
        next=here("screening.desk", "why", after=found.after) if found.after else "",
        first=here("screening.desk", "why") if "after" in request.args else "",
    )  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    asked, candidate, job, *flags = row
    why = next((one for one, true in zip(Waits, flags, strict=True) if true), Waits.REVIEW)
    return {
        "id": asked.id, "who": full_name(candidate.first_name, candidate.last_name), "number": asked.number,
        "job": job.position, "why": words.WAITS[why], "stage": words.STAGES[asked.stage], "due": asked.answer_due_on,
    }  # fmt: skip


@bp.get("/cases/<uuid:request_id>")
@requires(Can.RECORD_VIEW)
def case(request_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    return page("screening/case.html", events=_events(found), **shown(found))


def shown(found: Dossier) -> dict[str, Any]:
    """What every page of a case shows."""
    asked, person = found.case.request, found.case.candidate
    judges = actor().can(Can.ADVERSE_ACT) and not found.own
    sent = min((one.sent_at for one in found.found.letters if one.sent_at), default=None)
    longer = bool(sent and asked.answer_due_on and longer_than_planned(found.case.day_of(sent), asked.answer_due_on))
    return {
        "found": found, "asked": asked, "job": found.case.application, "person": full_name(person.first_name, person.last_name),
        "judges": judges, "words": words, "reasons": words.reasons(asked), "Action": Action, "longer": longer,
        "stage": words.STAGES[asked.stage], "decision": words.DECISIONS[asked.decision],
        "time_is_over": bool(asked.answer_due_on and found.case.today() > asked.answer_due_on),
        "lacks": {step.value: [words.lack(one) for one in lacks] for step, lacks in found.steps.items()},
    }  # fmt: skip


def _events(found: Dossier) -> list[dict[str, Any]]:
    """Letters, answers and assessments, newest first."""
    made = [
        {
            "at": one.sent_at or one.created_at, "who": words.WAYS[one.channel], "tone": words.DELIVERIES[one.delivery][1],
            "title": f"{words.NOTICES[one.kind]}: {words.DELIVERIES[one.delivery][0]}",
            "text": _("It no longer counts") if one.void_at else "",
        }
        for one in found.found.notices
    ]  # fmt: skip
    made += [
        {"at": one.happened_at, "title": words.SAID[one.kind], "text": one.text or ""} for one in found.found.happened
    ]
    made += [
        {
            "at": one.written_at, "who": found.names.get(one.written_by_user_id, ""),
            "title": _("Second assessment") if one.second else _("Assessment"),
        }
        for one in found.found.assessments
    ]  # fmt: skip
    return sorted(made, key=lambda event: event["at"], reverse=True)


@bp.get("/cases/<uuid:request_id>/traces")
@requires(Can.SCREENING_CONFIGURE)
def traces(request_id: UUID) -> BaseResponse:
    """SSN traces: no part of the report. For administrators, and never beside the records."""
    found = case_of(session(), actor(), request_id, Can.SCREENING_CONFIGURE)
    rows = records.traces(session(), actor(), found.request)
    return page("screening/traces.html", asked=found.request, rows=rows)


@bp.post("/cases/<uuid:request_id>/report")
@requires(Can.RECORD_VIEW)
def read_report(request_id: UUID) -> BaseResponse:
    """The report's bytes. A POST, so that nothing fetches it in passing; every look is recorded."""
    number, data = reports.read(session(), actor(), request_id)
    return pdf(data, number)


def pdf(data: bytes, name: str) -> BaseResponse:
    response = send_file(BytesIO(data), "application/pdf", as_attachment=True, download_name=f"{name}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response

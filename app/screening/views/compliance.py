"""Cases and deadlines for a compliance officer: what is due, why, what is missing, and the proof. No record of anybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.people.services import full_name
from app.screening.forms.compliance import CaseFilterForm
from app.screening.rules.adverse import Stage
from app.screening.services import deadlines
from app.screening.services import desk as lists
from app.screening.services.desk import CaseFilters
from app.screening.views import case_words as words
from app.screening.views.blueprint import bp, chosen, here
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page

FILTERS = ("stage", "state")


@bp.get("/cases")
@requires(Can.COMPLIANCE_MANAGE)
def cases() -> BaseResponse:
    filters = CaseFilters(chosen("stage", [stage.value for stage in Stage]), chosen("state", words.STATES))
    found = lists.cases(session(), actor(), filters, request.args.get("after", ""))
    return page(
        "screening/cases.html", form=_form(filters), found=found, rows=[_row(row) for row in found.rows],
        clear=url_for("screening.cases") if request.args else "",
        next=here("screening.cases", *FILTERS, after=found.after) if found.after else "",
        first=here("screening.cases", *FILTERS) if "after" in request.args else "",
    )  # fmt: skip


def _form(filters: CaseFilters) -> CaseFilterForm:
    form = CaseFilterForm(formdata=None, stage=filters.stage, state=filters.state)
    stages = [(key, tag[0]) for key, tag in words.STAGES.items() if key != "gate_order"]
    form.stage.choices = choices([("", _("Any")), *stages])
    form.state.choices = choices([("", _("Any")), *words.STATES.items()])
    return form


def _row(row: Any) -> dict[str, Any]:
    asked, candidate, job = row
    place = ", ".join(part for part in (job.work_city, job.work_state or job.work_country) if part)
    return {
        "id": asked.id, "number": asked.number, "who": full_name(candidate.first_name, candidate.last_name), "place": place,
        "stage": words.STAGES[asked.stage], "due": asked.answer_due_on, "why": words.reasons(asked)[:1],
    }  # fmt: skip


@bp.get("/cases/<uuid:request_id>/proof")
@requires(Can.COMPLIANCE_MANAGE)
def proof(request_id: UUID) -> BaseResponse:
    """The case without its records; what the next steps lack; whether the evidence holds."""
    found = deadlines.watch(session(), actor(), request_id)
    asked = found.case.request
    lacks = {
        words_of: [words.lack(one) for one in found.steps[step]]
        for step, words_of in deadlines.STEPS.items()
        if step in found.steps
    }
    return page(
        "screening/proof.html", asked=asked, job=found.case.application, lacks=lacks, reasons=words.reasons(asked), words=words,
        stage=words.STAGES[asked.stage], decision=words.DECISIONS[asked.decision], findings=[str(one) for one in found.findings],
        notices=found.notices, rules=[row.name for row in found.case.ruling.rows] if found.case.ruling else [],
    )  # fmt: skip

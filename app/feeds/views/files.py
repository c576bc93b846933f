"""Feed files: the list, one file, its decoded content, its raw bytes."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.feeds import services
from app.feeds.forms import FileFilterForm, ReasonForm
from app.feeds.services import listing
from app.feeds.views import words
from app.feeds.views.blueprint import bp, chosen, chosen_id, here
from app.integrations.failures import Refused
from app.integrations.formats.x12.codes import LINES, MAINTENANCE, RELATIONSHIPS, TIERS
from app.integrations.formats.x12.eight34 import Member
from app.integrations.formats.x12.reader import read_834
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page

SHOWN = 25
"""People on one page of the decoded view."""

MOVING = ("building", "ready", "sent")


@bp.get("")
@requires(Can.FEED_VIEW)
def files() -> BaseResponse:
    filters = listing.FileFilters(
        chosen("state", words.FILE_STATES), chosen_id("connection"), "overdue" in request.args
    )
    found = listing.files(session(), actor(), filters, request.args.get("after", ""))
    carriers = listing.carriers(session())
    form = FileFilterForm(formdata=None, state=filters.state, connection=str(filters.connection_id or ""))
    form.state.choices = choices([("", _("Any")), *((key, tag[0]) for key, tag in words.FILE_STATES.items())])
    form.connection.choices = choices([("", _("All")), *((str(row.id), row.name) for row in carriers)])
    return page(
        "feeds/files.html", form=form, found=found, rows=[_row(row) for row in found.rows], carriers=carriers,
        clear=url_for("feeds.files") if request.args else "", overdue=filters.overdue,
        next=here("feeds.files", "state", "connection", "overdue", after=found.after) if found.after else "",
        first=here("feeds.files", "state", "connection", "overdue") if "after" in request.args else "",
        moving=any(row.state in MOVING for row in found.rows),
    )  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    late = row.state == "sent" and row.acknowledge_by is not None and row.acknowledge_by < now()
    state = (_("Acknowledgement late"), "bad") if late else words.FILE_STATES[row.state]
    if row.state == "ready" and row.send_problem:
        state = (_("Cannot be delivered"), "bad")
    kind = f"{words.KINDS[row.kind]} · {words.USAGES[row.usage]}"
    return {
        "id": row.id, "number": f"{row.gs06:09d}", "carrier": row.carrier, "kind": kind, "members": row.members,
        "state": state, "made": row.made_at,
    }  # fmt: skip


@bp.get("/files/<uuid:file_id>")
@requires(Can.FEED_VIEW)
def file(file_id: UUID) -> BaseResponse:
    return _file_page(file_id, ReasonForm(formdata=None))


def _file_page(file_id: UUID, form: ReasonForm, status: int = 200) -> BaseResponse:
    found = listing.file_page(session(), actor(), file_id)
    members = listing.members(
        session(), actor(), found.file, request.args.get("after", ""), trouble="rejected" in request.args
    )
    row = found.file
    late = row.state == "sent" and row.acknowledge_by is not None and row.acknowledge_by < now()
    return page(
        "feeds/file.html", status, file=row, connection=found.connection, found=found, form=form, members=members,
        rows=[_member(member) for member in members.rows], words=words, late=late, moving=row.state in MOVING,
        state=words.FILE_STATES[row.state], events=[words.event(event) for event in listing.history(session(), row.id)],
        may_release=services.may_release(actor(), row, found.connection), may_manage=actor().can(Can.FEED_MANAGE),
        next=url_for("feeds.file", file_id=row.id, after=members.after) if members.after else "",
    )  # fmt: skip


def _member(row: Any) -> dict[str, Any]:
    plans = ", ".join(
        f"{plan} ({_(MAINTENANCE.get(values[3], values[3]))})" for plan, values in sorted(row.coverages.items())
    )
    return {
        "member": row.member_key, "st02": row.st02, "what": MAINTENANCE.get(row.maintenance, row.maintenance), "plans": plans,
        "outcome": words.OUTCOMES[row.outcome], "problem": row.problem,
    }  # fmt: skip


def to_file(file_id: UUID) -> BaseResponse:
    return redirect(url_for("feeds.file", file_id=file_id), 303)


def _with_reason(file_id: UUID, act: Any, done: str) -> BaseResponse:
    form = ReasonForm()
    if not form.validate():
        return _file_page(file_id, form, 422)
    try:
        act(session(), actor(), file_id, str(form.reason.data))
    except Invalid as problem:
        form.refuse(problem)
        return _file_page(file_id, form, 422)
    flash(done, "good")
    return to_file(file_id)


@bp.post("/files/<uuid:file_id>/release")
@requires(Can.FEED_RELEASE)
def release(file_id: UUID) -> BaseResponse:
    return _with_reason(file_id, services.release, _("The file is released and on its way."))


@bp.post("/files/<uuid:file_id>/cancel")
@requires(Can.FEED_MANAGE)
def cancel(file_id: UUID) -> BaseResponse:
    return _with_reason(file_id, services.cancel, _("The file is canceled. Its changes wait for the next one."))


@bp.post("/files/<uuid:file_id>/resend")
@requires(Can.FEED_MANAGE)
def resend(file_id: UUID) -> BaseResponse:
    services.resend(session(), actor(), file_id)
    flash(_("A new file with new control numbers is being made."), "good")
    return to_file(file_id)


@bp.post("/files/<uuid:file_id>/download")
@requires(Can.FEED_MANAGE)
def download(file_id: UUID) -> BaseResponse:
    """The exact bytes. A POST, so that nothing fetches it in passing; recorded as a look at protected data."""
    row, data = listing.raw_bytes(session(), actor(), file_id)
    response = send_file(BytesIO(data), "application/octet-stream", as_attachment=True, download_name=row.name)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/files/<uuid:file_id>/decoded")
@requires(Can.SENSITIVE_VIEW)
def decoded(file_id: UUID) -> BaseResponse:
    """What the file says, in words. Social Security numbers are masked; the look is recorded."""
    actor().require(Can.FEED_VIEW)
    row, data = listing.decoded(session(), actor(), file_id)
    after = request.args.get("after", "0")
    if not after.isdecimal() or len(after) > 9:
        raise NotFound
    start = int(after)
    people = _people_in(data)
    if people is None:
        return page("feeds/decoded.html", file=row, people=None)
    shown = [_said(member) for member in people[start : start + SHOWN]]
    more = len(people) > start + SHOWN
    return page(
        "feeds/decoded.html", file=row, people=shown, total=len(people),
        next=url_for("feeds.decoded", file_id=file_id, after=start + SHOWN) if more else "",
        first=url_for("feeds.decoded", file_id=file_id) if start else "",
    )  # fmt: skip


def _people_in(data: bytes) -> tuple[Member, ...] | None:
    """None when what is stored is no 834, however it came there: the page then says so."""
    try:
        return read_834(data).members
    except Refused:
        return None


def _said(member: Any) -> dict[str, Any]:
    return {
        "name": f"{member.first_name} {member.last_name}".strip(),
        "what": MAINTENANCE.get(member.maintenance, member.maintenance),
        "relation": RELATIONSHIPS.get(member.relationship, member.relationship),
        "number": member.subscriber_number,
        "birth": member.birth_on,
        "ssn": member.ssn,
        "coverages": [
            {
                "plan": coverage.plan_code or LINES.get(coverage.line, coverage.line),
                "line": LINES.get(coverage.line, coverage.line),
                "tier": TIERS.get(coverage.tier, coverage.tier),
                "what": MAINTENANCE.get(coverage.maintenance, coverage.maintenance),
                "start": coverage.start_on,
                "end": coverage.end_on,
            }
            for coverage in member.coverages
        ],
    }

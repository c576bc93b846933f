"""The rules of the places: what each demands, who has read it, and what waits for it."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid, NotFound
from app.people.rules.cells import csv_text
from app.screening.documents import catalog
from app.screening.forms import rule_words as words
from app.screening.forms.governing import STANDINGS, AcceptForm, RuleFilterForm, WithdrawForm
from app.screening.forms.text import _
from app.screening.rules.words import Level
from app.screening.services import reading, rulings
from app.screening.services.reading import Read
from app.screening.views.blueprint import bp, here
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

FILTERS = ("state", "standing")
COLUMNS = ("place", "rule", "key", "standing", "demands", "sources", "doubt", "note", "waits", "digest")


def _asked() -> tuple[RuleFilterForm, list[Read], list[Read]]:
    """The filters, every rule, and those the filters leave."""
    form = RuleFilterForm(request.args)
    if not form.validate():
        form = RuleFilterForm(formdata=None)
    every = reading.rules(session(), actor())
    return form, every, reading.sift(every, form.state.data or "", form.standing.data or "")


@bp.get("/rules")
@requires(Can.RULE_ACCEPT)
def rules() -> Response:
    form, every, found = _asked()
    numbers = {key: sum(read.standing == key for read in every) for key in STANDINGS}
    return page(
        "screening/rules.html", form=form, rows=[_row(read) for read in found], numbers=numbers, standings=STANDINGS,
        waits=max((read.waits for read in every), default=0), clear=url_for("screening.rules") if request.args else "",
        print_url=here("screening.print_rules", *FILTERS), csv_url=here("screening.export_rules", *FILTERS),
    )  # fmt: skip


def _row(read: Read) -> dict[str, Any]:
    return {
        "key": read.row.key, "name": _(read.row.name), "place": _place(read),
        "summary": words.summary(read.row), "standing": STANDINGS[read.standing], "waits": read.waits or None,
    }  # fmt: skip


def _place(read: Read) -> str:
    level = str(words.LEVELS[read.row.level])
    return level if read.row.level is Level.FEDERAL else f"{read.row.short} ({level})"


@bp.get("/rules/print")
@requires(Can.RULE_ACCEPT)
def print_rules() -> Response:
    """What the filters leave, in full and on one page, for counsel."""
    _form, _every, found = _asked()
    return page("screening/rules_print.html", found=found, words=words, standings=STANDINGS, on=today())


@bp.get("/rules/rules.csv")
@requires(Can.RULE_ACCEPT)
def export_rules() -> Response:
    """The same as a file. It holds law, and nobody's data."""
    _form, _every, found = _asked()
    headers = {"Content-Disposition": f"attachment; filename=screening-rules-{today():%Y-%m-%d}.csv"}
    return FlaskResponse(csv_text([COLUMNS, *map(_line, found)]), mimetype="text/csv", headers=headers)


def _line(read: Read) -> list[Any]:
    row = read.row
    said = "\n".join(f"{demand.subject}: {'; '.join(demand.lines)}" for demand in words.demands(row))
    note = read.acceptance.note if read.acceptance and read.binds else ""
    return [
        row.short, row.name, row.key, read.standing.value, said, "\n".join(row.sources), row.doubt, note, read.waits, row.digest,
    ]  # fmt: skip


@bp.get("/rules/texts")
@requires(Can.RULE_ACCEPT)
def texts() -> Response:
    """The texts of today that candidates read and sign, for information: whether counsel has approved their words."""
    found = [one for one in catalog().documents if one.in_force(today())]
    return page("screening/texts.html", found=found)


@bp.get("/rules/<key>")
@requires(Can.RULE_ACCEPT)
def rule(key: str) -> Response:
    return _rule_page(reading.rule(session(), actor(), key))


def _rule_page(
    read: Read, status: int = 200, accepting: AcceptForm | None = None, withdrawing: WithdrawForm | None = None
) -> Response:
    digest = read.row.digest
    return page(
        "screening/rule.html", status, read=read, row=read.row, words=words, standing=STANDINGS[read.standing],
        changes=words.changes(read.before, read.row) if read.before else [], demands=words.demands(read.row),
        accepting=accepting or AcceptForm(formdata=None, digest=digest),
        withdrawing=withdrawing or WithdrawForm(formdata=None, digest=digest),
    )  # fmt: skip


@bp.post("/rules/<key>/acceptance")
@requires(Can.RULE_ACCEPT)
def accept_rule(key: str) -> Response:
    form, read = AcceptForm(), reading.rule(session(), actor(), key)
    if form.digest.data != read.row.digest:
        form.refuse(Invalid({"": _("The rule has changed since the page was opened. Read it again.")}))
        form.digest.data = read.row.digest
        return _rule_page(read, 422, accepting=form)
    if not form.validate():
        return _rule_page(read, 422, accepting=form)
    rulings.accept_rule(session(), actor(), read.row.digest, note=str(form.note.data))
    flash(_("Accepted. Checks that waited for this rule go on."), "good")
    return redirect(url_for("screening.rule", key=key), 303)


@bp.post("/rules/<key>/withdrawal")
@requires(Can.RULE_ACCEPT)
def withdraw_rule(key: str) -> Response:
    form, read = WithdrawForm(), reading.rule(session(), actor(), key)
    if read.standing is not reading.Standing.ACCEPTED:
        raise NotFound
    if not form.validate():
        return _rule_page(read, 422, withdrawing=form)
    rulings.withdraw_rule(session(), actor(), read.row.digest, reason=str(form.reason.data))
    flash(_("Withdrawn. New checks that this rule binds wait for a person."), "good")
    return redirect(url_for("screening.rule", key=key), 303)

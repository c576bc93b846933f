"""Numbers about background checks, and the four-fifths indicator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Response as FlaskResponse
from flask import request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import today
from app.core.errors import NotFound
from app.people.rules.cells import csv_text
from app.screening.forms import words
from app.screening.forms.numbers import ETHNICITIES, MARKS, METHOD, SEXES, STEPS, ImpactForm, NumbersForm
from app.screening.forms.text import _
from app.screening.rules.impact import Compared, may_leave
from app.screening.services import analytics as numbers
from app.screening.services import impact as rates
from app.screening.services.analytics import Asked
from app.screening.services.impact import Indicator, Sifted
from app.screening.views.blueprint import bp, here
from app.web.access import requires
from app.web.edge import actor, session
from app.web.formats import percent, short_date, zone
from app.web.pages import page

FILTERS = (
    *(f"{name}-{part}" for name in ("first", "last") for part in ("month", "day", "year")), "by", "provider", "package",
)  # fmt: skip
IMPACT = ("year", "package", "family")
KINDS = ("provider", "package", "county")
BUCKETS = ("month", "cost_center", "billing_method")


def _asked() -> tuple[NumbersForm, Asked]:
    form = NumbersForm(request.args)
    form.offer(numbers.offered(session()))
    return form, form.asked(zone())


@bp.get("/analytics")
@requires(Can.SCREENING_ANALYZE)
def analytics() -> Response:
    form, asked = _asked()
    here_, me = session(), actor()
    volume, funnel = numbers.volume(here_, me, asked), numbers.consent(here_, me, asked)
    speed, spent = numbers.turnaround(here_, me, asked), numbers.cost(here_, me, asked)
    return page(
        "screening/analytics.html", 422 if form.errors else 200, form=form, asked=asked, words=words, volume=volume, funnel=funnel,
        bars=[(_since(asked, row.since), row.total) for row in volume], rows=[_volume(asked, row) for row in volume],
        steps=_funnel(funnel), speed={kind: [row for row in speed if row.kind == kind] for kind in KINDS},
        spent={kind: [_cost(row) for row in spent if row.kind == kind] for kind in BUCKETS},
        total=_totals(spent), clear=url_for("screening.analytics") if request.args else "",
        csv={part: here("screening.export_numbers", *FILTERS, part=part) for part in PARTS},
        four_fifths=url_for("screening.four_fifths") if me.can(Can.SURVEY_VIEW) else "",
    )  # fmt: skip


def _since(asked: Asked, since: Any) -> str:
    return short_date(since) if asked.by == "week" else since.strftime("%Y-%m")


def _volume(asked: Asked, row: numbers.Volume) -> dict[str, Any]:
    return {"since": _since(asked, row.since), "total": row.total, **row.numbers}


def _funnel(found: numbers.Consent) -> list[tuple[str, int]]:
    return [
        (_("Begun"), found.begun), (_("Link sent"), found.sent), (_("Opened"), found.opened), (_("Signed"), found.signed),
    ]  # fmt: skip


def _cost(row: numbers.Cost) -> numbers.Cost:
    if row.kind == "billing_method":
        return row._replace(name=str(words.BILLING[row.name]))
    return row._replace(name=row.name or _("None given"))


def _totals(spent: Iterable[numbers.Cost]) -> list[tuple[str, int, Any]]:
    """Checks and money by currency."""
    found: dict[str, tuple[int, Any]] = {}
    for row in spent:
        if row.kind == "month":
            checks, money = found.get(row.currency, (0, 0))
            found[row.currency] = (checks + row.checks, money + row.total)
    return [(currency, checks, money) for currency, (checks, money) in found.items()]


def _volume_lines(asked: Asked) -> list[Sequence[Any]]:
    rows = numbers.volume(session(), actor(), asked)
    return [("since", "total", *words.STATUS), *((row.since, row.total, *row.numbers.values()) for row in rows)]


def _named(rows: Sequence[Any], kind: Any) -> list[Sequence[Any]]:
    return [kind._fields, *rows]


PARTS: dict[str, Callable[[Asked], list[Sequence[Any]]]] = {
    "volume": _volume_lines,
    "turnaround": lambda asked: _named(numbers.turnaround(session(), actor(), asked), numbers.Turnaround),
    "cost": lambda asked: _named(numbers.cost(session(), actor(), asked), numbers.Cost),
    "consent": lambda asked: _named([numbers.consent(session(), actor(), asked)], numbers.Consent),
}


@bp.get("/analytics/<part>.csv")
@requires(Can.SCREENING_ANALYZE)
def export_numbers(part: str) -> Response:
    """One table of the page as a file: counts, days and money, nobody's data."""
    if part not in PARTS:
        raise NotFound
    _form, asked = _asked()
    return _csv(f"screening-{part}", PARTS[part](asked))


def _csv(name: str, lines: Iterable[Sequence[Any]]) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename={name}-{today():%Y-%m-%d}.csv",
        "Cache-Control": "no-store",
    }
    return FlaskResponse(csv_text(lines), mimetype="text/csv", headers=headers)


# --- four fifths ----------------------------------------------------------------------------------------------------


def _indicator() -> tuple[ImpactForm, Sifted, Indicator]:
    form = ImpactForm(request.args)
    form.offer(*rates.choices(session(), actor()))
    sifted = form.sifted()
    return form, sifted, rates.indicator(session(), actor(), sifted)


@bp.get("/analytics/four-fifths")
@requires(Can.SURVEY_VIEW)
def four_fifths() -> Response:
    form, _sifted, found = _indicator()
    return page(
        "screening/four_fifths.html", form=form, found=found, method=METHOD, steps=STEPS,
        tables=[(_("By sex"), _tables(found.by_sex, SEXES)), (_("By race or ethnicity"), _tables(found.by_ethnicity, ETHNICITIES))],
        clear=url_for("screening.four_fifths") if request.args else "", export=here("screening.export_four_fifths", *IMPACT),
    )  # fmt: skip


def _tables(found: Any, names: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(step, [_row(one, names) for one in rows]) for step, rows in found.items()]


def _row(one: Compared, names: Any) -> dict[str, Any]:
    """A group of a table; what may not be shown is not in it."""
    shown = one.rate is not None
    return {
        "group": names[one.group], "total": one.count.total if shown else None, "selected": one.count.selected if shown else None,
        "rate": one.rate, "ratio": one.ratio, "p": one.p, "mark": MARKS[one.mark],
    }  # fmt: skip


@bp.post("/analytics/four-fifths/export")
@requires(Can.SURVEY_VIEW)
def export_four_fifths() -> Response:
    """The tables with the method beside them; small cells stay here. Recorded."""
    _form, sifted, found = _indicator()
    lines: list[Sequence[Any]] = [
        (_(str(METHOD)),),
        ("by", "step", "group", "people", "selected", "rate", "ratio", "p", "mark"),
    ]
    for by, steps in (("sex", found.by_sex), ("race or ethnicity", found.by_ethnicity)):
        lines += [_line(by, step, one) for step, rows in steps.items() for one in rows]
    rates.note_export(session(), actor(), sifted, len(lines) - 2)
    return _csv("four-fifths", lines)


def _line(by: str, step: str, one: Compared) -> Sequence[Any]:
    if not may_leave(one):
        return (by, step, one.group, "", "", "", "", "", "small cell, not in this file")
    ratio, p = (f"{one.ratio:.3f}" if one.ratio is not None else "", f"{one.p:.4f}" if one.p is not None else "")
    return (by, step, one.group, one.count.total, one.count.selected, percent(one.rate, 1), ratio, p, one.mark.value)

"""`/dev/components`: every macro in every state, on sample data. Registered outside production only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask import Blueprint, Flask, Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from app.core.config import get_settings
from app.web import forms
from app.web.access import public
from app.web.pages import page

bp = Blueprint("dev", __name__, url_prefix="/dev")

PEOPLE = (("ana", "Ana Lopez (you)"), ("leo", "Leo Lopez, child, age 6"), ("sam", "Sam Reyes, spouse"))
PLANS = (
    ("silver", "Silver PPO"),
    ("bronze", "Bronze HDHP with HSA"),
    ("gold", "Gold PPO"),
    ("waive", "I don't want medical coverage"),
)
TILES: dict[str, dict[str, Any]] = {
    "silver": {"price": Decimal("71.25"), "per": "per paycheck", "note": "Your employer pays $212.40"},
    "bronze": {
        "price": Decimal("38.10"), "per": "per paycheck", "tag": "Lowest cost",
        "note": "Your employer pays $212.40", "hint": "You pay the first $3,300 of care yourself.",
    },
    "gold": {"price": Decimal("112.00"), "per": "per paycheck", "disabled": "You can choose this from January 1, 2027."},
    "waive": {"hint": "You will have no medical coverage from us in 2027."},
}  # fmt: skip


class SampleForm(forms.CreateForm):
    """One of each field."""

    name = StringField(_l("First name"), [forms.Required(_l("Enter your first name"))])
    email = StringField("Work e-mail", [Optional()], description="We send the confirmation here.")
    about = TextAreaField("What happened?", [forms.Required("Say in a few words what happened")])
    salary = forms.MoneyField("Yearly salary", [forms.Required("Enter your yearly salary")])
    ssn = forms.SsnField(
        "Leo's Social Security number", [forms.Required("Enter a Social Security number with 9 digits")]
    )
    born_on = forms.Date3Field("Date of birth", [forms.Required("Enter the date of birth")])
    plan = RadioField(
        "Which medical plan do you want?",
        [forms.Chosen("Select a medical plan, or choose to waive coverage")],
        choices=forms.choices(PLANS),
        description="Costs are what you pay each paycheck, before tax.",
    )
    smoker = RadioField(
        "Do you use tobacco?", [forms.Chosen("Select yes or no")], choices=forms.choices((("y", "Yes"), ("n", "No")))
    )
    covered = forms.CheckboxesField(
        "Who do you want to cover?", [forms.Chosen("Select who is covered")], choices=forms.choices(PEOPLE)
    )
    state = SelectField(
        "State",
        [forms.Required("Select a state")],
        choices=forms.choices((("", "Select a state"), ("CA", "California"), ("TX", "Texas"))),
    )
    proof = FileField("Proof of the event", [forms.Required("Choose a file")], description="A PDF or a photo.")
    signed_name = StringField("Full name", [forms.Required("Type your full name")])
    agree = BooleanField("I have read the statement and agree", [forms.Required("Check the box to agree")])


class FilterForm(forms.Form):
    """Filters of the sample list."""

    q = StringField("Name or e-mail")
    status = SelectField(
        "Status", choices=forms.choices((("", "All"), ("waiting", "Waiting"), ("approved", "Approved")))
    )
    department = SelectField(
        "Department", choices=forms.choices((("", "All"), ("ops", "Operations"), ("care", "Care")))
    )


class Row(NamedTuple):
    """A line of the sample table."""

    name: str
    department: str
    plan: str
    status: tuple[str, str]
    cost: Decimal | None
    effective_on: date


ROWS = (
    Row("Ana Lopez", "Operations", "Silver PPO", ("Approved", "good"), Decimal("71.25"), date(2027, 1, 1)),
    Row(
        "Jonathan Abernathy-Castellanos",
        "Care",
        "Bronze HDHP with HSA",
        ("Waiting", "warn"),
        Decimal("38.10"),
        date(2027, 1, 1),
    ),
    Row("Mei Chen", "Care", "Gold PPO", ("Rejected by carrier", "bad"), Decimal("1112.00"), date(2026, 12, 1)),
    Row("Omar Haddad", "Finance", "Waived", ("Not started", "neutral"), None, date(2027, 1, 1)),
)
COLUMNS = (
    ("name", "Employee"), ("department", "Department"), ("plan", "Plan"), ("status", "Status", "tag"),
    ("effective_on", "Effective", "date"), ("cost", "Per paycheck", "money"),
)  # fmt: skip
TASKS = (
    {"label": "Who is covered", "url": "#done", "status": "Done", "tone": "good"},
    {"label": "Medical", "url": "#next", "status": "In progress", "tone": "warn", "hint": "Silver PPO chosen"},
    {"label": "Dental", "url": "#next2", "status": "To do", "tone": "info"},
    {"label": "Sign", "status": "Cannot start yet"},
)
ANSWERS = (
    {"label": "Medical plan", "value": "Silver PPO", "change": "#plan"},
    {"label": "Who is covered", "value": "Ana, Leo", "change": "#covered"},
    {
        "label": "Social Security number",
        "value": "•••-••-6789",
        "change": "#ssn",
        "hidden": "Leo's Social Security number",
    },
    {"label": "Cost", "value": "$80.35 per paycheck"},
)
EVENTS = (
    {
        "title": "Sent to Northwind Health",
        "at": datetime(2026, 11, 20, 15, 5, tzinfo=UTC),
        "who": "Corridor",
        "tone": "good",
    },
    {
        "title": "Approved",
        "at": datetime(2026, 11, 19, 9, 30, tzinfo=UTC),
        "who": "Priya Shah",
        "text": "Proof checked.",
    },
    {
        "title": "Carrier asked for a correction",
        "at": datetime(2026, 11, 18, 8, 0, tzinfo=UTC),
        "who": "Northwind",
        "tone": "bad",
    },
    {"title": "Carrier confirms", "tone": "next", "text": "Usually within 2 working days."},
)
CHART = (("Medical", 842), ("Dental", 790), ("Vision", 512), ("Life", 431), ("Flexible spending", 96))
TABS = (
    {"label": "Waiting", "url": "?tab=waiting", "current": True, "count": 42},
    {"label": "Approved", "url": "?tab=approved", "count": 1001},
    {"label": "All", "url": "?tab=all"},
)


def filled() -> SampleForm:
    """The form as somebody sees it half way."""
    data = {
        "name": "Ana",
        "plan": "silver",
        "covered": ["ana"],
        "salary": Decimal("61500"),
        "born_on": date(1986, 3, 27),
    }
    return SampleForm(formdata=None, data=data)


def wrong() -> SampleForm:
    """The form with an error at every field."""
    typed = MultiDict(
        {"salary": "12,50", "ssn": "12-3456", "born_on-month": "13", "born_on-day": "40", "born_on-year": "1986"}
    )
    form = SampleForm(formdata=typed, prefix="")
    form.validate()
    return form


@bp.get("/components")
@public
def components() -> Response:
    """Every component. `?errors=1` shows each field with its error."""
    form = wrong() if request.args.get("errors") else filled()
    context = {
        "form": form, "filters": FilterForm(formdata=request.args), "tiles": TILES, "rows": ROWS, "columns": COLUMNS,
        "tasks": TASKS, "answers": ANSWERS, "events": EVENTS, "chart": CHART, "tabs": TABS,
    }  # fmt: skip
    return page("dev/components.html", 422 if form.errors else 200, **context)


@bp.get("/step")
@public
def step() -> Response:
    """A step of an enrollment as a person sees it."""
    return page("dev/step.html", form=filled(), tiles=TILES)


@bp.post("/step")
@public
def step_post() -> Response:
    """The same step sent: errors or the next page."""
    form = SampleForm()
    if not (form.plan.validate(form) and form.ssn.validate(form)):
        return page("dev/step.html", 422, form=form, tiles=TILES)
    return Response(status=303, headers={"Location": url_for("dev.list_page")})


@bp.get("/list")
@public
def list_page() -> Response:
    """A list as HR sees it."""
    rows = tuple(row._replace(name=f"{row.name} {number}") for number in range(6) for row in ROWS)
    link: Callable[[Row], str] = lambda _row: "#row"  # noqa: E731
    return page(
        "dev/list.html", rows=rows, columns=COLUMNS, filters=FilterForm(formdata=request.args), tabs=TABS, link=link,
        clear=url_for("dev.list_page") if request.args else "", chart=CHART, events=EVENTS,
    )  # fmt: skip


def init_app(app: Flask) -> None:
    """Register the gallery, unless this is production."""
    if not get_settings().production:
        app.register_blueprint(bp)

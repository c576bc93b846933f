"""Filters of the pages with numbers, and the words of their groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from app.core.clock import today
from app.screening.rules.impact import Ethnicity, Mark, Sex
from app.screening.services.analytics import Asked
from app.screening.services.impact import Sifted, Step
from app.web.forms import Chosen, Date3Field, Form, Optional, choices

LONGEST = timedelta(days=5 * 366)
SEXES = {Sex.FEMALE: _l("Female"), Sex.MALE: _l("Male"), Sex.DECLINED: _l("I do not wish to answer")}
ETHNICITIES = {
    Ethnicity.HISPANIC: _l("Hispanic or Latino"),
    Ethnicity.WHITE: _l("White, not Hispanic or Latino"),
    Ethnicity.BLACK: _l("Black or African American, not Hispanic or Latino"),
    Ethnicity.ASIAN: _l("Asian, not Hispanic or Latino"),
    Ethnicity.PACIFIC: _l("Native Hawaiian or Other Pacific Islander, not Hispanic or Latino"),
    Ethnicity.NATIVE: _l("American Indian or Alaska Native, not Hispanic or Latino"),
    Ethnicity.SEVERAL: _l("Two or more races, not Hispanic or Latino"),
    Ethnicity.DECLINED: _l("I do not wish to answer"),
}
STEPS = {
    Step.OFFER: (_l("Offer"), _l("Of the applications with a background check: those with an offer.")),
    Step.REVIEW: (_l("Review"), _l("Of the complete reports: those that were clear and needed no review.")),
    Step.PRE_ADVERSE: (_l("Notice before a decision"), _l("Of the complete reports: those after which no notice went out.")),
    Step.FINAL: (_l("Decision"), _l("Of the decided applications: those that were accepted.")),
}  # fmt: skip
MARKS: dict[str, tuple[Any, str]] = {
    Mark.HIDDEN: (_l("Fewer than 5, not shown"), "neutral"),
    Mark.SMALL_SHARE: (_l("Under 2 % of all, not judged"), "neutral"),
    Mark.FEW: (_l("Fewer than 30, says little"), "neutral"),
    Mark.REFERENCE: (_l("Highest rate"), "info"),
    Mark.BELOW: (_l("Under four fifths"), "warn"),
    Mark.WITHIN: (_l("Within four fifths"), "good"),
}
METHOD = _l(
    "A statistical indicator, not a legal finding. The rate of a group is held against the highest rate; under four fifths of it"
    " (29 CFR 1607.4D) the difference deserves a look. p is Fisher's exact test, two-sided, of the two groups: the chance of a"
    " difference at least as unlikely if both were treated alike. Groups under 2 % of all are shown and not judged; fewer than 30"
    " people say little; fewer than 5 are not shown, and no cell of 1 to 4 people is in a file. Only people who answered the"
    " voluntary survey are counted. Executive Order 14281 of April 23, 2025 tells federal agencies to set disparate impact aside;"
    " Title VII, private suits and state law, such as 2 CCR 11017.1 of California, are unchanged."
)


class NumbersForm(Form):
    """Two dates may not be too far apart or turned around: `asked` then takes the last twelve months."""

    first = Date3Field(_l("From"), [Optional()])
    last = Date3Field(_l("To"), [Optional()])
    by = SelectField(_l("By"), choices=choices([("month", _l("Month")), ("week", _l("Week"))]), validate_choice=False)
    provider = SelectField(_l("Provider"), [Optional()], validate_choice=False)
    package = SelectField(_l("Package"), [Optional()], validate_choice=False)

    def offer(self, found: Sequence[Any]) -> None:
        providers = {str(row.connection_id): row.provider for row in found}
        packages = {row.slug: row.name for row in found}
        for field, known in ((self.provider, providers), (self.package, packages)):
            field.choices = choices([("", _l("All")), *known.items()])
            field.data = field.data if field.data in known else ""

    def asked(self, zone: str) -> Asked:
        last = self.last.data or today(zone)
        first = self.first.data or months_before(last)
        if first > last or last - first > LONGEST:
            problem = str(_l("Enter a span of days that ends after it begins, at most five years"))
            self.last.errors = [*self.last.errors, problem]
            first, last = months_before(today(zone)), today(zone)
        connection = UUID(self.provider.data) if self.provider.data else None
        return Asked(
            first, last, "week" if self.by.data == "week" else "month", connection, self.package.data or "", zone
        )


def months_before(day: date) -> date:
    """The first of the month, eleven months earlier: a year of whole months."""
    return date(day.year - 1, day.month + 1, 1) if day.month < 12 else date(day.year, 1, 1)


class ImpactForm(Form):
    """By year only: spans of any length could be subtracted from one another until one person is left."""

    year = SelectField(_l("Year"), [Optional()], validate_choice=False)
    package = SelectField(_l("Package"), [Optional()], validate_choice=False)
    family = SelectField(_l("Job family"), [Optional()], validate_choice=False)

    def offer(self, packages: Sequence[str], families: Sequence[str], first: int) -> None:
        years = [str(year) for year in range(today().year, first - 1, -1)]
        for field, known in ((self.year, years), (self.package, packages), (self.family, families)):
            field.choices = choices([("", _l("All")), *((one, one) for one in known)])
            field.data = field.data if field.data in known else ""

    def sifted(self) -> Sifted:
        return Sifted(int(self.year.data) if self.year.data else None, self.package.data or "", self.family.data or "")


class SurveyForm(Form):
    """The candidate's own answers; nothing is chosen beforehand."""

    sex = RadioField(
        _l("Sex"), [Chosen(_l("Choose an answer, or that you do not wish to answer"))],
        choices=choices((one.value, label) for one, label in SEXES.items()),
    )  # fmt: skip
    ethnicity = RadioField(
        _l("Race or ethnicity"), [Chosen(_l("Choose an answer, or that you do not wish to answer"))],
        choices=choices((one.value, label) for one, label in ETHNICITIES.items()),
    )  # fmt: skip

"""What a rule of a place demands, in words that counsel and a compliance officer read. Nothing is left out of a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.core.clock import today
from app.screening.documents import Unknown, catalog
from app.screening.forms.adverse import RECORD_KINDS
from app.screening.forms.text import _, plural
from app.screening.rules.schema import Extension, Lookback, Receipt, Row
from app.screening.rules.words import AskStage, Channel, Level, Moment, Reach, StartsFrom, Trigger, Unit
from app.web.formats import long_date, money
from app.web.i18n import language

LEVELS = {
    Level.FEDERAL: _l("Federal"), Level.STATE: _l("State"), Level.COUNTY: _l("County"), Level.CITY: _l("City"),
}  # fmt: skip
ASK = {
    AskStage.ANY_TIME: _l("At any time"),
    AskStage.APPLICATION: _l("Only after the application"),
    AskStage.INTERVIEW: _l("Only after an interview"),
    AskStage.OFFER: _l("Only after a conditional offer"),
}
MOMENTS = {
    Moment.BEFORE_CHECK: _l("before the check"),
    Moment.WITH_PRE_ADVERSE: _l("with the notice before a decision"),
    Moment.WITH_FINAL: _l("with the final notice"),
}
CHANNELS = {
    Channel.EMAIL: _l("E-mail"), Channel.MAIL: _l("Mail"), Channel.TRACKED_MAIL: _l("Tracked mail"), Channel.IN_PERSON: _l("In person"),
}  # fmt: skip
REACHES = {
    Reach.IN_STATE: _l("inside the state"), Reach.OUT_OF_STATE: _l("to another state"), Reach.ABROAD: _l("abroad"),
}  # fmt: skip
TRIGGERS = {
    Trigger.DISPUTE_ANNOUNCED: _l("the candidate says that the report is wrong"),
    Trigger.EVIDENCE_ANNOUNCED: _l("the candidate says that evidence will follow"),
}


class Demand(NamedTuple):
    """One subject of a rule, and every line it says about it."""

    subject: str
    lines: tuple[str, ...]


class Change(NamedTuple):
    """What became of one subject since the rule was accepted."""

    subject: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def demands(row: Row) -> list[Demand]:
    """Every demand of a row, in the language of the page."""
    said = (
        Demand(_("In force"), (_in_force(row),)),
        Demand(_("Binds"), tuple(_coverage(row))),
        Demand(_("When a check may be asked for"), tuple(_asking(row))),
        Demand(_("Papers"), tuple(f"{_(one.name)}: {MOMENTS[one.due]}" for one in row.documents)),
        Demand(_("Weighed in the assessment"), tuple(_(factor) for factor in row.factors)),
        Demand(_("Time to answer"), tuple(_waiting(row))),
        Demand(_("More time"), tuple(_extension(one) for one in row.extensions)),
        Demand(_("Ways a notice must take"), tuple(str(CHANNELS[channel]) for channel in row.send_by)),
        Demand(_("Records that may not be used"), tuple(_lookback(one) for one in row.lookbacks)),
        Demand(_("What the final notice must say"), tuple(_token(token) for token in row.final_tokens)),
    )
    return [demand for demand in said if demand.lines]


def changes(before: Row, now: Row) -> list[Change]:
    """What the rule said when it was accepted and says no more, and what it says now."""
    old, new = ({one.subject: one.lines for one in demands(row)} for row in (before, now))
    found = []
    for subject in dict.fromkeys([*old, *new]):
        was, is_ = old.get(subject, ()), new.get(subject, ())
        gone, added = (tuple(x for x in a if x not in b) for a, b in ((was, is_), (is_, was)))
        if gone or added:
            found.append(Change(subject, gone, added))
    rest = tuple(source for source in now.sources if source not in before.sources)
    dropped = tuple(source for source in before.sources if source not in now.sources)
    return [*found, Change(_("Sources"), dropped, rest)] if rest or dropped else found


def summary(row: Row) -> str:
    """A rule in one line, for a list."""
    parts = [str(ASK[row.ask_stage])] if row.ask_stage is not AskStage.ANY_TIME else []
    if row.wait:
        parts.append(_("%(time)s to answer", time=days(row.wait.days, row.wait.unit)))
    if row.lookbacks:
        parts.append(plural("%(num)s kind of record barred", "%(num)s kinds of records barred", len(row.lookbacks)))
    if row.documents:
        parts.append(plural("%(num)s paper", "%(num)s papers", len(row.documents)))
    return " · ".join(parts) or _("A paper or a reminder only")


def days(number: int, unit: Unit) -> str:
    if unit is Unit.BUSINESS:
        return plural("%(num)s business day", "%(num)s business days", number)
    return plural("%(num)s calendar day", "%(num)s calendar days", number)


def _in_force(row: Row) -> str:
    if row.effective_to is None:
        return _("From %(first)s", first=long_date(row.effective_from))
    return _("From %(first)s to %(last)s", first=long_date(row.effective_from), last=long_date(row.effective_to))


def _coverage(row: Row) -> Iterator[str]:
    known = row.coverage
    if known.min_staff > 1:
        yield _("Employers with %(staff)s employees or more", staff=known.min_staff)
    if known.min_weekly_hours:
        yield _("Jobs with %(hours)s hours a week or more in this place", hours=known.min_weekly_hours)
    for name in known.exempt_roles:
        yield _("Not: %(exemption)s", exemption=_(name.replace("_", " ")))


def _asking(row: Row) -> Iterator[str]:
    yield str(ASK[row.ask_stage])
    if row.two_stages:
        yield _("Everything but criminal and driving records first, closed before the offer; these come after it")


def _waiting(row: Row) -> Iterator[str]:
    wait = row.wait
    if wait is None:
        return
    time = days(wait.days, wait.unit)
    sent = wait.starts is StartsFrom.SENT
    yield _("%(time)s from the sending", time=time) if sent else _("%(time)s from receipt", time=time)
    for receipt in wait.receipts:
        yield _receipt(receipt)
    if wait.receipt_source:
        yield _("Receipt by: %(source)s", source=wait.receipt_source)


def _receipt(found: Receipt) -> str:
    way = f"{CHANNELS[found.channel]}, {REACHES[found.reach]}" if found.reach else str(CHANNELS[found.channel])
    if not found.days:
        return _("%(way)s counts as received on the day it was sent", way=way)
    return _("%(way)s counts as received %(time)s after it was sent", way=way, time=days(found.days, found.unit))


def _extension(found: Extension) -> str:
    when = " / ".join(str(TRIGGERS[one]) for one in found.triggers)
    return _("%(time)s more, once, if %(when)s", time=days(found.days, found.unit), when=when)


def _lookback(found: Lookback) -> str:
    kind = RECORD_KINDS[found.record]
    if not found.years:
        said = _("%(kind)s: never", kind=kind)
    else:
        said = plural("%(kind)s: older than %(num)s year", "%(kind)s: older than %(num)s years", found.years, kind=kind)
    if found.salary_below is None:
        return said
    return _("%(said)s, for jobs that pay less than %(salary)s a year", said=said, salary=money(found.salary_below))


def _token(token: str) -> str:
    """The title of the passage that says it; a token without a text would stop the letter, and is shown as it stands."""
    try:
        return catalog().passage(token, language(), today()).title
    except Unknown:
        return token.replace("_", " ")

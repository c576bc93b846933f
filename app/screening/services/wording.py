"""What the letters of a case say: the values their texts print, and what of them is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from app.screening import documents
from app.screening.documents import Document, Unknown, Value
from app.screening.models import Assessment
from app.screening.rules.words import Moment
from app.screening.services import papers
from app.screening.services.basis import Basis
from app.screening.services.cases import Case
from app.screening.services.phrases import language_of, phrase

REPORT_COPY = "report_copy"


def values(
    found: Basis, *, today: date, promised_on: date | None = None, enclosed: Sequence[str] = ()
) -> dict[str, Value]:
    """Every value a letter of this case may print; those that nobody knows are missing, and stop what must print them."""
    case, language = found.case, language_of(found.case.candidate.language)
    paper = papers.values(case, language)
    known: dict[str, Value] = paper | {
        "written_on": today,
        "records": [record.text for record in found.relied_on],
        "record_sources": _sources(found, language),
        "assessment": pairs(case, found.first),
        "second_assessment": pairs(case, found.second),
        "reasons": found.second.reasoning if found.second else "",
        "action_taken": phrase("action_taken", language, position=case.application.position),
        "reconsideration": case.policy.reconsideration,
        "cori_policy": case.policy.cori_policy,
        "how_to_respond": _ways_to_answer(case, language, str(paper["employer_address"])),
        "attachments": list(enclosed),
        **_searched(found, language),
    }
    if case.request.notified_at:
        known["notified_on"] = case.today(case.request.notified_at)
    if promised_on:
        known["respond_by"] = promised_on
    return known


def _sources(found: Basis, language: str) -> list[str]:
    """Which search each record comes from; a provider that does not say leaves the report as a whole."""
    return [
        papers.check_words([check.check_type], language)[0] if check else phrase("unknown_source", language)
        for record, check in found.records
        if record in found.relied_on
    ]


def _searched(found: Basis, language: str) -> dict[str, Value]:
    """When and where the records were read, as New York City wants it copied."""
    checks = {check.id: check for record, check in found.records if check is not None and record in found.relied_on}
    moments = [check.completed_at for check in checks.values() if check.completed_at]
    at = max(moments, default=found.case.request.completed_at)
    searched = papers.check_words(sorted({check.check_type for check in checks.values()}), language) if checks else []
    return {
        "searched_sources": searched or [found.case.connection.name],
        "searched_on": f"{at:%Y-%m-%d %H:%M} UTC" if at else "",
    }


def _ways_to_answer(case: Case, language: str, address: str) -> list[str]:
    whom, post = papers.contact(case), address.replace("\n", ", ")
    return [
        phrase("by_link", language),
        *([phrase("by_email", language, email=whom.email)] if whom.email else []),
        *([phrase("by_phone", language, phone=whom.phone)] if whom.phone else []),
        *([phrase("by_post", language, address=post)] if post else []),
    ]


def pairs(case: Case, assessment: Assessment | None) -> list[tuple[str, str]]:
    """Factor and what was thought of it, in the order of the rules; empty: nothing was weighed yet."""
    if assessment is None or case.ruling is None:
        return []
    weighed = assessment.factors or {}
    return [(factor, str(weighed.get(factor, ""))) for factor in case.ruling.factors]


_OF_OTHER_STEPS = frozenset(
    {
        "records",
        "record_sources",
        "assessment",
        "second_assessment",
        "reasons",
        "notified_on",
        "respond_by",
        "attachments",
    }
)
"""Values that a step before brings along, and whose absence that step is asked for by its own name."""


def papers_lacking(found: Basis) -> tuple[str, ...]:
    """What the pre-adverse notice still lacks (`adverse.Facts.attachments`): papers by key, and names of values nobody has entered."""
    case = found.case
    lacks = () if case.request.report_file_id else (REPORT_COPY,)
    if case.ruling is None:
        return (*lacks, "summary_of_rights")
    today = case.today()
    try:
        parts = documents.needed(case.ruling, Moment.WITH_PRE_ADVERSE, language_of(case.candidate.language), today)
    except Unknown:
        return (*lacks, "place_papers")
    return (*lacks, *_values_lacking(parts, values(found, today=today, promised_on=today)))


def tokens_lacking(found: Basis) -> tuple[str, ...]:
    """What the final notice still lacks (`adverse.Facts.tokens`): details without words of ours, and names of values nobody has entered."""
    case = found.case
    if case.ruling is None:
        return ("rules",)
    language, today = language_of(case.candidate.language), case.today()
    parts, unknown = [], []
    for token in case.ruling.final_tokens:
        try:
            parts.append(documents.catalog().passage(token, language, today))
        except Unknown:
            unknown.append(token)
    try:
        parts += documents.needed(case.ruling, Moment.WITH_FINAL, language, today)
    except Unknown:
        unknown.append("place_papers")
    return (*unknown, *_values_lacking(parts, values(found, today=today)))


def _values_lacking(parts: Iterable[Document], known: dict[str, Value]) -> tuple[str, ...]:
    names = (name for part in parts for name in documents.lacking(part, known))
    return tuple(dict.fromkeys(name for name in names if name not in _OF_OTHER_STEPS))

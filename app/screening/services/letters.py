"""Letters of a case: the exact bytes and the rows of one that goes out. What they say is in `wording`.

A letter is made in the transaction of the step it belongs to; `jobs.letters` prints it, adds it to the evidence and sends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.core.errors import Conflict
from app.core.events import Actor, Regulation, record
from app.screening import documents
from app.screening.documents import Document, Lacks, Unknown, Value
from app.screening.models import CaseNotice
from app.screening.rules.states import DeliveryState, NoticeKind
from app.screening.rules.words import Channel, Moment
from app.screening.services import clock
from app.screening.services.basis import Basis
from app.screening.services.cases import Case
from app.screening.services.phrases import language_of, phrase
from app.screening.services.wording import REPORT_COPY, values


@dataclass(frozen=True, slots=True)
class Letter:
    """key: of the document that gives the letter its name. html: every article of it, the letter first."""

    kind: NoticeKind
    parts: tuple[Document, ...]
    html: bytes
    attachments: tuple[dict[str, Any], ...] = ()
    promised_on: date | None = None

    @property
    def key(self) -> str:
        return self.parts[0].key

    @property
    def shown(self) -> tuple[Markup, Markup]:
        """The letter, and the papers after it, as markup of ours: `documents` escaped every value. For a page, which has its own first
        heading: theirs come one level below it."""
        lower = re.sub(r"(</?h)([1-5])", lambda tag: f"{tag[1]}{int(tag[2]) + 1}", self.html.decode())
        letter, end, papers_ = lower.partition("</article>")
        return Markup(letter + end), Markup(papers_)  # noqa: S704


def pre_adverse(found: Basis, channels: Sequence[Channel], moment: datetime) -> Letter:
    """The notice before a decision: letter, Summary of Rights and papers of the place; the report's copy goes beside it.

    Raises:
        Conflict: something it must carry is missing; what, is said.
    """
    case = found.case
    if case.ruling is None or case.request.report_file_id is None:
        raise Conflict("the rules or the copy of the report are missing")
    language, today = language_of(case.candidate.language), case.today(moment)
    parts = tuple(documents.needed(case.ruling, Moment.WITH_PRE_ADVERSE, language, today))
    promised_on = clock.planned(case, channels, moment)
    enclosed = [phrase(REPORT_COPY, language), *(part.title for part in parts[1:])]
    known = values(found, today=today, promised_on=promised_on, enclosed=enclosed)
    return _letter(NoticeKind.PRE_ADVERSE, parts, known, promised_on=promised_on)


def final(found: Basis, moment: datetime) -> Letter:
    """The final notice, with a passage for every detail the rows of the case demand, and the papers of the place.

    Raises:
        Conflict: a detail is missing.
    """
    case = found.case
    if case.ruling is None:
        raise Conflict("the rules are missing")
    language, today = language_of(case.candidate.language), case.today(moment)
    parts = tuple(documents.needed(case.ruling, Moment.WITH_FINAL, language, today))
    known = values(found, today=today, enclosed=[part.title for part in parts[1:]])
    try:
        first = documents.render_final(case.ruling, known, language=language, on=today)
        rest = [documents.render_html(part, known) for part in parts[1:]]
    except (Lacks, Unknown) as problem:
        raise Conflict(str(problem)) from None
    return Letter(NoticeKind.FINAL, parts, first + b"".join(rest), _attached(parts[1:], rest))


def plain(found: Basis, key: str, kind: NoticeKind, moment: datetime, **more: Value) -> Letter:
    """A letter of one article: the case ended, an earlier letter no longer counts, a dispute arrived."""
    language, today = language_of(found.case.candidate.language), found.case.today(moment)
    part = documents.document(key, language, today)
    return _letter(kind, (part,), values(found, today=today) | more)


def _letter(
    kind: NoticeKind, parts: tuple[Document, ...], known: dict[str, Value], *, promised_on: date | None = None
) -> Letter:
    try:
        pages = [documents.render_html(part, known) for part in parts]
    except Lacks as problem:
        raise Conflict(str(problem)) from None
    return Letter(kind, parts, b"".join(pages), _attached(parts[1:], pages[1:]), promised_on)


def _attached(parts: Iterable[Document], pages: Iterable[bytes]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "name": part.key, "version": part.version, "language": part.language, "file_id": None,
            "sha256": documents.sha256(page),
        }
        for part, page in zip(parts, pages, strict=True)
    )  # fmt: skip


def make(session: Session, actor: Actor, case: Case, letter: Letter, channels: Iterable[Channel]) -> list[CaseNotice]:
    """One row for each channel, all with the same kept bytes. What a job sends it learns from `screening.notice.made`."""
    person_id = case.candidate.id
    kept = storage.keep(
        session,
        letter.html,
        name=f"{letter.key}.html",
        content_type="text/html",
        purpose="screening_letter",
        person_id=person_id,
    )
    session.flush()
    attachments = [*_report_copy(session, case, letter), *letter.attachments]
    made = []
    for channel in dict.fromkeys(channels):
        notice = CaseNotice(
            request_id=case.request.id, kind=letter.kind.value, channel=channel.value, document_key=letter.key,
            document_version=letter.parts[0].version, language=letter.parts[0].language, content_file_id=kept.id,
            content_sha256=documents.sha256(letter.html), attachments=attachments, sent_to=address(case, channel),
            to_place=clock.to(case, channel)._asdict(), delivery=DeliveryState.QUEUED.value, promised_on=letter.promised_on,
            created_by_user_id=actor.user_id,
        )  # fmt: skip
        session.add(notice)
        session.flush()
        made.append(notice)
        tell(session, actor, "screening.notice.made", notice)
    return made


def _report_copy(session: Session, case: Case, letter: Letter) -> list[dict[str, Any]]:
    """The report as it was when the letter went out: which bytes, not only that there was one."""
    if letter.kind is not NoticeKind.PRE_ADVERSE or case.request.report_file_id is None:
        return []
    file_id = case.request.report_file_id
    data = storage.read(session, file_id)
    return [
        {
            "name": REPORT_COPY,
            "title": phrase(REPORT_COPY, case.candidate.language),
            "version": str(case.request.revised_at or ""),
            "sha256": documents.sha256(data),
            "file_id": str(file_id),
        }
    ]


def again(session: Session, actor: Actor, case: Case, notice: CaseNotice, channel: Channel) -> CaseNotice:
    """The same bytes by another way, or once more by the same."""
    copy = CaseNotice(
        request_id=notice.request_id, kind=notice.kind, channel=channel.value, document_key=notice.document_key,
        document_version=notice.document_version, language=notice.language, content_file_id=notice.content_file_id,
        content_sha256=notice.content_sha256, attachments=notice.attachments, sent_to=address(case, channel),
        to_place=clock.to(case, channel)._asdict(), delivery=DeliveryState.QUEUED.value, promised_on=notice.promised_on,
        created_by_user_id=actor.user_id,
    )  # fmt: skip
    session.add(copy)
    session.flush()
    tell(session, actor, "screening.notice.made", copy)
    return copy


def address(case: Case, channel: Channel) -> str:
    """Where it goes, as it is written on it; empty when nobody knows."""
    if channel is Channel.EMAIL:
        return case.candidate.email
    known = case.candidate.address or {}
    city = f"{known.get('city', '')}, {known.get('state', '')} {known.get('zip_code', '')}".strip(", ")
    lines = (
        known.get("line1", ""),
        known.get("line2", ""),
        city,
        known.get("country", "") if known.get("country") != "US" else "",
    )
    return "\n".join(line for line in lines if line and line.strip())


def tell(session: Session, actor: Actor, name: str, notice: CaseNotice, **more: Any) -> None:
    record(
        session, actor, name, notice, new={"kind": notice.kind, "channel": notice.channel, **more}, regulation=Regulation.FCRA,
        args={"request_id": str(notice.request_id)},
    )  # fmt: skip


def channels(found: Basis, chosen: Iterable[Channel] = ()) -> tuple[Channel, ...]:
    """What a letter goes out by: what somebody chose and every way the places demand, an e-mail if nothing else."""
    wanted = dict.fromkeys((*(found.case.ruling.send_by if found.case.ruling else ()), *chosen))
    return tuple(wanted) or (Channel.EMAIL,)


def void(found: Basis) -> None:
    """Pre-adverse letters that no longer count: they move no clock, and one still waiting is not sent."""
    for notice in found.letters:
        notice.void_at = now()

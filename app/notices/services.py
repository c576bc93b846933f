"""Issue notices: render in the person's language, keep what was said, send once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from jinja2 import TemplateError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.core.counts import capped
from app.core.db import current_tenant, fetch, own_company
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, Risk, record
from app.notices import channels as team_channels
from app.notices import preferences
from app.notices.defaults import DEFAULTS, LANGUAGES
from app.notices.models import Channel, DeliveryStatus, Notice, NoticeTemplate
from app.notices.templating import render_notice
from app.notices.texts import default_text, template_for
from app.people.models import Company, Employee

MAX_RETRIES = 8


class Outsider(NamedTuple):
    """Somebody without an account here. `ref`: whose address it is, so that the same notice is made once."""

    ref: UUID
    email: str
    name: str
    language: str


class Person(NamedTuple):
    """Who is told: either id may be missing, the address too. `ref` tells one from another."""

    user_id: UUID | None
    employee_id: UUID | None
    email: str
    name: str
    language: str
    ref: UUID | None


def issue(
    session: Session,
    actor: Actor,
    kind: str,
    *,
    subject: tuple[str, UUID],
    context: dict[str, Any],
    user_id: UUID | None = None,
    employee_id: UUID | None = None,
    outsider: Outsider | None = None,
    link_path: str = "",
    link_purpose: str = "",
    channels: Sequence[str] = (Channel.EMAIL, Channel.IN_APP),
    later_path: str = "",
    attachment_id: UUID | None = None,
    dedupe: str = "",
) -> list[Notice]:
    """Tell one person one thing; the same kind, subject, `dedupe` and person again makes nothing new.

    Who does not want e-mails of this kind finds it in the app only. An operational kind also goes to the team channels that want it.

    Args:
        kind: a key of `defaults.DEFAULTS` (or of a template the company added).
        context: variables of the template; `name` and `company` are added.
        outsider: an address without an account; such a notice goes by e-mail only, and `notices.notice.sent` follows it.
        link_path: page the button opens. With `link_purpose` (invite, reset, verify) the link signs in once; its token is made when
            the message is sent, so that it lies nowhere. Another purpose is one that a domain has written down (`late.writes`).
        later_path: page on which the person puts a reminder off.

    Raises:
        NotFound: neither user, employee nor outsider is named.
        Invalid: the company's template is wrong; the message says which.
    """
    person = _person(session, user_id, employee_id) if outsider is None else _person_outside(outsider)
    company = fetch(session, Company, current_tenant())
    made = []
    for channel in preferences.wanted(session, person.user_id, kind, channels):
        key = f"{kind}:{subject[1]}:{dedupe}:{channel}:{person.ref}"
        if (channel == Channel.EMAIL and not person.email) or _exists(session, key):
            continue
        template = template_for(session, kind, person.language)
        body = _rendered(template, person.language, {"name": person.name, "company": company.name} | context)
        notice = Notice(
            dedupe_key=key,
            kind=kind,
            channel=str(channel),
            template_id=template.id,
            user_id=person.user_id,
            employee_id=person.employee_id,
            subject_type=subject[0],
            subject_id=subject[1],
            recipient=person.email if channel == Channel.EMAIL else None,
            language=person.language,
            subject=template.subject,
            body=body,
            link_path=link_path,
            later_path=later_path,
            link_purpose=link_purpose,
            file_id=attachment_id,
            status=DeliveryStatus.PENDING if channel == Channel.EMAIL else DeliveryStatus.DELIVERED,
        )
        session.add(notice)
        if channel == Channel.EMAIL:
            record(session, actor, "notices.notice.issued", notice, new={"kind": kind, "channel": str(channel)})
        made.append(notice)
    return made + team_channels.tell(session, actor, kind, subject, dedupe=dedupe, link_path=link_path)


def _exists(session: Session, key: str) -> bool:
    return session.scalar(sa.select(Notice.id).where(Notice.dedupe_key == key)) is not None


def _person(session: Session, user_id: UUID | None, employee_id: UUID | None) -> Person:
    employee = fetch(session, Employee, employee_id) if employee_id else None
    wanted = User.id == user_id if user_id else User.employee_id == employee_id
    user = session.scalars(sa.select(User).where(wanted, User.deleted_at.is_(None))).first()
    if user is None and employee is None:
        raise NotFound
    if employee is None and user is not None and user.employee_id:
        employee = fetch(session, Employee, user.employee_id)
    name = (employee.first_name if employee else "") or (user.display_name if user else "")
    language = user.language if user else (employee.preferred_language if employee else "en")
    return Person(
        user.id if user else None,
        employee.id if employee else None,
        user.email if user else (employee.work_email if employee else ""),
        name,
        language if language in LANGUAGES else "en",
        (user.id if user else None) or (employee.id if employee else None),
    )


def _person_outside(told: Outsider) -> Person:
    language = told.language if told.language in LANGUAGES else "en"
    return Person(None, None, told.email, told.name, language, told.ref)


def _rendered(template: NoticeTemplate, language: str, context: dict[str, Any]) -> str:
    try:
        return render_notice(template.body, language, **context)
    except TemplateError as error:
        raise Invalid(f"The template {template.kind} ({language}) cannot be used: {type(error).__name__}.") from error


def edit_template(session: Session, actor: Actor, template_id: UUID, *, subject: str, body: str) -> NoticeTemplate:
    """A new version of a template; the old one stays for what was already said.

    Raises:
        Invalid: the text does not render with example values, or the subject holds a variable.
    """
    old = fetch(session, NoticeTemplate, template_id, lock=True)
    if not old.is_active:
        raise Conflict("This template was changed by somebody else. Open the newest version and edit that.")
    if "{" in subject:
        raise Invalid({"subject": "Take variables out of the subject: it travels unprotected."})
    _try(body, old.language)
    old.is_active = False
    new = NoticeTemplate(
        kind=old.kind, name=old.name, channel=old.channel, language=old.language, version=old.version + 1, category=old.category,
        priority=old.priority, subject=subject, body=body, variables=old.variables, is_default=False, created_by_user_id=actor.user_id,
    )  # fmt: skip
    session.add(new)
    record(
        session,
        actor,
        "notices.template.changed",
        new,
        old={"version": old.version},
        new={"version": new.version},
        risk=Risk.MEDIUM,
    )
    return new


EXAMPLE = {
    "name": "Ana", "company": "Acme", "days": 3, "number": "S-2026-000001", "carrier": "Evergreen Health",
    "closes_on": now().date(), "starts_on": now().date(), "ends_on": now().date(), "role": "Auditor", "position": "Driver", "provider": "Checkr",
}  # fmt: skip


def _try(body: str, language: str) -> None:
    try:
        render_notice(body, language, **EXAMPLE)
    except TemplateError as error:
        names = ", ".join(EXAMPLE)
        raise Invalid(
            {"body": f"The text cannot be rendered ({type(error).__name__}). Use only these variables: {names}."}
        ) from error


def mark_sent(session: Session, actor: Actor, notice_id: UUID, message_id: str) -> None:
    """The mail server took it. Delivered is more than that, and only a later report says so.

    For an outsider it is an event: what was sent to a candidate, and when, is part of a case.
    """
    notice = fetch(session, Notice, notice_id, lock=True)
    notice.status, notice.sent_at, notice.message_id, notice.failure_code = DeliveryStatus.SENT, now(), message_id, ""
    if notice.channel == Channel.EMAIL and notice.user_id is None and notice.employee_id is None:
        record(session, actor, "notices.notice.sent", notice, new={"kind": notice.kind})


def mark_failed(session: Session, actor: Actor, notice_id: UUID, code: str, *, final: bool) -> None:
    """A try failed; when it was the last, or the address is refused, the delivery log says so and a person can send it again."""
    notice = fetch(session, Notice, notice_id, lock=True)
    notice.retry_count += 1
    notice.failure_code = code
    if final:
        notice.status = DeliveryStatus.BOUNCED if code == "recipient-refused" else DeliveryStatus.FAILED
        notice.failed_at = now()
        record(session, actor, "notices.notice.failed", notice, new={"code": code}, risk=Risk.MEDIUM)


def send_again(session: Session, actor: Actor, notice_id: UUID) -> Notice:
    """Queue a failed notice once more.

    Raises:
        Conflict: it is not failed.
    """
    notice = fetch(session, Notice, notice_id, lock=True)
    if notice.status not in (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED):
        raise Conflict("Only a failed notice can be sent again.")
    notice.status, notice.failed_at, notice.failure_code = DeliveryStatus.PENDING, None, ""
    name = "notices.message.issued" if notice.channel == Channel.CHAT else "notices.notice.issued"
    record(session, actor, name, notice, new={"again": True})
    return notice


def deliveries(session: Session, *, status: str = "", after: str = "", limit: int = 25) -> Sequence[Any]:
    """A page of the delivery log, newest first; `after` is the id of the last row shown. No recipient: who, is on the detail page."""
    columns = (Notice.id, Notice.kind, Notice.subject, Notice.channel, Notice.language, Notice.status, Notice.retry_count, Notice.failure_code,
               Notice.created_at, Notice.sent_at)  # fmt: skip
    statement = (
        sa.select(*columns)
        .options(own_company)
        .where(Notice.channel.in_((Channel.EMAIL, Channel.CHAT)))
        .order_by(Notice.id.desc())
        .limit(limit + 1)
    )
    if status:
        statement = statement.where(Notice.status == status)
    if after:
        try:
            statement = statement.where(Notice.id < UUID(after))
        except ValueError:
            raise NotFound from None
    return session.connection().execute(statement).all()


def troubled(session: Session) -> tuple[int, int]:
    """How many e-mails failed and how many bounced, each capped. One query."""
    failed, bounced = (
        capped(sa.select(Notice.id).where(Notice.status == status.value, Notice.channel == Channel.EMAIL))
        for status in (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED)
    )
    row = session.execute(sa.select(failed, bounced)).one()
    return row[0], row[1]


def inbox(session: Session, actor: Actor, limit: int = 50) -> Sequence[Notice]:
    """The actor's own in-app notices, newest first."""
    statement = sa.select(Notice).where(Notice.user_id == actor.user_id, Notice.channel == Channel.IN_APP)
    return session.scalars(statement.order_by(Notice.id.desc()).limit(limit)).all()


def mark_read(session: Session, actor: Actor) -> None:
    """Everything in the actor's inbox has been seen."""
    statement = sa.update(Notice).where(
        Notice.user_id == actor.user_id, Notice.channel == Channel.IN_APP, Notice.read_at.is_(None)
    )
    session.execute(statement.values(read_at=now()))


def templates(session: Session) -> Sequence[NoticeTemplate]:
    """Every active template; defaults nobody has used yet are made now, so that they can be edited."""
    found = list(session.scalars(sa.select(NoticeTemplate).where(NoticeTemplate.is_active)))
    known = {(one.kind, one.language) for one in found}
    wanted = [(kind, language) for kind in DEFAULTS for language in LANGUAGES]
    made = [default_text(kind, language) for kind, language in wanted if (kind, language) not in known]
    session.add_all(made)
    session.flush()
    return sorted([*found, *made], key=lambda one: (one.kind, one.language))

"""Sending. At least once: a second copy (same Message-ID) is harmless, a missing notice is not."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.services import holders
from app.connections.models import Connection, ConnectionStatus
from app.connections.services import calling, days_left, ending, mark_healthy
from app.core import storage
from app.core.access import Can
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import GiveUp, OutcomeUnknown, Repeat, Retry, Run, job
from app.integrations.failures import Failure
from app.notices import channels, mail, preferences, services
from app.notices.late import Late, late_part
from app.notices.models import Channel, DeliveryStatus, Notice
from app.notices.templating import render_document, translations
from app.people.models import Company
from app.people.services import logo_bytes
from app.syncing.models import RunState, SyncRun
from app.syncing.services import totals

SEND_ATTEMPTS = services.MAX_RETRIES


class Letter(NamedTuple):
    to: str
    subject: str
    body: str
    language: str
    company: str
    logo: bytes | None
    link: str
    later: str
    code: str
    stop: str
    attachment: tuple[str, bytes] | None


@job("notices.send", on=["notices.notice.issued"], repeat=Repeat.SAFE, max_attempts=SEND_ATTEMPTS, timeout=120)
def send(run: Run) -> None:
    """One e-mail; what need not come at night waits for the morning. A one-use link is made here and lies nowhere else."""
    with run.step() as session:
        notice = fetch(session, Notice, run.subject_id)
        if notice.channel != Channel.EMAIL or notice.status != DeliveryStatus.PENDING:
            return
        company = fetch(session, Company, run.company_id)
        quiet = preferences.seconds_to_wait(session, notice.user_id, notice.kind, now(), company.time_zone)
        if quiet:
            raise Retry("quiet-hours", quiet)
        made = late_part(session, notice) or Late(_link(session, notice))
        letter = Letter(
            notice.recipient,
            notice.subject,
            notice.body,
            notice.language,
            company.name,
            logo_bytes(session, company),
            made.link,
            f"{get_settings().base_url.rstrip('/')}{notice.later_path}" if notice.later_path else "",
            made.code,
            made.stop,
            _attachment(session, notice),
        )
    message_id = f"<{run.subject_id}@corridor>"
    try:
        mail.send(_message(letter, message_id))
    except mail.MailFailed as failure:
        _not_sent(run, failure.code, final=failure.final)
        raise
    with run.finish() as session:
        services.mark_sent(session, system(run.kind, run.company_id), run.subject_id, message_id)


@job("notices.post", on=["notices.message.issued"], repeat=Repeat.SAFE, max_attempts=SEND_ATTEMPTS, timeout=120)
def post(run: Run) -> None:
    """One message into a team's channel. At least once: who knows our key posts it once, and elsewhere a second copy is harmless."""
    with run.step() as session:
        notice = fetch(session, Notice, run.subject_id)
        if notice.connection_id is None or notice.status != DeliveryStatus.PENDING:
            return
        link = calling.link_of(session, notice.connection_id, trying=notice.kind == channels.TRY)
        message = channels.message_of(session, notice)
    try:
        with calling.open_provider(link, about=("notice", run.subject_id), earlier=run.attempt - 1) as provider:
            remote_id = provider.run(provider.messenger.post(message, str(run.subject_id)))
    except (GiveUp, OutcomeUnknown, Failure) as failure:
        _not_sent(run, failure.code, final=isinstance(failure, GiveUp))
        raise
    with run.finish() as session:
        actor = system(run.kind, run.company_id)
        services.mark_sent(session, actor, run.subject_id, remote_id)
        mark_healthy(session, actor, fetch(session, Connection, link.connection_id, lock=True))


def _not_sent(run: Run, code: str, *, final: bool) -> None:
    """Write down a try that failed. Raises GiveUp when there is no other."""
    final = final or run.attempt >= SEND_ATTEMPTS
    with run.step() as session:
        services.mark_failed(session, system(run.kind, run.company_id), run.subject_id, code, final=final)
    if final:
        raise GiveUp(code) from None


def _message(letter: Letter, message_id: str) -> EmailMessage:
    paragraphs = [part.strip() for part in letter.body.split("\n\n") if part.strip()]
    html = render_document(
        "notices/email.html",
        letter.language,
        title=letter.subject,
        paragraphs=paragraphs,
        link=letter.link,
        later=letter.later,
        code=letter.code,
        stop=letter.stop,
        company=letter.company,
        logo=bool(letter.logo),
    )
    said = translations(letter.language).gettext
    links = {"Remind me later": letter.later, "Stop reminders": letter.stop}
    after = [f"{said(words)}: {link}" for words, link in links.items() if link]
    parts = [*paragraphs, letter.code, letter.link, *after, letter.company]
    text = "\n\n".join(part for part in parts if part) + "\n"
    return mail.compose(
        to=letter.to, subject=letter.subject, text=text, html=html, message_id=message_id, attachment=letter.attachment,
        logo=letter.logo,
    )  # fmt: skip


def _link(session: Session, notice: Notice) -> str:
    base = get_settings().base_url.rstrip("/")
    if notice.link_purpose and notice.user_id:
        from app.accounts.services import issue_link

        user = fetch(session, User, notice.user_id)
        return str(issue_link(session, user.id, notice.link_purpose, notice.link_path))
    return f"{base}{notice.link_path}" if notice.link_path else ""


def _attachment(session: Session, notice: Notice) -> tuple[str, bytes] | None:
    if notice.file_id is None:
        return None
    return "confirmation.pdf", storage.read(session, notice.file_id)


@job("notices.tell_broken", on=["connections.connection.broke"])
def tell_broken(run: Run) -> None:
    """Only a person can repair this connection: whoever may is told, once each time it breaks."""
    with run.finish() as session:
        connection = fetch(session, Connection, run.subject_id)
        if connection.status == ConnectionStatus.ERROR:
            _tell(session, run, "connections.broke", connection.id, {"provider": connection.name}, str(run.intent_id))


TOLD_DAYS = (1, 7, 30)
"""So many days before the end of an access it is told, once each."""


@job("notices.tell_ending", every="day")
def tell_ending(run: Run) -> None:
    """A certificate or a sign-in at a provider ends soon: whoever may renew it is told, three times at most."""
    with run.finish() as session:
        for row in ending(session):
            left = days_left(row.access_ends_at) or 0
            step = next(days for days in TOLD_DAYS if left <= days)
            facts = {"provider": row.name, "ends_on": row.access_ends_at.date()}
            _tell(session, run, "connections.ending", row.id, facts, f"{row.access_ends_at:%Y-%m}:{step}")


def _tell(session: Session, run: Run, kind: str, connection_id: UUID, facts: dict[str, Any], dedupe: str) -> None:
    for user_id in holders(session, Can.CONNECTION_MANAGE):
        services.issue(
            session, system(run.kind, run.company_id), kind, subject=("connection", connection_id), context=facts, user_id=user_id,
            link_path=f"/connections/{connection_id}", dedupe=dedupe,
        )  # fmt: skip


@job("notices.tell_sync", on=["syncing.run.failed", "syncing.run.held", "syncing.run.done"])
def tell_sync(run: Run) -> None:
    """A sync failed, is held, or read records that need a person: whoever can help is told, once a day for each. A rehearsal tells
    nobody: somebody is looking at it.
    """
    with run.finish() as session:
        sync = fetch(session, SyncRun, run.subject_id)
        counts = totals(sync)
        asking = bool(counts["failed"] or counts["doubtful"]) and sync.state != RunState.FAILED
        kinds = {
            "syncing.failed": sync.state == RunState.FAILED,
            "syncing.held": sync.state == RunState.HELD,
            "syncing.records": asking,
        }
        for kind in [kind for kind, so in kinds.items() if so and not sync.is_dry]:
            _tell_of_sync(session, run, kind, sync)


def _tell_of_sync(session: Session, run: Run, kind: str, sync: SyncRun) -> None:
    provider = fetch(session, Connection, sync.connection_id).name
    records = kind == "syncing.records"
    path = f"/integrations/{sync.connection_id}/records" if records else f"/integrations/runs/{sync.id}"
    for user_id in holders(session, Can.SYNC_REVIEW if records else Can.SYNC_MANAGE):
        services.issue(
            session, system(run.kind, run.company_id), kind, subject=("connection", sync.connection_id), context={"provider": provider},
            user_id=user_id, link_path=path, dedupe=f"{now():%Y-%m-%d}",
        )  # fmt: skip

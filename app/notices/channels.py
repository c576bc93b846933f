"""Operational notices in a team's channel. A channel reads a subject and a link: neither ever holds anything personal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus
from app.core.access import Can
from app.core.config import get_settings
from app.core.db import current_tenant, fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, record
from app.integrations import registry
from app.integrations.contracts import Capability
from app.integrations.ports import Message
from app.notices.defaults import LANGUAGES
from app.notices.models import Channel, DeliveryStatus, Notice, NoticeChannel
from app.notices.rules import OPERATIONAL
from app.notices.templating import translations
from app.notices.texts import template_for
from app.people.models import Company

TRY = "notices.channel.try"


class Offered(NamedTuple):
    """A connection that can post, what the company wants there, and the last message."""

    connection: Connection
    kinds: Sequence[str]
    language: str
    last: Notice | None


def offered(session: Session) -> list[Offered]:
    """Every connection with a channel, by name. Two queries."""
    slugs = [slug for slug, one in registry.adapters().items() if Capability.SEND_MESSAGE in one.capabilities]
    return _offered(session, Connection.adapter.in_(slugs))


def one(session: Session, connection_id: UUID) -> Offered:
    """One of them. Raises NotFound for another company's, or a connection that posts nothing."""
    return _offered(session, Connection.id == _connection(session, connection_id).id)[0]


def _offered(session: Session, which: sa.ColumnElement[bool]) -> list[Offered]:
    rows = session.execute(
        sa.select(Connection, NoticeChannel)
        .outerjoin(NoticeChannel, NoticeChannel.connection_id == Connection.id)
        .where(which)
        .order_by(Connection.name)
    ).all()
    ids = [connection.id for connection, _ in rows]
    newest = sa.select(Notice).where(Notice.connection_id.in_(ids)).ext(distinct_on(Notice.connection_id))
    last = {row.connection_id: row for row in session.scalars(newest.order_by(Notice.connection_id, Notice.id.desc()))}
    return [
        Offered(connection, wish.kinds if wish else [], wish.language if wish else "en", last.get(connection.id))
        for connection, wish in rows
    ]


def choose(
    session: Session, actor: Actor, connection_id: UUID, *, kinds: Sequence[str], language: str
) -> NoticeChannel:
    """What goes into the channel of a connection from now on; records `notices.channel.changed`.

    Raises:
        NotFound: another company's, or a connection that posts nothing. Invalid: a kind that is not for channels.
    """
    actor.require(Can.CONNECTION_MANAGE)
    connection = _connection(session, connection_id)
    if not set(kinds) <= set(OPERATIONAL) or language not in LANGUAGES:
        raise Invalid({"kinds": "Choose from the list"})
    row = session.scalars(sa.select(NoticeChannel).where(NoticeChannel.connection_id == connection.id)).one_or_none()
    old: dict[str, Any] = {"kinds": row.kinds, "language": row.language} if row else {}
    new: dict[str, Any] = {"kinds": [kind for kind in OPERATIONAL if kind in kinds], "language": language}
    if row is None:
        row = NoticeChannel(connection_id=connection.id)
        session.add(row)
    row.kinds, row.language = new["kinds"], language
    session.flush()
    if old != new:
        record(session, actor, "notices.channel.changed", row, old=old, new=new)
    return row


def try_out(session: Session, actor: Actor, connection_id: UUID) -> Notice:
    """A message that only says that the channel works. Raises NotFound for a connection that posts nothing."""
    actor.require(Can.CONNECTION_MANAGE)
    connection = _connection(session, connection_id)
    wish = session.scalars(sa.select(NoticeChannel).where(NoticeChannel.connection_id == connection.id)).one_or_none()
    language = wish.language if wish else "en"
    return _issue(session, actor, TRY, ("connection", connection.id), (connection.id, language), str(uuid4()), "")


def tell(
    session: Session, actor: Actor, kind: str, subject: tuple[str, UUID], *, dedupe: str, link_path: str
) -> list[Notice]:
    """One message for each channel that wants this kind; the same thing again makes nothing new.

    A connection that is broken or was left gets none: its own trouble would be told there first, and people are told by e-mail anyway.
    """
    if kind not in OPERATIONAL:
        return []
    wanted = session.execute(
        sa.select(NoticeChannel.connection_id, NoticeChannel.language)
        .join(Connection, Connection.id == NoticeChannel.connection_id)
        .where(
            NoticeChannel.kinds.contains([kind]),
            Connection.is_active,
            Connection.status != ConnectionStatus.ERROR.value,
            Connection.__table__.c.credentials_enc.is_not(None),
        )
    ).all()
    known = _known(session, [_key(kind, subject, dedupe, one.connection_id) for one in wanted])
    return [
        _issue(session, actor, kind, subject, (one.connection_id, one.language), dedupe, link_path)
        for one in wanted
        if _key(kind, subject, dedupe, one.connection_id) not in known
    ]


def message_of(session: Session, notice: Notice) -> Message:
    """What is posted."""
    company = fetch(session, Company, current_tenant())
    link = f"{get_settings().base_url.rstrip('/')}{notice.link_path}" if notice.link_path else ""
    said = translations(notice.language).gettext
    return Message(notice.subject, f"Corridor · {company.name}", link, said("Open in Corridor") if link else "")


def _connection(session: Session, connection_id: UUID) -> Connection:
    connection = fetch(session, Connection, connection_id)
    if Capability.SEND_MESSAGE not in registry.adapter(connection.adapter).capabilities:
        raise NotFound
    return connection


def _key(kind: str, subject: tuple[str, UUID], dedupe: str, connection_id: UUID) -> str:
    return f"{kind}:{subject[1]}:{dedupe}:{Channel.CHAT}:{connection_id}"


def _known(session: Session, keys: Sequence[str]) -> set[str]:
    return set(session.scalars(sa.select(Notice.dedupe_key).where(Notice.dedupe_key.in_(keys)))) if keys else set()


def _issue(
    session: Session, actor: Actor, kind: str, subject: tuple[str, UUID], place: Any, dedupe: str, link_path: str
) -> Notice:
    connection_id, language = place
    template = template_for(session, kind, language)
    notice = Notice(
        dedupe_key=_key(kind, subject, dedupe, connection_id), kind=kind, channel=Channel.CHAT.value, template_id=template.id,
        connection_id=connection_id, subject_type=subject[0], subject_id=subject[1], language=language, subject=template.subject,
        body=template.subject, link_path=link_path, status=DeliveryStatus.PENDING.value,
    )  # fmt: skip
    session.add(notice)
    session.flush()
    record(session, actor, "notices.message.issued", notice, new={"kind": kind})
    return notice

"""The text of a kind of notice: the company's own, or the one Corridor comes with."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.notices.defaults import DEFAULTS
from app.notices.models import Channel, NoticeTemplate


def template_for(session: Session, kind: str, language: str) -> NoticeTemplate:
    """The company's newest active template; made from the default at first use.

    Raises:
        NotFound: nobody wrote a text for this kind.
    """
    statement = (
        sa.select(NoticeTemplate)
        .where(NoticeTemplate.kind == kind, NoticeTemplate.language == language, NoticeTemplate.is_active)
        .order_by(NoticeTemplate.version.desc())
        .limit(1)
    )
    found = session.scalars(statement).first()
    if found is not None:
        return found
    if kind not in DEFAULTS:
        raise NotFound
    made = default_text(kind, language)
    session.add(made)
    session.flush()
    return made


def default_text(kind: str, language: str) -> NoticeTemplate:
    """What Corridor says of itself, not stored yet. Raises `KeyError`."""
    subject, body = DEFAULTS[kind][language]
    return NoticeTemplate(kind=kind, name=kind, channel=Channel.EMAIL, language=language, subject=subject, body=body)

"""People without an account: an address, a language, and what is made only when the message leaves."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import transaction
from app.core.errors import NotFound
from app.core.events import AuditEvent, system
from app.notices import late, services
from app.notices.models import Notice
from tests.core.conftest import company as company
from tests.notices.test_notices import Mailbox, mailbox, send, stored

__all__ = ["company", "mailbox"]
CANDIDATE = services.Outsider(uuid4(), "ana@home.example", "Ana", "es")


def issue(outsider: services.Outsider = CANDIDATE, **more: Any) -> list[Notice]:
    with transaction() as session:
        return services.issue(
            session, system("test"), "screening.code", subject=("candidate_link", outsider.ref), outsider=outsider, context={},
            channels=("email",), **more,
        )  # fmt: skip


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "_makers", {})


def test_an_address_is_written_to_once_in_its_language(company: UUID, mailbox: Mailbox) -> None:
    notice = issue()[0]
    assert issue() == []
    assert len(issue(CANDIDATE._replace(ref=uuid4()))) == 1, "somebody else at the same address"
    send(company)
    assert [message["To"] for message in mailbox.messages] == ["ana@home.example"] * 2
    assert mailbox.messages[0]["Subject"] == "Su código"
    assert stored(notice.id).status == "sent"


def test_that_it_was_sent_is_an_event(company: UUID, mailbox: Mailbox) -> None:
    notice = issue()[0]
    send(company)
    with transaction() as session:
        names = session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_id == notice.id)).all()
    assert sorted(names) == ["notices.notice.issued", "notices.notice.sent"]


@pytest.mark.usefixtures("makers")
def test_link_and_code_are_made_when_the_message_leaves(company: UUID, mailbox: Mailbox) -> None:
    made: list[UUID] = []

    @late.writes("toy")
    def make(_session: Session, notice: Notice) -> late.Late:
        made.append(notice.id)
        return late.Late("https://corridor.example/c/secret", "482913", "https://corridor.example/c/secret/reminders")

    notice = issue(link_purpose="toy")[0]
    assert made == []
    send(company)
    assert made == [notice.id]
    for kind in ("plain", "html"):
        text = mailbox.messages[0].get_body((kind,)).get_content()
        assert "482913" in text
        assert "https://corridor.example/c/secret" in text
        assert "No más recordatorios" in text
    kept = stored(notice.id)
    assert "482913" not in f"{kept.body}{kept.link_path}{kept.subject}"
    with pytest.raises(ValueError, match="toy"):
        late.writes("toy")(lambda _session, _notice: late.Late())


def test_nobody_at_all_is_refused(company: UUID) -> None:
    with transaction() as session, pytest.raises(NotFound):
        services.issue(session, system("test"), "screening.code", subject=("x", uuid4()), context={})

"""Mail about accounts: invitations, links, warnings. The one-use link itself is made by the job that sends the mail."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import OneTimeToken, PasskeyChallenge, User, UserSession
from app.accounts.rules import LIFETIME, Purpose
from app.accounts.services.roles import ending_soon
from app.accounts.services.throttle import clear_old
from app.accounts.services.tokens import clear_answers
from app.core.clock import now, today
from app.core.db import fetch
from app.core.errors import NotFound
from app.core.events import system
from app.core.jobs import Repeat, Run, job

Issue = Callable[..., Any]
ENDING_DAYS = (14, 3)
KIND = {
    Purpose.INVITE: "accounts.invite",
    Purpose.RESET: "accounts.reset",
    Purpose.VERIFY: "accounts.verify",
    Purpose.SIGN_IN: "accounts.verify",
}


def _issue() -> Issue:
    # notices stands above accounts and imports it; only at run time is it there to be called.
    found: Issue = importlib.import_module("app.notices.services").issue
    return found


def send_link(session: Session, run: Run, user_id: UUID, purpose: Purpose, next_path: str) -> None:
    """Tell the user of a link; the same intent again makes no second notice."""
    user = fetch(session, User, user_id)
    _issue()(
        session,
        system(run.kind, run.company_id),
        KIND[purpose],
        subject=("user_account", user.id),
        context={"days": LIFETIME[purpose].days},
        user_id=user.id,
        link_path=next_path or "/",
        link_purpose=purpose.value,
        channels=("email",),
        dedupe=str(run.intent_id),
    )


@job("accounts.send_invitation", on=["accounts.user.invited"], repeat=Repeat.SAFE)
def send_invitation(run: Run) -> None:
    """Mail the link of an invitation."""
    with run.finish() as session:
        send_link(session, run, run.subject_id, Purpose.INVITE, fetch(session, User, run.subject_id).invited_to)


@job("accounts.send_reset", on=["accounts.password.reset_requested"], repeat=Repeat.SAFE)
def send_reset(run: Run) -> None:
    """Mail the link that signs in and lets choose a new password."""
    with run.finish() as session:
        send_link(session, run, run.subject_id, Purpose.RESET, "/")


@job("accounts.send_again", on=["accounts.link.requested"], repeat=Repeat.SAFE)
def send_again(run: Run) -> None:
    """A new link like the dead one; who accepted an invitation long ago gets one that signs in."""
    with run.finish() as session:
        dead = fetch(session, OneTimeToken, run.subject_id)
        send_link(session, run, dead.user_id, Purpose(dead.purpose), dead.next_path)


WARNINGS = (
    "accounts.password.changed",
    "accounts.mfa.enabled",
    "accounts.mfa.disabled",
    "accounts.passkey.added",
    "accounts.recovery_code.used",
)


@job("accounts.warn_paused", on=["accounts.user.paused"], repeat=Repeat.SAFE)
def warn_paused(run: Run) -> None:
    """Tell the owner that somebody tries passwords, with a link to choose a new one."""
    with run.finish() as session:
        _issue()(
            session,
            system(run.kind, run.company_id),
            "accounts.locked",
            subject=("user_account", run.subject_id),
            context={},
            user_id=run.subject_id,
            link_path="/account",
            dedupe=str(run.intent_id),
        )


@job("accounts.warn_changed", on=list(WARNINGS), repeat=Repeat.SAFE)
def warn_changed(run: Run) -> None:
    """Tell the owner that how they sign in was changed (ASVS 6.3.7)."""
    with run.finish() as session:
        user_id = _owner(session, run)
        if user_id is None:
            return
        try:
            _issue()(
                session,
                system(run.kind, run.company_id),
                "accounts.changed",
                subject=("user_account", user_id),
                context={},
                user_id=user_id,
                link_path="/account",
                dedupe=str(run.intent_id),
            )
        except NotFound:
            return  # the company has no text for this


def _owner(session: Session, run: Run) -> UUID | None:
    from app.accounts.models import Passkey

    key = session.scalars(sa.select(Passkey.user_id).where(Passkey.id == run.subject_id)).first()
    return key or session.scalars(sa.select(User.id).where(User.id == run.subject_id)).first()


@job("accounts.warn_ending", every="day", repeat=Repeat.SAFE)
def warn_ending(run: Run) -> None:
    """Tell people 14 and 3 days before a role of theirs ends, so that it is renewed in time or handed over."""
    with run.finish() as session:
        for assignment_id, user_id, role, last_day in ending_soon(session, ENDING_DAYS):
            _issue()(
                session,
                system(run.kind, run.company_id),
                "accounts.role.ending",
                subject=("role_assignment", assignment_id),
                context={"role": role, "ends_on": last_day},
                user_id=user_id,
                link_path="/account",
                dedupe=f"{last_day}:{(last_day - today()).days}",
            )


@job("accounts.clear", every="day", repeat=Repeat.SAFE)
def clear(run: Run) -> None:
    """Throttles, questions, links, sessions and kept API answers that can no longer do anything."""
    with run.finish() as session:
        clear_old(session)
        clear_answers(session)
        session.execute(sa.delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < now()))
        month = now() - 4 * LIFETIME[Purpose.INVITE]
        session.execute(sa.delete(OneTimeToken).where(OneTimeToken.expires_at < month))
        session.execute(sa.delete(UserSession).where(UserSession.expires_at < month))

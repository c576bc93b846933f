"""Second factors a person types: codes of an authenticator app, and printed recovery codes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

import pyotp
import segno
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import RecoveryCode, User
from app.accounts.services.throttle import forget_tries, too_many
from app.core.clock import now
from app.core.db import current_tenant, fetch, transaction
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.core.keys import keyring

STEP_SECONDS = 30
RECOVERY_CODES = 10
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike in print


def prepare_totp(session: Session, user_id: UUID) -> str:
    """The secret a person is about to put into their app; made once, kept encrypted, worth nothing until confirmed."""
    user = fetch(session, User, user_id, lock=True)
    if user.mfa_enabled:
        raise Conflict
    if not user.totp_secret:
        user.totp_secret = pyotp.random_base32(32)
    return str(user.totp_secret)


def totp_picture(secret: str, email: str, company: str) -> str:
    """The QR code as an SVG element without inline style; black on white whatever the theme."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=f"Corridor ({company})")
    return str(segno.make(address, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff", omitsize=False))


def matching_step(secret: str, code: str, last_step: int | None) -> int | None:
    """The 30-second step a code belongs to: this one, the one before or after, and later than the last one used. Else None."""
    digits = "".join(character for character in code if character.isdigit())
    current = int(now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS), digits):
            return step if last_step is None or step > last_step else None
    return None


def confirm_totp(session: Session, actor: Actor, user_id: UUID, code: str) -> list[str]:
    """Switch the app on once its first code is right. Returns the recovery codes, which are shown this once.

    Raises:
        Invalid: the code does not fit.
    """
    user = fetch(session, User, user_id, lock=True)
    step = matching_step(user.totp_secret or "", code, user.totp_last_step) if user.totp_secret else None
    if step is None:
        raise Invalid({"code": "That code does not fit. Wait for the next one in your app and enter it."})
    user.mfa_enabled, user.totp_last_step = True, step
    record(session, actor, "accounts.mfa.enabled", user, new={"kind": "totp"}, risk=Risk.HIGH)
    return make_recovery_codes(session, actor, user_id)


def check_code(actor: Actor, user_id: UUID, code: str) -> bool:
    """True when the code of the app, or a recovery code, is right; it is used up with that. A transaction of its own: tries count."""
    with transaction(actor.company_id) as session:
        if too_many(session, "code", str(user_id)):
            return False
        user = fetch(session, User, user_id, lock=True)
        kind = _used(session, user, code)
        if not kind:
            record(session, actor, "accounts.mfa.failed", user, risk=Risk.MEDIUM, success=False)
            return False
        forget_tries(session, "code", str(user_id))
        if kind == "recovery":
            record(session, actor, "accounts.recovery_code.used", user, risk=Risk.HIGH)
        return True


def _used(session: Session, user: User, code: str) -> str:
    if not user.mfa_enabled:
        return ""
    step = matching_step(user.totp_secret or "", code, user.totp_last_step) if user.totp_secret else None
    if step is not None:
        user.totp_last_step = step
        return "totp"
    return "recovery" if _use_recovery_code(session, user.id, code) else ""


def _use_recovery_code(session: Session, user_id: UUID, code: str) -> bool:
    used = session.execute(
        sa.update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        .where(RecoveryCode.code_hash == _code_hash(user_id, code))
        .values(used_at=now())
        .returning(RecoveryCode.id)
    ).first()
    return used is not None


def make_recovery_codes(session: Session, actor: Actor, user_id: UUID) -> list[str]:
    """Ten new codes, each for one sign-in; the old ones stop working. They are shown this once and kept as hashes."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["".join(secrets.choice(LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_code_hash(user_id, code)) for code in codes)
    record(session, actor, "accounts.recovery_codes.made", ("user_account", user_id), risk=Risk.MEDIUM)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def recovery_codes_left(session: Session, user_id: UUID) -> int:
    query = sa.select(sa.func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(session.execute(query).scalar_one())


def _code_hash(user_id: UUID, code: str) -> bytes:
    """Keyed with a secret that is not in the database, and bound to the user: 59 random bits need no slow hash then."""
    plain = "".join(character for character in code.casefold() if character.isalnum())
    return hashlib.sha256(keyring.blind(current_tenant(), f"recovery|{user_id}|{plain}")).digest()


def disable_mfa(session: Session, actor: Actor, user_id: UUID, *, reason: str = "") -> None:
    """Take the authenticator app and the recovery codes away (passkeys stay)."""
    user = fetch(session, User, user_id, lock=True)
    user.totp_secret, user.mfa_enabled = None, False
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    record(
        session,
        actor,
        "accounts.mfa.disabled",
        user,
        old={"mfa": True},
        new={"mfa": False},
        reason=reason,
        risk=Risk.HIGH,
    )

"""Passkeys (WebAuthn). The challenge lies here and is answered once; py_webauthn checks the answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.accounts.models import Passkey, PasskeyChallenge, User, UserStatus
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import fetch, transaction
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, Risk, record

REGISTER, SIGN_IN = "register", "sign_in"
LIFETIME = timedelta(minutes=5)
MOST = 20
REFUSED = "That passkey did not work. Try again, or sign in another way."


def relying_party() -> tuple[str, str]:
    """Our id (host name) and origin, from BASE_URL."""
    address = urlsplit(get_settings().base_url)
    return address.hostname or "localhost", f"{address.scheme}://{address.netloc}"


def registration_options(session: Session, user_id: UUID, company: str) -> dict[str, Any]:
    """What the browser asks an authenticator to make: a passkey that verifies its user and can be found without a name."""
    user = fetch(session, User, user_id)
    known = session.execute(sa.select(Passkey.credential_id).where(Passkey.user_id == user_id)).scalars()
    options = webauthn.generate_registration_options(
        rp_id=relying_party()[0],
        rp_name=company,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.display_name or user.email,
        challenge=_new_challenge(session, REGISTER, user_id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known],
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def add_passkey(session: Session, actor: Actor, user_id: UUID, answer: dict[str, Any], name: str) -> Passkey:
    """Keep a new passkey of the user.

    Raises:
        Invalid: the answer does not verify, answers no open question, or the user has too many.
    """
    origin_id, origin = relying_party()
    try:
        checked = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_open_challenge(session, answer, REGISTER, user_id),
            expected_rp_id=origin_id,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise Invalid(REFUSED) from None
    _refuse_double(session, user_id, checked.credential_id)
    made = Passkey(
        user_id=user_id,
        credential_id=checked.credential_id,
        public_key=checked.credential_public_key,
        sign_count=checked.sign_count,
        name=name.strip()[:80] or "Passkey",
    )
    session.add(made)
    record(session, actor, "accounts.passkey.added", made, new={"name": made.name}, risk=Risk.HIGH)
    return made


def _refuse_double(session: Session, user_id: UUID, credential_id: bytes) -> None:
    count = session.execute(sa.select(sa.func.count()).where(Passkey.user_id == user_id)).scalar_one()
    double = session.execute(sa.select(Passkey.id).where(Passkey.credential_id == credential_id)).first()
    if count >= MOST or double:
        raise Invalid("This passkey is already known, or you have too many. Remove one first.")


def sign_in_options(session: Session) -> dict[str, Any]:
    """A question any passkey of this site may answer: the authenticator itself says whose it is."""
    options = webauthn.generate_authentication_options(
        rp_id=relying_party()[0],
        challenge=_new_challenge(session, SIGN_IN, None),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def try_passkey(actor: Actor, answer: dict[str, Any]) -> UUID | None:
    """The user whose passkey answered, or None. A transaction of its own: the question is used up whatever the answer is."""
    with transaction(actor.company_id) as session:
        found = _check_answer(session, answer)
        if found is None:
            record(session, actor, "accounts.passkey.refused", ("user_account", None), risk=Risk.MEDIUM, success=False)
        return found


def _check_answer(session: Session, answer: dict[str, Any]) -> UUID | None:
    try:
        challenge = _open_challenge(session, answer, SIGN_IN, None)
        credential = parse_authentication_credential_json(answer)
        key = session.scalars(
            sa.select(Passkey).where(Passkey.credential_id == credential.raw_id).with_for_update()
        ).one_or_none()
        if key is None or (credential.response.user_handle or key.user_id.bytes) != key.user_id.bytes:
            return None
        return _verified(session, key, answer, challenge)
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None


def _verified(session: Session, key: Passkey, answer: dict[str, Any], challenge: bytes) -> UUID | None:
    origin_id, origin = relying_party()
    checked = webauthn.verify_authentication_response(
        credential=answer,
        expected_challenge=challenge,
        expected_rp_id=origin_id,
        expected_origin=origin,
        credential_public_key=key.public_key,
        credential_current_sign_count=key.sign_count,
        require_user_verification=True,
    )
    user = fetch(session, User, key.user_id)
    if user.status != UserStatus.ACTIVE.value or user.deleted_at is not None:
        return None
    key.sign_count, key.last_used_at = checked.new_sign_count, now()
    return user.id


def remove_passkey(session: Session, actor: Actor, user_id: UUID, passkey_id: UUID | str) -> None:
    """Raises NotFound for a passkey of somebody else."""
    key = fetch(session, Passkey, passkey_id)
    if key.user_id != user_id:
        raise NotFound
    session.delete(key)
    record(session, actor, "accounts.passkey.removed", key, old={"name": key.name}, risk=Risk.HIGH)


def passkeys_of(session: Session, user_id: UUID) -> list[Passkey]:
    return list(session.scalars(sa.select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)))


def _new_challenge(session: Session, purpose: str, user_id: UUID | None) -> bytes:
    from webauthn.helpers import generate_challenge

    challenge = generate_challenge()
    session.add(PasskeyChallenge(challenge=challenge, purpose=purpose, user_id=user_id, expires_at=now() + LIFETIME))
    return challenge


def _open_challenge(session: Session, answer: dict[str, Any], purpose: str, user_id: UUID | None) -> bytes:
    """Use up the open question this answers.

    Raises:
        ValueError: there is none: made up, used, too old, for another purpose or user.
    """
    data = parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"]))
    used = session.execute(
        sa.update(PasskeyChallenge)
        .where(
            PasskeyChallenge.challenge == data.challenge,
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.user_id.is_not_distinct_from(user_id),
            PasskeyChallenge.used_at.is_(None),
            PasskeyChallenge.expires_at > now(),
        )
        .values(used_at=now())
        .returning(PasskeyChallenge.challenge)
    ).scalar_one_or_none()
    if used is None:
        raise ValueError("no open challenge")
    return bytes(used)

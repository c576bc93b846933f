"""A POST that is sent twice acts once: the answer is kept a day under the caller's `Idempotency-Key`.

The kept answer commits together with what the request did, so there is no moment in which one is there without the other: a
request that failed, or whose process was killed, leaves no trace and may be sent again. An advisory lock of the same transaction
says that the first one is still running.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, request

from app.core.clock import now
from app.core.db import current_tenant
from app.core.errors import Invalid
from app.core.keys import keyring
from app.core.models import ApiAnswer
from app.web.api.problems import problem
from app.web.edge import actor, session

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
RUNNING = "The first request with this Idempotency-Key is still running. Ask again in a moment."
REUSED = "This Idempotency-Key was used for another request. Make a new key for every new request."


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view act once per key. Only what succeeded is kept; a refusal is decided anew each time."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        if HEADER not in request.headers:
            return view(*args, **kwargs)
        key_hash, fingerprint = _marks()
        if not _alone(key_hash):
            return _retry_soon(problem(409, "in-progress", RUNNING))
        known = session().scalars(sa.select(ApiAnswer).where(ApiAnswer.key_hash == key_hash)).one_or_none()
        if known is not None and known.expires_at <= now():
            session().delete(known)
            session().flush()
            known = None
        if known is None:
            return _keep(key_hash, fingerprint, current_app.make_response(view(*args, **kwargs)))
        return _again(known) if known.fingerprint == fingerprint else problem(409, "key-reused", REUSED)

    return answered


def _marks() -> tuple[bytes, bytes]:
    """Keyed hashes of caller and key, and of everything the request says: a body may hold what must not be guessed from a hash."""
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        raise Invalid({HEADER: "Send 8 to 200 visible ASCII characters, best a UUID."})
    company = current_tenant()
    said = hashlib.sha256(f"{request.method} {request.full_path}\n".encode() + request.get_data()).hexdigest()
    return (
        keyring.blind(company, f"idempotency|{actor().session_id}|{key}"),
        keyring.blind(company, f"idempotent|{said}"),
    )


def _alone(key_hash: bytes) -> bool:
    number = int.from_bytes(key_hash[:8], "big", signed=True)
    return bool(session().scalar(sa.select(sa.func.pg_try_advisory_xact_lock(sa.literal(number, sa.BigInteger)))))


def _keep(key_hash: bytes, fingerprint: bytes, response: Response) -> Response:
    if response.status_code < 300:
        kept = ApiAnswer(
            key_hash=key_hash, fingerprint=fingerprint, status=response.status_code,
            body=response.get_data(as_text=True), expires_at=now() + KEPT,
        )  # fmt: skip
        session().add(kept)
    return response


def _again(known: ApiAnswer) -> Response:
    response = Response(known.body, known.status, mimetype="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _retry_soon(response: Response) -> Response:
    response.headers["Retry-After"] = "1"
    return response

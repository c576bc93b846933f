"""An access token and its life. Storing it, and letting one worker at a time refresh it, is the application's part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.integrations.failures import ContractDrift
from app.integrations.transports.http.calls import Answer

FRESH_SHARE = 0.8  # of its life; then it is renewed before a call finds it dead


@dataclass(frozen=True, slots=True)
class Token:
    """issued_at, expires_at: UTC, aware; expires_at None: no end is known. extra: what came with it (an account id), as text."""

    access: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime | None = None
    refresh: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)

    def is_due(self, now: datetime) -> bool:
        """Whether it should be renewed before the next call."""
        if self.expires_at is None:
            return False
        return now >= self.issued_at + (self.expires_at - self.issued_at) * FRESH_SHARE


def read_token(answer: Answer, now: datetime, before: Token | None = None) -> Token:
    """The token in an answer; a provider that sends no new refresh token means the old one to go on. Raises `ContractDrift`."""
    facts = answer.json()
    access = facts.get("access_token") if isinstance(facts, dict) else None
    if not isinstance(access, str) or not access:
        raise ContractDrift("token-missing")
    refresh, scope = facts.get("refresh_token"), facts.get("scope")
    return Token(
        access=access,
        issued_at=now,
        expires_at=_end(facts.get("expires_in"), now),
        refresh=refresh if isinstance(refresh, str) and refresh else before.refresh if before else "",
        scopes=tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else before.scopes if before else (),
        extra={**(before.extra if before else {}), **_rest(facts)},
    )


_KNOWN = {"access_token", "refresh_token", "scope", "expires_in", "token_type", "id_token"}


def _rest(facts: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items() if name not in _KNOWN and isinstance(value, str | int)}


def _end(seconds: Any, now: datetime) -> datetime | None:
    """`expires_in`, as a number or as text. Raises `ContractDrift` for anything else."""
    if seconds is None:
        return None
    try:
        return now + timedelta(seconds=float(seconds))
    except (TypeError, ValueError, OverflowError):
        pass
    raise ContractDrift("token-life-unreadable")

"""What data cannot say about Xero: which organization a person chose, and how Microsoft's dates are written."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.integrations.auth.tokens import Token
from app.integrations.failures import Rejected
from app.integrations.sync.mapping import Raw
from app.integrations.transports.http.calls import Answer, Call

_MOMENT = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/")


class XeroConfig(BaseModel):
    """Nothing to enter: which organization it is, a person chooses when signing in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def organization(token: Token, ask: Callable[[Call], Answer]) -> str:
    """The tenant id of the organization that was chosen in this very sign-in; one token may reach others from before.

    Raises:
        Rejected: nobody can say which one is meant. Figures of another organization would look just as good.
    """
    connections = ask(Call("tenants.list", "GET", "/connections")).json()
    found = {
        str(one["tenantId"]): one.get("authEventId")
        for one in (connections if isinstance(connections, list) else [])
        if isinstance(one, dict) and one.get("tenantType") == "ORGANISATION" and one.get("tenantId")
    }
    event = _event_of(token.access)
    chosen = [tenant for tenant, known in found.items() if event and known == event] or list(found)
    if len(chosen) != 1:
        raise Rejected("sign-in-incomplete", "Sign in at Xero again and choose one organization.")
    return chosen[0]


def _event_of(access: str) -> Any:
    """What the access token, a JWT that came straight from Xero, calls this sign-in; None when it is written otherwise."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(access.split(".")[1] + "=="))
        return claims.get("authentication_event_id")
    except (IndexError, ValueError, AttributeError):
        return None


def day(name: str) -> Callable[[Raw], date | None]:
    """The day at this place: `/Date(1539993600000+0000)/`, or ISO. Xero writes a day as its midnight in UTC.

    The function raises `ValueError` for anything else.
    """

    def read(raw: Raw) -> date | None:
        text = raw.get(name)
        if text in (None, ""):
            return None
        match = _MOMENT.fullmatch(str(text))
        if match is None:
            return datetime.fromisoformat(str(text)).date()
        return datetime.fromtimestamp(int(match[1]) / 1000, UTC).date()

    read.__qualname__ = f"day({name})"  # what the fingerprint of the mapping knows it by
    return read

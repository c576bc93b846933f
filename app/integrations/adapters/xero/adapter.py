"""What data cannot say about Xero: which organization is meant, and how Microsoft's dates are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.failures import Rejected
from app.integrations.sync.mapping import Raw
from app.integrations.sync.reading import Ask, Batch, Reading, read_listing
from app.integrations.transports.http.calls import Call

TENANT = "Xero-Tenant-Id"
_ID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MOMENT = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/")


class XeroConfig(BaseModel):
    """The organization."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant_id: str = Field(
        "",
        title="Organization (tenant ID)",
        description="Empty for the only one this sign-in reaches. It is needed when there are several, and for webhooks.",
        pattern=rf"^({_ID})?$",
        examples=["fe79f7dd-b6d4-4a92-ba7b-538af6289c58"],
    )


def read_organization(reading: Reading) -> Iterator[Batch]:
    """The list of the manifest, of the organization in the settings or of the only one there is."""
    assert isinstance(reading.config, XeroConfig)
    named = bool(reading.config.tenant_id)  # then the manifest's header says it with every call
    return read_listing(reading if named else replace(reading, ask=_within(reading.ask)))


def _within(ask: Ask) -> Ask:
    tenant = _only_tenant(ask(Call("tenants.list", "GET", "/connections")).json())
    return lambda call: ask(replace(call, headers={**call.headers, TENANT: tenant}))


def _only_tenant(connections: Any) -> str:
    """Raises `Rejected` when nobody can say which one is meant: figures of another organization would look just as good."""
    found = {
        str(one["tenantId"])
        for one in (connections if isinstance(connections, list) else [])
        if isinstance(one, dict) and one.get("tenantType") == "ORGANISATION" and one.get("tenantId")
    }
    if len(found) != 1:
        raise Rejected(
            "organization-not-chosen" if found else "organization-not-connected",
            "Enter the tenant ID of the organization in the settings, or sign in again and choose one.",
        )
    return found.pop()


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

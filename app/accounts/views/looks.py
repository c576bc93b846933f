"""How users and roles look in lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.accounts.models import UserStatus
from app.accounts.rules import assignment_stops
from app.core.clock import now, today


def status_tag(status: str, locked_until: datetime | None = None) -> tuple[str, str]:
    """Word and tone of a user's state."""
    if status == UserStatus.ACTIVE.value and locked_until is not None and locked_until > now():
        return _("Paused"), "warn"
    words = {
        UserStatus.ACTIVE.value: (_("Active"), "good"),
        UserStatus.INVITED.value: (_("Invited"), "info"),
        UserStatus.SUSPENDED.value: (_("Suspended"), "bad"),
        UserStatus.INACTIVE.value: (_("Inactive"), "neutral"),
    }
    return words[status]


def assignment_tag(assignment: Any) -> tuple[str, str]:
    """Whether an assignment counts today, or why not."""
    reasons = {
        "": (_("Counts"), "good"),
        "inactive": (_("Switched off"), "neutral"),
        "role_inactive": (_("Role not in use"), "neutral"),
        "expired": (_("Ended"), "neutral"),
        "hipaa_training": (_("HIPAA training missing"), "warn"),
        "benefits_certification": (_("Benefits certification missing"), "warn"),
        "compliance_training": (_("Compliance training missing"), "warn"),
        "fcra_certification": (_("FCRA certification missing"), "warn"),
        "background_check": (_("Background check missing"), "warn"),
    }
    return reasons[assignment_stops(assignment, today())]


def assignment_rows(assignments: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "role": one.role_name, "until": one.expires_on, "state": assignment_tag(one)}
        for one in assignments
    ]

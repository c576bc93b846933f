"""What states, environments and failures are called on pages."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.connections import services
from app.connections.models import Connection
from app.integrations.contracts import Category, Preset

Tag = tuple[Any, str]

STATUSES: dict[str, Tag] = {
    "connected": (_l("Connected"), "good"),
    "disconnected": (_l("Not tested yet"), "neutral"),
    "error": (_l("Broken"), "bad"),
    "testing": (_l("Testing"), "info"),
    "maintenance": (_l("Maintenance"), "warn"),
}
PHASES: dict[str, Tag] = {
    "test": (_l("Test"), "neutral"),
    "parallel": (_l("Parallel"), "info"),
    "production": (_l("Production"), "good"),
}
NEXT_WORDS = {
    "test": _l("Back to test"),
    "parallel": _l("Go to parallel"),
    "production": _l("Go live"),
}
ENVIRONMENTS: dict[str, Tag] = {
    "production": (_l("Production"), "good"),
    "staging": (_l("Sandbox"), "warn"),
}
CATEGORIES = {
    Category.CARRIER: _l("Benefits carriers"),
    Category.SCREENING: _l("Background screening"),
}
"""The kinds of providers the set-up knows; more come with their domains."""

METHODS = {
    "api": _l("Interface (REST)"),
    "sftp": _l("Files by SFTP"),
    "file_upload": _l("Files that people carry"),
}

ADVICE = {
    "key-refused": _l("The provider does not accept the key. Copy it again from the provider, and check that it belongs to the environment you chose."),
    "credentials-refused": _l("The provider does not accept the credentials. Enter them again, and check that they belong to the environment you chose."),
    "grant-refused": _l("The provider ended the sign-in. Sign in there again."),
    "account-not-approved": _l("The provider has not approved your account for this environment. Ask them to, or choose the sandbox."),
    "forbidden": _l("The credentials are right, but not allowed to read lists. Ask the provider to allow it."),
    "unreachable": _l("Nothing answers at the provider's address. Try again in a few minutes; if it stays so, ask whoever runs Corridor whether its network lets it out."),
    "connect-timeout": _l("Nothing answers at the provider's address. Try again in a few minutes; if it stays so, ask whoever runs Corridor whether its network lets it out."),
    "certificate-not-trusted": _l("Whoever answered is not the provider, by its certificate. Nothing was sent. Ask whoever runs Corridor."),
    "tls-failed": _l("No secure connection came about. Nothing was sent. Ask whoever runs Corridor."),
    "host-not-allowed": _l("Corridor may not connect to this address. Ask whoever runs Corridor to allow it."),
    "deadline": _l("The provider did not answer in time. Try again in a few minutes."),
    "slow-down": _l("The provider says that it was asked too often. Try again in a few minutes."),
    "settings-incomplete": _l("Complete the settings and the credentials first."),
    "sandbox-address": _l("This connection points to a sandbox. Take its address away."),
}  # fmt: skip
REFUSALS = {
    "header-missing": _l("without a signature"),
    "signature-wrong": _l("signed with another key"),
    "signature-unreadable": _l("with something that is no signature"),
    "secret-missing": _l("but no key is stored here to check it with"),
    "body-unreadable": _l("with a body nobody can read"),
}


def known_of(preset: Preset) -> str:
    """What is known from the provider's own pages, and what it has to tell before anything works."""
    known = " ".join(_(one) for one in preset.verified) or _("nothing.")
    return f"{_('Known:')} {known} {_('Still open:')} {' '.join(_(one) for one in preset.open)}"


def advice(check: dict[str, Any]) -> str:
    """What to do about a failed test."""
    code = str(check.get("code", ""))
    if code.startswith("server-failed"):
        return str(_("The provider has trouble of its own. Try again in a few minutes."))
    return str(ADVICE.get(code) or check.get("advice", ""))


def stage(row: Connection | Any) -> Tag:
    """Whether what goes over this connection is real: the environment of an API, the phase of files."""
    if not services.has_api(row.adapter):
        return PHASES[row.phase]
    return ENVIRONMENTS["staging" if services.is_sandbox(row) else "production"]

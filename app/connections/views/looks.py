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
    "disconnected": (_l("Not connected"), "neutral"),
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
REGIONS = {
    "not stated": _l("Not stated"),
    "us": _l("United States"),
    "ca": _l("Canada"),
    "eu": _l("European Union"),
    "uk": _l("United Kingdom"),
    "au": _l("Australia"),
    "other": _l("Somewhere else"),
}
CATEGORIES = {
    Category.CARRIER: _l("Benefits carriers"),
    Category.SCREENING: _l("Background screening"),
    Category.HRIS: _l("HR systems"),
    Category.PAYROLL: _l("Payroll"),
    Category.ACCOUNTING: _l("Accounting"),
    Category.PENSION: _l("Pension"),
    Category.MESSAGING: _l("Messages"),
    Category.DOCUMENTS: _l("Documents"),
    Category.LEARNING: _l("Learning"),
    Category.WELLNESS: _l("Wellness"),
}
"""What the kinds of providers are called, in the order of lists."""

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
    "access-denied": _l("Access was not allowed at the provider. Sign in there again, with an account that may allow it."),
    "invalid-scope": _l("The provider does not know what was asked for, or your application there lacks it. Allow it in the application's settings at the provider, then sign in again."),
    "unauthorized-client": _l("The provider does not let this application ask. Check at the provider that the application is active and has the address for the way back."),
    "server-error": _l("The provider has trouble of its own. Try again in a few minutes."),
    "temporarily-unavailable": _l("The provider has trouble of its own. Try again in a few minutes."),
    "sign-in-refused": _l("The provider sent no answer we can use. Sign in there again; if it stays so, check the application's settings at the provider."),
    "sign-in-incomplete": _l("The provider did not say which of its accounts was chosen. Sign in there again and choose one."),
    "sign-in-late": _l("That took longer than ten minutes, so it counts no more. Sign in there again."),
    "sign-in-used": _l("That answer of the provider came before, and counts once. How it ended is shown below; if it failed, sign in there again."),
    "sign-in-unknown": _l("This sign-in was not begun here by you, or too long ago. Nothing was connected. Open the connection and sign in at the provider from there."),
    "token-missing": _l("Sign in at the provider first."),
    "refresh-token-missing": _l("The provider's access has ended and cannot be renewed. Sign in there again."),
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

"""What kinds, states and failures are called on the pages of integrations."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.connections.views.looks import ADVICE
from app.integrations.contracts import Capability, Manifest
from app.integrations.sync.records import Kind
from app.syncing.rules import Conflicts, Frequency, Mode, RecordState, RunState
from app.syncing.services.taking import Outcome
from app.syncing.views.fields import field_label

Tag = tuple[Any, str]

KINDS = {
    Kind.EMPLOYEE: _l("Employees"),
    Kind.DEPARTMENT: _l("Departments"),
    Kind.POSITION: _l("Positions"),
    Kind.LEAVE: _l("Leaves"),
    Kind.ACCOUNT: _l("Accounts"),
    Kind.CONTACT: _l("Contacts"),
    Kind.INVOICE: _l("Invoices"),
    Kind.PAYMENT: _l("Payments"),
    Kind.FILE: _l("Documents"),
    Kind.MEMBER: _l("Members"),
    Kind.CONTRIBUTION: _l("Contributions"),
    Kind.LEARNING: _l("Learning"),
}
PERSONAL = frozenset({Kind.EMPLOYEE, Kind.LEAVE, Kind.MEMBER, Kind.CONTRIBUTION, Kind.LEARNING})
"""Kinds that are about a person: who may not read records sees that a field is filled, not with what."""

ABILITIES = {
    Capability.WRITE_ENROLLMENT: _l("Tells the carrier who is enrolled, and reads what it answers"),
    Capability.ORDER_SCREENING: _l("Orders background checks and reads their reports"),
    Capability.SEND_MESSAGE: _l("Sends notices to a channel"),
    Capability.KEEP_DOCUMENT: _l("Keeps documents in a library"),
    Capability.TELL_CONTRIBUTION: _l("Tells what was paid in"),
    Capability.TELL_ELIGIBILITY: _l("Tells who may take part"),
    Capability.MANUAL: _l("Lists what somebody enters at the provider"),
    Capability.WEBHOOKS: _l("Hears of changes at once"),
}
"""The rest of what a manifest can do is how, not what."""

RUN_STATES: dict[str, Tag] = {
    RunState.WAITING: (_l("Starting"), "info"),
    RunState.RUNNING: (_l("Under way"), "info"),
    RunState.DONE: (_l("Done"), "good"),
    RunState.HELD: (_l("Held"), "warn"),
    RunState.FAILED: (_l("Failed"), "bad"),
    RunState.CANCELED: (_l("Canceled"), "neutral"),
}
MODES = {Mode.FULL: _l("Everything"), Mode.INCREMENTAL: _l("Changes"), Mode.EVENT: _l("One record")}
RECORD_STATES: dict[str, Tag] = {
    RecordState.DOUBTFUL: (_l("Doubtful"), "warn"),
    RecordState.REFUSED: (_l("Refused"), "bad"),
    RecordState.WAITING: (_l("Waiting"), "info"),
    RecordState.IGNORED: (_l("Not ours"), "neutral"),
    RecordState.TAKEN: (_l("Taken"), "good"),
    RecordState.STORED: (_l("Kept"), "neutral"),
}
STATE_HINTS = {
    RecordState.DOUBTFUL: _l("Somebody has to say who or what this is."),
    RecordState.REFUSED: _l("Something in the record is wrong. Correct it at the provider or in the mapping, then try again."),
    RecordState.WAITING: _l("It holds from a day to come. Nothing to do."),
    RecordState.IGNORED: _l("Somebody said that this is not ours."),
}  # fmt: skip
OUTCOMES: dict[str, Tag] = {
    Outcome.REFUSED: (_l("Refused: something is wrong"), "bad"),
    Outcome.DOUBTFUL: (_l("Doubtful: somebody would have to decide"), "warn"),
    Outcome.MADE: (_l("New here"), "good"),
    Outcome.CHANGED: (_l("Changed here"), "info"),
    Outcome.WAITS: (_l("Would wait for its day"), "neutral"),
}
"""The groups of a rehearsal, in the order a person should read them."""

COUNTS = {
    "read": _l("Read"), "new": _l("New"), "changed": _l("Updated"), "same": _l("The same"), "failed": _l("Refused"),
    "doubtful": _l("Doubtful"), "waiting": _l("Waiting"), "gone": _l("Gone"), "missing": _l("Missing"),
}  # fmt: skip

FREQUENCIES = {
    Frequency.REAL_TIME: _l("At once, by webhooks, and a look every hour"),
    Frequency.QUARTER_HOUR: _l("Every 15 minutes"),
    Frequency.HOURLY: _l("Every hour"),
    Frequency.DAILY: _l("Every day"),
    Frequency.WEEKLY: _l("Every week"),
    Frequency.MONTHLY: _l("Every month"),
    Frequency.ON_DEMAND: _l("Only when somebody asks for it"),
}
CONFLICTS = {
    Conflicts.PROVIDER: (_l("The provider"), _l("What was entered here is replaced.")),
    Conflicts.OURS: (_l("Corridor"), _l("What was entered here stays.")),
    Conflicts.ASK: (_l("Ask a person"), _l("The record waits until somebody has decided.")),
}

FAILURES = {
    "connection-stopped": _l("Somebody stopped or disconnected the connection meanwhile. What was read until then is kept."),
    "records-missing": _l("The provider answered without the list it describes. Nothing was lost; the engineers of Corridor have to look at it."),
    "record-without-id": _l("The provider sent a record without its id. Nothing was lost; the engineers of Corridor have to look at it."),
    "paging-in-a-circle": _l("The provider's list leads in a circle. Nothing was lost; ask the provider."),
    "answer-not-json": _l("The provider answered with something unreadable. Try again in an hour; if it stays so, ask the provider."),
    "answer-too-large": _l("One answer of the provider is too large. The engineers of Corridor have to look at it."),
    "connection-lost": _l("The line to the provider broke again and again. Try again in an hour."),
    "not-found": _l("The provider does not know the list that was asked for. Ask it whether your account includes it."),
    "own-rate-reached": _l("The limit of requests was reached for too long. Sync less often, or raise the limit of the connection."),
    "own-places-taken": _l("The limit of requests was reached for too long. Sync less often, or raise the limit of the connection."),
    "token-missing": _l("Nobody is signed in at the provider. Sign in there again."),
    "credentials-missing": _l("The credentials are not complete. Enter them again."),
}  # fmt: skip


def failure_words(code: str) -> str:
    """What a failed run means and what to do; one sentence for codes nobody wrote about."""
    if not code:
        return ""
    if code.startswith("server-failed"):
        return str(_("The provider has trouble of its own. Try again in a few minutes."))
    known = FAILURES.get(code) or ADVICE.get(code)
    return str(known or _("The provider refused something, or answered as nobody expected. Nothing was lost. Try again; if it stays so, tell whoever runs Corridor the code."))  # fmt: skip


def problem_words(problem: str) -> str:
    """What services say about a field, in the language of the page."""
    return str(_(problem)) if problem else ""


def problem_of(name: str, text: str) -> str:
    """What is wrong with one field, or with the record."""
    return problem_words(text) if name == "record" else f"{field_label(name)}: {problem_words(text)}"


PROBLEMS = (
    _l("is missing"), _l("does not fit"), _l("cannot be read"), _l("must be filled"), _l("breaks a rule"),
    _l("is not one of the allowed words"), _l("Somebody changed the same row. Try it again"),
)  # fmt: skip
"""Said by `integrations.sync.mapping` and `storing`, where no page's language is known; listed so that they are translated."""


def kind_label(kind: Kind | str | None) -> str:
    return str(KINDS[Kind(kind)]) if kind else ""


def abilities(manifest: Manifest) -> list[str]:
    """What an adapter does, in plain words, from what its manifest offers; the most telling first."""
    kinds = list(dict.fromkeys(one.kind for one in manifest.synced))
    read = [_("Reads %(what)s", what=", ".join(kind_label(kind).lower() for kind in kinds))] if kinds else []
    return read + [str(text) for capability, text in ABILITIES.items() if capability in manifest.capabilities]

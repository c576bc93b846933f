"""The ways a conversation with a provider can fail. The engine decides what to do by the type alone.

Every failure carries a short stable `code`, safe for logs and events: never a name, an SSN, a secret or provider text.
"""

from __future__ import annotations

from datetime import datetime


class Failure(Exception):
    """Base of all failures. `code` is kebab-case and stable; `advice` says in plain words what to do next.

    `until` (UTC, aware): the earliest moment to try again, when that is known.
    """

    advice = "Try again; if it keeps failing, ask the provider."
    until: datetime | None = None

    def __init__(self, code: str, advice: str = "") -> None:
        super().__init__(code)
        self.code = code
        if advice:
            self.advice = advice


class AuthFailed(Failure):
    """The provider does not accept our credentials. Never retried: pause the connection and ask a person."""

    advice = "Enter the credentials again, or ask the provider whether they changed or expired."


class HostKeyChanged(AuthFailed):
    """The server's host key is not the pinned one. Nothing was sent. Only a person may accept a new key."""

    advice = "Ask the provider by phone whether they changed their SSH host key before you accept the new one."


class Transient(Failure):
    """Nothing happened on the other side; the same call may succeed later."""


class Unreachable(Transient):
    """No connection came about, or none of the request was sent on it. Nothing happened on the other side."""


class CircuitOpen(Transient):
    """The provider failed again and again, so it was not asked. Nothing was sent."""

    def __init__(self, code: str, until: datetime) -> None:
        super().__init__(code)
        self.until = until


class RateLimited(Failure):
    """Asked too often. `until` (UTC, aware) is the earliest moment to ask again."""

    until: datetime

    def __init__(self, code: str, until: datetime) -> None:
        super().__init__(code)
        self.until = until


class Rejected(Failure):
    """The provider understood and said no to this one thing (a folder, a record). Retrying is useless."""

    advice = "Correct what the provider refused, then send it again."


class Forbidden(Rejected):
    """Our credentials are good, but not for this."""

    advice = "Ask the provider to allow this for our account, or check the scopes the connection was given."


class NotFound(Rejected):
    """The provider does not know this thing."""

    advice = "It may have been deleted, or belong to another account at the provider."


class Gone(Rejected):
    """It was there and is no more: a resource, or a cursor that has expired."""

    advice = "Start again from the beginning; what was asked for is kept no longer."


class Conflict(Rejected):
    """The name is already taken by different content. Nothing was overwritten."""

    advice = "A different file already has this name. Send again under a new name (new control numbers)."


class OutcomeUnknown(Failure):
    """The effect may or may not have happened: look before trying again."""

    advice = "Check on the provider's side whether it arrived before you send it again."


class TimedOut(OutcomeUnknown):
    """The deadline came first. `sent`: True when the whole request had left, None when that cannot be said.

    When nothing had left, it is `Unreachable` instead.
    """

    def __init__(self, code: str, sent: bool | None) -> None:
        super().__init__(code)
        self.sent = sent


class ServerFailed(OutcomeUnknown):
    """The provider answered that it broke down (5xx); it may have done its work before."""

    def __init__(self, code: str, until: datetime | None = None) -> None:
        super().__init__(code)
        self.until = until


class BrokenAnswer(OutcomeUnknown):
    """The request arrived, and the answer cannot be used: cut off, garbled, too large, or a redirect."""


class Refused(Failure):
    """An input file cannot be used at all.

    `reason`: plain words for a person, free of data from the file. `position`: zero-based character offset.
    """

    def __init__(self, code: str, reason: str, position: int = 0) -> None:
        super().__init__(code, reason)
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        return f"{self.code} at {self.position}: {self.reason}"


class ContractDrift(Failure):
    """The provider sends something its own contract does not allow: keep the raw bytes and tell an engineer."""

    advice = "The provider changed what it sends. The raw message is kept; an engineer has to look at it."

"""What a provider can do for a domain, beside reading and screening. An adapter says which calls it takes; it never sends one.

Steps: a generator that yields each call, is given its answer and returns the result. What the provider refuses (`Rejected`: not
there, already there) is raised in the steps, which may know what to do. `calling.Provider.run` sends them, with limits, circuit,
tokens and log. Running the same steps with the same key again must not do the thing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from app.integrations.failures import Rejected
from app.integrations.transports.http.calls import Answer, Call

T = TypeVar("T", covariant=True)
Steps = Generator[Call, Answer, T]


def walk(steps: Steps[T], send: Callable[[Call], Answer]) -> T:
    """Sends each call and returns the result; the steps are closed in any case. Raises what `send` or the steps raise."""
    try:
        call = next(steps)
        while True:
            try:
                answer = send(call)
            except Rejected as refused:
                call = steps.throw(refused)
            else:
                call = steps.send(answer)
    except StopIteration as ended:
        result: T = ended.value
        return result
    finally:
        steps.close()


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text for a channel; never personal data. link: a page of ours, with its words."""

    title: str
    text: str
    link: str = ""
    link_words: str = ""


@runtime_checkable
class Messenger(Protocol):
    """A place where a team reads: Slack, Microsoft Teams."""

    def post(self, message: Message, key: str) -> Steps[str]:
        """Put it into the channel of the settings. Returns the provider's id of it, or an empty text where it gives none."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be kept. folder: parts of a path below the folder of the settings."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    folder: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """remote_id: the provider's. url: where a person opens it; may be empty."""

    remote_id: str
    url: str = ""


@runtime_checkable
class DocumentStore(Protocol):
    """A drive where documents are kept: SharePoint, Google Drive."""

    def keep(self, document: Document, key: str) -> Steps[Kept]:
        """Put it there. The same key and bytes again change nothing; another file of that name is not overwritten (`Conflict`)."""


@dataclass(frozen=True, slots=True)
class Told:
    """How telling many ended. refused: our key of each that was not taken → a short code, no personal data.

    waits_for: the provider is still at it, under this reference; ask `follow` in a while.
    """

    accepted: int
    refused: dict[str, str] = field(default_factory=dict)
    waits_for: str = ""


class Followed(Protocol):
    """Takes many at once and works on them in its own time."""

    def follow(self, reference: str) -> Steps[Told]:
        """How it stands with what `Told.waits_for` named. Raises `Rejected` when it was refused as a whole."""
        del reference
        raise Rejected("nothing-to-follow")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What somebody and the employer pay into a pension for one pay period."""

    person: str  # our key
    member: str  # the provider's id of the member
    starts_on: date
    ends_on: date
    employee_amount: Decimal
    employer_amount: Decimal
    currency: str
    pensionable_pay: Decimal | None = None


@runtime_checkable
class PensionScheme(Followed, Protocol):
    """Who is told what was withheld: Smart Pension."""

    def tell_contributions(self, contributions: Sequence[Contribution], key: str) -> Steps[Told]:
        """Tell a pay period's contributions."""


@dataclass(frozen=True, slots=True)
class Eligible:
    """Somebody who may use a wellness offer. Only that: never why, and nothing of their health or employment."""

    person: str  # our key
    email: str
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    employee_number: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file for the provider. path: below the root of its server. The same people under the same key give the same file."""

    path: str
    data: bytes = field(repr=False)


@runtime_checkable
class WellnessPlan(Followed, Protocol):
    """Who is told who may use it: Wellhub."""

    def tell_eligibility(self, people: Sequence[Eligible], key: str) -> Steps[Told]:
        """Tell the whole list; who is missing from it or not active loses access."""

    def write_eligibility(self, people: Sequence[Eligible], key: str) -> OutFile:
        """The whole list as a file, for a provider that takes it by SFTP or by hand. Raises `Rejected` where it is told by calls."""
        del people, key
        raise Rejected("not-by-file")


class MessengerFactory(Protocol):
    def __call__(self, config: BaseModel) -> Messenger: ...


class DocumentsFactory(Protocol):
    def __call__(self, config: BaseModel) -> DocumentStore: ...


class PensionFactory(Protocol):
    def __call__(self, config: BaseModel) -> PensionScheme: ...


class WellnessFactory(Protocol):
    def __call__(self, config: BaseModel) -> WellnessPlan: ...

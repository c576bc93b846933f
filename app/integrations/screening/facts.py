"""The few words all screening providers share. Status and result are the provider's; our decision is never made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """How far the provider is, in the order of an ordinary life. UNMAPPED: a code that is in no table; a person looks, and it is never taken for done."""

    ORDERED = "ordered"
    WAITING_CANDIDATE = "waiting_candidate"
    INVITATION_EXPIRED = "invitation_expired"
    IN_PROGRESS = "in_progress"
    CANDIDATE_ACTION = "candidate_action"
    CLIENT_ACTION = "client_action"
    COMPLETE = "complete"
    DISPUTE = "dispute"
    CANCELED = "canceled"
    UNMAPPED = "unmapped"


class Result(StrEnum):
    """What the provider found; the later words weigh more when two come at the same moment. NONE: it says nothing yet."""

    NONE = "none"
    CLEAR = "clear"
    CONSIDER = "consider"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class Candidate:
    """No SSN and no birth date: the candidate gives those to the provider. reference: our id, opaque."""

    reference: str
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    email: str = field(repr=False)
    middle_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    zip_code: str = field(default="", repr=False)
    copy_requested: bool = False


@dataclass(frozen=True, slots=True)
class WorkLocation:
    """It chooses disclosures and rules. country: ISO 3166 alpha-2; state: two letters; city rules apply only where it is named.

    county: some providers want it in the United States.
    """

    country: str
    state: str
    city: str = ""
    county: str = ""


@dataclass(frozen=True, slots=True)
class Callback:
    """Where a provider that takes the webhook address with each order is to call, and the `user:password` it must show there."""

    url: str = field(repr=False)
    user_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """package: the provider's slug. node: the provider's name for a part of the company, where it has such parts.

    candidate, callback: fill both in always; a provider that keeps candidates of its own, or one address for all, looks past them.
    """

    package: str
    locations: Sequence[WorkLocation]
    node: str = ""
    tags: Sequence[str] = ()
    candidate: Candidate | None = None
    callback: Callback | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """price: USD without what courts and states charge on top; None when the provider does not say."""

    slug: str
    name: str
    price: Decimal | None
    checks: tuple[str, ...]
    orderable: bool = True


@dataclass(frozen=True, slots=True)
class Invitation:
    """url: where the candidate goes on; as good as a password."""

    id: str
    status: Status
    candidate_id: str
    package: str
    report_id: str = ""
    url: str = field(default="", repr=False)
    expires_at: datetime | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One search of a report. ref: its id at the provider; kind: the provider's word (`county_criminal_search`).

    reportable: False for what is no part of the consumer report (an SSN trace). It has no result; never show it as a ground for a
    decision, and leave it out when you ask whether everything is clear.
    """

    ref: str
    kind: str
    status: Status
    result: Result
    code: str = ""
    reportable: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """codes: status, result, assessment and adjudication exactly as the provider wrote them.

    checks: what the answer itself told about them. ordered: the refs of every reportable search, told or not.
    includes_canceled: not everything ran. revised_at: newest of completion, revision and upgrade; a change sends the case back.
    percent: how much is done, where the provider says so.
    """

    id: str
    status: Status
    result: Result
    candidate_id: str
    package: str
    ordered: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    includes_canceled: bool = False
    created_at: datetime | None = None
    completed_at: datetime | None = None
    revised_at: datetime | None = None
    expected_on: date | None = None
    percent: int | None = None
    documents: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdverseItem:
    """A record that can be named in a notice. text is about a person: encrypt it."""

    id: str
    text: str = field(repr=False)
    assessment: str = ""


class Delivery(StrEnum):
    """What became of a notice the provider sent."""

    NONE = "none"
    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    UNMAPPED = "unmapped"


class AdverseState(StrEnum):
    """How far the provider's own adverse action is."""

    WAITING = "waiting"
    DONE = "done"
    DISPUTE = "dispute"
    CANCELED = "canceled"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class AdverseAction:
    """post_notice_at: when the provider will send the final notice by itself; ready_at: the earliest it would."""

    id: str
    report_id: str
    state: AdverseState
    delivery: Delivery
    items: tuple[str, ...]
    post_notice_at: datetime | None = None
    ready_at: datetime | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """url: where it can be fetched for some minutes, on another host and without our credentials. data: the file, if it came at once."""

    id: str
    kind: str
    name: str = field(repr=False)
    content_type: str
    size: int
    url: str = field(default="", repr=False)
    data: bytes = field(default=b"", repr=False)

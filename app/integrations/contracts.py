"""What every adapter promises. The engine around them alone retries, waits, stores and audits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from app.integrations.api import Api, Resource
from app.integrations.auth.kinds import OAuth2Code, inner
from app.integrations.formats.census import CensusRow
from app.integrations.formats.x12.acknowledgements import Acknowledgement
from app.integrations.formats.x12.eight34 import Batch
from app.integrations.formats.x12.findings import Finding
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.formats.x12.writer import Control, Written
from app.integrations.ports import DocumentsFactory, MessengerFactory, PensionFactory, WellnessFactory
from app.integrations.screening import ScreeningFactory
from app.integrations.webhooks.door import Webhooks


class Category(StrEnum):
    """What kind of provider an adapter speaks to."""

    CARRIER = "carrier"
    SCREENING = "screening"
    HRIS = "hris"
    PAYROLL = "payroll"
    ACCOUNTING = "accounting"
    PENSION = "pension"
    MESSAGING = "messaging"
    DOCUMENTS = "documents"
    LEARNING = "learning"
    WELLNESS = "wellness"


class Capability(StrEnum):
    """What a connection can do; pages and jobs ask for it instead of for a slug. Derived, never typed by hand."""

    WRITE_ENROLLMENT = "write:enrollment"
    READ_ACKNOWLEDGEMENT = "read:acknowledgement"
    READ_CENSUS = "read:census"
    FILES = "files"
    MANUAL = "manual"
    ORDER_SCREENING = "write:screening"
    API = "api"
    SIGN_IN = "sign-in at the provider"
    WEBHOOKS = "webhooks"
    SYNC = "sync"
    SEND_MESSAGE = "write:message"
    KEEP_DOCUMENT = "write:document"
    TELL_CONTRIBUTION = "write:contribution"
    TELL_ELIGIBILITY = "write:eligibility"


class Placed(StrEnum):
    """How an upload ended."""

    NEW = "new"
    ALREADY = "already there"


class NoSecrets(BaseModel):
    """For adapters without credentials."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a remote folder. size: bytes. modified_at: UTC, aware."""

    name: str
    size: int
    modified_at: datetime


Files = list[RemoteFile]


@runtime_checkable
class FileTransport(Protocol):
    """A remote file store. Paths are relative to the account's root, with "/". Names ending in `.tmp` are unfinished
    uploads: never listed, never read.

    Every method raises only `Failure`s: AuthFailed, HostKeyChanged, Transient (nothing happened), Rejected
    (missing, forbidden), Conflict, OutcomeUnknown.
    """

    def check(self) -> None:
        """Connects and lists the root; returns when all is well."""

    def list(self, folder: str) -> Files:
        """Finished files of a folder, by name; folders are left out."""

    def read(self, path: str) -> bytes:
        """The whole file. Rejected("not-found") when there is none."""

    def put(self, path: str, data: bytes) -> Placed:
        """Uploads under `path`.tmp, verifies size and content, then renames: a reader never sees half a file.

        ALREADY when the same bytes are there; Conflict when different bytes are; OutcomeUnknown when the line broke
        during the rename. Calling it again with the same bytes is always safe.
        """

    def remove(self, path: str) -> None:
        """Deletes a file; a missing one is no failure."""

    def close(self) -> None:
        """Ends the session. Safe to call twice."""


@runtime_checkable
class CarrierFeed(Protocol):
    """How enrollment is told to a carrier and what comes back. Pure: bytes and facts, no I/O."""

    profile: CarrierProfile

    def write(self, batch: Batch, control: Control) -> Written:
        """The file for this batch. Raises `Refused` when there is nothing to write."""

    def check(self, data: bytes, today: date, *, name: str = "", ended_on: Mapping[str, date] = ...) -> list[Finding]:
        """Everything wrong with a file about to leave (gate and rules); an error means: do not send.

        `ended_on`: number of each subscriber the carrier knows as ended altogether → last covered day.
        """
        ...

    def read_acknowledgement(self, data: bytes) -> Acknowledgement:
        """TA1, 999 or 997. Raises `Refused` for anything else."""

    def read_census(self, data: bytes) -> list[CensusRow]:
        """Who the carrier says is covered. Raises `Refused` when the file cannot be read."""


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings to begin with. verified: what is known from the provider's own pages. open: what it has to tell before anything works.

    settings: for the adapter's config model; they are complete as data, though not always enough to order with. general: a common
    shape, of no provider in particular.
    """

    slug: str
    name: str
    verified: tuple[str, ...]
    open: tuple[str, ...]
    settings: Mapping[str, Any]
    general: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """The one required file of an adapter: `adapters/<slug>/manifest.py` with a constant MANIFEST.

    config: non-secret settings, drawn as a form from its fields. secrets: credentials, stored encrypted. docs: where
    the provider documents it. owner: who answers for the adapter. feed: builds the carrier's feed from the settings.
    open_files: builds the transport from settings and secrets. api: an HTTP provider (`open_api` opens it). screening: builds the
    mapping of a screening provider. webhooks: what it sends us; without a verifier the adapter is refused. make_api: instead of `api`,
    for an adapter whose API is in the settings; where `method` among them says something else than `api`, there is none. Beside `api`,
    where the settings choose how to sign in; the resources are the same. presets: what a
    connection may begin with; one of them is chosen when it is made. messenger, documents, pension, wellness: what it does for those
    domains (`ports`).
    """

    slug: str
    name: str
    category: Category
    docs: str
    owner: str
    config: type[BaseModel]
    secrets: type[BaseModel] = NoSecrets
    feed: FeedFactory | None = None
    open_files: FilesFactory | None = None
    manual: bool = False
    api: Api | None = None
    make_api: ApiFactory | None = None
    webhooks: Webhooks | None = None
    screening: ScreeningFactory | None = None
    messenger: MessengerFactory | None = None
    documents: DocumentsFactory | None = None
    pension: PensionFactory | None = None
    wellness: WellnessFactory | None = None
    presets: Callable[[], Mapping[str, Preset]] | None = None
    verified: Sequence[str] = field(default=())

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Derived from what the manifest offers."""
        offered = {
            Capability.WRITE_ENROLLMENT: self.feed is not None,
            Capability.READ_ACKNOWLEDGEMENT: self.feed is not None,
            Capability.READ_CENSUS: self.feed is not None,
            Capability.FILES: self.open_files is not None,
            Capability.MANUAL: self.manual,
            Capability.ORDER_SCREENING: self.screening is not None,
            Capability.API: self.api is not None or self.make_api is not None,
            Capability.SIGN_IN: self.api is not None and isinstance(inner(self.api.auth), OAuth2Code),
            Capability.WEBHOOKS: self.webhooks is not None,
            Capability.SYNC: bool(self.synced),
            Capability.SEND_MESSAGE: self.messenger is not None,
            Capability.KEEP_DOCUMENT: self.documents is not None,
            Capability.TELL_CONTRIBUTION: self.pension is not None,
            Capability.TELL_ELIGIBILITY: self.wellness is not None,
        }
        return frozenset(capability for capability, has in offered.items() if has)

    def api_for(self, config: BaseModel) -> Api | None:
        """The API of a connection with these settings; None when it has none. Ask this instead of `api` wherever there is a connection."""
        return self.make_api(config) if self.make_api is not None else self.api

    @property
    def synced(self) -> tuple[Resource, ...]:
        """What is kept in step with us, in the order it is read: what others name comes first."""
        kept = [resource for resource in (self.api.resources if self.api else ()) if resource.kind is not None]
        return tuple(sorted(kept, key=lambda resource: resource.order))

    def kept(self, name: str) -> Resource | None:
        """What is kept in step under this name."""
        return next((resource for resource in self.synced if resource.name == name), None)

    @property
    def offers(self) -> frozenset[str]:
        """In detail: `read:report`, `write:invitations.create`, `webhook:report`; derived like the capabilities."""
        resources = self.api.resources if self.api else ()
        operations = self.api.operations if self.api else ()
        about = (self.webhooks.events.about or {}) if self.webhooks else {}
        return frozenset(
            [f"read:{resource.name}" for resource in resources]
            + [f"write:{operation.name}" for operation in operations]
            + [f"webhook:{resource}" for resource in about.values()]
        )


class FeedFactory(Protocol):
    def __call__(self, config: BaseModel) -> CarrierFeed: ...


class ApiFactory(Protocol):
    def __call__(self, config: BaseModel) -> Api | None: ...


class FilesFactory(Protocol):
    def __call__(self, config: BaseModel, secrets: BaseModel) -> FileTransport: ...

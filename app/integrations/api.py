"""What an HTTP provider offers, as data: where it is, who we are there, what can be read and done, and how much of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel

from app.integrations.auth.kinds import Auth
from app.integrations.auth.oauth import address, whole_address
from app.integrations.auth.proof import Keys, certificate, credentials, security_header, stated
from app.integrations.auth.tokens import Token
from app.integrations.failures import Rejected
from app.integrations.paging import OnePage, Paging
from app.integrations.protection.limits import Limit
from app.integrations.protection.retry import Retry, Safety
from app.integrations.sync.mapping import Fields
from app.integrations.sync.reading import Reader, Since, read_listing
from app.integrations.sync.records import Kind
from app.integrations.transports.http.calls import Body, Call, Carrier, Pairs
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.rules import PLAIN, Rules
from app.integrations.transports.http.wire import Wire


class Deletes(StrEnum):
    """How a provider tells that a record is gone."""

    NONE = "not at all"
    TOMBSTONES = "by a mark"
    DIFF = "by leaving it out of a full list"


class Environment(StrEnum):
    """Which of the provider's worlds a connection lives in."""

    PRODUCTION = "production"
    STAGING = "staging"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can be read. path: one of them, with `{id}`. listing: all of them; empty when there is no list.
    query, detail: what every list and every one of them is asked with, such as the few fields we need.

    records: where they stand in a page. key: the provider's id in a record. total: a place in a page with the number of all.

    What is kept in step with us has a `kind` and its `fields`. since: how a list is asked for changes alone. gone: a jmespath that is
    true for a deleted one. deletes: how somebody who is gone is told. reader: instead of paging through `listing`, where that is not
    enough. one: where the record stands in the answer for one of them. order: those with a lower number are read first. only: the parts
    of a record that are kept, where it holds more about people than anybody here needs.
    """

    name: str
    path: str = ""
    listing: str = ""
    records: str = ""
    key: str = "id"
    pages: Paging = OnePage()  # noqa: RUF009 frozen
    total: str = ""
    kind: Kind | None = None
    fields: Fields = field(default_factory=dict)
    since: Since | None = None
    gone: str = ""
    deletes: Deletes = Deletes.NONE
    reader: Reader | None = None
    one: str = ""
    order: int = 10
    only: Sequence[str] = ()
    query: Pairs = ()
    detail: Pairs = ()

    @property
    def read(self) -> Reader:
        """How all of them, or what changed, is read."""
        return self.reader or read_listing

    @property
    def incremental(self) -> bool:
        """Whether changes alone can be asked for: by a moment, or because its own reader says so."""
        return self.since is not None or self.reader is not None

    def get(self, key: str, query: Pairs = ()) -> Call:
        """The call for one of them."""
        return Call(f"{self.name}.get", "GET", self.path, {"id": key}, (*self.detail, *query))

    def list(self, query: Pairs = (), fills: Mapping[str, str] | None = None) -> Call:
        """The call for the list, before paging."""
        return Call(f"{self.name}.list", "GET", self.listing, fills or {}, (*self.query, *query))


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that can be done. safety: what a second call does when nobody knows how the first one ended.

    key_header: where our idempotency key goes; the same intent always sends the same key. key_hours: how long the provider knows
    it; 0: no end is known.
    """

    name: str
    method: str
    path: str
    safety: Safety
    key_header: str = ""
    key_hours: float = 0

    def call(self, body: Body | None = None, *, key: str = "", fills: Mapping[str, str] | None = None) -> Call:
        """The call. Raises `ValueError` when the operation is safe by key and there is none."""
        if self.safety is Safety.BY_KEY and not key:
            raise ValueError(f"{self.name} needs an idempotency key")
        headers = {self.key_header: key} if self.key_header and key else {}
        return Call(self.name, self.method, self.path, fills or {}, body=body, headers=headers)


STANDARD_RETRY = Retry()


@dataclass(frozen=True, slots=True)
class Api:
    """base_urls: may hold names of settings in braces, or be one such name alone: an address that is itself the secret. headers:
    may hold such names too; one whose setting is empty is left out. rules: what is a success and what each failure means.
    """

    base_urls: Mapping[Environment, str]
    auth: Auth
    rules: Rules = PLAIN
    headers: Mapping[str, str] = field(default_factory=dict)
    limits: Sequence[Limit] = ()
    retry: Retry = STANDARD_RETRY
    resources: Sequence[Resource] = ()
    operations: Sequence[Operation] = ()
    deadline_seconds: float = 30
    most_bytes: int = 10 * 1024 * 1024

    def resource(self, name: str) -> Resource:
        """Raises `KeyError`."""
        return {resource.name: resource for resource in self.resources}[name]

    def operation(self, name: str) -> Operation:
        """Raises `KeyError`."""
        return {operation.name: operation for operation in self.operations}[name]

    def safety(self, call: Call, *, hours_since_first: float = 0) -> Safety:
        """Of a call made from this manifest. What it does not know is for a person; a key the provider has forgotten protects no more."""
        known = {operation.name: operation for operation in self.operations}.get(call.operation)
        if known is None:
            return Safety.FREE if call.method in ("GET", "HEAD") else Safety.ASK
        if known.safety is Safety.BY_KEY and known.key_hours and hours_since_first >= known.key_hours:
            return Safety.CHECK_FIRST
        return known.safety


def open_api(
    api: Api,
    config: BaseModel,
    secrets: BaseModel,
    *,
    environment: Environment,
    token: Token | None = None,
    base_url: str = "",
    carrier: Carrier | None = None,
) -> HttpClient:
    """A conversation within the current reach; close it at the end. base_url: a sandbox instead of the provider.

    Raises:
        AuthFailed: a credential, the token or the certificate is missing or unreadable. Rejected: a setting bends the address, or there
            is none for this environment.
    """
    keys = Keys(config, secrets, token.extra if token else None)
    if not base_url and environment not in api.base_urls:
        raise Rejected("address-missing", "Enter the provider's address for this environment first.")
    url = address(base_url or api.base_urls[environment], keys)
    if base_url and whole_address(api.base_urls.get(environment, "")):
        url = base_url + urlunsplit(
            ("", "", *urlsplit(address(api.base_urls[environment], keys))[2:])
        )  # its secret goes along
    http = Http(url, stated(api.headers, keys), api.rules, api.deadline_seconds, api.most_bytes)
    proof = credentials(api.auth, keys, token)
    wire = carrier or Wire(certificate=certificate(api.auth, keys))
    return HttpClient(http, wire, proof, security=security_header(api.auth, keys))

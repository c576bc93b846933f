"""One list of who may use it, rendered as SCIM 2.0 calls (RFC 7643, 7644) or as a file."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.integrations.adapters.wellness_file.settings import Method, WellnessConfig, WellnessSecrets
from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import Bearer
from app.integrations.contracts import FileTransport
from app.integrations.failures import ContractDrift, Rejected
from app.integrations.formats.records import write_records
from app.integrations.formats.records.columns import columns_of
from app.integrations.ports import Eligible, OutFile, Steps, Told, WellnessPlan
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.reading import Facts, facts_of, needed, records, text
from app.integrations.transports.http.calls import Call, Raw
from app.integrations.transports.sftp import SftpTransport

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_PAGE = 100


def make_api(config: BaseModel) -> Api | None:
    """The SCIM service of one connection; None when the list travels as a file."""
    settings = _checked(config)
    if settings.method is not Method.API or not settings.scim_url:
        return None
    return Api(
        base_urls={Environment.PRODUCTION: settings.scim_url},
        auth=Bearer("scim_token"),
        headers={"Accept": "application/scim+json"},
        limits=(Rate(300, 60), Concurrency(2)),  # a guess: SCIM says nothing about it
        resources=(Resource("user", "/Users/{id}", "/Users", records="Resources"),),
        operations=(
            Operation("users.create", "POST", "/Users", Safety.CHECK_FIRST),
            Operation("users.change", "PATCH", "/Users/{id}", Safety.FREE),
        ),
    )


@dataclass(frozen=True, slots=True)
class Rendering(WellnessPlan):
    """See `WellnessPlan`. Which of the two it can do is a setting."""

    config: WellnessConfig

    def tell_eligibility(self, people: Sequence[Eligible], key: str) -> Steps[Told]:
        """By SCIM: new people are made, changed ones changed, those who left set inactive. Users without our key are not ours."""
        del key  # the service is asked first, so the same list again tells nothing
        api = make_api(self.config)
        if api is None:
            raise Rejected("not-by-api", "This list travels as a file.")
        eligible = _eligible(people)
        users = yield from _users(api)
        by_key = {text(one, "externalId"): one for one in users if text(one, "externalId")}
        accepted, refused = 0, dict[str, str]()
        for person in eligible:
            try:
                told = yield from _tell(api, person, by_key.get(person.person))
            except Rejected as no:  # one person is wrong, the others are not
                refused[person.person] = no.code
            else:
                accepted += told
        staying = {person.person for person in eligible}
        for one in (user for name, user in by_key.items() if name not in staying and user.get("active") is not False):
            yield _change(api, one, {"active": False})
            accepted += 1
        return Told(accepted, refused)

    def write_eligibility(self, people: Sequence[Eligible], key: str) -> OutFile:
        """The whole list. key: letters, digits and dashes; another one for each list. Raises `Rejected`."""
        if self.config.method is Method.API:
            raise Rejected("not-by-file", "This list travels by SCIM.")
        if not key.replace("-", "").isalnum() or not key.isascii():
            raise Rejected("key-unsafe", "The key of a file may hold letters, digits and dashes.")
        settings = self.config.file
        listed = _eligible(people) + ([one for one in people if not one.active] if settings.inactive else [])
        rows = [
            {title: self._fact(one, name) for title, name in columns_of(settings.columns).items()} for one in listed
        ]
        folder = self.config.sftp.outbound if self.config.sftp else ""
        return OutFile(posixpath.join(folder, settings.name.format(key=key)), write_records(rows, settings))

    def _fact(self, person: Eligible, name: str) -> str:
        if name == "active":
            return self.config.file.active if person.active else self.config.file.inactive
        return str(getattr(person, name))


def _eligible(people: Sequence[Eligible]) -> list[Eligible]:
    """Raises `Rejected`: a list of nobody takes everybody's access, and is a mistake more often than a wish."""
    found = [one for one in people if one.active]
    if not found:
        raise Rejected("nobody-eligible", "The list is empty. End the contract at the provider if that is meant.")
    return found


def _users(api: Api) -> Steps[list[Facts]]:
    found: list[Facts] = []
    while True:
        query = (("startIndex", str(len(found) + 1)), ("count", str(_PAGE)))
        answer = yield api.resource("user").list(query)
        document = facts_of(answer.json())
        page = records(document.get("Resources", []))
        found += page
        total = document.get("totalResults")
        if not isinstance(total, int):
            raise ContractDrift("total-missing")
        if len(found) >= total:
            return found
        if not page:  # half a list would make people twice and leave others in
            raise ContractDrift("page-missing")


def _tell(api: Api, person: Eligible, user: Facts | None) -> Steps[int]:
    wanted: dict[str, Any] = {
        "userName": person.email, "name": {"givenName": person.first_name, "familyName": person.last_name},
        "emails": [{"value": person.email, "type": "work", "primary": True}], "active": True,
    }  # fmt: skip
    if user is None:
        yield api.operation("users.create").call(_scim({"schemas": [_USER], "externalId": person.person, **wanted}))
        return 1
    named = user.get("name") if isinstance(user.get("name"), Mapping) else {}
    same = {"userName": user.get("userName"), "active": user.get("active", True)}
    if same == {"userName": person.email, "active": True} and all(
        (named or {}).get(part) == value for part, value in wanted["name"].items()
    ):
        return 0
    yield _change(api, user, wanted)
    return 1


def _change(api: Api, user: Facts, values: Mapping[str, Any]) -> Call:
    body = {"schemas": [_PATCH], "Operations": [{"op": "replace", "value": dict(values)}]}
    return api.operation("users.change").call(_scim(body), fills={"id": needed(user, "id")})


def _scim(value: Mapping[str, Any]) -> Raw:
    return Raw("application/scim+json", json.dumps(value, ensure_ascii=False).encode())


def open_wellness(config: BaseModel) -> Rendering:
    """The plan of one connection."""
    return Rendering(_checked(config))


def open_files(config: BaseModel, secrets: BaseModel) -> FileTransport:
    """The provider's server. Raises `Rejected` when none is set."""
    settings = _checked(config)
    if settings.sftp is None or not isinstance(secrets, WellnessSecrets):
        raise Rejected("server-missing", "Enter the provider's SFTP server and credentials first.")
    return SftpTransport(settings.sftp, secrets)


def _checked(config: BaseModel) -> WellnessConfig:
    if not isinstance(config, WellnessConfig):
        raise TypeError("wellness_file needs a WellnessConfig")
    return config

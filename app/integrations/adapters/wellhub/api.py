"""Wellhub's API as data, and who is read from it. Facts: developer-hub.wellhub.com; what was seen where stands in README.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.api import Api, Deletes, Environment, Operation, Resource
from app.integrations.auth.kinds import ClientProof, OAuth2Client
from app.integrations.paging import ByCursor
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.sync.reading import Batch, Reading, read_listing
from app.integrations.sync.records import Kind
from app.integrations.transports.http.rules import RateHeaders, Rules


class WellhubConfig(BaseModel):
    """Settings of one connection."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    company_tax_id: str = Field(
        title="Tax ID of the company at Wellhub",
        description="As Wellhub writes it: people are told under it.",
        pattern=r"^[A-Za-z0-9./ -]{2,40}$",
        examples=["12-3456789"],
    )
    several_companies: bool = Field(
        False, title="The account holds several companies", description="Then only the people of this one are read."
    )


def listing_of(config: WellhubConfig) -> str:
    """Where the people are listed: an account of one company may not ask for the list by company."""
    tax_id = quote(config.company_tax_id, safe="")
    return f"/v1/companies/{tax_id}/employees" if config.several_companies else "/v1/employees"


def read_people(reading: Reading) -> Iterator[Batch]:
    """Who is known at Wellhub, always all of them: it tells no changes, and deleted people stay in its list with a date."""
    assert isinstance(reading.config, WellhubConfig)
    resource = replace(reading.resource, listing=listing_of(reading.config))
    return read_listing(replace(reading, resource=resource))


_PAGES = ByCursor("cursor", "cursor")

API = Api(
    base_urls={Environment.PRODUCTION: "https://api.clients.wellhub.com"},
    auth=OAuth2Client("https://api.clients.wellhub.com/oauth/token", proof=ClientProof.BODY),
    rules=Rules(rates=RateHeaders("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")),
    # Each address has its own limit. Lists have 300 a minute, and they are most of the calls: one list makes one job (25 a minute may be
    # made) and fills it by five hundred (50 a minute). Slower for all would mean that a long list is never read to its end.
    limits=(Rate(300, 60), Rate(5, 1), Concurrency(2)),
    resources=(
        Resource(
            "person",
            listing="/v1/employees",
            records="data",
            pages=_PAGES,
            kind=Kind.MEMBER,
            gone="deleted_at",
            deletes=Deletes.TOMBSTONES,
            reader=read_people,
            only=(
                "id",
                "email",
                "employee_id",
                "invitation_status",
                "deleted_at",
            ),  # it also tells national ids and telephone numbers
            fields={"email": "email", "employee_number": "employee_id", "status": "invitation_status"},
        ),
        Resource("job", "/v1/eligibility/jobs/{id}/status"),
        Resource("item", "/v1/eligibility/jobs/{id}/items", records="data", pages=_PAGES),
        Resource("error", "/v1/eligibility/jobs/{id}/errors", records="data", pages=_PAGES),
    ),
    operations=(
        # A job that nobody fills or submits does nothing, so another one does no harm.
        Operation("jobs.create", "POST", "/v1/eligibility/jobs", Safety.FREE),
        # The same people twice in one job are the same people: the second is an error in its list, and changes nothing.
        Operation("jobs.fill", "POST", "/v1/eligibility/jobs/{id}/items", Safety.FREE),
        Operation("jobs.submit", "POST", "/v1/eligibility/jobs/{id}/submit", Safety.FREE),
    ),
)

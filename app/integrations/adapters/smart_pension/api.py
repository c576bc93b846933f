"""Smart Pension's Keystone API as data; every address lies below one company. What was seen where stands in README.md."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import ClientProof, OAuth2Code
from app.integrations.paging import ByOffset
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.sync.records import Kind
from app.integrations.transports.http.rules import Rules


class SignInAt(StrEnum):
    """Keystone's test world has a sign-in of its own."""

    PRODUCTION = "id"
    SANDBOX = "id.sandbox"


class SmartPensionConfig(BaseModel):
    """Settings of one connection."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    company_id: str = Field(
        title="Company at Smart Pension",
        description="The number or short name in the address of the employer's pages there.",
        pattern=r"^[A-Za-z0-9_-]{1,80}$",
        examples=["1127"],
    )
    sign_in_at: SignInAt = Field(
        SignInAt.PRODUCTION, title="Sign-in", description="The sandbox has a sign-in of its own: id.sandbox."
    )


# Only what a record needs: Keystone would also send birth dates, national insurance numbers and addresses.
_MEMBER = ("id", "external_id", "email", "opt_state", "starts_on")
_CONTRIBUTION = ("id", "employee_id", "starts_on", "ends_on", "company_amount", "employee_amount", "currency", "state")


def _only(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(("fields[]", name) for name in names)


API = Api(
    base_urls={
        Environment.PRODUCTION: "https://api.autoenrolment.co.uk/companies/{company_id}",
        Environment.STAGING: "https://api.sandbox.autoenrolment.co.uk/companies/{company_id}",
    },
    auth=OAuth2Code(
        "https://{sign_in_at}.autoenrolment.co.uk/oauth/authorize",
        "https://{sign_in_at}.autoenrolment.co.uk/oauth/token",
        scopes={"customer": "See the employees of this company, tell and read their contributions"},
        proof=ClientProof.BODY,
    ),
    rules=Rules(pause_seconds=60),  # a 429 says nothing about when
    headers={"Accept": "application/vnd.autoenrolment.v12+json"},
    # Per address: 80 lists of employees, 250 new contributions, 500 of the rest. The lists are read in hundreds, so they stay below.
    limits=(Rate(240, 60), Concurrency(4)),
    resources=(
        Resource(
            "member",
            "/employees/{id}",
            "/employees",
            records="employees",
            pages=ByOffset(total="total"),
            total="total",
            query=_only(_MEMBER),
            kind=Kind.MEMBER,
            fields={
                "email": "email",
                "employee_number": "external_id",
                "status": "opt_state",
                "joined_on": "starts_on",
            },
        ),
        Resource(
            "contribution",
            listing="/contributions",
            records="contributions",
            pages=ByOffset(total="total"),
            total="total",
            query=_only(_CONTRIBUTION),
            kind=Kind.CONTRIBUTION,
            order=20,
            fields={
                "member": "employee_id",
                "starts_on": "starts_on",
                "ends_on": "ends_on",
                "currency": "currency",
                "employee_amount": "employee_amount",
                "employer_amount": "company_amount",
            },
        ),
        Resource("summary", listing="/contributions/summary"),
        Resource("opt_state", "/employees/{id}/opt_state"),
        Resource("import", "/imports/{id}", "/imports", records="imports", pages=ByOffset(total="total")),
        Resource(
            "import_result", "/imports/{id}/import_results", records="import_results", pages=ByOffset(total="total")
        ),
    ),
    operations=(
        # No idempotency keys: what may have arrived is looked for by member and period first.
        Operation("contributions.create", "POST", "/employees/{member}/contributions", Safety.CHECK_FIRST),
        Operation("contributions.change", "PATCH", "/employees/{member}/contributions/{id}", Safety.FREE),
        Operation("imports.create", "POST", "/imports", Safety.CHECK_FIRST),
    ),
)

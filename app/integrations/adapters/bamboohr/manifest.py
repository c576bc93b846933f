"""BambooHR as data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.bamboohr.adapter import day, read_list, read_people, read_time_off, status_of
from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import OAuth2Code
from app.integrations.contracts import Category, Manifest
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.sync.mapping import Codes
from app.integrations.sync.records import Kind
from app.integrations.transports.http.rules import Means, On, Rules
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import Hmac


class BambooHRConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str = Field(
        title="Company at BambooHR", description="What stands before .bamboohr.com in the address.", examples=["northwind"],
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
    )  # fmt: skip


class BambooHRSecrets(BaseModel):
    """Of the application registered in BambooHR's developer portal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client ID")
    client_secret: SecretStr = Field(title="Client secret")
    webhook_key: SecretStr | None = Field(
        None, title="Private key of the webhook", description="BambooHR shows it once, when the webhook is made."
    )


FIELDS = (
    "firstName", "lastName", "middleName", "employeeNumber", "workEmail", "mobilePhone", "dateOfBirth", "gender", "maritalStatus", "address1",
    "address2", "city", "state", "zipcode", "country", "status", "employmentStatus", "hireDate", "terminationDate", "jobTitle", "department",
    "supervisorEId", "ssn",
)  # fmt: skip

EMPLOYEE = {
    "employee_number": "employeeNumber", "first_name": "firstName", "middle_name": "middleName", "last_name": "lastName",
    "work_email": "workEmail", "phone": "mobilePhone", "date_of_birth": day("dateOfBirth"), "ssn": "ssn",
    "gender": Codes("gender", {"Male": "male", "Female": "female", "Non-binary": "other"}),
    "marital_status": Codes(
        "maritalStatus", {"Single": "single", "Married": "married", "Domestic Partnership": "domestic_partner", "Divorced": "divorced",
                          "Widowed": "widowed", "Separated": "separated"},
    ),
    "address_line1": "address1", "address_line2": "address2", "city": "city", "state": "state", "zip_code": "zipcode", "country": "country",
    "status": status_of, "hired_on": day("hireDate"), "terminated_on": day("terminationDate"),
    "employment_type": Codes(
        "employmentStatus", {"Full-Time": "full_time", "Part-Time": "part_time", "Contractor": "temporary", "Temporary": "temporary"}
    ),
    "job_title": "jobTitle", "department": "department", "manager": "supervisorEId",
}  # fmt: skip

API = Api(
    base_urls={Environment.PRODUCTION: "https://{company}.bamboohr.com/api/v1"},
    auth=OAuth2Code(
        authorize_url="https://{company}.bamboohr.com/authorize.php",
        token_url="https://{company}.bamboohr.com/token.php?request=token",  # noqa: S106 an address
        scopes={
            "offline_access": "Stay connected without signing in again",
            "employee": "Read names, contacts and other plain facts of employees",
            "employee:job": "Read department, job title and manager",
            "sensitive_employee:protected_info": "Read dates of birth and Social Security numbers, which carriers need",
            "sensitive_employee:address": "Read home addresses, which carriers need",
            "field": "Read the lists of departments and job titles",
            "time_off": "Read who is on leave",
        },
    ),
    headers={"Accept": "application/json"},
    # Until 2026-09-16 throttling was a 503; a 200 may hold a 429 in its body.
    rules=Rules(errors=(On(Means.SLOW_DOWN, 503), On(Means.SLOW_DOWN, 200, path="error.code", value="^429$"))),
    limits=(Rate(10, 1), Concurrency(4)),  # unpublished: our own, cautious
    resources=(
        Resource(
            "departments", listing="/meta/lists", kind=Kind.DEPARTMENT, fields={"name": "name"}, reader=read_list("department"),
            deletes=Deletes.NONE, order=1,
        ),
        Resource("positions", listing="/meta/lists", kind=Kind.POSITION, fields={"name": "name"}, reader=read_list("jobTitle"), order=2),
        Resource(
            "employees", path="/employees/{id}", listing="/employees", records="data", key="employeeId", kind=Kind.EMPLOYEE, fields=EMPLOYEE,
            reader=read_people, deletes=Deletes.DIFF, order=3, detail=(("fields", ",".join(FIELDS)),),
        ),
        Resource(
            "leaves", listing="/time_off/requests", kind=Kind.LEAVE, reader=read_time_off, order=4,
            fields={
                "employee": "employeeId", "starts_on": "start", "ends_on": "end", "kind": "type.name",
                "approved": Codes("status.status", {"approved": True}, False),
            },
        ),
    ),
)  # fmt: skip

MANIFEST = Manifest(
    slug="bamboohr",
    name="BambooHR",
    category=Category.HRIS,
    docs="https://documentation.bamboohr.com/reference",
    owner="corridor",
    config=BambooHRConfig,
    secrets=BambooHRSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=Hmac("X-BambooHR-Signature", message="{body}{timestamp}", timestamp_header="X-BambooHR-Timestamp"),
        secret="webhook_key",  # noqa: S106 the name of a field
        # It gives events no id: the same bytes are the same event, and what they speak of is read again anyway.
        events=Events(kind="type", subject="data.employeeId", about={"employee.*": "employees"}),
    ),
)

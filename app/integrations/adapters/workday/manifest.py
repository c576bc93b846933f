"""Workday as an adapter. Facts and what was verified where: README.md."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel

from app.integrations.adapters.workday import words
from app.integrations.adapters.workday.reading import (
    ASK,
    read_job_profiles,
    read_leaves,
    read_organizations,
    read_workers,
)
from app.integrations.adapters.workday.settings import SignIn, WorkdayConfig, WorkdaySecrets
from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import JwtAssertion, UsernameToken
from app.integrations.contracts import Category, Manifest
from app.integrations.paging import ByOffset
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.sync.records import Kind
from app.integrations.transports.http.rules import Means, On, Rules

_LISTS = ByOffset("offset", "limit", 100, total="total")

API = Api(
    base_urls={Environment.PRODUCTION: "https://{host}/ccx"},
    auth=UsernameToken("{username}@{tenant}"),
    # Every fault of SOAP comes as a 500. Some of them will never go away by asking again; only the words say which.
    rules=Rules(
        errors=(
            On(
                Means.REFUSED_AUTH,
                500,
                text="authenticationError|invalid username or password",
                code="password-refused",
            ),
            On(Means.FORBIDDEN, 500, text="task submitted is not authorized", code="task-not-authorized"),
            On(Means.REJECTED, 500, text="validationError|Validation_Fault", code="validation-fault"),
        )
    ),
    limits=(Rate(300, 60), Concurrency(4)),  # Workday names none; about ten a second were seen to pass
    resources=(
        Resource(
            "departments",
            listing="/api/staffing/v6/{tenant}/supervisoryOrganizations",
            records="data",
            total="total",
            pages=_LISTS,
            key=words.ORGANIZATION_KEY,
            kind=Kind.DEPARTMENT,
            fields=words.ORGANIZATION,
            deletes=Deletes.DIFF,
            reader=read_organizations,
            order=1,
        ),
        Resource(
            "positions",
            listing="/api/staffing/v6/{tenant}/jobProfiles",
            records="data",
            total="total",
            pages=_LISTS,
            key=words.JOB_PROFILE_KEY,
            kind=Kind.POSITION,
            fields=words.JOB_PROFILE,
            deletes=Deletes.DIFF,
            reader=read_job_profiles,
            order=2,
        ),
        Resource(
            "employees",
            listing=ASK.path,
            key=words.WORKER_KEY,
            kind=Kind.EMPLOYEE,
            fields=words.WORKER,
            deletes=Deletes.DIFF,
            reader=read_workers,
            order=3,
        ),
        Resource(
            "leaves",
            listing=ASK.path,
            key=words.LEAVE_KEY,
            kind=Kind.LEAVE,
            fields=words.LEAVE,
            deletes=Deletes.DIFF,
            reader=read_leaves,
            order=4,
        ),
    ),
    operations=(ASK,),
    deadline_seconds=120,
    most_bytes=40 * 1024 * 1024,
)

_KEY = JwtAssertion("https://{host}/ccx/oauth2/{tenant}/token", subject="username", audience="wd")


def make_api(config: BaseModel) -> Api:
    """With a key the same API is opened by an access token, for SOAP too."""
    return replace(API, auth=_KEY) if getattr(config, "sign_in", None) is SignIn.KEY else API


MANIFEST = Manifest(
    slug="workday",
    name="Workday",
    category=Category.HRIS,
    docs="https://community.workday.com/sites/default/files/file-hosting/productionapi/Human_Resources/v44.0/Get_Workers.html",
    owner="corridor",
    config=WorkdayConfig,
    secrets=WorkdaySecrets,
    api=API,
    make_api=make_api,
)

"""ADP Workforce Now as an adapter. Facts and what was verified where: README.md."""

from __future__ import annotations

from app.integrations.adapters.adp import words
from app.integrations.adapters.adp.reading import DONE, read_leaves, read_whole, read_workers
from app.integrations.adapters.adp.settings import AdpConfig, AdpSecrets
from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import MutualTls, OAuth2Client
from app.integrations.contracts import Category, Manifest
from app.integrations.paging import ByOffset
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.sync.mapping import Fields
from app.integrations.sync.records import Kind

_PAGES = ByOffset("$skip", "$top", 100, total="meta.totalNumber")
_CODES = "/codelists/hr/v3/worker-management"


def _code_list(name: str, kind: Kind, listed: str, order: int) -> Resource:
    fields: Fields = words.LISTED
    return Resource(
        name,
        listing=f"{_CODES}/{listed}/WFN/1",
        records="codeLists.0.listItems",
        key="codeValue",
        kind=kind,
        fields=fields,
        deletes=Deletes.DIFF,
        reader=read_whole,
        order=order,
    )


API = Api(
    base_urls={Environment.PRODUCTION: "https://api.adp.com"},
    auth=MutualTls(also=OAuth2Client("https://accounts.adp.com/auth/oauth/v2/token")),
    headers={"accept": "application/json;masked={masked}"},
    limits=(Rate(240, 60), Concurrency(3)),  # ADP names its own to partners alone; a guess
    resources=(
        _code_list("departments", Kind.DEPARTMENT, "departments", 1),
        _code_list("positions", Kind.POSITION, "job-titles", 2),
        Resource(
            "employees",
            "/hr/v2/workers/{id}",
            "/hr/v2/workers",
            records="workers",
            key="associateOID",
            pages=_PAGES,
            total="meta.totalNumber",
            one="workers.0",
            kind=Kind.EMPLOYEE,
            fields=words.WORKER,
            deletes=Deletes.DIFF,
            reader=read_workers,
            order=3,
        ),
        Resource(
            "leaves",
            listing="/hr/v2/workers",
            records="workers",
            key="associateOID",
            pages=_PAGES,
            total="meta.totalNumber",
            kind=Kind.LEAVE,
            fields=words.LEAVE,
            reader=read_leaves,
            order=4,
        ),
    ),
    operations=(DONE,),
    deadline_seconds=60,
    most_bytes=40 * 1024 * 1024,
)

MANIFEST = Manifest(
    slug="adp",
    name="ADP Workforce Now",
    category=Category.HRIS,
    docs="https://developers.adp.com/",
    owner="corridor",
    config=AdpConfig,
    secrets=AdpSecrets,
    api=API,
)

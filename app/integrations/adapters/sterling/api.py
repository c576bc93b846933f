"""Sterling's API v2 as data. Facts: sterling.readme.io and Sterling's own client; what was seen where stands in README.md."""

from __future__ import annotations

from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import OAuth2Client
from app.integrations.paging import ByOffset
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.rules import Means, On, Rules

# Each region and environment has a host of its own, given with the credentials; so a connection names one, and it is both.
_BASE = "https://{api_host}/v2"

API = Api(
    base_urls={Environment.PRODUCTION: _BASE, Environment.STAGING: _BASE},
    auth=OAuth2Client(f"{_BASE}/oauth"),
    rules=Rules(errors=(On(Means.REFUSED_AUTH, 401, code="token-refused"),), pause_seconds=60),
    limits=(Rate(60, 60), Concurrency(5)),
    resources=(
        Resource("package", listing="/packages"),  # first: a connection is tried by it, and it names nobody
        Resource("candidate", "/candidates/{id}", "/candidates", pages=ByOffset()),
        Resource("report", "/screenings/{id}"),
        Resource("document", "/screenings/{id}/report"),
    ),
    operations=(
        Operation("candidates.create", "POST", "/candidates", Safety.CHECK_FIRST),
        Operation("screenings.create", "POST", "/screenings", Safety.CHECK_FIRST),
    ),
)

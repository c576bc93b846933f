"""CertnCentric's API as data. Facts: centric-api-docs.certn.co; what was seen where stands in README.md."""

from __future__ import annotations

from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import ApiKey
from app.integrations.paging import ByNumber
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.rules import Means, On, Rules

API = Api(
    base_urls={
        Environment.PRODUCTION: "https://api.{region}.certn.co",
        Environment.STAGING: "https://api.sandbox.certn.co",
    },
    auth=ApiKey("Authorization", "api_key", prefix="Api-Key "),
    rules=Rules(errors=(On(Means.REFUSED_AUTH, 401, code="key-refused"),), pause_seconds=60),
    limits=(Rate(60, 60), Rate(7220, 86_400), Concurrency(5)),
    resources=(
        Resource(
            "report",
            "/api/public/cases/{id}/",
            "/api/public/cases/",
            records="results",
            pages=ByNumber(size="", more="pagination.next_page"),
        ),
    ),
    operations=(
        Operation("cases.order", "POST", "/api/public/cases/order/", Safety.CHECK_FIRST),
        Operation("cases.cancel", "POST", "/api/public/cases/{id}/cancel/", Safety.FREE),
    ),
)

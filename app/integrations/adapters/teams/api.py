"""A workflow of Power Automate as data. Facts: learn.microsoft.com (Teams, Workflows); what was seen where stands in README.md."""

from __future__ import annotations

from app.integrations.api import Api, Environment, Operation
from app.integrations.auth.kinds import NoAuth
from app.integrations.protection.limits import Rate
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.rules import Means, On, Rules

API = Api(
    base_urls={Environment.PRODUCTION: "{workflow_url}"},
    auth=NoAuth(),
    rules=Rules(
        errors=(
            # Whatever is wrong with the address, only a person can enter another one.
            On(Means.REFUSED_AUTH, 400, path="error.code", value="NotEnabled|Disabled", code="workflow-off"),
            On(Means.REFUSED_AUTH, 401, code="address-refused"),
            On(Means.REFUSED_AUTH, 403, code="address-refused"),
            On(Means.REFUSED_AUTH, 404, code="workflow-unknown"),
            On(Means.REFUSED_AUTH, 410, code="address-retired"),
        ),
    ),
    limits=(Rate(4, 1), Rate(100, 60)),
    operations=(Operation("message.post", "POST", "", Safety.ASK),),
)

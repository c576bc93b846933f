"""Accurate's API v3 as data. Facts: accurate.readme.io; what was seen where stands in README.md."""

from __future__ import annotations

from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import Basic
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.rules import Means, On, Rules

# One address; whether it is the sandbox is decided by the credentials.
_BASE = "https://api.accuratebackground.com/v3"

API = Api(
    base_urls={Environment.PRODUCTION: _BASE, Environment.STAGING: _BASE},
    auth=Basic("client_id", "client_secret"),
    rules=Rules(errors=(On(Means.REFUSED_AUTH, 401, code="key-refused"),), pause_seconds=60),
    limits=(Rate(60, 60), Concurrency(5)),
    resources=(
        Resource("candidate", "/candidate/{id}", "/candidate"),
        Resource("report", "/order/{id}"),
        Resource("document", "/report/{id}"),
    ),
    operations=(
        # No key and no filter that is public: what may have arrived can be found by a person only.
        Operation("candidates.create", "POST", "/candidate", Safety.ASK),
        Operation("orders.create", "POST", "/order", Safety.ASK),
    ),
)

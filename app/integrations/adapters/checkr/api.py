"""Checkr's API v1 as data. Facts: docs.checkr.com and its API description (2025-07); what was tried stands in README.md."""

from __future__ import annotations

from app.integrations.adapters.checkr.words import CHECKS
from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import Basic
from app.integrations.paging import ByNumber
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.rules import Means, On, RateHeaders, Rules


def _checkr_list(name: str, path: str) -> Resource:
    return Resource(name, f"{path}/{{id}}", path, records="data", pages=ByNumber(count=100, more="next_href"))


def _by_key(name: str, path: str) -> Operation:
    return Operation(name, "POST", path, Safety.BY_KEY, "Idempotency-Key", key_hours=24)


RULES = Rules(
    errors=(
        On(Means.REFUSED_AUTH, 401, code="key-refused"),
        On(Means.GONE, 403, path="error", value="PII be removed", code="candidate-erased"),
        On(Means.FORBIDDEN, 403, path="error", value="not approved", code="account-not-approved"),
        On(Means.NOT_FOUND, 404, path="error", value="prediction unavailable", code="eta-unavailable"),
        On(Means.NOT_FOUND, 404, path="error", value="package", code="package-unknown"),
        On(Means.UNCERTAIN, 409, path="error", value="idempoten|being processed|in progress", code="still-running"),
        On(Means.CONFLICT, 409, code="duplicate"),
        On(Means.CONFLICT, 400, path="error", value="pre-existing adverse action", code="adverse-action-exists"),
    ),
    rates=RateHeaders("X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"),
    pause_seconds=10,
)

API = Api(
    base_urls={
        Environment.PRODUCTION: "https://api.checkr.com/v1",
        Environment.STAGING: "https://api.checkr-staging.com/v1",
    },
    auth=Basic("api_key"),
    rules=RULES,
    limits=(Rate(1200, 60), Concurrency(10)),
    resources=(
        _checkr_list("candidate", "/candidates"),
        _checkr_list("invitation", "/invitations"),
        _checkr_list("package", "/packages"),
        Resource("report", "/reports/{id}"),
        Resource("eta", "/reports/{id}/eta"),
        Resource("adverse_item", listing="/reports/{id}/adverse_items", records="data"),
        Resource("adverse_action", "/adverse_actions/{id}"),
        Resource("document", "/documents/{id}"),
        *(Resource(check.kind, f"{check.path}/{{id}}") for check in CHECKS if check.path),
    ),
    operations=(
        _by_key("candidates.create", "/candidates"),
        _by_key("invitations.create", "/invitations"),
        Operation("invitations.cancel", "DELETE", "/invitations/{id}", Safety.FREE),
        _by_key("reports.create", "/reports"),
        _by_key("reports.complete", "/reports/{id}/complete"),
        Operation("reports.engage", "POST", "/reports/{id}", Safety.FREE, "Idempotency-Key"),
        _by_key("documents.upload", "/candidates/{id}/documents"),
        _by_key("adverse_actions.create", "/reports/{id}/adverse_actions"),
        Operation("adverse_actions.cancel", "DELETE", "/adverse_actions/{id}", Safety.FREE),
        Operation("candidates.erase", "DELETE", "/candidates/{id}/pii", Safety.FREE),
    ),
)

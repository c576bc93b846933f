"""Slack's Web API as data. Facts: Slack's own description (2021-09) and docs.slack.dev; what was seen where stands in README.md."""

from __future__ import annotations

from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import Bearer
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.rules import Means, On, Rules, Success

_DEAD = (
    "^(not_authed|invalid_auth|account_inactive|token_(revoked|expired)|org_login_required|team_access_not_granted)$"
)
_NOT_ALLOWED = "^(missing_scope|not_in_channel|restricted_action.*|ekm_access_denied|access_denied|no_permission)$"


def _on(means: Means, value: str, code: str) -> On:
    """Slack answers 200 to almost everything; the reason is the word in `error`."""
    return On(means, path="error", value=value, code=code)


API = Api(
    base_urls={Environment.PRODUCTION: "https://slack.com/api"},
    auth=Bearer("bot_token"),
    rules=Rules(
        success=Success("ok", True, code="error"),
        errors=(
            _on(Means.REFUSED_AUTH, _DEAD, "token-refused"),
            _on(Means.FORBIDDEN, "^missing_scope$", "scope-missing"),
            _on(Means.FORBIDDEN, "^not_in_channel$", "bot-not-in-channel"),
            _on(Means.FORBIDDEN, _NOT_ALLOWED, "forbidden"),
            _on(Means.NOT_FOUND, "^channel_not_found$", "channel-unknown"),
            _on(Means.GONE, "^is_archived$", "channel-archived"),
            _on(Means.SLOW_DOWN, "^rate_?limited$", "slow-down"),
            _on(Means.BUSY, "^service_unavailable$", "busy"),
            # By Slack's own words a part of it may have happened.
            _on(Means.UNCERTAIN, "^(fatal_error|internal_error)$", "outcome-unknown"),
        ),
        pause_seconds=30,
    ),
    limits=(Rate(50, 60), Concurrency(1)),
    resources=(
        Resource("workspace", listing="/auth.test"),
        Resource("message", listing="/conversations.history", records="messages", key="ts"),
    ),
    operations=(Operation("message.post", "POST", "/chat.postMessage", Safety.CHECK_FIRST),),
)

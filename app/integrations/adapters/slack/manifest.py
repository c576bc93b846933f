"""Slack as an adapter: settings, secrets, webhooks; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.slack.adapter import SlackConfig, open_messenger
from app.integrations.adapters.slack.api import API
from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Handshake, Webhooks
from app.integrations.webhooks.kinds import Hmac


class SlackSecrets(BaseModel):
    """Of an app that the company makes for itself in its workspace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bot_token: SecretStr = Field(
        title="Bot token",
        description="Begins with xoxb-. Scopes: chat:write to post; channels:history (groups:history in a private channel) "
        "to see that a notice is already there before it is posted again.",
    )
    signing_secret: SecretStr | None = Field(
        None, title="Signing secret", description="Only when Slack should tell Corridor about events."
    )


MANIFEST = Manifest(
    slug="slack",
    name="Slack",
    category=Category.MESSAGING,
    docs="https://docs.slack.dev/apis/web-api/",
    owner="corridor",
    config=SlackConfig,
    secrets=SlackSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=Hmac(
            "X-Slack-Signature",
            prefix="v0=",
            message="v0:{timestamp}:{body}",
            timestamp_header="X-Slack-Request-Timestamp",
            tolerance_seconds=300,
        ),
        secret="signing_secret",  # noqa: S106 the name of a field
        handshake=Handshake.SLACK,
        events=Events(id="event_id", kind="event.type", subject="event.channel"),
    ),
    messenger=open_messenger,
)

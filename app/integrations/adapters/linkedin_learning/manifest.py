"""LinkedIn Learning as an adapter. Its reports are sums over a span of days, so `adapter` reads them week after week."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.linkedin_learning.adapter import LinkedInConfig, engagement_of, read_reports
from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import ClientProof, OAuth2Client
from app.integrations.contracts import Category, Manifest
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.sync.records import Kind


class LinkedInSecrets(BaseModel):
    """Of an API key that an administrator of LinkedIn Learning made for reports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client id")
    client_secret: SecretStr = Field(title="Client secret")


API = Api(
    base_urls={Environment.PRODUCTION: "https://api.linkedin.com"},
    auth=OAuth2Client("https://www.linkedin.com/oauth/v2/accessToken", proof=ClientProof.BODY),
    # LinkedIn counts calls per application and day and shows the number only to its owner: this is slow enough for a first guess.
    limits=(Rate(60, 60), Concurrency(2)),
    resources=(
        Resource(
            "activity",
            listing="/v2/learningActivityReports",
            records="elements",
            kind=Kind.LEARNING,
            deletes=Deletes.NONE,
            reader=read_reports,
            fields={
                "email": "learner.email",
                "content": "content.contentUrn",
                "title": "content.name",
                "engagement": engagement_of,
                "value": "activity.engagementValue",
                "starts_on": "starts_on",
                "ends_on": "ends_on",
            },
        ),
    ),
)

MANIFEST = Manifest(
    slug="linkedin_learning",
    name="LinkedIn Learning",
    category=Category.LEARNING,
    docs="https://learn.microsoft.com/en-us/linkedin/learning/reference/learning-activity-reports-reference",
    owner="corridor",
    config=LinkedInConfig,
    secrets=LinkedInSecrets,
    api=API,
)

"""What a connection to Workday is told."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class SignIn(StrEnum):
    """How we sign in. A password opens SOAP alone, a key REST as well."""

    PASSWORD = "password"  # noqa: S105 a kind, not one
    KEY = "key"


class WorkdayConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        title="Host name of the web services",
        description="In Workday, under View API Clients or in any web service address.",
        examples=["wd5-services1.myworkday.com"],
        pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.(my)?workday(gov)?\.com$",
    )
    tenant: str = Field(title="Tenant", examples=["acme"], pattern=r"^[A-Za-z0-9_]{1,60}$")
    username: str = Field(
        title="Integration system user",
        description="The name without the tenant. It needs to read workers, organizations and job profiles, and nothing else.",
        examples=["ISU_Corridor"],
        pattern=r"^[^@\s]{1,100}$",
    )
    sign_in: SignIn = Field(
        SignIn.PASSWORD,
        title="Sign in with",
        description="A password of the user, or the key of an API client (JWT bearer grant).",
    )
    version: str = Field("v44.0", title="Version of the web services", examples=["v44.0"], pattern=r"^v\d{2}\.\d$")


class WorkdaySecrets(BaseModel):
    """Of the way that was chosen; the other one stays empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    password: SecretStr | None = Field(None, title="Password of the integration system user")
    client_id: SecretStr | None = Field(None, title="Client ID of the API client")
    private_key: SecretStr | None = Field(
        None,
        title="Private key of the API client",
        description="PEM; its certificate is registered with the API client.",
    )

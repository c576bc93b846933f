"""Every setting of Corridor, read once from the environment. `docs/settings.md` is compared with this file by a test."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings by environment variable (upper-case field name) or `.env` file."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    environment: Literal["development", "test", "production"] = Field(
        "development",
        description="`production` refuses development conveniences (gallery, generated keys, plain HTTP cookies).",
    )
    database_url: str = Field(
        "postgresql+psycopg://corridor_app@localhost/corridor",
        description="PostgreSQL as the application role, which must be neither owner nor superuser.",
    )
    owner_database_url: str = Field("", description="PostgreSQL as the owning role; used by migrations only.")
    dispatch_database_url: str = Field(
        "", description="PostgreSQL as the dispatcher role, which sees job intents of every company and nothing else."
    )
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0", description="Valkey or Redis; used by workers and dispatcher only."
    )
    queue_name: str = Field("corridor", description="The one RQ queue of this worker; several workers may share it.")
    secret_key: SecretStr = Field(
        SecretStr("development-only-secret-key"),
        description="Signs CSRF tokens and OIDC state. Random, 32 bytes or more, in production.",
    )
    key_file: Path = Field(
        Path("var/keys.json"),
        description="Key-encryption, blind-index and audit-signing keys (mode 0600); see docs/operate.md.",
    )
    storage_url: str = Field(
        "var/storage",
        description="Where documents lie: a folder, or `s3://bucket/prefix` for an S3-compatible service.",
    )
    s3_endpoint: str = Field("", description="Endpoint of the S3-compatible service; empty means the vendor's own.")
    s3_region: str = Field("us-east-1", description="Region of the S3-compatible service.")
    checkpoint_dir: Path = Field(
        Path("var/audit-checkpoints"),
        description="Where signed audit checkpoints are copied; put it on another machine.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="Public address; links in e-mail, passkeys and OIDC redirects start with it.",
    )
    port: int = Field(8000, ge=0, le=65535, description="Port of the web server started by `make run`.")
    web_threads: int = Field(8, ge=1, description="Threads of one gunicorn worker.")
    database_pool: int = Field(8, ge=1, description="Connections one process keeps open to PostgreSQL.")
    sftp_allowed: str = Field(
        "",
        description="Where workers may open SFTP to, comma-separated: hosts, `*.suffix`, networks (`10.20.0.0/16`). Empty: every public address. Private ones by network only; loopback, link-local and metadata never. Outside of production there is no limit.",
    )
    http_allowed: str = Field(
        "",
        description="Where workers may open HTTPS to, written like `SFTP_ALLOWED`. Empty: every public address; else the listed ones and the hosts of each provider's own manifest. Private ones by network only. Outside of production a sandbox on this machine too.",
    )
    exchange_days: int = Field(
        30, ge=1, description="Days the log of requests to providers is kept, with their encrypted bodies."
    )
    smtp_url: str = Field(
        "smtp://127.0.0.1:8125",
        description="Outgoing e-mail: `smtps://user:password@host:port` (TLS from the first byte) or `smtp://…` (STARTTLS when offered).",
    )
    smtp_demand_tls: bool = Field(
        True,
        description="In production, send nothing over a mail server that offers no TLS. Off only for a relay on the same machine.",
    )
    mail_from: str = Field("Corridor <no-reply@corridor.example>", description="Sender of outgoing e-mail.")
    import_file_days: int = Field(
        30,
        ge=1,
        description="Days after which an uploaded employee file is destroyed; what it said is in the employees by then, or was discarded.",
    )
    idle_minutes: int = Field(
        20, ge=2, description="Minutes without a request after which a session ends (45 CFR 164.312(a)(2)(iii))."
    )
    session_hours: int = Field(12, ge=1, description="Hours after which a session ends whatever happens.")
    trusted_proxies: int = Field(
        0, ge=0, description="How many reverse proxies in front set X-Forwarded-For and -Proto."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged.")
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token for /metrics; empty means loopback only.")
    lease_seconds: int = Field(60, ge=2, description="Seconds a job holds its intent before somebody else may take it.")
    redispatch_seconds: int = Field(
        30, ge=1, description="Seconds after which a dispatched but unstarted intent is queued again."
    )
    oidc_issuer: str = Field(
        "", description="Issuer address of the identity provider for single sign-on; empty switches it off."
    )
    oidc_client_id: str = Field("", description="Client id at the identity provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at the identity provider.")
    sandbox_url: str = Field(
        "", description="Address of the sandbox's pages, shown in development; empty hides the link."
    )

    @model_validator(mode="after")
    def _refuse_known_secret(self) -> Self:
        """Whoever knows the secret can forge CSRF tokens and sign-in states, and everybody can read the default one."""
        if self.production and len(self.secret_key.get_secret_value()) < 32:  # the default one is shorter
            raise ValueError("SECRET_KEY must be 32 random characters or more in production")
        return self

    @field_validator("sftp_allowed", "http_allowed")
    @classmethod
    def _has_networks_only_with_a_slash(cls, text: str) -> str:
        for part in text.split(","):
            if "/" in part:
                ip_network(part.strip())
        return text

    @property
    def production(self) -> bool:
        return self.environment == "production"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read once.

    Raises:
        pydantic.ValidationError: a variable has a value that cannot be used; the message names it.
    """
    return Settings()  # type: ignore[call-arg]

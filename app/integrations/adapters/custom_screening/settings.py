"""The settings of one connection. Each part draws its own form; each value is checked with words that say what to do."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from app.integrations.adapters.custom_screening.mapping import OrderSettings, ResultSettings, zone
from app.integrations.formats.records import Format
from app.integrations.transports.sftp import SftpConfig, SftpSecrets

_URL = r"^(|https://[A-Za-z0-9.-]{1,253}(:\d{1,5})?(/[A-Za-z0-9._~/-]{0,200}[A-Za-z0-9._~-])?)$"
_PATH = r"^(|/[A-Za-z0-9._~/{}-]{0,200})$"
_HEADER = r"^[A-Za-z][A-Za-z0-9-]{0,60}$"


class Method(StrEnum):
    """How orders leave and results come."""

    API = "api"
    SFTP = "sftp"
    FILE_UPLOAD = "file_upload"


class SignIn(StrEnum):
    API_KEY = "api_key"
    BASIC = "basic_auth"
    BEARER = "bearer_token"
    OAUTH = "oauth_2_0"
    CERTIFICATE = "certificate"
    NONE = "none"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ApiSettings(_Part):
    """A REST interface. Paths hold {id} where the provider's id of an order goes."""

    base_url: str = Field("", title="Address", pattern=_URL, examples=["https://api.provider.example/v1"])
    staging_url: str = Field("", title="Address of the test environment", pattern=_URL)
    sign_in: SignIn = Field(SignIn.API_KEY, title="How we sign in")
    key_header: str = Field("Authorization", title="Header of the key", pattern=_HEADER)
    key_prefix: str = Field("", title="Words before the key", max_length=40, examples=["ApiKey"])
    token_url: str = Field("", title="Address that gives tokens (OAuth)", pattern=_URL)
    scopes: str = Field("", title="Scopes (OAuth)", max_length=500)
    headers: dict[str, str] = Field(
        default_factory=dict, title="Headers of every call", description="Header = value. No secrets here."
    )
    order_path: str = Field("", title="Path for a new order", pattern=_PATH, examples=["/orders"])
    get_path: str = Field("", title="Path of one order", pattern=_PATH, examples=["/orders/{id}"])
    find_path: str = Field(
        "",
        title="Path to look for orders",
        description="With it an order whose outcome nobody knows is looked for first; without it a person decides.",
        pattern=_PATH,
        examples=["/orders"],
    )
    find_by: str = Field(
        "reference", title="Name of our reference in that search", pattern=r"^[A-Za-z][\w.\[\]-]{0,60}$"
    )
    check_path: str = Field(
        "",
        title="Path to test the connection",
        description="Something that can be read without changing anything; empty: the search for orders.",
        pattern=_PATH,
        examples=["/packages"],
    )
    cancel_path: str = Field("", title="Path to cancel an order", pattern=_PATH, examples=["/orders/{id}/cancel"])
    report_path: str = Field("", title="Path of the report as PDF", pattern=_PATH, examples=["/orders/{id}/report.pdf"])
    found: str = Field("", title="Where the list stands in the answer to a search", max_length=200, examples=["orders"])
    once_header: str = Field(
        "",
        title="Header that makes a repeated order harmless",
        description="Only if the provider promises it: an idempotency key.",
        pattern=rf"^$|{_HEADER}",
    )
    once_hours: int = Field(24, title="Hours for which the provider remembers it", ge=1, le=8760)
    per_minute: int = Field(60, title="Most calls in a minute", ge=1, le=100_000)
    at_once: int = Field(4, title="Most calls at once", ge=1, le=100)
    seconds: int = Field(30, title="Longest wait for an answer (seconds)", ge=1, le=300)

    @field_validator("headers")
    @classmethod
    def _harmless(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if name.lower() in ("authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"):
                raise ValueError(f"{name} is set by Corridor itself")
            if not all(part.isascii() and part.isprintable() for part in (name, value)) or " " in name or ":" in name:
                raise ValueError("a header has a name without spaces and a value of plain characters")
        return headers

    @model_validator(mode="after")
    def _ids_have_a_place(self) -> ApiSettings:
        for path in (self.get_path, self.cancel_path, self.report_path):
            if path and path.count("{id}") != 1:
                raise ValueError("the paths of one order need {id} once, like /orders/{id}")
        paths = (self.order_path, self.get_path, self.find_path, self.check_path, self.cancel_path, self.report_path)
        if any("{" in path.replace("{id}", "", 1) or "}" in path.replace("{id}", "", 1) for path in paths):
            raise ValueError("a path may hold {id} only")
        if "{" in self.order_path + self.find_path + self.check_path:
            raise ValueError("there is no {id} yet for a new order or a search")
        if self.sign_in is SignIn.OAUTH and not self.token_url:
            raise ValueError("OAuth needs the address that gives tokens")
        return self


class PickUp(_Part):
    """Files by SFTP. Results are taken from the inbound folder of the server; what was read goes to one of two others."""

    done: str = Field("done", title="Folder for files that were read", min_length=1, max_length=200)
    rejected: str = Field("rejected", title="Folder for files that were refused", min_length=1, max_length=200)
    reports: str = Field(
        "", title="Folder with reports as PDF", description="Empty: beside the results.", max_length=200
    )
    names: str = Field(
        "*",
        title="Names of result files",
        description="With * for anything.",
        min_length=1,
        max_length=100,
        examples=["results-*.csv"],
    )
    due_by: str = Field("", title="A file is due by", pattern=r"^(|([01]\d|2[0-3]):[0-5]\d)$", examples=["06:00"])
    due_days: str = Field(
        "mon tue wed thu fri",
        title="On these days",
        pattern=r"^(mon|tue|wed|thu|fri|sat|sun)( (mon|tue|wed|thu|fri|sat|sun))*$",
    )
    time_zone: str = Field("America/New_York", title="Time zone of that hour")

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        return zone(name)


class ConnectorConfig(_Part):
    """One connection to a screening provider without an adapter of its own. Nothing secret."""

    provider: str = Field("custom_api", title="Provider", pattern=r"^[a-z][a-z0-9_]{1,40}$", examples=["goodhire"])
    method: Method = Field(Method.API, title="How orders and results travel")
    hosts_consent: bool = Field(
        False,
        title="The provider takes the consent itself",
        description="Off: nothing is ordered before it is signed here.",
    )
    api: ApiSettings = Field(ApiSettings.model_validate({}), title="Interface")
    sftp: SftpConfig | None = Field(None, title="Server")
    pick_up: PickUp = Field(PickUp.model_validate({}), title="Files")
    orders: OrderSettings = Field(OrderSettings.model_validate({}), title="Orders")
    results: ResultSettings = Field(ResultSettings.model_validate({}), title="Results")

    @model_validator(mode="after")
    def _parts_fit(self) -> ConnectorConfig:
        if self.method is Method.API:
            spoken = {self.orders.format} | ({self.results.format} if self.results.fields else set())
            if not spoken <= {Format.JSON, Format.XML}:
                raise ValueError("over an interface orders and results travel as JSON or XML")
            if self.api.find_path and "reference" not in self.orders.fields:
                raise ValueError("orders can only be looked for when they carry our reference")
        return self


class ConnectorSecrets(SftpSecrets):
    """What the chosen way to sign in needs; the rest stays empty. The private key is that of SFTP or of the certificate."""

    api_key: SecretStr | None = Field(None, title="Key, token or password of the interface")
    api_user: str = Field("", title="User name of the interface", max_length=200)
    client_id: str = Field("", title="Client id (OAuth)", max_length=200)
    client_secret: SecretStr | None = Field(None, title="Client secret (OAuth)")
    certificate: SecretStr | None = Field(None, title="Certificate")

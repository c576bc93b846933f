"""Microsoft Graph as data, as far as documents need it. Facts: Graph's own metadata and learn.microsoft.com; see README.md."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.adapters.sharepoint.reading import FIELDS, read_files
from app.integrations.api import Api, Deletes, Environment, Operation, Resource
from app.integrations.auth.kinds import ClientProof, JwtAssertion, OAuth2Client
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.sync.records import Kind
from app.integrations.transports.http.rules import Means, On, Rules


class SignIn(StrEnum):
    """How the application proves itself to Entra."""

    SECRET = "client_secret"  # noqa: S105 a kind
    CERTIFICATE = "certificate"


class SharePointConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    tenant: str = Field(
        title="Directory (tenant) ID",
        description="Entra admin center: Overview.",
        examples=["contoso.onmicrosoft.com"],
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{2,99}$",
    )
    client_id: str = Field(
        title="Application (client) ID",
        description="Give this application Sites.Selected and allow it to write to the one site below; it needs nothing else.",
        examples=["11111111-2222-3333-4444-555555555555"],
        pattern=r"^[0-9a-fA-F-]{36}$",
    )
    sign_in: SignIn = Field(SignIn.CERTIFICATE, title="How the application signs in")
    site_url: str = Field(
        title="Address of the site",
        examples=["https://contoso.sharepoint.com/sites/benefits"],
        pattern=r"^https://[A-Za-z0-9-]{1,100}\.sharepoint\.[a-z]{2,3}(/(sites|teams)/[^/?#{}%]{1,100})?/?$",
    )
    library: str = Field("", title="Library", description="Empty for the site's own: Documents.", max_length=100)
    folder: str = Field(
        "",
        title="Folder",
        description="Where documents go, below the library. It is made when it is not there.",
        examples=["Corridor/Compliance"],
        pattern=r"^[^\\:*?\"<>|#%{}]{0,200}$",
    )

    @property
    def site(self) -> str:
        """As Graph names a site by its address."""
        parts = urlsplit(self.site_url.rstrip("/"))
        return f"{parts.hostname}:{quote(parts.path)}" if parts.path else str(parts.hostname)


_TOKEN = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105 an address
_SCOPES = ("https://graph.microsoft.com/.default",)

API = Api(
    base_urls={Environment.PRODUCTION: "https://graph.microsoft.com/v1.0"},
    auth=JwtAssertion(
        _TOKEN, certificate="certificate", algorithm="PS256", scopes=_SCOPES, as_client=True
    ),  # PS256 and a SHA-256 thumbprint: what Entra asks for today
    headers={
        "User-Agent": "NONISV|Corridor|Corridor/1.0"
    },  # SharePoint slows down those first that say nothing of themselves
    rules=Rules(
        errors=(
            On(Means.GONE, 410, code="cursor-expired"),
            On(Means.CONFLICT, 409, code="name-taken"),
            On(Means.BUSY, 423, code="locked"),
            On(Means.REJECTED, 507, code="storage-full"),
        ),
        pause_seconds=30,
    ),
    limits=(Rate(10, 1), Concurrency(4)),
    resources=(
        Resource("site", "/sites/{id}"),
        Resource("library", listing="/sites/{id}/drives", records="value"),
        Resource(
            "file",
            listing="/drives/{drive}/root/delta()",
            records="value",
            kind=Kind.FILE,
            fields=FIELDS,
            gone="deleted",
            deletes=Deletes.TOMBSTONES,
            reader=read_files,
        ),
    ),
    operations=(
        # A name that is taken is refused: whoever cannot know how it ended looks whether the file is there.
        Operation("file.put", "PUT", "/drives/{drive}/root:/{path}:/content", Safety.CHECK_FIRST),
        Operation("upload.open", "POST", "/drives/{drive}/root:/{path}:/createUploadSession", Safety.FREE),
        Operation("upload.put", "PUT", "/…", Safety.CHECK_FIRST),
    ),
)


def make_api(config: BaseModel) -> Api:
    """With the connection's own site as the list a test can ask for, and its way to sign in."""
    if not isinstance(config, SharePointConfig) or not hasattr(config, "site_url"):
        return API  # settings that are not complete yet
    site = Resource("site", "/sites/{id}", f"/sites/{config.site}")
    auth = API.auth
    if config.sign_in is SignIn.SECRET:
        auth = OAuth2Client(_TOKEN, _SCOPES, proof=ClientProof.BODY)
    return replace(API, auth=auth, resources=(site, *API.resources[1:]))

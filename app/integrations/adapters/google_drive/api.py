"""Google Drive v3 as data. Facts: Google's discovery document and developers.google.com; what was seen where stands in README.md."""

from __future__ import annotations

from app.integrations.adapters.google_drive.reading import FIELDS, read_files
from app.integrations.api import Api, Deletes, Environment, Operation, Resource
from app.integrations.auth.kinds import JwtAssertion
from app.integrations.paging import ByCursor
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety
from app.integrations.sync.records import Kind
from app.integrations.transports.http.rules import Means, On, Rules

_REASON = "error.errors.0.reason"

API = Api(
    base_urls={Environment.PRODUCTION: "https://www.googleapis.com"},
    # Only what the account is a member of can be reached, so the one shared drive is the least privilege. With `drive.file` the
    # account would not see the folder that a person chose.
    auth=JwtAssertion(
        "https://oauth2.googleapis.com/token",
        issuer="client_email",
        scopes=("https://www.googleapis.com/auth/drive",),
    ),
    rules=Rules(
        errors=(
            On(Means.SLOW_DOWN, 403, path=_REASON, value="^(user)?rateLimitExceeded$", code="slow-down"),
            On(Means.SLOW_DOWN, 403, path=_REASON, value="^sharingRateLimitExceeded$", code="slow-down"),
            On(Means.REJECTED, 403, path=_REASON, value="^(storageQuotaExceeded|teamDriveFileLimitExceeded)$", code="drive-full"),
            On(Means.GONE, 400, path="error.errors.0.location", value="^pageToken$", code="cursor-expired"),
            On(Means.CONFLICT, 409, code="id-taken"),
        ),
        pause_seconds=30,
    ),
    limits=(Rate(300, 60), Concurrency(4)),
    deadline_seconds=60,
    resources=(
        Resource(
            "drive", "/drive/v3/drives/{id}", "/drive/v3/drives", records="drives",
            pages=ByCursor("pageToken", "nextPageToken", "pageSize"),
        ),
        Resource(
            "file", listing="/drive/v3/files", records="files", kind=Kind.FILE, fields=FIELDS, gone="trashed",
            deletes=Deletes.TOMBSTONES, reader=read_files,
        ),
    ),
    operations=(
        # With an id that was fetched before: made twice, the second one is refused (409).
        Operation("folder.create", "POST", "/drive/v3/files", Safety.FREE),
        Operation("file.create", "POST", "/upload/drive/v3/files", Safety.FREE),
        Operation("upload.open", "POST", "/upload/drive/v3/files", Safety.FREE),
        Operation("upload.put", "PUT", "/upload/drive/v3/files", Safety.FREE),
    ),
)  # fmt: skip

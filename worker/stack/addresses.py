"""The addresses the app is given, one per role, and how they are spelled."""

import hashlib
import hmac
from dataclasses import dataclass, replace

from sqlalchemy.engine import URL, make_url

OWNER, APP, DISPATCH = "corridor_owner", "corridor_app", "corridor_dispatch"
DATABASE = "corridor"
DRIVER = "postgresql+psycopg"


def url_of(text: str) -> URL:
    """Reads `postgres://`, `postgresql://` or `postgresql+psycopg://` alike."""
    return make_url(text).set(drivername=DRIVER)


def text_of(url: URL) -> str:
    """The whole address, password included. Never log it."""
    return url.render_as_string(hide_password=False)


def conninfo(url: URL) -> str:
    """The same address for psycopg itself."""
    return text_of(url.set(drivername="postgresql"))


def on_socket(directory: str, user: str, database: str) -> URL:
    """An address on a Unix socket without a password."""
    return URL.create(DRIVER, username=user, database=database, query={"host": directory})


def derived_password(admin: URL, role: str) -> str | None:
    """A role's password, the same on every machine that holds the admin's, and useless for finding it."""
    if not admin.password:
        return None
    return hmac.new(str(admin.password).encode(), role.encode(), hashlib.sha256).hexdigest()


def for_role(admin: URL, role: str, database: str) -> URL:
    """The admin's server seen as another role."""
    return URL.create(
        DRIVER, role, derived_password(admin, role), admin.host, admin.port, database, admin.query
    )  # fmt: skip


@dataclass(frozen=True)
class Addresses:
    """What one machine's processes need to find their data."""

    app: str
    owner: str
    dispatch: str
    redis: str
    admin: str | None = None

    def environment(self) -> dict[str, str]:
        """The variables every process of Corridor reads."""
        return {
            "DATABASE_URL": self.app,
            "OWNER_DATABASE_URL": self.owner,
            "DISPATCH_DATABASE_URL": self.dispatch,
            "REDIS_URL": self.redis,
        }

    def in_database(self, database: str) -> "Addresses":
        """The same server and roles, another database."""
        renamed = {
            name: text_of(url_of(getattr(self, name)).set(database=database)) for name in ("app", "owner", "dispatch")
        }
        return replace(self, **renamed)

"""The verbs of the connections domain: settings, credentials, health, inbox. Nothing here commits."""

from app.connections.services.access import days_left, ending
from app.connections.services.apis import Conduct, forget_previous, set_conduct
from app.connections.services.checking import ask_check, finish_check, pin_host_key
from app.connections.services.door import last_arrival
from app.connections.services.health import mark_broken, mark_healthy, note_exchange, note_failure
from app.connections.services.inbox import again, content, mark, receive, seen
from app.connections.services.leaving import disconnect, may_leave
from app.connections.services.providers import (
    by_hand,
    config_of,
    environments,
    feed_of,
    files_of,
    has_api,
    is_sandbox,
    manifest_of,
    profile_of,
    secrets_of,
    speaks_http,
    testable,
    types_packages,
)
from app.connections.services.settings import (
    change_phase,
    configure,
    create,
    get,
    listed,
    rename,
    set_active,
    set_credentials,
    set_data_region,
    set_safety,
    show,
)

__all__ = [
    "Conduct",
    "again",
    "ask_check",
    "by_hand",
    "change_phase",
    "config_of",
    "configure",
    "content",
    "create",
    "days_left",
    "disconnect",
    "ending",
    "environments",
    "feed_of",
    "files_of",
    "finish_check",
    "forget_previous",
    "get",
    "has_api",
    "is_sandbox",
    "last_arrival",
    "listed",
    "manifest_of",
    "mark",
    "mark_broken",
    "mark_healthy",
    "may_leave",
    "note_exchange",
    "note_failure",
    "pin_host_key",
    "profile_of",
    "receive",
    "rename",
    "secrets_of",
    "seen",
    "set_active",
    "set_conduct",
    "set_credentials",
    "set_data_region",
    "set_safety",
    "show",
    "speaks_http",
    "testable",
    "types_packages",
]  # fmt: skip

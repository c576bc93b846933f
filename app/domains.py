"""Every table and every job, in one import: migrations, workers and the web app need them all (an event finds its jobs only when
they are loaded)."""

import importlib
import importlib.util
import pkgutil

import app as package
from app.accounting import models as accounting
from app.accounts import models as accounts
from app.benefits import models as benefits
from app.connections import models as connections
from app.core import events, jobs
from app.core import models as core
from app.core.db import Base
from app.feeds import models as feeds
from app.hooks import models as hooks
from app.notices import models as notices
from app.people import models as people
from app.screening import models as screening
from app.syncing import models as syncing

__all__ = [
    "Base",
    "accounting",
    "accounts",
    "benefits",
    "connections",
    "core",
    "events",
    "feeds",
    "hooks",
    "jobs",
    "load_jobs",
    "notices",
    "people",
    "screening",
    "syncing",
]


def load_jobs() -> dict[str, jobs.Job]:
    """Import `jobs` of every domain and return the registry."""
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg and _has_jobs(module.name):
            importlib.import_module(f"app.{module.name}.jobs")
    importlib.import_module("app.core.audit")  # the core's own job: sealing
    return jobs.REGISTRY


def _has_jobs(domain: str) -> bool:
    return importlib.util.find_spec(f"app.{domain}.jobs") is not None

"""Which adapters have a stand-in, and a line to it made of the hints it gives: nothing here knows a provider."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from app.integrations.auth.kinds import needs_token
from app.integrations.registry import adapters
from sandbox.vendors.core.serving import slugs
from tests.integrations.adapters.ports import Line

ADAPTERS = sorted(slug for slug, one in adapters().items() if one.api is not None and slug in slugs())
READING = [slug for slug in ADAPTERS if adapters()[slug].synced]
READ = [(slug, resource.name) for slug in READING for resource in adapters()[slug].synced]
DOING = ("messenger", "documents", "pension", "wellness")
"""What an adapter does for a domain beside reading and screening (`app.integrations.ports`)."""
WRITING = [
    (slug, port) for slug in sorted(adapters()) for port in DOING if getattr(adapters()[slug], port) and slug in slugs()
]
CHANGING = [(slug, resource.name) for slug in READING for resource in adapters()[slug].synced if resource.incremental]


def joined(slug: str, vendor: Any) -> Line:
    """The adapter and its stand-in, signed in."""
    manifest, hints = adapters()[slug], vendor.hints()
    base = hints.get("api_url", vendor.url).removeprefix(vendor.url)
    line = Line(vendor, manifest, filled(manifest.config, hints), filled(manifest.secrets, hints), base=base)
    if needs_token(line.api.auth):
        line.fetch_token()
    return line


def filled(model: type[BaseModel], hints: dict[str, Any]) -> BaseModel:
    """Settings or secrets out of the stand-in's hints; what it does not say and nobody has to is left out.

    Raises `ValidationError`: the stand-in does not say all that has to be entered.
    """
    return model.model_validate({name: hints[name] for name in model.model_fields if hints.get(name)})

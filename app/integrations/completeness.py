"""What a manifest still lacks. An adapter with a gap stops the start, so that no page meets it later."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import OAuth2Code, fields_of, inner
from app.integrations.auth.oauth import whole_address
from app.integrations.contracts import Manifest
from app.integrations.protection.retry import Safety
from app.integrations.sync.mapping import Codes, path_fault
from app.integrations.sync.records import MODELS
from app.integrations.webhooks.door import Webhooks
from app.integrations.webhooks.kinds import Hmac


def faults(manifest: Manifest, folder: str) -> list[str]:
    """In words, each with what to do; empty when it is complete. folder: the name of the adapter's folder."""
    untitled = [
        name
        for model in (manifest.config, manifest.secrets)
        for name, field in model.model_fields.items()
        if not field.title
    ]
    checks = (
        (manifest.slug != folder, "slug must be the name of the folder"),
        (not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", manifest.slug), "slug must be a Python package name"),
        (not manifest.name or not manifest.owner, "name and owner must be filled in"),
        (not manifest.manual and not manifest.docs.startswith("https://"), "docs must be an https address"),
        (not manifest.capabilities, "it can do nothing: give it a feed, files, an api or manual=True"),
        (bool(untitled), f"settings without a title: {', '.join(untitled)}"),
    )
    found = [fault for failed, fault in checks if failed]
    if manifest.api is not None:
        found += _api_faults(manifest, manifest.api)
    if manifest.webhooks is not None:
        found += _webhook_faults(manifest, manifest.webhooks)
    return found


def _api_faults(manifest: Manifest, api: Api) -> list[str]:
    kind = inner(api.auth)
    known = {
        *manifest.config.model_fields,
        *manifest.secrets.model_fields,
        *getattr(kind, "keeps", ()),
        *getattr(kind, "asks", ()),
    }
    urls = [*api.base_urls.values(), getattr(kind, "token_url", ""), *_code_urls(kind)]
    needed = fields_of(api.auth) | {
        name for text in (*urls, *api.headers.values()) for name in re.findall(r"{(\w+)}", text)
    }
    doubled = _doubled([*(r.name for r in api.resources), *(o.name for o in api.operations)])
    nowhere = [resource.name for resource in api.resources if not (resource.path or resource.listing)]
    mapped = [fault for resource in api.resources if resource.kind is not None for fault in _mapping_faults(resource)]
    unkeyed = [o.name for o in api.operations if o.safety is Safety.BY_KEY and not o.key_header]
    checks = (
        (Environment.PRODUCTION not in api.base_urls, "base_urls must have one for production"),
        (
            any(url and not url.startswith("https://") and not whole_address(url) for url in urls),
            "every address must begin with https://",
        ),
        (any(url.endswith("/") for url in api.base_urls.values()), "base_urls must not end with a slash"),
        (
            bool(needed - known),
            f"auth and addresses read settings that do not exist: {', '.join(sorted(needed - known))}",
        ),
        (
            isinstance(kind, OAuth2Code) and not _has_words(kind.scopes),
            "each scope a person allows needs plain words: scopes={'scope': 'what it lets us do'}",
        ),
        (bool(doubled), f"named twice: {', '.join(doubled)}"),
        (bool(nowhere), f"resources without a path: {', '.join(nowhere)}"),
        (bool(unkeyed), f"safe by key, but without key_header: {', '.join(unkeyed)}"),
        (not (api.resources or api.operations), "an api needs a resource or an operation"),
        (not api.limits, "an api needs limits; a guess is better than none"),
        (any(limit.count < 1 or limit.seconds <= 0 for limit in api.limits), "limits must let something through"),
        (api.deadline_seconds <= 0 or api.most_bytes <= 0, "deadline_seconds and most_bytes must be above zero"),
    )
    return [*(fault for failed, fault in checks if failed), *mapped]


def _mapping_faults(resource: Resource) -> list[str]:
    """Of a resource that is kept in step."""
    assert resource.kind is not None
    model = MODELS[resource.kind].model_fields
    unknown = sorted(set(resource.fields) - set(model))
    lost = sorted(
        name for name, one in model.items() if one.is_required() and name not in {*resource.fields, "remote_id"}
    )
    paths = [
        found if isinstance(found, str) else found.path
        for found in resource.fields.values()
        if isinstance(found, str | Codes)
    ]
    bad = [path for path in (*paths, resource.key) if path_fault(path)]
    begins = {found[0] for path in (*paths, resource.key) if (found := re.match(r"\w+", path))}
    cut = sorted(begins - set(resource.only)) if resource.only else []
    by_list = resource.reader is None
    checks = (
        (bool(unknown), f"{resource.name} fills fields that do not exist: {', '.join(unknown)}"),
        (bool(lost), f"{resource.name} does not fill what must be there: {', '.join(lost)}"),
        (bool(bad), f"{resource.name} has paths that cannot be read: {', '.join(bad)}"),
        (bool(cut), f"{resource.name} reads what it does not keep (only): {', '.join(cut)}"),
        (by_list and not resource.listing, f"{resource.name} needs a listing or a reader"),
        (
            by_list and resource.deletes is Deletes.TOMBSTONES and not resource.gone,
            f"{resource.name} has tombstones: say where (gone)",
        ),
    )
    return [fault for failed, fault in checks if failed]


def _webhook_faults(manifest: Manifest, webhooks: Webhooks) -> list[str]:
    resources = {resource.name for resource in manifest.api.resources} if manifest.api else set()
    unknown = sorted(set((webhooks.events.about or {}).values()) - resources)
    verifier = webhooks.verifier
    stale = isinstance(verifier, Hmac) and bool(verifier.timestamp_header) and verifier.tolerance_seconds <= 0
    checks = (
        (verifier is None, "webhooks without a verifier: nothing that arrives could be believed"),
        (webhooks.secret not in manifest.secrets.model_fields, "webhooks.secret must name a field of secrets"),
        (
            webhooks.otherwise not in ("", *manifest.secrets.model_fields),
            "webhooks.otherwise must name a field of secrets",
        ),
        (stale, "a timestamp needs tolerance_seconds"),
        (isinstance(verifier, Hmac) and "{body}" not in verifier.message, "the signed message must hold {body}"),
        (bool(unknown), f"events about resources that do not exist: {', '.join(unknown)}"),
        (webhooks.most_bytes <= 0, "webhooks.most_bytes must be above zero"),
    )
    return [fault for failed, fault in checks if failed]


def _code_urls(kind: object) -> list[str]:
    return [kind.authorize_url, kind.revoke_url] if isinstance(kind, OAuth2Code) else []


def _has_words(scopes: object) -> bool:
    return isinstance(scopes, Mapping) and all(scopes.values())


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]

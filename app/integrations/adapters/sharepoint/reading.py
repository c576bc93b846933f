"""What changed in a library: page after page of its delta, whose links are the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from app.integrations.failures import ContractDrift, Rejected
from app.integrations.ports import Steps, walk
from app.integrations.reading import facts_of, needed, records_in, text
from app.integrations.sync.mapping import Raw
from app.integrations.sync.reading import Batch, Item, Mode, Reading, items_of
from app.integrations.transports.http.calls import Call

_LINK = re.compile(r"/drives/[^/?#]+/(root|items/[^/?#]+)/(microsoft\.graph\.)?delta[(?][^#\s]*")


def _folder(raw: Raw) -> str:
    """`/drives/b!1/root:/A/B%20C` → `A/B C`."""
    return unquote(text(raw.get("parentReference") or {}, "path").partition("root:")[2]).strip("/")


FIELDS: dict[str, Any] = {
    "name": "name",
    "folder": _folder,
    "content_type": "file.mimeType",
    "size": "size",
    "is_folder": lambda raw: "folder" in raw,
}


def find_drive(site: str, library: str) -> Steps[str]:
    """The id of the library's drive. Raises `Rejected` when the site has none of that name."""
    answer = yield Call("site.get", "GET", "/sites/{site}", exact=f"/sites/{site}")
    site_id = needed(facts_of(answer.json()), "id")
    if not library:
        answer = yield Call("library.get", "GET", "/sites/{id}/drive", {"id": site_id})
        return needed(facts_of(answer.json()), "id")
    answer = yield Call("library.list", "GET", "/sites/{id}/drives", {"id": site_id})
    for one in records_in(facts_of(answer.json()), "value"):
        if text(one, "name").casefold() == library.casefold():
            return needed(one, "id")
    raise Rejected("library-unknown", "The site has no library of this name.")


def read_files(reading: Reading) -> Iterator[Batch]:
    """The cursor holds whose drive it is (`of`), and the address to go on at: `next` within a run, `delta` for the next run.

    A full reading leaves `delta` aside. A link that is too old is refused with 410, which is `Gone` and goes up.
    """
    config: Any = reading.config
    of, cursor = f"{config.site_url} {config.library}", dict(reading.cursor)
    if cursor.get("of") != of:
        cursor = {"of": of, "drive": walk(find_drive(config.site, config.library), reading.ask)}
    known = cursor.get("next") or (cursor.get("delta") if reading.mode is not Mode.FULL else None)
    place = known or f"/drives/{quote(cursor['drive'], safe='!')}/root/delta()"
    base = {"of": of, "drive": cursor["drive"]}
    while True:
        document = facts_of(reading.ask(Call("file.list", "GET", reading.resource.listing, exact=place)).json())
        items = _latest(items_of(reading.resource, document))
        if following := text(document, "@odata.nextLink"):
            if following.endswith(place):
                raise ContractDrift("paging-in-a-circle")
            place = _kept(following)
            yield Batch(items, base | {"next": place}, last=False)
            continue
        yield Batch(items, base | {"delta": _kept(needed(document, "@odata.deltaLink"))}, last=True)
        return


def _latest(items: list[Item]) -> list[Item]:
    """An item may stand several times in a page; the last one counts. The root is no document."""
    latest = {item.remote_id: item for item in items if "root" not in item.raw}
    return list(latest.values())


def _kept(link: str) -> str:
    """Path and query of a link below our own base address, so that nobody leads us elsewhere. Raises `ContractDrift`."""
    parts = urlsplit(link)
    found = _LINK.search(f"{parts.path}?{parts.query}".rstrip("?"))
    if found is None:
        raise ContractDrift("link-unusable")
    return found.group()

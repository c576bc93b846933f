"""Tells Wellhub who may use it. Wellhub takes changes and no whole lists, so the list is compared with who is known there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from app.integrations.adapters.wellhub.api import API, WellhubConfig, listing_of
from app.integrations.api import Resource
from app.integrations.failures import Conflict, ContractDrift, Rejected
from app.integrations.paging import first_page, next_page
from app.integrations.ports import Eligible, Steps, Told, WellnessPlan
from app.integrations.reading import Facts, needed, records, text
from app.integrations.transports.http.calls import Json

MOST_ITEMS = 500
_AT_WORK = frozenset({"PENDING", "VALIDATING"})
_DONE = frozenset({"SUCCEEDED", "SUCCEEDED_WITH_ERRORS"})


@dataclass(frozen=True, slots=True)
class Wellhub(WellnessPlan):
    """See `WellnessPlan`. A job that is at work is asked about again by `follow`."""

    config: WellhubConfig

    def tell_eligibility(self, people: Sequence[Eligible], key: str) -> Steps[Told]:
        """The differences between the list and who is known there, in one job. Running it again tells only what is still different.

        Raises `Rejected`: nobody-eligible. A list of nobody is a mistake more often than a wish.
        """
        del key  # a second job with the same people changes nothing
        if not any(one.active for one in people):
            raise Rejected("nobody-eligible", "The list is empty. End the contract at Wellhub itself if that is meant.")
        known = yield from self._all(replace(API.resource("person"), listing=listing_of(self.config)))
        items = changes(people, [one for one in known if not one.get("deleted_at")], self.config.company_tax_id)
        if not items:
            return Told(0)
        created = yield API.operation("jobs.create").call(Json({}))
        job = needed(created.json(), "id")
        for start in range(0, len(items), MOST_ITEMS):
            body = Json(items[start : start + MOST_ITEMS])
            yield API.operation("jobs.fill").call(body, fills={"id": job})
        with suppress(Conflict):  # the first try arrived although its answer did not
            yield API.operation("jobs.submit").call(fills={"id": job})
        return (yield from self.follow(job))

    def follow(self, reference: str) -> Steps[Told]:
        """How a job ended; `waits_for` stays filled while Wellhub is still at it. Raises `Rejected`: job-rejected …"""
        answer = yield API.resource("job").get(reference)
        status = needed(answer.json(), "status")
        if status in _AT_WORK:
            return Told(0, waits_for=reference)
        if status not in _DONE:
            code = "job-rejected" if status == "REJECTED" else "job-failed"
            raise Rejected(code, "Wellhub did not take the list. Look at the job in its portal, or ask Wellhub.")
        refused: dict[str, str] = {}
        if status == "SUCCEEDED_WITH_ERRORS":
            items = yield from self._of_job("item", reference)
            errors = yield from self._of_job("error", reference)
            refused = blamed(items, errors)
        return Told(_counted(answer.json().get("statistics")), refused)

    def _of_job(self, name: str, job: str) -> Steps[list[Facts]]:
        resource = API.resource(name)
        return (yield from self._all(replace(resource, listing=resource.path), {"id": job}))

    def _all(self, resource: Resource, fills: Mapping[str, str] | None = None) -> Steps[list[Facts]]:
        found: list[Facts] = []
        following = first_page(resource.pages, resource.list(fills=fills))
        while True:
            answer = yield following
            document = answer.json()
            page = records(document.get("data") if isinstance(document, dict) else None)
            found += page
            more = next_page(resource.pages, following, answer, len(page))
            if more is None:
                return found
            following = more


def changes(people: Sequence[Eligible], known: Sequence[Facts], tax_id: str) -> list[dict[str, str]]:
    """What to tell: who is new, who is called differently, who leaves."""
    items, kept = [], set()
    for person, found in _matched([one for one in people if one.active], known):
        facts = {"email": person.email, "full_name": f"{person.first_name} {person.last_name}".strip()}
        if found is None:
            items.append(_item("CREATE", tax_id, facts | {"employee_id": person.person}))
            continue
        kept.add(id(found))
        if any(text(found, name) != value for name, value in facts.items()):
            items.append(_item("UPDATE", tax_id, facts | {"employee_id": text(found, "employee_id") or person.person}))
    leaving = (one for one in known if id(one) not in kept and (text(one, "email") or text(one, "employee_id")))
    return items + [
        _item("DELETE", tax_id, {name: text(one, name) for name in ("email", "employee_id") if text(one, name)})
        for one in leaving
    ]


def _matched(people: Sequence[Eligible], known: Sequence[Facts]) -> list[tuple[Eligible, Facts | None]]:
    """Each person with who is known: by our key, else by an address that only one of ours and one of theirs has."""
    by_key = {text(one, "employee_id"): one for one in known if text(one, "employee_id")}
    ours = {person.person for person in people}
    rest = [one for one in known if text(one, "employee_id") not in ours]
    mine, theirs = Counter(person.email.casefold() for person in people), Counter(_email(one) for one in rest)
    by_email = {_email(one): one for one in rest if mine[_email(one)] == theirs[_email(one)] == 1}
    return [(person, by_key.get(person.person) or by_email.get(person.email.casefold())) for person in people]


def _email(one: Facts) -> str:
    return text(one, "email").casefold()


def _item(operation: str, tax_id: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Only what says who it is: never a department, a cost center or a reason."""
    return {"operation": operation, "company_tax_id": tax_id, **facts}


def blamed(items: Sequence[Facts], errors: Sequence[Facts]) -> dict[str, str]:
    """Our key of each person Wellhub did not take → its code; of people matched by address the key they have there. The value of the
    field, which Wellhub repeats, is left behind."""
    people = {item.get("change_number"): text(item, "employee_id") for item in items}
    found = {
        people.get(error.get("change_number"), ""): _code(error) for error in errors if not error.get("recovered_by")
    }
    return {person: code for person, code in found.items() if person}


def _code(error: Facts) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", text(error, "error_type").lower()).strip("-")[:40]
    return words or "not-taken"


def _counted(statistics: Any) -> int:
    """How many Wellhub created, changed and deleted. Raises `ContractDrift`."""
    if not isinstance(statistics, dict):
        return 0
    numbers = [statistics.get(name, 0) for name in ("newcomers", "leavers", "updaters")]
    if not all(isinstance(number, int) for number in numbers):
        raise ContractDrift("statistics-unreadable")
    return sum(numbers)


def open_wellness(config: BaseModel) -> Wellhub:
    """The plan of one connection."""
    if not isinstance(config, WellhubConfig):
        raise TypeError("wellhub needs a WellhubConfig")
    return Wellhub(config)

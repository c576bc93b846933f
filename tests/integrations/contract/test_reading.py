"""One suite over every adapter that reads: a new one is tested by being there, with a stand-in of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.integrations.api import Deletes
from app.integrations.auth.kinds import OAuth2Code, inner
from app.integrations.failures import (
    AuthFailed,
    BrokenAnswer,
    ContractDrift,
    Failure,
    Gone,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ServerFailed,
    Transient,
)
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Cursor, Mode
from sandbox.vendors.core.serving import serving
from tests.integrations.adapters.ports import Line, kept
from tests.integrations.contract.served import CHANGING, READ, READING, filled, joined

Join = Callable[[str], Line]


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        yield {slug: stack.enter_context(serving(slug)) for slug in READING}


@pytest.fixture
def join(vendors: dict[str, Any]) -> Join:
    def make(slug: str) -> Line:
        vendors[slug].clock.set_offset(0)
        vendors[slug].reset()
        vendors[slug].terms(token_seconds=10**8)
        return joined(slug, vendors[slug])

    return make


@pytest.mark.parametrize(("slug", "name"), READ)
def test_read_to_the_end_in_our_words(join: Join, slug: str, name: str) -> None:
    line = join(slug)
    batches = line.read(name, {}, Mode.FULL)
    assert [batch.last for batch in batches] == [*[False] * (len(batches) - 1), True]
    items = [item for batch in batches for item in batch.items if not item.deleted]
    assert items, "the stand-in has something of everything"
    assert len({item.remote_id for item in items}) == len(items)
    resource = line.api.resource(name)
    assert resource.kind is not None
    for item in items:
        mapped = to_record(resource.kind, resource.fields, item.remote_id, item.raw)
        assert not mapped.problems, (item.remote_id, mapped.problems)


@pytest.mark.parametrize(("slug", "name"), READ)
def test_it_goes_on_behind_every_page(join: Join, slug: str, name: str) -> None:
    line = join(slug)
    batches = line.read(name, {}, Mode.FULL)
    wanted = {item.remote_id for batch in batches for item in batch.items}
    for number, batch in enumerate(batches[:-1], 1):
        rest = line.read(name, batch.cursor, Mode.FULL)
        assert {item.remote_id for one in (*batches[:number], *rest) for item in one.items} == wanted
        assert rest[-1].last


@pytest.mark.parametrize(("slug", "name"), CHANGING)
def test_the_mark_of_a_whole_run_begins_the_next(join: Join, slug: str, name: str) -> None:
    line = join(slug)
    line.vendor.clock.advance(timedelta(days=2).total_seconds())
    mark = line.read(name, {}, Mode.FULL)[-1].cursor
    line.vendor.clock.advance(3600)
    again = line.read(name, mark)
    assert again[-1].last
    assert kept(again[-1].cursor) == again[-1].cursor


@dataclass(frozen=True)
class Later:
    """What happens at a stand-in between two runs: somebody or something comes (the stand-in's id of it), and goes again."""

    resource: str
    comes: Callable[[Any], Any]
    goes: Callable[[Any, Any], Any] | None = None


LATER = {
    "adp": Later(  # its days begin later than ours
        "employees",
        lambda at: at.hire("New", "Comer", str(at.clock.today() - timedelta(days=1))),
        lambda at, id: at.forget(id),
    ),
    "bamboohr": Later("employees", lambda at: at.hire("New", "Comer"), lambda at, id: at.delete(id)),
    "google_drive": Later("file", lambda at: at.add("new.txt", "new"), lambda at, id: at.remove(id)),
    "linkedin_learning": Later("activity", lambda at: at.learn("0", "0", back="1")),
    "quickbooks": Later(
        "invoice", lambda at: at.bill("1", "10.00", "2026-11-02"), lambda at, id: at.delete("Bill", id)
    ),
    "sharepoint": Later("file", lambda at: at.add("Plans/new.txt", "new"), lambda at, id: at.remove(id)),
    "wellhub": Later(
        "person",
        lambda at: at.join("n-1", "new@example.com", "New Comer").id,
        lambda at, id: at.rows.change("person", id, {"deleted_at": at.clock.now().isoformat()}),
    ),
    "workday": Later("employees", lambda at: at.hire("New", "Comer"), lambda at, id: at.rescind(id)),
    "xero": Later(
        "invoice",
        lambda at: at.bill("Beacon Dental", "10.00", "2026-11-02"),
        lambda at, id: at.void(id, "DELETED"),
    ),
}


@pytest.mark.parametrize("slug", LATER)
def test_what_comes_and_goes_is_told_to_the_next_run(join: Join, slug: str) -> None:
    """Gone is who has a tombstone, or is missing from a whole list where the provider has none."""
    line, later = join(slug), LATER[slug]

    def run(cursor: Cursor, mode: Mode = Mode.INCREMENTAL) -> tuple[dict[str, bool], Cursor]:
        line.vendor.clock.advance(700)
        batches = line.read(later.resource, cursor, mode)
        return {item.remote_id: not item.deleted for batch in batches for item in batch.items}, batches[-1].cursor

    known, mark = run({}, Mode.FULL)
    id = later.comes(line.vendor)
    told, mark = run(mark)
    new = set(told) - set(known)
    assert new
    assert all(told[one] for one in new)
    if later.goes is None:
        return
    later.goes(line.vendor, id)
    if line.api.resource(later.resource).deletes is Deletes.TOMBSTONES:
        assert not any(run(mark)[0][one] for one in new)
    else:
        assert not new & set(run({}, Mode.FULL)[0])


FAULTS: dict[str, tuple[dict[str, Any], tuple[type[Failure], ...]]] = {
    "401": ({"status": 401}, (AuthFailed,)),
    "403": ({"status": 403}, (Rejected,)),
    "410": ({"status": 410}, (Gone,)),
    "429": ({"status": 429}, (RateLimited,)),
    "429 with Retry-After": ({"status": 429, "retry_after": "7"}, (RateLimited,)),
    "500": ({"status": 500}, (ServerFailed,)),
    "503": ({"status": 503}, (ServerFailed, RateLimited, Transient)),
    "garbage": ({"do": "garbage"}, (BrokenAnswer, ContractDrift)),
    "truncated": ({"do": "truncate"}, (BrokenAnswer, ContractDrift)),
    "cut off": ({"do": "cut"}, (OutcomeUnknown,)),
    "hung up": ({"do": "drop"}, (Transient, OutcomeUnknown)),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("slug", READING)
def test_what_goes_wrong_is_told_apart(join: Join, slug: str, fault: str) -> None:
    line = join(slug)
    values, family = FAULTS[fault]
    line.vendor.fault(**{"do": "status", "path": "*", **values})
    with pytest.raises(family) as caught:
        line.read(line.manifest.synced[0].name, {}, Mode.FULL)
    if "retry_after" in values:
        assert caught.value.until is not None
        assert (caught.value.until - datetime.now(UTC)).total_seconds() == pytest.approx(7, abs=3)


@pytest.mark.parametrize("slug", READING)
def test_wrong_credentials_are_told_before_anything_is_read(join: Join, slug: str) -> None:
    line = join(slug)
    line.secrets = filled(line.manifest.secrets, dict.fromkeys(line.manifest.secrets.model_fields, "wrong"))
    with pytest.raises(AuthFailed):
        sign_in_and_read(line)


def sign_in_and_read(line: Line) -> None:
    """What a person allowed once may have been taken back; every other token is fetched with the credentials."""
    if isinstance(inner(line.api.auth), OAuth2Code):
        assert line.token is not None
        line.token = replace(line.token, access="wrong")
    elif line.token is not None:
        line.fetch_token()
    line.read(line.manifest.synced[0].name, {}, Mode.FULL)


@pytest.mark.parametrize("slug", READING)
def test_a_reply_of_single_bytes_is_not_waited_for(join: Join, slug: str) -> None:
    line = join(slug)
    line.vendor.fault("slow", "*", seconds=20.0)
    line.seconds = 0.2
    with pytest.raises((OutcomeUnknown, Transient)):
        line.read(line.manifest.synced[0].name, {}, Mode.FULL)


KNOWN_BY = {
    ("bamboohr", "departments"): "name",  # employees are told with the name alone
    ("bamboohr", "positions"): "name",
    ("linkedin_learning", "activity"): "contentUrn",  # a report has no id: it is known by what it is about
    **{("workday", name): "ID" for name in ("departments", "positions", "employees", "leaves")},  # of several kinds
}
"""The field of the provider's that makes the id, where that is not simply the `key` of the resource."""


@pytest.mark.parametrize("to", ["renamed", ""], ids=["another name", "another type"])
@pytest.mark.parametrize(("slug", "name"), READ)
def test_an_id_that_drifted_is_told_and_never_guessed(join: Join, slug: str, name: str, to: str) -> None:
    line = join(slug)
    line.vendor.fault("drift", "*", field=KNOWN_BY.get((slug, name), line.api.resource(name).key), to=to, times=0)
    with pytest.raises(ContractDrift):
        line.read(name, {}, Mode.FULL)


@pytest.mark.parametrize(("slug", "name"), READ)
def test_a_value_of_another_type_is_held_back(join: Join, slug: str, name: str) -> None:
    line = join(slug)
    resource = line.api.resource(name)
    assert resource.kind is not None
    one = next(item for batch in line.read(name, {}, Mode.FULL) for item in batch.items if not item.deleted)
    for ours, theirs in resource.fields.items():
        if isinstance(theirs, str) and isinstance(one.raw.get(theirs), str):
            drift = {**one.raw, theirs: {"value": one.raw[theirs]}}
            assert ours in to_record(resource.kind, resource.fields, one.remote_id, drift).problems

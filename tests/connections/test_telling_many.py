"""A plan is told who may use it, and a scheme what was paid in, through the application: tokens, limits, log and a refusal that stops nobody."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.connections.services import calling
from app.connections.services.calling.tokens import keep_token
from app.connections.services.providers import manifest_of, preset_of, preset_values
from app.core import jobs
from app.core.db import transaction
from app.core.errors import Conflict
from app.integrations.auth.tokens import Token
from app.integrations.ports import Contribution, Eligible, Told
from sandbox.vendors.core.serving import serving
from sandbox.vendors.smart_pension import BASE
from tests.connections import providers as p

PEOPLE = [Eligible(f"p-{n}", f"person{n}@example.com", f"Person {n}", "Example") for n in (1, 2, 4)]


def connect(adapter: str, vendor: Any, path: str = "") -> UUID:
    hints = vendor.hints()
    secrets = {name: hints[name] for name in ("client_id", "client_secret")}
    settings = {name: hints[name] for name in ("company_tax_id", "company_id") if name in hints}
    made = p.make_connection(
        None, adapter=adapter, name=adapter, code=adapter[:10].upper(), credentials=secrets, settings=settings,
        api_endpoint_url=vendor.url + path, environment="production",
    )  # fmt: skip
    return made.id


def test_a_plan_is_told_once_and_the_log_names_nobody(company: UUID) -> None:
    with serving("wellhub") as vendor:
        link = p.link(connect("wellhub", vendor))
        for told in (Told(2), Told(0)):
            with calling.open_provider(link) as provider:
                assert provider.run(provider.wellness.tell_eligibility(PEOPLE, "list-1")) == told
    assert link.connection_id
    paths = [one.path for one in p.exchanges()]
    assert "/v1/eligibility/jobs/{id}/items" in paths
    assert not any("@" in path for path in paths)
    with calling.open_provider(link) as provider, pytest.raises(Conflict):
        _ = provider.pension


def test_one_who_is_refused_stops_nobody_and_lost_credentials_stop_all(company: UUID) -> None:
    def paid(number: int) -> Contribution:
        return Contribution(
            f"p-{number}",
            str(number),
            date(2026, 10, 1),
            date(2026, 10, 31),
            Decimal(50),
            Decimal(30),
            "GBP",
            Decimal(1000),
        )

    with serving("smart_pension") as vendor:
        vendor.opt_out("2")  # type: ignore[attr-defined]
        made = connect("smart_pension", vendor, BASE)
        given = vendor.access.issue("smart-client", "customer")
        with transaction() as session:
            keep_token(session, made, Token(given.access, vendor.clock.now()))
        with calling.open_provider(p.link(made)) as provider:
            told = provider.run(provider.pension.tell_contributions([paid(1), paid(2), paid(3)], "october"))
            assert told == Told(2, {"p-2": "forbidden"})
            vendor.access.revoke_family()
            with pytest.raises(jobs.GiveUp):
                provider.run(provider.pension.tell_contributions([paid(1)], "october"))


@pytest.mark.parametrize(
    ("adapter", "preset", "words"),
    [
        ("wellness_file", "csv", ("SFTP", "CSV")), ("wellness_file", "scim", ("API", "JSON")),
        ("wellness_file", "modern_health", ("File Upload", "CSV")), ("edi834", "manulife", (None, "FIXED WIDTH")),
    ],
)  # fmt: skip
def test_what_a_connection_begins_with_says_how_it_travels(
    adapter: str, preset: str, words: tuple[str | None, str]
) -> None:
    manifest = manifest_of(adapter)
    found = preset_of(manifest, preset)
    assert found is not None
    values = preset_values(manifest, found)
    assert (values.get("integration_method"), values["data_format"]) == words

"""The other HR systems through the engine: their own ways of signing in, reading on and acknowledging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from joserfc.jwk import RSAKey

from app.connections.models import Connection
from app.connections.services.calling import link_of
from app.connections.services.checking import Checked, check_api
from app.core.access import RoleType
from app.core.db import transaction
from app.integrations.sync.reading import Mode
from app.people.models import Department, EmployeeStatus
from app.syncing.rules import RunState
from app.syncing.services import reading
from sandbox.vendors import adp as adp_vendor
from sandbox.vendors import workday as workday_vendor
from sandbox.vendors.core import Client
from sandbox.vendors.core.serving import serving
from tests.feeds.world import hurry, run_jobs
from tests.integrations.http_server import make_certificate
from tests.syncing.conftest import Synced, actor_of

Connect = Callable[..., Synced]


@pytest.fixture
def connect(company: UUID, free: None) -> Connect:
    def made(adapter: str, address: str, settings: dict[str, str], credentials: dict[str, str]) -> Synced:
        with transaction() as session:
            row = Connection(
                adapter=adapter, name=adapter, code="HRIS", status="connected", settings=settings, credentials=credentials,
                api_endpoint_url=address, rate_limit_per_hour=1_000_000,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return Synced(
                company, row.id, actor_of(company, RoleType.SYSTEM_ADMIN), actor_of(company, RoleType.HR_ADMIN)
            )

    return made


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, Any]]:
    with serving("adp") as adp, serving("workday") as workday:
        yield {"adp": adp, "workday": workday}


@pytest.fixture
def adp(vendors: dict[str, Any], connect: Connect) -> Synced:
    vendors["adp"].reset()
    certificate, key = make_certificate("corridor")
    secrets = {
        "client_id": adp_vendor.CLIENT,
        "client_secret": adp_vendor.SECRET,
        "certificate": certificate,
        "private_key": key,
    }
    return connect("adp", vendors["adp"].url, {"masked": "false"}, secrets)


@pytest.fixture
def workday(vendors: dict[str, Any], connect: Connect) -> Synced:
    vendors["workday"].reset()
    settings = {"host": "wd5-services1.myworkday.com", "tenant": workday_vendor.TENANT, "username": workday_vendor.USER}
    return connect("workday", f"{vendors['workday'].url}/ccx", settings, {"password": workday_vendor.PASSWORD})


def test_a_message_is_acknowledged_after_it_is_kept(
    adp: Synced, vendors: dict[str, Any], monkeypatch: pytest.MonkeyPatch, admin: Any, quiet: None
) -> None:
    """A worker that dies between reading and keeping loses nothing: the message comes again."""
    vendor = vendors["adp"]
    assert adp.run().state == RunState.DONE.value
    assert adp.employee(adp_vendor.aoid("2")).first_name == "Corin"
    assert adp.employee(adp_vendor.aoid("5")).status == EmployeeStatus.INACTIVE
    vendor.hire("New", "Person", str(vendor.clock.today() - timedelta(days=1)))
    store, told = reading.store_page, list[int]()

    def dying(*given: Any) -> None:
        store(*given)
        told.append(len(vendor.rows.all("message")))
        if len(told) == 1:
            raise RuntimeError("the worker died")

    monkeypatch.setattr(reading, "store_page", dying)
    run_id = adp.ask(Mode.INCREMENTAL)
    run_jobs(kinds=("syncing.",))
    assert (told, len(vendor.rows.all("message"))) == ([1], 1), "not acknowledged while it was not kept for good"
    hurry(admin)
    run_jobs(kinds=("syncing.",))
    assert adp.ran(run_id).state == RunState.DONE.value
    assert told[1] == 1, "the same message again"
    assert vendor.rows.all("message") == []
    assert adp.employee(adp_vendor.aoid("10")).first_name == "New"
    assert adp.count(Department) == 2


def test_who_is_hired_moves_and_leaves_comes_over_soap(workday: Synced, vendors: dict[str, Any]) -> None:
    vendor = vendors["workday"]
    assert workday.run().state == RunState.DONE.value
    wid = workday_vendor.people.wid
    assert workday.employee(wid("worker", "12")).hired_on == vendor.clock.today() + timedelta(days=30)
    boss = workday.employee(wid("worker", "2"))
    assert workday.employee(wid("worker", "4")).manager_id == boss.id
    made = vendor.hire("New", "Person")
    vendor.terminate("9", str(vendor.clock.today()))
    run = workday.run(Mode.INCREMENTAL)
    assert run.state == RunState.DONE.value
    assert run.parts["employees"]["mode"] == Mode.INCREMENTAL.value
    assert run.parts["departments"]["mode"] == Mode.FULL.value
    assert workday.employee(wid("worker", made)).first_name == "New"
    assert workday.employee(wid("worker", "9")).terminated_on == vendor.clock.today()


def checked(synced: Synced) -> Checked:
    with transaction() as session:
        link = link_of(session, synced.connection_id)
    return check_api(link)


def test_a_connection_is_tried_with_the_first_question_of_its_reader(workday: Synced, vendors: dict[str, Any]) -> None:
    """There is no plain list to ask for: everything is posted to one address."""
    vendor = vendors["workday"]
    assert checked(workday).state == "ok"
    assert b"Get_Organizations_Request" in vendor.asked("/ccx/service/*")[-1].body
    vendor.access.users.clear()
    found = checked(workday)
    assert (found.state, found.code, found.needs_person) == ("failed", "password-refused", True)


def test_with_a_key_a_token_is_fetched_and_rest_is_asked(vendors: dict[str, Any], connect: Connect) -> None:
    vendor, key = vendors["workday"], RSAKey.generate_key(2048)
    vendor.reset()
    vendor.access.clients["corridor"] = Client(public_key=key.as_pem(private=False).decode())
    settings = {
        "host": "wd5-services1.myworkday.com",
        "tenant": workday_vendor.TENANT,
        "username": "ISU",
        "sign_in": "key",
    }
    secrets = {"client_id": "corridor", "private_key": key.as_pem(private=True).decode()}
    synced = connect("workday", f"{vendor.url}/ccx", settings, secrets)
    assert checked(synced).state == "ok"
    assert vendor.asked()[-1].path.endswith("/supervisoryOrganizations")
    assert vendor.access.counts["tokens"] == 1

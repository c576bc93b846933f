"""The configurable connector through the pages: each part of its settings draws itself, and it is tried out the way it is set up."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from markupsafe import escape

from app.connections.forms import _shown
from app.connections.models import Connection
from app.connections.services import calling, config_of
from app.connections.services.sections import section_of, sections
from app.core.db import transaction
from app.integrations.adapters.custom_screening.presets import presets
from app.integrations.adapters.custom_screening.settings import ConnectorConfig
from app.integrations.screening import Candidate, Order, Result, Status, WorkLocation
from sandbox.launch import Running
from tests.feeds.pages import Visitor, admin_of, form_key
from tests.feeds.world import World, run_jobs

CONDUCT = {"environment": "staging", "max_retry_attempts": "1", "timeout_seconds": "20", "rate_limit_per_hour": "500"}


@pytest.fixture
def dana(app: Any, world: World) -> Visitor:
    return Visitor(app, admin_of(world.company_id))


def row() -> Connection:
    with transaction() as session:
        return session.scalars(sa.select(Connection).where(Connection.code == "ANY")).one()


def make(dana: Visitor, preset: str = "custom_api") -> str:
    key = form_key(dana.get("/connections/new"))
    new = {"form_key": key, "name": "Any", "code": "ANY", "adapter": f"custom_screening/{preset}"}
    return str(dana.post("/connections/new", new).headers["Location"])


def typed(model: Any, fields: list[str], values: dict[str, Any]) -> dict[str, str]:
    """What a person would type for these settings."""
    shown = {name: _shown(model.model_fields[name], values[name]) for name in fields if name in values}
    return {name: str(value) for name, value in shown.items() if value is not False}


@pytest.mark.parametrize("slug", presets())
def test_every_part_of_every_preset_can_be_typed_into_its_form(dana: Visitor, slug: str) -> None:
    wanted = ConnectorConfig.model_validate(presets()[slug].settings)
    values = wanted.model_dump(mode="json")
    url = make(dana, slug)
    assert row().provider_type == slug
    assert config_of(row()) == wanted, "the settings are copied"
    flat = [name for name in values if not isinstance(values[name], dict) and name != "sftp"]
    dana.post(f"{url}/settings/settings", typed(ConnectorConfig, flat, values))
    for section in sections(row()):
        if section.part and section.part != "sftp":
            dana.get(f"{url}/settings/{section.name}")
            dana.post(f"{url}/settings/{section.name}", typed(section.model, section.fields, values[section.part]))
    assert config_of(row()) == wanted
    assert (section_of(row(), "sftp") is None) is (wanted.method != "sftp")


def test_a_wrong_setting_says_what_to_do_and_is_not_kept(dana: Visitor) -> None:
    url = make(dana)
    values = ConnectorConfig.model_validate(presets()["custom_api"].settings).model_dump(mode="json")
    found, before = section_of(row(), "results"), row().settings["results"]
    assert found is not None
    good = typed(found.model, found.fields, values["results"])
    for wrong, words in (
        ({"statuses": "finished = done"}, "Input should be"),
        ({"fields": "ref = id\nstatus = status\nssn = ssn"}, "no field ssn"),
        ({"kinds": "just words"}, "ours = theirs"),
        ({"moments": "%H:%M"}, "day, month and year"),
    ):
        html = dana.post(f"{url}/settings/results", good | wrong, status=422).get_data(as_text=True)
        assert words in html
    assert row().settings["results"] == before


def test_plainscreen_is_tried_out_and_carried(dana: Visitor, sandbox: Running) -> None:
    box = sandbox.screening
    url = make(dana)
    dana.post(f"{url}/settings/credentials", {"api_user": box["plain_user"], "api_key": box["plain_password"]})
    assert box["plain_password"] not in dana.get(f"{url}/settings/credentials")
    dana.post(f"{url}/conduct", CONDUCT | {"api_endpoint_url": box["plain_url"]})
    dana.post(f"{url}/check")
    run_jobs()
    assert row().status == "connected"
    person = Candidate("req-1", "Jo", "Reyes", "jo@example.com")
    order = Order("BASIC", [WorkLocation("US", "CA")], candidate=person)
    with transaction() as session:
        link = calling.link_of(session, row().id)
    with calling.open_provider(link) as to:
        placed = to.screening.read_invitation(calling.take(to.ask(to.screening.invite("", order, "k-1"))))
        assert placed.status is Status.ORDERED
        assert to.screening.read_found(calling.take(to.ask(to.screening.find_orders("", order)))) == (placed.id,)
        report = to.screening.read_report(calling.take(to.ask(to.screening.get_report(placed.id))))
    assert (report.status, report.result, report.codes) == (Status.ORDERED, Result.NONE, {"status": "RECEIVED"})


def test_a_connection_by_sftp_is_tried_out_on_its_server(dana: Visitor, sandbox: Running) -> None:
    door = sandbox.carriers["evergreen"]
    url = make(dana, "sftp")
    assert (row().integration_method, row().environment) == ("SFTP", "production")
    dana.post(f"{url}/check", status=422)
    server = {
        "host": sandbox.host, "port": str(door["sftp_port"]), "username": door["user"], "outbound": "inbound",
        "inbound": "outbound", "connect_seconds": "5", "operation_seconds": "30",
    }  # fmt: skip
    dana.post(f"{url}/settings/sftp", server)
    dana.post(f"{url}/settings/credentials", {"password": door["password"]})
    dana.post(f"{url}/check")
    run_jobs()
    assert row().last_check["state"] == "unpinned"
    dana.post(f"{url}/pin", {"fingerprint": row().last_check["fingerprint"]})
    dana.post(f"{url}/check")
    run_jobs()
    assert (row().last_check["state"], row().status) == ("ok", "connected")


def test_the_catalog_says_what_is_known_of_each_beginning_and_what_is_not(dana: Visitor) -> None:
    html = dana.get("/connections/new")
    assert 'value="custom_screening"' not in html
    for slug, preset in presets().items():
        assert f'value="custom_screening/{slug}"' in html
        for words in (*preset.verified, *preset.open):
            assert str(escape(words)) in html
    key = form_key(html)
    wrong = {"form_key": key, "name": "Any", "code": "ANY", "adapter": "custom_screening/nobody"}
    dana.post("/connections/new", wrong, status=422)


def test_files_that_people_carry_need_no_server_no_credentials_and_no_test(dana: Visitor) -> None:
    url = make(dana, "file_import")
    assert (row().status, row().integration_method, row().data_format) == ("connected", "File Upload", "CSV")
    assert not {"sftp", "credentials", "api"} & {section.name for section in sections(row())}
    html = dana.get(url)
    assert f"{url}/check" not in html
    assert f"/screening/files/{row().id}" in html
    dana.post(f"{url}/check", status=409)

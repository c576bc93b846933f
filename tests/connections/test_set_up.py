"""From nothing to live through the pages, against the real sandbox server."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from app.accounts.models import User
from app.connections import services
from app.connections.models import Connection
from app.connections.rules import STEPS, Phase, phase_step
from app.connections.services import hostkeys
from app.core.access import RoleType
from app.core.config import Settings, get_settings
from app.core.db import tenant, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import AuditEvent
from app.integrations.failures import Transient
from sandbox.launch import Running
from tests.feeds import world as w
from tests.feeds.pages import Visitor, admin_of, form_key
from tests.feeds.world import World, run_jobs


@pytest.fixture
def dana(app: Any, world: World) -> Visitor:
    return Visitor(app, admin_of(world.company_id))


def row(code: str) -> Connection:
    with transaction() as session:
        return session.scalars(sa.select(Connection).where(Connection.code == code)).one()


def test_guided_set_up_from_nothing_to_live(dana: Visitor, sandbox: Running) -> None:
    key = form_key(dana.get("/connections/new"))
    new = {"form_key": key, "name": "Evergreen", "code": "new1", "adapter": "edi834"}
    url = dana.post("/connections/new", new).headers["Location"]
    assert dana.post("/connections/new", new).headers["Location"] == url, "sent twice, made once"
    assert "To do" in dana.get(url)
    dana.post(f"{url}/check", status=422)
    door = sandbox.carriers["evergreen"]
    server = {
        "host": sandbox.host, "port": "", "username": door["user"], "outbound": "inbound", "inbound": "outbound",
        "connect_seconds": "5", "operation_seconds": "30",
    }  # fmt: skip
    dana.post(f"{url}/settings/server", server | {"port": "99999"}, status=422)
    dana.post(f"{url}/settings/server", server | {"port": "x"}, status=422)
    dana.post(f"{url}/settings/server", server | {"port": str(door["sftp_port"])})
    html = dana.post(f"{url}/settings/credentials", {"private_key": "", "password": door["password"]}).get_data(
        as_text=True
    )
    assert door["password"] not in html + dana.get(url) + dana.get(f"{url}/settings/credentials")
    assert row("NEW1").credentials == {"password": door["password"]}
    dana.post(f"{url}/check")
    assert "We are trying" in dana.get(url), "the web request only asks"
    run_jobs()
    html = dana.get(url)
    shown = row("NEW1").last_check["fingerprint"]
    assert shown in html
    assert shown == hostkeys.fingerprint(sandbox.host_key)
    dana.post(f"{url}/pin", {"fingerprint": "SHA256:other"}, status=409)
    dana.post(f"{url}/pin", {"fingerprint": shown})
    dana.post(f"{url}/check")
    run_jobs()
    assert "It works" in dana.get(url)
    assert row("NEW1").status == "connected"
    identity = {
        "sender_qualifier": "ZZ", "sender_id": "CORRIDOR", "receiver_qualifier": "ZZ", "receiver_id": "EVERGREEN",
        "sponsor_name": "Acme", "sponsor_id_qualifier": "FI", "sponsor_id": "234567891", "payer_name": "Evergreen",
        "payer_id_qualifier": "FI", "payer_id": "876543219", "want_ta1": "y",
    }  # fmt: skip
    html = dana.post(f"{url}/settings/identity", identity | {"sender_id": "much too long to be an id"}, status=422)
    assert "sender_id" in html.get_data(as_text=True)
    dana.post(f"{url}/settings/identity", identity)
    assert row("NEW1").settings["profile"]["want_ta1"] is True
    delivery = {
        "file_name": "{sender}_{control}.txt", "schedule": "daily", "weekday": "1", "cut_off": "18:00",
        "acknowledge_hours": "24", "hold_loss_percent": "2.5", "census_columns": "last_name = last_name\nplan_code = plan_code",
    }  # fmt: skip
    dana.post(f"{url}/settings/delivery", delivery | {"census_columns": "nonsense"}, status=422)
    dana.post(f"{url}/settings/delivery", delivery | {"file_name": "no number.txt"}, status=422)
    dana.post(f"{url}/settings/delivery", delivery)
    assert row("NEW1").settings["profile"]["census_columns"] == {"last_name": "last_name", "plan_code": "plan_code"}
    assert "last_name = last_name" in dana.get(f"{url}/settings/delivery")
    content = dana.get(f"{url}/settings/content")
    assert "BGN08" in content
    for name in ("format", "people"):
        dana.get(f"{url}/settings/{name}")
    dana.get(f"{url}/settings/nothing", status=404)
    dana.post(f"{url}/phase", {"phase": "production"}, status=409)
    dana.post(f"{url}/phase", {"phase": "nonsense"}, status=404)
    dana.post(f"{url}/phase", {"phase": "parallel"})
    dana.post(f"{url}/phase", {"phase": "production", "confirm": "wrong"}, status=422)
    dana.post(f"{url}/phase", {"phase": "production", "confirm": "new1"})
    assert services.feed_of(row("NEW1")).profile.usage == "P"
    dana.post(f"{url}/active", {"active": "0"})
    assert "Stopped" in dana.get("/connections")
    dana.post(f"{url}/active", {"active": "0"}, status=409)
    dana.post(f"{url}/active", {"active": "1"})
    with transaction() as session:
        events = list(session.scalars(sa.select(AuditEvent).where(AuditEvent.entity_id == row("NEW1").id)))
    names = {event.name.rpartition(".")[2] for event in events}
    assert {
        "created",
        "viewed",
        "configured",
        "credentials-changed",
        "checked",
        "host-key-pinned",
        "went-live",
        "stopped",
    } <= names
    assert all(door["password"] not in str(event.new_values) for event in events)


def test_plan_codes_are_typed_as_lines(dana: Visitor, world: World) -> None:
    url = f"/connections/{world.connection.id}/settings/content"
    base = {
        "files": "both", "full_action": "4", "full_ends": "once", "look_back_days": "60", "full_codes": "030 for everyone",
        "full_reason": "XN", "ends_per": "plan", "person_ends_by": "coverage", "end_means": "last covered day",
        "retro_limit_days": "60", "volume_qualifier": "", "premium": "none",
    }  # fmt: skip
    dana.post(url, base | {"plan_codes": "SILVER = HLT PPO500"})
    stored = row("EVG").settings["profile"]["plan_codes"]
    assert stored == {"SILVER": {"line": "HLT", "code": "PPO500"}}
    assert "SILVER = HLT PPO500" in dana.get(url)
    dana.post(url, base | {"plan_codes": "SILVER = toolong"}, status=422)


def test_new_connections_are_checked(dana: Visitor, world: World) -> None:
    key = form_key(dana.get("/connections/new"))
    data = {"form_key": key, "name": "", "code": "EVG", "adapter": "manual"}
    dana.post("/connections/new", data, status=422)
    dana.post("/connections/new", data | {"name": "Summit"}, status=422)
    dana.post("/connections/new", data | {"name": "Summit", "code": "?"}, status=422)
    url = dana.post("/connections/new", data | {"name": "Summit", "code": "SUM2"}).headers["Location"]
    html = dana.get(url)
    assert "Test connection" not in html
    dana.post(f"{url}/check", status=409)
    form = {
        "portal": "https://portal.example",
        "contact": "",
        "group_number": "",
        "days_to_enter": "",
        "instructions": "Sign in",
    }
    dana.post(f"{url}/settings/settings", form | {"portal": "javascript:alert(1)"}, status=422)
    dana.post(f"{url}/settings/settings", form)
    assert row("SUM2").settings["days_to_enter"] == 3
    assert "SUM2" in dana.get("/connections")
    assert ">Summit<" not in dana.get("/connections?after=SUM2")


def test_safety_names_an_approver(dana: Visitor, world: World) -> None:
    url = f"/connections/{world.connection.id}/safety"
    dana.get(url)
    dana.post(url, {"hold_people": "x"}, status=422)
    dana.post(url, {"hold_people": "-1"}, status=422)
    dana.post(url, {"hold_people": "5", "approver": "nobody"}, status=422)
    with transaction() as session:
        user_id = session.scalars(sa.select(User.id)).one()
    dana.post(url, {"hold_people": "5", "approver": str(user_id)})
    assert row("EVG").compliance_settings == {"hold_people": 5, "approver_user_id": str(user_id)}
    assert 'value="5"' in dana.get(url)


def test_who_may_not(app: Any, world: World) -> None:
    hr = Visitor(app, admin_of(world.company_id, "hugo@acme.example", (RoleType.HR_ADMIN,)))
    hr.get("/connections", status=403)
    specialist = Visitor(app, admin_of(world.company_id, "spec@acme.example", (RoleType.BENEFITS_SPECIALIST,)))
    html = specialist.get(f"/connections/{world.connection.id}")
    assert "Test connection" not in html
    assert "Set-up" not in html
    specialist.get(f"/connections/{world.connection.id}/settings/server", status=403)
    specialist.get("/connections/00000000-0000-0000-0000-000000000000", status=404)


@pytest.mark.parametrize("now", list(Phase))
@pytest.mark.parametrize("then", list(Phase))
def test_phases_follow_the_table(now: Phase, then: Phase) -> None:
    if then in STEPS[now]:
        assert phase_step(now, then) is then
    else:
        with pytest.raises(Conflict):
            phase_step(now, then)


def test_another_server_needs_its_own_key(world: World) -> None:
    with transaction() as session:
        made = services.configure(
            session, w.person_actor(), world.connection.id, "sftp", {"host": "sftp.other.example"}
        )
        assert made.settings["sftp"]["host_key"] == ""
        services.rename(session, w.person_actor(), world.connection.id, " Evergreen West ")
        with pytest.raises(Invalid):
            services.rename(session, w.person_actor(), world.connection.id, " ")
        with pytest.raises(Invalid):
            services.config_of(made)
    assert row("EVG").name == "Evergreen West"


def test_what_does_not_answer(world: World, sandbox: Running) -> None:
    with pytest.raises(Transient):
        hostkeys.scan("127.0.0.1", sandbox.http_port, 2)
    with pytest.raises(Transient):
        hostkeys.scan("127.0.0.1", 1, 2)
    assert hostkeys.fingerprint("") == ""
    with transaction() as session:
        services.ask_check(session, w.person_actor(), world.connection.id)
    run_jobs()
    check = row("EVG").last_check
    assert check["state"] == "failed"
    assert row("EVG").status == "connected", "an outage is no fault a person must repair"
    with transaction() as session, pytest.raises(Conflict):
        services.pin_host_key(session, w.person_actor(), world.connection.id, "")


def test_incomplete_settings_fail_in_plain_words(world: World) -> None:
    checked = services.checking.check("edi834", {"sftp": {"host": "127.0.0.1", "host_key": w.HOST_KEY}}, {})
    assert (checked.state, checked.code) == ("failed", "settings-incomplete")
    unreachable = services.checking.check("edi834", {"sftp": {"host": "127.0.0.1", "port": 1}}, {})
    assert unreachable.code == "server-unreachable"
    assert services.checking._shown_key({"host": "127.0.0.1", "port": 1}) == ""


def test_adapters_without_files(world: World) -> None:
    with pytest.raises(NotFound):
        services.manifest_of("nonsense")
    with pytest.raises(Conflict):
        services.feed_of(world.manual)
    with pytest.raises(Conflict), services.files_of(None, None, "manual"):
        pass
    assert services.profile_of(world.manual).sender_id == "NONE"


def test_the_same_thing_arrives_once(world: World) -> None:
    def receive(name: str, data: bytes, mark: str = "") -> Any:
        with transaction() as session:
            connection = session.get(Connection, (world.company_id, world.connection.id))
            return services.receive(session, w.person_actor(), connection, name, data, "webhook", remote_mark=mark)

    first = receive("a", b"one", "a|3|1")
    assert first is not None
    assert receive("a", b"one", "a|3|2") is None
    assert receive("a", b"one") is None
    assert receive("a", b"two") is not None
    assert receive("b", b"one") is not None
    with transaction() as session:
        assert services.seen(session, world.connection.id, ["a|3|1", "a|3|2"]) == {"a|3|2"}
    assert len(w.inbox()) == 3


def test_another_company_sees_nothing(world: World) -> None:
    from uuid_utils.compat import uuid7

    with tenant(uuid7()), transaction() as session:
        with pytest.raises(NotFound):
            services.get(session, w.person_actor(), world.connection.id)
        assert services.listed(session, w.person_actor())[0] == []


def test_in_production_no_connection_leads_to_this_machine(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        services.ask_check(session, w.person_actor(), world.connection.id)
    monkeypatch.setattr(get_settings(), "environment", "production")
    run_jobs()
    check = row("EVG").last_check
    assert (check["state"], check["code"]) == ("failed", "host-not-allowed")
    with pytest.raises(ValidationError):
        Settings(sftp_allowed="10.0.0.1/8")


def test_a_carrier_to_begin_with_is_the_same_feed_with_its_settings(dana: Visitor) -> None:
    html = dana.get("/connections/new")
    assert 'value="edi834"' in html
    assert "Sun Life publishes no interface" in html
    key = form_key(html)
    new = {"form_key": key, "name": "Sun Life", "code": "SUN", "adapter": "edi834/sun_life"}
    url = dana.post("/connections/new", new).headers["Location"]
    made = row("SUN")
    assert (made.adapter, made.provider_type, made.data_format, made.integration_method) == (
        "edi834",
        "sun_life",
        "CSV",
        "EDI",
    )
    assert (made.phase, made.status) == ("test", "disconnected")
    page = dana.get(f"{url}/settings/format")
    assert "Certificate = subscriber_number" in page
    assert "To do" in dana.get(url), "its identifiers are missing"

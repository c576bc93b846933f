"""Operational notices reach the team's channel once, as a subject and a link; what goes wrong is seen in the delivery log."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.connections.models import Connection, Exchange
from app.connections.services import calling
from app.connections.services.checking import check_api
from app.core.access import Can, RoleType, Scope
from app.core.db import enter_tenant, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.events import Actor, AuditEvent, system
from app.core.jobs import JobIntent, State
from app.notices import channels, services
from app.notices.defaults import DEFAULTS, LANGUAGES
from app.notices.models import Notice
from app.notices.rules import OPERATIONAL
from sandbox.vendors.core import Vendor
from sandbox.vendors.core.serving import serving
from tests.accounts.pages import post, shown
from tests.accounts.sign_in import make_user, sign_in
from tests.core.conftest import company as company
from worker.execute import run_intent

HELD = "feeds.file.held"


@pytest.fixture(scope="module")
def slack() -> Iterator[Vendor]:
    with serving("slack") as vendor:
        yield vendor


@pytest.fixture(scope="module")
def teams() -> Iterator[Vendor]:
    with serving("teams") as vendor:
        yield vendor


@pytest.fixture
def slack_id(company: UUID, slack: Vendor) -> UUID:
    slack.reset()
    hints = slack.hints()
    return connect("slack", slack, {"channel": hints["channel"]}, {"bot_token": hints["bot_token"]})


@pytest.fixture
def teams_id(company: UUID, teams: Vendor) -> UUID:
    teams.reset()
    return connect("teams", teams, {}, {"workflow_url": teams.hints()["workflow_url"]})


def connect(adapter: str, vendor: Vendor, settings: dict[str, str], credentials: dict[str, str]) -> UUID:
    with transaction() as session:
        made = Connection(
            adapter=adapter, name=f"Our {adapter}", code=adapter.upper(), settings=settings, credentials=credentials,
            api_endpoint_url=vendor.url,
        )  # fmt: skip
        session.add(made)
    return made.id


def admin(company_id: UUID) -> Actor:
    return Actor(company_id, "user", None, grants={Can.CONNECTION_MANAGE: Scope.ALL})


def want(company_id: UUID, connection_id: UUID, *kinds: str, language: str = "en") -> None:
    with transaction() as session:
        channels.choose(session, admin(company_id), connection_id, kinds=kinds, language=language)


def tell(kind: str = HELD, subject_id: UUID | None = None) -> list[Notice]:
    """As feeds does it: two people are told about one file."""
    made = []
    for name in ("ana", "bob"):
        with transaction() as session:
            email = f"{name}@acme.example"
            user = session.scalars(sa.select(User).where(User.email == email)).one_or_none()
            if user is None:
                user = User(email=email, display_name=name.title())
                session.add(user)
                session.flush()
            made += services.issue(
                session, system("test"), kind, user_id=user.id, subject=("feed_file", subject_id or SUBJECT),
                context={"carrier": "Evergreen Health"}, link_path="/feeds/files/7",
            )  # fmt: skip
    return made


SUBJECT = uuid4()


def run_posts(company_id: UUID) -> list[State]:
    with transaction() as session:
        waits = JobIntent.state.in_((State.PENDING, State.DISPATCHED))
        ids = session.scalars(sa.select(JobIntent.id).where(JobIntent.kind == "notices.post", waits)).all()
        session.execute(sa.update(JobIntent).where(JobIntent.id.in_(ids)).values(run_after=sa.func.now()))
    for intent_id in ids:
        run_intent(str(company_id), str(intent_id))
    with transaction() as session:
        return [State(one.state) for one in session.scalars(sa.select(JobIntent).where(JobIntent.id.in_(ids)))]


def chats(session: Session) -> list[Notice]:
    return list(session.scalars(sa.select(Notice).where(Notice.channel == "chat").order_by(Notice.id)))


def test_a_held_file_is_posted_once_though_two_people_are_told(company: UUID, slack_id: UUID, slack: Vendor) -> None:
    want(company, slack_id, HELD)
    tell()
    tell()
    assert run_posts(company) == [State.DONE]
    [message] = slack.rows.all("message")
    said = str(message.facts)
    assert message.facts["text"] == DEFAULTS[HELD]["en"][0]
    assert "/feeds/files/7" in said
    assert not [word for word in ("ana", "bob", "Ana", "Evergreen") if word in said]
    with transaction() as session:
        [notice] = chats(session)
        assert (notice.status, notice.message_id, notice.user_id) == ("sent", message.facts["ts"], None)
        assert session.scalar(sa.select(Connection.status).where(Connection.id == slack_id)) == "connected"
        assert {one.subject_id for one in session.scalars(sa.select(Exchange))} == {notice.id}
        assert session.scalars(sa.select(AuditEvent.name).where(AuditEvent.name == "notices.notice.sent")).all() == []


def test_only_what_was_chosen_goes_there_and_to_every_channel_in_its_language(
    company: UUID, slack_id: UUID, teams_id: UUID, slack: Vendor, teams: Vendor
) -> None:
    want(company, slack_id, HELD, language="es")
    want(company, teams_id, HELD, "feeds.file.overdue")
    tell()
    tell("feeds.file.overdue")
    run_posts(company)
    assert [row.facts["text"] for row in slack.rows.all("message")] == [DEFAULTS[HELD]["es"][0]]
    assert len(teams.rows.all("card")) == 2
    want(company, slack_id)
    tell(subject_id=uuid4())
    run_posts(company)
    assert len(slack.rows.all("message")) == 1
    assert len(teams.rows.all("card")) == 3
    with transaction() as session:
        session.get_one(Connection, (company, teams_id)).credentials = None  # it was left
    tell(subject_id=uuid4())
    assert run_posts(company) == []


def test_a_lost_answer_posts_nothing_twice(company: UUID, slack_id: UUID, slack: Vendor) -> None:
    want(company, slack_id, HELD)
    slack.fault("drop", "/chat.postMessage", after=True)
    tell()
    assert run_posts(company) == [State.PENDING]
    assert run_posts(company) == [State.DONE]
    assert len(slack.rows.all("message")) == 1


def test_what_is_refused_stands_in_the_delivery_log_and_can_be_sent_again(
    company: UUID, slack_id: UUID, slack: Vendor
) -> None:
    want(company, slack_id, HELD)
    slack.rows.change("channel", "C0123456789", {"is_member": False})
    tell()
    assert run_posts(company) == [State.DEAD]
    with transaction() as session:
        [notice] = chats(session)
        assert (notice.status, notice.failure_code) == ("failed", "bot-not-in-channel")
        assert notice.id in [row.id for row in services.deliveries(session)]
        services.send_again(session, admin(company), notice.id)
    slack.rows.change("channel", "C0123456789", {"is_member": True})
    assert run_posts(company) == [State.DONE]
    assert len(slack.rows.all("message")) == 1


def test_a_dead_token_breaks_the_connection_and_a_try_finds_out_whether_it_works_again(
    company: UUID, slack_id: UUID, slack: Vendor
) -> None:
    with transaction() as session:
        session.get_one(Connection, (company, slack_id)).credentials = {"bot_token": "xoxb-dead"}
    want(company, slack_id, HELD)
    tell()
    assert run_posts(company) == [State.DEAD]
    with transaction() as session:
        connection = session.get_one(Connection, (company, slack_id))
        assert connection.status == "error"
    tell(subject_id=uuid4())
    assert run_posts(company) == []
    with transaction() as session:
        connection = session.get_one(Connection, (company, slack_id))
        connection.credentials = {"bot_token": slack.hints()["bot_token"]}
    with transaction() as session:
        channels.try_out(session, admin(company), slack_id)
    assert run_posts(company) == [State.DONE]
    with transaction() as session:
        assert session.get_one(Connection, (company, slack_id)).status == "connected"


def test_a_channel_that_cannot_be_asked_is_tested_by_a_message(company: UUID, teams_id: UUID, teams: Vendor) -> None:
    with transaction() as session:
        link = calling.link_of(session, teams_id, trying=True)
    assert check_api(link).state == "ok"
    assert len(teams.rows.all("card")) == 1
    teams.is_on = False  # type: ignore[attr-defined]
    checked = check_api(link)
    assert (checked.state, checked.code, checked.needs_person) == ("failed", "workflow-off", True)


def test_texts_for_channels_hold_no_variable() -> None:
    for kind in (*OPERATIONAL, channels.TRY):
        assert [DEFAULTS[kind][language][0].count("{") for language in LANGUAGES] == [0, 0]


def test_who_may_choose_what(company: UUID, slack_id: UUID) -> None:
    with transaction() as session:
        other = Connection(adapter="checkr", name="Checkr", code="CHK")
        session.add(other)
        session.flush()
        with pytest.raises(Forbidden):
            channels.choose(session, Actor(company, "user"), slack_id, kinds=[HELD], language="en")
        with pytest.raises(NotFound):
            channels.choose(session, admin(company), other.id, kinds=[HELD], language="en")
        with pytest.raises(NotFound):
            channels.try_out(session, admin(company), uuid4())
        for kinds, language in ((["benefits.enrollment.approved"], "en"), ([HELD], "fr")):
            with pytest.raises(Invalid):
                channels.choose(session, admin(company), slack_id, kinds=kinds, language=language)
        assert [one.connection.id for one in channels.offered(session)] == [slack_id]
        assert (
            channels.tell(session, system("t"), "benefits.enrollment.approved", ("x", uuid4()), dedupe="", link_path="")
            == []
        )
    with transaction() as session:
        link = calling.link_of(session, slack_id)
    with calling.open_provider(link) as provider, pytest.raises(Conflict):
        _ = provider.documents


def test_the_pages(
    app: object, client: FlaskClient, company: UUID, session: Session, slack_id: UUID, slack: Vendor
) -> None:
    sign_in(client, make_user(session, company, email="tech@acme.example", roles=[RoleType.SYSTEM_ADMIN]))
    enter_tenant(company)
    assert "Our slack" in shown(client.get("/notices/channels"))
    address = f"/notices/channels/{slack_id}"
    assert DEFAULTS[HELD]["en"][0] in shown(client.get(address))
    answer = post(client, address, {"kinds": [HELD], "channel_language": "es"}, page=address)
    assert answer.status_code == 303
    assert "1 kind of notice" in shown(client.get("/notices/channels"))
    assert post(client, address, {"kinds": ["x"], "channel_language": "en"}, page=address).status_code == 422
    assert post(client, f"{address}/try", {}, page=address).status_code == 303
    assert "Waiting" in shown(client.get(address))
    enter_tenant(company)
    run_posts(company)
    assert "Sent" in shown(client.get(address))
    assert [row.facts["text"] for row in slack.rows.all("message")] == [DEFAULTS[channels.TRY]["es"][0]]
    assert client.get(f"/notices/channels/{uuid4()}").status_code == 404

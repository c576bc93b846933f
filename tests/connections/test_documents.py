"""A document goes into the company's drive once, by a job; what became of it is shown, and a failed one can be tried again."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.connections.models import Connection, Exchange, KeptDocument
from app.connections.services import documents, mark_healthy
from app.core import storage
from app.core.access import Can, RoleType, Scope
from app.core.db import enter_tenant, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.events import Actor, AuditEvent, system
from app.core.jobs import JobIntent, State
from app.integrations.ports import Kept
from sandbox.vendors.core import Vendor
from sandbox.vendors.core.serving import serving
from tests.accounts.pages import post, shown
from tests.accounts.sign_in import make_user, sign_in
from tests.core.conftest import company as company
from worker.execute import run_intent

KIND = "benefits.confirmation"


@pytest.fixture(scope="module")
def google() -> Iterator[Vendor]:
    with serving("google_drive") as vendor:
        yield vendor


@pytest.fixture
def drive_id(company: UUID, google: Vendor) -> UUID:
    google.reset()
    google.rows.clear()
    hints = google.hints()
    settings = {name: hints[name] for name in ("client_email", "drive_id")}
    with transaction() as session:
        made = Connection(
            adapter="google_drive", name="Our drive", code="DRV", settings=settings, api_endpoint_url=google.url,
            credentials={"private_key": hints["private_key"]}, status="connected",
        )  # fmt: skip
        session.add(made)
    return made.id


def admin(company_id: UUID) -> Actor:
    return Actor(company_id, "user", None, grants={Can.CONNECTION_MANAGE: Scope.ALL})


def want(company_id: UUID, drive_id: UUID, data: bytes = b"%PDF-1.7 x", name: str = "S-2026-000001.pdf") -> UUID:
    with transaction() as session:
        documents.choose(session, admin(company_id), drive_id, [KIND])
        file = storage.keep(session, data, name=name, content_type="application/pdf", purpose=KIND)
        session.flush()
        for _ in range(2):
            documents.want(session, system("test"), KIND, file.id)
            documents.want(session, system("test"), "another.kind", file.id)
        return file.id


def run_jobs(company_id: UUID, kind: str = "connections.keep_document") -> list[State]:
    with transaction() as session:
        waits = JobIntent.state.in_((State.PENDING, State.DISPATCHED))
        ids = session.scalars(sa.select(JobIntent.id).where(JobIntent.kind == kind, waits)).all()
        session.execute(sa.update(JobIntent).where(JobIntent.id.in_(ids)).values(run_after=sa.func.now()))
    for intent_id in ids:
        run_intent(str(company_id), str(intent_id))
    with transaction() as session:
        return [State(one.state) for one in session.scalars(sa.select(JobIntent).where(JobIntent.id.in_(ids)))]


def copy() -> KeptDocument:
    with transaction() as session:
        return session.scalars(sa.select(KeptDocument)).one()


def files(google: Vendor) -> dict[str, bytes]:
    return {row.facts["name"]: row.facts["data"] for row in google.rows.all("file") if row.facts["data"] is not None}


def test_a_document_is_copied_once_and_that_it_left_is_on_record(company: UUID, drive_id: UUID, google: Vendor) -> None:
    want(company, drive_id)
    assert run_jobs(company) == [State.DONE]
    assert files(google) == {"S-2026-000001.pdf": b"%PDF-1.7 x"}
    kept = copy()
    assert (kept.state, kept.url) == ("kept", f"https://drive.google.com/file/d/{kept.remote_id}/view")
    with transaction() as session:
        said = sa.select(AuditEvent.name).where(AuditEvent.entity_id == kept.id).order_by(AuditEvent.id)
        assert session.scalars(said).all() == ["connections.document.wanted", "connections.document.kept"]
        bodies = session.scalars(sa.select(Exchange).where(Exchange.operation == "file.create")).all()
        assert [one.request_body for one in bodies] == [None]  # no second copy of it lies in the log


def test_a_lost_answer_makes_no_second_copy(company: UUID, drive_id: UUID, google: Vendor) -> None:
    want(company, drive_id)
    google.fault("drop", "/upload/*", after=True)
    assert run_jobs(company) in ([State.DONE], [State.PENDING])
    run_jobs(company)
    assert files(google) == {"S-2026-000001.pdf": b"%PDF-1.7 x"}
    assert copy().state == "kept"


def test_what_is_refused_is_shown_and_can_be_tried_again(company: UUID, drive_id: UUID, google: Vendor) -> None:
    want(company, drive_id)
    google.fault("status", "/upload/*", status=403)
    assert run_jobs(company) == [State.DEAD]
    failed = copy()
    assert (failed.state, failed.failure) == ("failed", "forbidden")
    with transaction() as session:
        documents.again(session, admin(company), failed.id)
    assert run_jobs(company) == [State.DONE]
    with transaction() as session, pytest.raises(Conflict):
        documents.again(session, admin(company), failed.id)


def test_what_failed_while_the_drive_was_broken_is_copied_when_it_works_again(
    company: UUID, drive_id: UUID, google: Vendor
) -> None:
    google.access.clients.clear()
    want(company, drive_id)
    assert run_jobs(company) == [State.DEAD]
    assert copy().state == "failed"
    google.reset()
    with transaction() as session:
        connection = session.get_one(Connection, (company, drive_id))
        assert connection.status == "error"
        mark_healthy(session, system("test"), connection)
    run_jobs(company, "connections.keep_again")
    assert run_jobs(company) == [State.DONE]
    assert copy().state == "kept"


def test_another_file_of_that_name_is_a_conflict_and_a_destroyed_one_goes_nowhere(
    company: UUID, drive_id: UUID, google: Vendor
) -> None:
    want(company, drive_id)
    run_jobs(company)
    want(company, drive_id, b"other")
    file_id = want(company, drive_id, name="gone.pdf")
    with transaction() as session:
        storage.destroy(session, file_id)
    assert sorted(run_jobs(company)) == [State.DEAD, State.DEAD]
    with transaction() as session:
        failures = session.scalars(sa.select(KeptDocument.failure).order_by(KeptDocument.failure)).all()
    assert failures == ["", "name-taken", "not-found"]
    assert list(files(google)) == ["S-2026-000001.pdf"]


def test_who_may_choose_what(company: UUID, drive_id: UUID) -> None:
    with transaction() as session:
        other = Connection(adapter="slack", name="Slack", code="SLK")
        session.add(other)
        session.flush()
        with pytest.raises(Forbidden):
            documents.choose(session, Actor(company, "user"), drive_id, [KIND])
        for connection_id in (other.id, uuid4()):
            with pytest.raises(NotFound):
                documents.choose(session, admin(company), connection_id, [KIND])
        with pytest.raises(Invalid):
            documents.choose(session, admin(company), drive_id, ["screening.report"])
        assert [one.connection.id for one in documents.offered(session)] == [drive_id]


def test_a_provider_writes_no_script_into_our_page(company: UUID, drive_id: UUID) -> None:
    want(company, drive_id)
    with transaction() as session:
        documents.finish(session, system("test"), copy().id, Kept("1", "javascript:alert(1)"))
    assert copy().url == ""


def test_the_pages(
    app: object, client: FlaskClient, company: UUID, session: Session, drive_id: UUID, google: Vendor
) -> None:
    sign_in(client, make_user(session, company, email="tech@acme.example", roles=[RoleType.SYSTEM_ADMIN]))
    enter_tenant(company)
    assert "Our drive" in shown(client.get("/connections/documents"))
    address = f"/connections/documents/{drive_id}"
    assert "Health data leaves Corridor" in shown(client.get(address))
    assert post(client, address, {"kinds": [KIND]}, page=address).status_code == 303
    assert "Confirmations of benefit choices" in shown(client.get("/connections/documents"))
    assert post(client, address, {"kinds": ["x"]}, page=address).status_code == 422
    enter_tenant(company)
    want(company, drive_id)
    google.fault("status", "/upload/*", status=403)
    run_jobs(company)
    assert "Failed" in shown(client.get("/connections/documents"))
    enter_tenant(company)
    again = f"/connections/documents/copies/{copy().id}/again"
    assert post(client, again, page="/connections/documents").status_code == 303
    enter_tenant(company)
    run_jobs(company)
    page = client.get("/connections/documents")
    assert "S-2026-000001.pdf Confirmations of benefit choices Our drive Kept" in shown(page)
    enter_tenant(company)
    assert copy().url in page.text

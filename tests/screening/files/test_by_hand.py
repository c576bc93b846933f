"""Files that people carry, on the pages: the order file is handed over by a person, results are tried out before they count."""

from __future__ import annotations

import io
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.connections.models import InboxItem
from app.core.access import RoleType
from app.core.db import engine, transaction
from app.core.errors import Invalid
from app.core.events import AuditEvent
from app.core.jobs import enqueue
from app.core.models import StoredFile
from app.screening.models import OrderFile, ScreeningFact
from app.screening.rules.states import OrderFileState, OrderState, RequestStatus
from app.screening.services import ordering, reports
from sandbox.screening.result_file import results
from tests.feeds.pages import Visitor, admin_of
from tests.feeds.world import run_jobs
from tests.screening import made
from tests.screening.files.screener import JOBS, by_hand, kept, released, row, send
from tests.screening.made import Employer


@pytest.fixture
def filed(employer: Employer) -> Employer:
    by_hand(employer)
    return employer


@pytest.fixture
def pat(app: Any, filed: Employer) -> Visitor:
    return Visitor(app, admin_of(filed.company_id, "pat@acme.example", (RoleType.BG_CHECK_ADMIN,)))


@pytest.fixture
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine(), "before_cursor_execute", note)


def url(filed: Employer) -> str:
    return f"/screening/files/{filed.connection_id}"


def post(pat: Visitor, address: str, data: dict[str, Any] | None = None, status: int = 303) -> Any:
    return pat.post(address, data, status, page="/connections")


def order_files() -> list[OrderFile]:
    with transaction() as session:
        return list(session.scalars(sa.select(OrderFile).order_by(OrderFile.id)))


def upload(pat: Visitor, filed: Employer, data: bytes, name: str = "r.csv", status: int = 303) -> Any:
    return post(pat, f"{url(filed)}/upload", {"upload": (io.BytesIO(data), name)}, status)


def placed(pat: Visitor, filed: Employer) -> UUID:
    request_id = released(filed)
    send(filed)
    (file,) = order_files()
    post(pat, f"/screening/order-files/{file.id}/copy", status=200)
    post(pat, f"/screening/order-files/{file.id}/handed-over")
    return request_id


def told(request_id: UUID, **more: str) -> bytes:
    rows = row(request_id, "complete", "NoRecordFound", check="S-1"), row(request_id, "complete", "Clear")
    return results([one | {"provider": "file_import"} | more for one in rows])


def test_a_person_hands_the_orders_over(pat: Visitor, filed: Employer) -> None:
    request_id = released(filed)
    assert "1 order waits" in pat.get(url(filed))
    post(pat, f"{url(filed)}/now")
    run_jobs(kinds=JOBS)
    (file,) = order_files()
    assert kept(request_id).order_state == OrderState.PLACING
    post(pat, f"/screening/order-files/{file.id}/handed-over")  # not before somebody has it
    assert "Download the file first" in pat.get(url(filed))
    response = post(pat, f"/screening/order-files/{file.id}/copy", status=200)
    assert str(request_id) in response.get_data(as_text=True)
    assert "no-store" in response.headers["Cache-Control"]
    post(pat, f"/screening/order-files/{file.id}/handed-over")
    found = kept(request_id)
    assert (found.order_state, found.provider_invitation_id) == (OrderState.PLACED, str(request_id))
    with transaction() as session:
        names = set(session.scalars(sa.select(AuditEvent.name).where(AuditEvent.phi_accessed)))
    assert "screening.order_file.read" in names


def test_the_request_says_where_its_order_is(pat: Visitor, filed: Employer) -> None:
    request_id = released(filed)
    send(filed)
    html = pat.get(f"/screening/requests/{request_id}")
    assert "The order is in a file for the provider" in html
    assert url(filed) in html


def test_a_report_by_hand_has_to_be_the_one_the_file_names(pat: Visitor, filed: Employer) -> None:
    request_id = placed(pat, filed)
    right = b"%PDF-1.7 right"
    named = results(
        [
            row(request_id, "complete", "Review", report_file="P-1.pdf", sha256=sha256(right).hexdigest())
            | {"provider": "file_import"}
        ]
    )
    post(pat, upload(pat, filed, named).headers["Location"])
    run_jobs(kinds=JOBS)
    with transaction() as session:
        request = made.stored(session, request_id)
        with pytest.raises(Invalid, match="SHA-256"):
            reports.upload(session, filed.adjudicator, request, b"%PDF-1.7 of somebody else")
        reports.upload(session, filed.adjudicator, request, right)
    assert kept(request_id).report_file_id is not None


def test_a_file_nobody_took_yet_grows_and_one_that_was_taken_stays(pat: Visitor, filed: Employer) -> None:
    released(filed)
    send(filed)
    released(filed, name="Juan")
    send(filed, "2")
    assert [(one.state, one.orders) for one in order_files()] == [("withdrawn", 1), ("ready", 2)]
    post(pat, f"/screening/order-files/{order_files()[1].id}/copy", status=200)
    released(filed, name="Mia")
    send(filed, "3")
    assert [(one.state, one.orders) for one in order_files()] == [("withdrawn", 1), ("ready", 2), ("ready", 1)]


def test_a_file_with_a_canceled_order_is_not_given_out(pat: Visitor, filed: Employer) -> None:
    request_id = released(filed)
    send(filed)
    with transaction() as session:
        ordering.cancel(session, filed.recruiter, made.stored(session, request_id), "candidate_withdrew_consent")
    (file,) = order_files()
    post(pat, f"/screening/order-files/{file.id}/copy")
    assert "A new file is written" in pat.get(url(filed))
    send(filed, "2")
    assert [one.state for one in order_files()] == [OrderFileState.WITHDRAWN]
    post(pat, f"/screening/order-files/{file.id}/handed-over")
    assert kept(request_id).order_state == OrderState.NONE


def test_results_count_once_they_are_confirmed(pat: Visitor, filed: Employer) -> None:
    request_id = placed(pat, filed)
    stranger = row(UUID(int=9), "complete", ref="X-1") | {"provider": "file_import"}
    data = told(request_id).replace(b"TOTAL,2", b"") + results([stranger]).split(b"\r\n", 1)[1].replace(
        b"TOTAL,1", b"TOTAL,3"
    )
    tried = upload(pat, filed, data.replace(b"\r\n\r\n", b"\r\n")).headers["Location"]
    html = pat.get(tried)
    assert "Nobody here ordered this." in html
    assert str(UUID(int=9)) not in html
    assert kept(request_id).status == RequestStatus.SUBMITTED, "only tried out"
    there = post(pat, tried).headers["Location"]
    post(pat, tried, status=404)
    run_jobs(kinds=JOBS)
    assert (kept(request_id).status, kept(request_id).clear) == (RequestStatus.COMPLETED, True)
    html = pat.get(there)
    assert "Some rows were left out" in html
    assert "Nobody here ordered this." in html
    again = upload(pat, filed, told(request_id), "again.csv").headers["Location"]
    post(pat, again)
    run_jobs(kinds=JOBS)
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ScreeningFact)) == 2


def test_the_same_file_is_read_again_when_what_it_names_is_here(pat: Visitor, filed: Employer) -> None:
    request_id = released(filed)
    send(filed)
    for _ in range(2):
        post(pat, upload(pat, filed, told(request_id)).headers["Location"])
        run_jobs(kinds=JOBS)
    assert kept(request_id).status == RequestStatus.COMPLETED, "a result proves that the order arrived"
    with transaction() as session:
        (item,) = session.scalars(sa.select(InboxItem)).all()
    assert (item.state, item.summary["known"]) == ("applied", 2)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("r.csv", b"a,b\r\n1,2\r\nTOTAL,1\r\n", "version"),
        ("r.csv", b"", "empty"),
        ("r.csv", b"%PDF-1.7\n", "not really CSV"),
        ("", b"", "Choose the provider"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_once(
    pat: Visitor, filed: Employer, name: str, data: bytes, words: str
) -> None:
    html = upload(pat, filed, data, name, 422).get_data(as_text=True)
    assert words in html
    with transaction() as session:
        assert session.scalars(sa.select(InboxItem)).all() == []


def test_what_nobody_confirmed_is_destroyed_after_a_day(pat: Visitor, filed: Employer, admin: Any) -> None:
    tried = upload(pat, filed, told(UUID(int=1))).headers["Location"]
    admin.execute("UPDATE stored_file SET created_at = created_at - interval '25 hours'")
    with transaction() as session:
        enqueue(session, "screening.watch_files", filed.company_id, key="1")
    run_jobs(kinds=("screening.watch_files",))
    with transaction() as session:
        query = sa.select(StoredFile.deleted_at).where(StoredFile.purpose == "screening_results_draft")
        assert session.scalars(query).one() is not None
    pat.get(tried, status=404)


def test_files_are_destroyed_after_ninety_days_and_what_they_say_stays(
    pat: Visitor, filed: Employer, admin: Any
) -> None:
    request_id = placed(pat, filed)
    post(pat, upload(pat, filed, told(request_id)).headers["Location"])
    run_jobs(kinds=JOBS)
    waiting = released(filed, name="Juan")
    send(filed, "2")

    def left(days: int) -> set[str]:
        admin.execute(f"UPDATE stored_file SET created_at = now() - interval '{days} days'")
        with transaction() as session:
            enqueue(session, "screening.watch_files", filed.company_id, key=str(days))
        run_jobs(kinds=("screening.watch_files",))
        with transaction() as session:
            return set(session.scalars(sa.select(StoredFile.purpose).where(StoredFile.deleted_at.is_(None))))

    assert {"inbox", "screening_orders"} <= left(89)
    assert "inbox" not in left(91)
    assert "screening_orders" in left(91), "the one that waits is kept"
    assert (kept(waiting).order_state, kept(request_id).clear) == (OrderState.PLACING, True)
    with transaction() as session:
        gone = session.scalars(sa.select(StoredFile).where(StoredFile.purpose == "screening_orders")).all()
        assert sorted(one.deleted_at is None for one in gone) == [False, True]


def test_news_about_a_case_that_was_destroyed_does_not_bring_it_back(pat: Visitor, filed: Employer) -> None:
    request_id = placed(pat, filed)
    post(pat, upload(pat, filed, told(request_id)).headers["Location"])
    run_jobs(kinds=JOBS)
    with transaction() as session:
        made.stored(session, request_id).disposed_at = sa.func.now()
        for fact in session.scalars(sa.select(ScreeningFact)):
            fact.said = {}
    news = results(
        [row(request_id, "complete", "Review", event_at="2026-11-25T14:00:00-05:00") | {"provider": "file_import"}]
    )
    html = pat.get(upload(pat, filed, news, "news.csv").headers["Location"])
    assert "This case is over" in html


def test_who_may_look_and_who_may_act(app: Any, pat: Visitor, filed: Employer, queries: list[str]) -> None:
    placed(pat, filed)
    post(pat, upload(pat, filed, told(UUID(int=1))).headers["Location"])
    run_jobs(kinds=JOBS)
    with transaction() as session:
        item = session.scalars(sa.select(InboxItem)).one()
    pages = [url(filed), f"{url(filed)}/results/{item.id}", f"{url(filed)}/upload"]
    for address in pages:
        queries.clear()
        pat.get(address)
        assert len(queries) <= 6, (address, queries)
    manager = Visitor(app, admin_of(filed.company_id, "ben@acme.example", (RoleType.BENEFITS_ADMIN,)))
    (file,) = order_files()
    manager.get(url(filed))
    post(manager, f"/screening/order-files/{file.id}/copy", status=403)  # it names people
    recruiter = Visitor(app, admin_of(filed.company_id, "rec@acme.example", (RoleType.RECRUITER,)))
    for address in pages:
        recruiter.get(address, status=403)
    pat.get(f"/screening/files/{UUID(int=5)}", status=404)
    with transaction() as session:
        session.execute(
            sa.text("UPDATE connection SET adapter = 'checkr' WHERE company_id = :c"), {"c": filed.company_id}
        )
    pat.get(url(filed), status=404)

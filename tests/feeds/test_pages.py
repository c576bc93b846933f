"""The pages of feeds: what they show, what they refuse, how many queries they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.http import parse_options_header

from app.core import storage
from app.core.access import RoleType
from app.core.db import engine, transaction
from app.core.events import AuditEvent
from app.feeds.models import FeedFile
from tests.feeds import world as w
from tests.feeds.pages import Visitor, admin_of
from tests.feeds.world import World, ack999, ask, census, files, note_all, receive, ta1, truth


@pytest.fixture
def dana(app: Any, world: World) -> Visitor:
    return Visitor(app, admin_of(world.company_id))


@pytest.fixture
def sent(world: World, server: Any) -> World:
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)
    return world


@pytest.fixture
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine(), "before_cursor_execute", note)


def test_the_list_of_files(dana: Visitor, sent: World, queries: list[str]) -> None:
    dana.get("/feeds")
    queries.clear()
    html = dana.get("/feeds")
    assert "000000001" in html
    assert "Evergreen Health" in html
    assert len([q for q in queries if "feed_file" in q or "carrier_change" in q]) <= 4
    assert "000000001" not in dana.get("/feeds?state=held")
    assert "000000001" in dana.get(f"/feeds?connection={sent.connection.id}&state=sent")
    assert "000000001" not in dana.get("/feeds?overdue=1&after=" + str(sent.connection.id))
    dana.get("/feeds?after=nonsense", status=404)


def test_a_file_through_its_life(dana: Visitor, sent: World) -> None:
    (file,) = files()
    html = dana.get(f"/feeds/files/{file.id}")
    assert "M000001" in html
    assert "No answer yet" in html
    receive(sent, "ack", ta1(file))
    receive(sent, "ack9", ack999(file, {"0001": "A", "0002": "R", "0003": "A"}))
    html = dana.get(f"/feeds/files/{file.id}")
    assert "Partly accepted" in html
    assert "has a faulty element" in html
    assert "M000002" in dana.get(f"/feeds/files/{file.id}?rejected=1")
    decoded = dana.get(f"/feeds/files/{file.id}/decoded")
    assert "900000001" not in decoded
    assert "•••-••-0001" in decoded
    assert "LOPEZ" in decoded.upper()
    for nowhere in ("x", "-1", "9" * 5_000):
        dana.get(f"/feeds/files/{file.id}/decoded?after={nowhere}", status=404)
    raw = dana.post(f"/feeds/files/{file.id}/download", status=200)
    assert raw.data.startswith(b"ISA*")
    assert raw.headers["Cache-Control"] == "no-store"
    with transaction() as session:
        names = set(session.scalars(sa.select(AuditEvent.name)))
    assert {"feeds.file.downloaded", "feeds.file.viewed"} <= names
    dana.post(f"/feeds/files/{file.id}/resend")
    w.run_jobs()
    assert [row.state for row in files()] == ["partial", "sent"]


def test_a_name_in_a_header_stays_one_name(dana: Visitor, sent: World) -> None:
    """Names of files are made by us; were one not, it could neither end the header nor begin another."""
    (file,) = files()
    with transaction() as session:
        session.get_one(FeedFile, (file.company_id, file.id)).name = 'Peña"; filename=evil.exe; x="Ωλ.edi'
    raw = dana.post(f"/feeds/files/{file.id}/download", status=200)
    (shown,) = raw.headers.getlist("Content-Disposition")
    kind, options = parse_options_header(shown)
    assert (kind, set(options)) == ("attachment", {"filename"})
    assert shown.isascii()
    assert options["filename"] == 'Peña"; filename=evil.exe; x="Ωλ.edi'


def test_a_stored_file_that_is_no_834_says_so(dana: Visitor, sent: World) -> None:
    (file,) = files()
    for data in (b"%PDF-1.7 nothing of ours", b"", b"ISA*00", ta1(file).encode()):
        with transaction() as session:
            kept = storage.keep(session, data, name="odd.txt", content_type="text/plain", purpose="feed")
            session.flush()
            session.get_one(FeedFile, (file.company_id, file.id)).file_id = kept.id
        html = dana.get(f"/feeds/files/{file.id}/decoded")
        assert "cannot be read as an 834" in html


def test_who_may_not(app: Any, sent: World) -> None:
    (file,) = files()
    viewer = Visitor(app, admin_of(sent.company_id, "vera@acme.example", (RoleType.VIEWER,)))
    viewer.get("/feeds", status=403)
    hr = Visitor(app, admin_of(sent.company_id, "hugo@acme.example", (RoleType.HR_ADMIN,)))
    assert "Download the raw file" not in hr.get(f"/feeds/files/{file.id}")
    hr.post(f"/feeds/files/{file.id}/download", status=403)
    nobody = app.test_client()
    assert nobody.get("/feeds").status_code == 303
    hr.get("/feeds/files/00000000-0000-0000-0000-000000000000", status=404)


def test_holding_and_releasing(app: Any, dana: Visitor, sent: World) -> None:
    with transaction() as session:
        for row in sent.enrollments[:2]:
            kept = session.get(type(row), (sent.company_id, row.id))
            kept.status, kept.coverage_ends_on = "terminated", w.START.replace(month=11, day=30)
    with transaction() as session:
        note_all(session, sent)
    dana.post(f"/feeds/carriers/{sent.connection.id}/send")
    w.run_jobs()
    held = files()[-1]
    assert held.state == "held"
    html = dana.get(f"/feeds/files/{held.id}")
    assert "waits for a second person" in html
    assert "Somebody else has to release it" not in html or "Cancel" in html
    dana.post(f"/feeds/files/{held.id}/release", {"reason": "checked"}, status=403)
    other = Visitor(app, admin_of(sent.company_id, "olga@acme.example"))
    other.post(f"/feeds/files/{held.id}/release", {"reason": " "}, status=422)
    other.post(f"/feeds/files/{held.id}/release", {"reason": "The terminations are right"})
    w.run_jobs()
    assert files()[-1].state == "sent"
    other.post(f"/feeds/files/{held.id}/release", {"reason": "again"}, status=409)
    other.post(f"/feeds/files/{held.id}/cancel", {"reason": "x" * 501}, status=422)
    other.post(f"/feeds/files/{held.id}/cancel", {"reason": "too late"}, status=409)
    assert "The terminations are right" in other.get(f"/feeds/files/{held.id}")


def test_the_buttons_of_a_carrier(dana: Visitor, sent: World) -> None:
    base = f"/feeds/carriers/{sent.connection.id}"
    dana.post(f"{base}/send", {"kind": "full"})
    dana.post(f"{base}/check")
    dana.post(f"{base}/again")
    dana.post(f"/feeds/carriers/{sent.manual.id}/send", status=409)
    dana.post(f"/feeds/carriers/{sent.manual.id}/check", status=409)
    w.run_jobs()
    assert files()[-1].kind == "full"


def test_a_census_by_hand_and_the_discrepancy_inbox(dana: Visitor, sent: World, queries: list[str]) -> None:
    (file,) = files()
    receive(sent, "ack", ack999(file, {"0001": "A", "0002": "A", "0003": "A"}))
    base = f"/feeds/carriers/{sent.connection.id}/census"
    assert "Upload a census" in dana.get(base)
    dana.post(base, status=422)
    from io import BytesIO

    lines = [line for line in truth(sent) if line[0] != "M000002"]
    dana.post(base, {"upload": (BytesIO(census(*lines).encode()), "census.csv")})
    dana.post(base, {"upload": (BytesIO(b"%PDF-1.4 not a csv"), "census.pdf")}, status=422)
    w.run_jobs()
    assert "Census" in dana.get("/feeds/inbox")
    assert "Discrepancies: 1 new" in dana.get(f"/feeds/inbox?state=applied&connection={sent.connection.id}")
    dana.get("/feeds/inbox?after=x", status=404)
    dana.post(base, {"upload": (BytesIO(census(*lines).encode()), "census.csv")})
    dana.get("/feeds/discrepancies")
    queries.clear()
    html = dana.get("/feeds/discrepancies?severity=failure&owner=carrier")
    assert "Not enrolled at the carrier" in html
    assert len([q for q in queries if "FROM discrepancy" in q]) <= 4
    assert "Not enrolled" not in dana.get("/feeds/discrepancies?state=closed")
    assert "Not enrolled" not in dana.get("/feeds/discrepancies?mine=1")
    dana.get("/feeds/discrepancies?after=x_y", status=404)
    (row,) = w.discrepancies()
    url = f"/feeds/discrepancies/{row.id}"
    html = dana.get(url)
    assert "Robin" in html
    assert "SIL500" in html
    dana.post(f"{url}/assign", {"assignee": "nobody"}, status=422)
    dana.post(f"{url}/assign", {"assignee": "00000000-0000-0000-0000-000000000001"}, status=422)
    with transaction() as session:
        from app.accounts.models import User

        user_id = session.scalars(sa.select(User.id)).one()
    dana.post(f"{url}/assign", {"assignee": str(user_id)})
    assert "Not enrolled" in dana.get(f"/feeds/discrepancies?mine=1&connection={sent.connection.id}")
    dana.post(f"{url}/resolve", {"note": ""}, status=422)
    dana.post(f"{url}/resolve", {"note": "n" * 1001}, status=422)
    dana.post(f"{url}/resolve", {"note": "The carrier enrolled her by phone"})
    assert "by phone" in dana.get(url)
    dana.post(f"{url}/resolve", {"note": "again"}, status=409)
    dana.post(f"{url}/assign", {"assignee": ""}, status=409)


def test_the_manual_queue(dana: Visitor, world: World) -> None:
    with transaction() as session:
        row = w.enroll(session, world, world.employees[0], "DENTAL", family=world.dependents, status="approved")
    with transaction() as session:
        note_all(session, world)
    html = dana.get("/feeds/manual-tasks")
    assert "Add coverage" in html
    assert "Dental" in html
    task = w.rows(w.services.manual.ManualTask)[0]
    html = dana.get(f"/feeds/manual-tasks/{task.id}")
    assert "DEN500" in html
    assert "900000001" not in html
    assert "Sam Lopez" in html
    dana.post(f"/feeds/manual-tasks/{task.id}/done", {"reference": ""}, status=422)
    dana.post(f"/feeds/manual-tasks/{task.id}/done", {"reference": "r" * 81}, status=422)
    dana.post(f"/feeds/manual-tasks/{task.id}/done", {"reference": "CONF-77"})
    dana.post(f"/feeds/manual-tasks/{task.id}/done", {"reference": "CONF-77"}, status=409)
    assert "CONF-77" in dana.get(f"/feeds/manual-tasks/{task.id}")
    assert "Add coverage" in dana.get("/feeds/manual-tasks?state=done")
    dana.get("/feeds/manual-tasks?after=1_2", status=404)
    statuses = {item.id: item.carrier_status for item in w.rows(type(row))}
    assert statuses[row.id] == "sent", "told, not confirmed"

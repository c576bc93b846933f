"""Each way a carrier can misbehave, through the real SFTP server, up to what HR and the employee then read.

An employee reads "You are covered" in one case only: the carrier's own list says so.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from app.benefits.models import CoverageDetails
from app.core.db import Session, engine, tenant, transaction
from sandbox.launch import Running
from tests.accounts.sign_in import make_user
from tests.feeds import world as w
from tests.feeds.pages import Visitor, admin_of
from tests.feeds.test_way import answers, carrier, real, send
from tests.feeds.world import World, ask, files

__all__ = ["real"]


def words(html: str) -> str:
    """What a person reads in the main part of a page."""
    main = re.search(r"<main.*?</main>", html, re.S)
    assert main is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main.group())).split())


class Reader(Visitor):
    """A visitor who reads words."""

    def read(self, url: str) -> str:
        return words(self.get(url))


@pytest.fixture
def hr(app: Any, real: World) -> Reader:
    return Reader(app, admin_of(real.company_id))


@pytest.fixture
def people(app: Any, real: World) -> list[Reader]:
    """The three employees, each signed in, each with a plan whose name the page shows."""
    with transaction() as session:
        session.add_all(
            CoverageDetails(
                enrollment_id=row.id, coverage_type="health", plan_name="Silver 500", plan_code="SIL500", network_type="PPO",
                plan_tier="silver",
            )
            for row in real.enrollments
        )  # fmt: skip
    return [Reader(app, account(real.company_id, employee.id, n)) for n, employee in enumerate(real.employees)]


def account(company_id: UUID, employee_id: UUID, number: int) -> Any:
    with tenant(company_id), Session(engine(), expire_on_commit=False) as session:
        return make_user(session, company_id, email=f"robin{number}@acme.example", employee_id=employee_id)


def file_page(hr: Reader) -> str:
    return hr.read(f"/feeds/files/{files()[-1].id}")


def covered(people: list[Reader]) -> list[bool]:
    return ["You are covered" in person.read("/benefits") for person in people]


def told(people: list[Reader]) -> list[str]:
    """The stage each employee reads."""
    stages = ("Being corrected", "Sent to Evergreen Health", "Evergreen Health received it", "telling Evergreen Health",
              "Being checked with Evergreen Health", "You are covered")  # fmt: skip
    return [next((stage for stage in stages if stage in person.read("/benefits")), "") for person in people]


def census(world: World, sandbox: Running) -> None:
    carrier(sandbox).send_census()
    answers(world, sandbox)


def test_nothing_wrong(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    send(real)
    assert told(people) == ["Sent to Evergreen Health"] * 3
    answers(real, sandbox)
    assert "Whether the people are covered shows in the carrier's next list" in file_page(hr)
    assert told(people) == ["Evergreen Health received it"] * 3, "accepted by syntax is not covered"
    census(real, sandbox)
    assert "Coverages confirmed: 3" in hr.read("/feeds/inbox")
    assert covered(people) == [True] * 3


def test_reject(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    carrier(sandbox).set(reject_syntax=True)
    send(real)
    answers(real, sandbox)
    page = file_page(hr)
    assert "The carrier's computer did not take everything 0 transactions accepted, 3 rejected" in page
    assert "Segment NM1 has a faulty element" in page
    listed = hr.read("/feeds")
    assert "Rejected" in listed
    assert "3 need a correction" in listed
    assert told(people) == ["Being corrected"] * 3


def test_reject_of_the_envelope(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    carrier(sandbox).set(reject_interchange=True)
    send(real)
    answers(real, sandbox)
    assert "refused the whole file" in file_page(hr)
    assert told(people) == ["Being corrected"] * 3


def test_partial(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    carrier(sandbox).set(partial=2)
    send(real)
    answers(real, sandbox)
    page = file_page(hr)
    assert "Partly accepted" in page
    assert "2 transactions accepted, 1 rejected" in page
    assert re.search(r"M000002 add .*? Rejected Segment NM1 has a faulty element", page)
    assert "1 need a correction" in hr.read("/feeds")
    assert told(people) == ["Evergreen Health received it", "Being corrected", "Evergreen Health received it"]
    census(real, sandbox)
    assert covered(people) == [True, False, True]


def test_silence(hr: Reader, people: list[Reader], real: World, sandbox: Running, admin: Any) -> None:
    carrier(sandbox).set(silence=True)
    send(real)
    answers(real, sandbox)
    assert "Answers None yet" in file_page(hr)
    admin.execute("UPDATE feed_file SET acknowledge_by = now() - interval '1 minute'")
    ask("feeds.watch_overdue", real.company_id)
    page = file_page(hr)
    assert "The acknowledgement is late" in page
    assert "do not take silence for a yes" in page
    assert "000000001" in hr.read("/feeds?overdue=1")
    assert told(people) == ["Sent to Evergreen Health"] * 3


def test_duplicate(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    carrier(sandbox).set(duplicate_acks=True, acks_together=True)
    send(real)
    answers(real, sandbox)
    page = file_page(hr)
    assert page.count("Answered by the carrier's computer") == 1
    assert "Answers to our files: 2, new: 0" in hr.read("/feeds/inbox")
    assert told(people) == ["Evergreen Health received it"] * 3


def test_slow(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    carrier(sandbox).set(ack_delay_seconds=3600, slow_seconds=0.05)
    send(real)
    answers(real, sandbox)
    assert "Answers None yet" in file_page(hr)
    assert told(people) == ["Sent to Evergreen Health"] * 3
    sandbox.client.advance_clock(3700)
    sandbox.client.wait_idle(20, with_delayed=True)
    ask("feeds.poll", real.connection.id)
    sandbox.client.set_clock(0)
    assert "Answers envelope accepted (TA1), content accepted (999)" in file_page(hr)
    assert told(people) == ["Evergreen Health received it"] * 3


def test_garbage(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    carrier(sandbox).set(garbage=True)
    send(real)
    answers(real, sandbox)
    arrived = hr.read("/feeds/inbox?state=unmapped")
    assert arrived.count("Unknown Evergreen Health") == 2
    assert "Answers None yet" in file_page(hr)
    assert told(people) == ["Sent to Evergreen Health"] * 3


@pytest.mark.parametrize(
    ("mistake", "title", "doubtful"),
    [
        ("plan", "A different plan", 1),
        ("tier", "A different coverage level", 1),
        ("dates", "A different start date", 1),
        ("missing", "Not enrolled at the carrier", 1),
        ("extra", "The carrier covers somebody we do not", 0),
    ],
)
def test_wrong_member(
    hr: Reader, people: list[Reader], real: World, sandbox: Running, mistake: str, title: str, doubtful: int
) -> None:
    send(real)
    answers(real, sandbox)
    carrier(sandbox).set(wrong_member=mistake)
    census(real, sandbox)
    assert title in hr.read("/feeds/discrepancies")
    found = f"/feeds/discrepancies/{w.discrepancies()[0].id}"
    assert title in hr.read(found)
    assert "Due" in hr.read(found)
    stages = sorted(["You are covered"] * (3 - doubtful) + ["Being checked with Evergreen Health"] * doubtful)
    assert sorted(told(people)) == stages
    carrier(sandbox).set(wrong_member="")
    sandbox.client.advance_clock(60)
    census(real, sandbox)
    sandbox.client.set_clock(0)
    assert "Nothing disagrees" in hr.read("/feeds/discrepancies")
    assert "Agrees again" in hr.read(found)
    assert covered(people) == [True] * 3


def test_sftp_down(hr: Reader, people: list[Reader], real: World, sandbox: Running, admin: Any) -> None:
    carrier(sandbox).set(sftp_down=True)
    send(real)
    page = file_page(hr)
    assert "Not delivered yet The carrier's server cannot be reached. We try again by ourselves." in page
    assert told(people) == ["telling Evergreen Health"] * 3
    carrier(sandbox).set(sftp_down=False)
    w.hurry(admin)
    w.run_jobs()
    assert "Not delivered yet" not in file_page(hr)
    assert told(people) == ["Sent to Evergreen Health"] * 3


def test_host_key_changed(hr: Reader, people: list[Reader], real: World, sandbox: Running) -> None:
    carrier(sandbox).set(host_key_changed=True)
    send(real)
    page = file_page(hr)
    assert "another host key than the pinned one. Nothing was sent" in page
    assert "Open the connection" in page
    assert "Broken" in hr.read("/connections")
    connection = f"/connections/{real.connection.id}"
    assert "Code: host-key-changed" in hr.read(connection)
    hr.post(f"{connection}/check", page=connection)
    w.run_jobs()
    fingerprint = w.rows(w.Connection)[0].last_check["fingerprint"]
    assert fingerprint in hr.read(connection), (
        "the key the server shows now, to compare with the carrier's on the phone"
    )
    assert told(people) == ["telling Evergreen Health"] * 3
    assert carrier(sandbox).effects() == []

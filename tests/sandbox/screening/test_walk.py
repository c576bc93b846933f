"""End to end with the real adapter: packages, candidate, invitation, hosted page, report, webhook believed, fetched again."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import httpx2
import pikepdf

from app.integrations.paging import pages
from app.integrations.screening import AdverseState, Delivery, Result, Status
from app.integrations.transports.http.calls import File
from sandbox.client import Sandbox
from sandbox.screening.client import ScreeningClient
from tests.sandbox.screening.conftest import API, Line, Receiver, new_key


def test_from_the_package_list_to_the_final_notice(
    box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver
) -> None:
    assert API is not None
    resource = API.resource("package")
    listed = [
        line.checkr.read_package(record)
        for page in pages(resource.pages, resource.records, line.checkr.list_packages(), line.send)
        for record in page.records
    ]
    packages = {one.slug: one for one in listed}
    assert "county_criminal_search" in packages["essential"].checks
    assert not packages["continuous_check"].orderable

    candidate = line.candidate()
    invitation = line.invite(candidate)
    assert (invitation.status, invitation.report_id) == (Status.WAITING_CANDIDATE, "")
    assert invitation.expires_at is not None
    assert timedelta(days=6.9) < invitation.expires_at - datetime.now(UTC) < timedelta(days=7.1)

    page = httpx2.get(invitation.url)
    assert "<script" not in page.text
    assert "Jo Reyes" in page.text
    assert httpx2.post(invitation.url, data={"dob": "2020-01-01", "signature": "Jo Reyes"}).status_code == 422
    assert httpx2.post(invitation.url, data={"dob": "1990-01-01", "signature": "Jo Reyes"}).status_code == 303
    assert "Everything has arrived" in httpx2.get(invitation.url).text
    done = line.checkr.read_invitation(line.send(line.checkr.get_invitation(invitation.id)))
    assert done.status is Status.IN_PROGRESS
    report = line.report(done.report_id)
    assert (report.status, report.result, report.candidate_id) == (Status.IN_PROGRESS, Result.NONE, candidate)
    assert {check.kind for check in report.checks} == set(packages["essential"].checks)
    expected = line.checkr.read_eta(line.send(line.checkr.get_eta(report.id)))
    assert expected == report.expected_on

    screening.complete(report.id, "consider", ["felony"])
    box.wait_idle()
    assert receiver.kinds() == [
        "candidate.created", "invitation.created", "report.created", "invitation.completed", "report.completed",
    ]  # fmt: skip
    last = receiver.believed()[-1]
    assert (last.resource, last.subject) == ("report", report.id)
    report = line.report(last.subject)
    assert (report.status, report.result, report.includes_canceled) == (Status.COMPLETE, Result.CONSIDER, False)
    assert {check.kind for check in report.checks if check.result is Result.CONSIDER} == {"county_criminal_search"}
    assert report.ordered == {check.ref for check in report.checks if check.reportable}

    action_id = line.start_adverse(report.id)
    screening.deliver_notice(action_id)
    action = line.checkr.read_adverse_action(line.send(line.checkr.get_adverse_action(action_id)))
    assert (action.state, action.delivery, action.report_id) == (AdverseState.WAITING, Delivery.DELIVERED, report.id)
    screening.advance(days=6.9)
    assert line.report(report.id).codes["adjudication"] == "pre_adverse_action"
    assert screening.advance(days=0.2) == 1
    box.wait_idle()
    assert receiver.kinds()[-4:] == [
        "report.pre_adverse_action", "candidate.pre_adverse_action", "report.post_adverse_action",
        "candidate.post_adverse_action",
    ]  # fmt: skip
    action = line.checkr.read_adverse_action(line.send(line.checkr.get_adverse_action(action_id)))
    assert action.state is AdverseState.DONE


def test_the_self_hosted_flow(screening: ScreeningClient, line: Line) -> None:
    candidate = line.candidate()
    upload = line.checkr.upload_document(
        candidate, "consent", File("file", "signed.pdf", "application/pdf", b"%PDF-1.7"), new_key()
    )
    document = line.checkr.read_document(line.send(upload))
    assert (document.kind, document.name, document.size) == ("consent", "signed.pdf", 8)
    assert httpx2.get(document.url).content == b"%PDF-1.7"
    report = line.order(candidate, "basic_plus")
    assert screening.get("report", report.id)["source"] == "api"
    screening.complete(report.id)
    report = line.report(report.id)
    assert report.result is Result.CLEAR
    pdf = line.checkr.read_document(line.send(line.checkr.get_document(report.documents[0])))
    answer = httpx2.get(pdf.url)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert len(answer.content) == pdf.size
    screening.advance(minutes=16)
    assert httpx2.get(pdf.url).status_code == 403
    fresh = line.checkr.read_document(line.send(line.checkr.get_document(report.documents[0])))
    assert httpx2.get(fresh.url).status_code == 200
    assert httpx2.get(fresh.url[:-1] + ("0" if fresh.url[-1] != "0" else "1")).status_code == 403


def test_the_report_as_a_pdf_is_one_other_programs_open(screening: ScreeningClient, line: Line) -> None:
    report = line.order(line.candidate())
    screening.complete(report.id, "consider")
    found = line.checkr.read_document(line.send(line.checkr.get_document(line.report(report.id).documents[0])))
    with pikepdf.open(io.BytesIO(httpx2.get(found.url).content)) as opened:
        assert len(opened.pages) == 1
        assert b"Grand theft" in opened.pages[0].Contents.read_bytes()

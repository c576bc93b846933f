"""Every state of invitations, reports and adverse actions, by hand and by scenario, as our adapter reads it."""

from __future__ import annotations

import time

import pytest

from app.integrations.failures import Conflict, NotFound, Rejected
from app.integrations.screening import AdverseState, Delivery, Order, Result, Status
from sandbox.client import Sandbox, SandboxError
from sandbox.screening.client import ScreeningClient
from sandbox.screening.scenarios import SCENARIOS
from tests.sandbox.screening.conftest import PLACE, Line, Receiver, new_key

STILL_RUNS = {"never": (Status.IN_PROGRESS, Result.NONE)}
FOUND = dict.fromkeys(
    ["consider", "misdemeanor", "records", "dispute-clear", "dispute-consider", "bounce", "post-adverse"],
    (Status.COMPLETE, Result.CONSIDER),
)
ODD = {
    "canceled": (Status.CANCELED, Result.NONE), "unknown-status": (Status.UNMAPPED, Result.NONE),
    "unknown-result": (Status.COMPLETE, Result.UNMAPPED),
}  # fmt: skip
AFTER_ALL = STILL_RUNS | FOUND | ODD


def report_of(screening: ScreeningClient, line: Line, name: str) -> str:
    """A report of a candidate tagged by e-mail, without its order's fault."""
    candidate = line.candidate(email=f"jo+{name}@example.com")
    assert screening.get("candidate", candidate)["_sandbox"]["scenario"] == name
    screening.scenario(candidate, name)
    screening.set(default_scenario="clear")
    if SCENARIOS[name].fault:
        screening.scenario(candidate, "clear")
    return line.order(candidate).id


@pytest.mark.parametrize("name", SCENARIOS)
def test_where_every_scenario_ends(screening: ScreeningClient, line: Line, name: str) -> None:
    report = report_of(screening, line, name)
    assert line.report(report).status is Status.IN_PROGRESS, "nothing moves by itself"
    screening.advance(days=45)
    found = line.report(report)
    assert (found.status, found.result) == AFTER_ALL.get(name, (Status.COMPLETE, Result.CLEAR))
    assert found.includes_canceled is (name == "suspended")


def test_the_last_name_is_a_tag_too(screening: ScreeningClient, line: Line) -> None:
    wanted = {"Paused": "paused", "Dispute Clear": "dispute-clear", "Reyes": "clear"}
    for last_name, scenario in wanted.items():
        candidate = line.candidate(last_name, email=f"{scenario}@example.com")
        assert screening.get("candidate", candidate)["_sandbox"]["scenario"] == scenario
    screening.set(default_scenario="never")
    assert screening.get("candidate", line.candidate())["_sandbox"]["scenario"] == "never"
    with pytest.raises(SandboxError, match="no scenario"):
        screening.set(default_scenario="nonsense")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("suspended", [(2, Status.CANDIDATE_ACTION), (29, Status.COMPLETE)]),
        ("resumed", [(1, Status.CANDIDATE_ACTION), (3, Status.IN_PROGRESS), (2, Status.COMPLETE)]),
        ("paused", [(1, Status.CLIENT_ACTION), (3, Status.IN_PROGRESS), (1, Status.COMPLETE)]),
    ],
)
def test_scenarios_go_step_by_step(
    screening: ScreeningClient, line: Line, name: str, seen: list[tuple[int, Status]]
) -> None:
    report = report_of(screening, line, name)
    for days, status in seen:
        screening.advance(days=days)
        assert line.report(report).status is status


def test_a_record_with_its_dates_place_and_disposition(screening: ScreeningClient, line: Line) -> None:
    report = line.order(line.candidate(), "essential").id
    screening.complete(
        report, "consider", ["felony", "misdemeanor", {"text": "License suspended", "kind": "ssn_trace"}]
    )
    found = line.send(line.checkr.get_report(report)).json()
    county = found["county_criminal_searches"][0]
    assert [one["charges"][0]["charge_type"] for one in county["records"]] == ["felony", "misdemeanor"]
    first = county["records"][0]
    assert (first["county"], first["state"]) == ("Alameda", "CA")
    assert first["charges"][0]["disposition_date"] == "2022-09-02"
    assert first["charges"][0]["category"] == "theft_and_property"
    assert found["ssn_trace"]["result"] is None, "a trace is never a ground"
    items = line.checkr.read_adverse_items(line.send(line.checkr.list_adverse_items(report)))
    assert [item.text for item in items] == [
        "Grand theft (felony), Alameda County, CA: Convicted 2022-09-02",
        "Disorderly conduct (misdemeanor), Kings County, NY: Convicted 2018-08-15",
        "License suspended",
    ]
    alone = line.checkr.read_check(
        "county_criminal_search", line.send(line.checkr.get_check("county_criminal_search", county["id"]))
    )
    assert alone.result is Result.CONSIDER
    with pytest.raises(NotFound):
        line.send(line.checkr.get_check("ssn_trace", county["id"]))


@pytest.mark.parametrize("shape", ["list", "bare", "ids"])
def test_all_shapes_of_adverse_items(screening: ScreeningClient, line: Line, shape: str) -> None:
    screening.set(adverse_shape=shape)
    report = line.order(line.candidate()).id
    screening.complete(report, "consider", ["felony", "misdemeanor"])
    action = line.start_adverse(report)
    found = line.checkr.read_adverse_action(line.send(line.checkr.get_adverse_action(action)))
    assert len(found.items) == 2


def test_the_old_shape_of_searches(screening: ScreeningClient, line: Line) -> None:
    screening.set(old_status_shape=True)
    report = line.order(line.candidate(), "professional").id
    screening.complete(report, "consider")
    raw = line.send(line.checkr.get_report(report)).json()
    assert raw["county_criminal_searches"][0]["status"] == "consider"
    assert "result" not in raw["education_verification"]
    assert {one.result for one in line.report(report).checks if one.reportable} == {Result.CLEAR, Result.CONSIDER}


def test_complete_now_and_engage(screening: ScreeningClient, line: Line) -> None:
    report = line.order(line.candidate()).id
    screening.progress(report)
    key = new_key()
    found = line.checkr.read_report(line.send(line.checkr.complete_now(report, key)))
    assert (found.status, found.result, found.includes_canceled) == (Status.COMPLETE, Result.CLEAR, True)
    again = line.checkr.read_report(line.send(line.checkr.complete_now(report, key)))
    assert again == found
    with pytest.raises(Rejected):
        line.send(line.checkr.complete_now(report, new_key()))
    engaged = line.checkr.read_report(line.send(line.checkr.engage(report)))
    assert engaged.codes["adjudication"] == "engaged"


def test_one_search_alone_and_no_eta(screening: ScreeningClient, line: Line) -> None:
    report = line.order(line.candidate(), "driver_pro").id
    screening.set_search(report, "drug_screening", "suspended", None)
    checks = {check.kind: check for check in line.report(report).checks}
    assert checks["drug_screening"].status is Status.CANDIDATE_ACTION
    screening.set_eta(report, "2026-12-24")
    assert line.checkr.read_eta(line.send(line.checkr.get_eta(report))).isoformat() == "2026-12-24"
    screening.set_eta(report)
    with pytest.raises(NotFound, match="eta-unavailable"):
        line.send(line.checkr.get_eta(report))


def test_a_dispute_stops_the_final_notice_and_the_report_is_revised(
    box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver
) -> None:
    report = line.order(line.candidate()).id
    screening.complete(report, "consider")
    before = line.report(report)
    action = line.start_adverse(report)
    with pytest.raises(Conflict, match="adverse-action-exists"):
        line.start_adverse(report)
    screening.dispute(report)
    assert line.report(report).status is Status.DISPUTE
    found = line.checkr.read_adverse_action(line.send(line.checkr.get_adverse_action(action)))
    assert (found.state, found.post_notice_at) == (AdverseState.DISPUTE, None)
    screening.advance(days=10)
    assert screening.get("adverse_action", action)["status"] == "dispute", "no notice goes out"
    screening.complete(report, "clear")
    after = line.report(report)
    assert (after.status, after.result) == (Status.COMPLETE, Result.CLEAR)
    assert after.revised_at is not None
    assert before.revised_at is not None
    assert after.revised_at > before.revised_at
    assert after.completed_at == before.completed_at
    box.wait_idle()
    assert receiver.kinds()[-2:] == ["report.disputed", "report.completed"]


@pytest.mark.parametrize(("name", "result"), [("dispute-clear", Result.CLEAR), ("dispute-consider", Result.CONSIDER)])
def test_disputes_by_scenario(screening: ScreeningClient, line: Line, name: str, result: Result) -> None:
    report = report_of(screening, line, name)
    screening.advance(days=2)
    action = line.start_adverse(report)
    screening.advance(days=1.2)
    assert line.report(report).status is Status.DISPUTE
    screening.advance(days=5)
    found = line.report(report)
    assert (found.status, found.result) == (Status.COMPLETE, result)
    assert screening.get("adverse_action", action)["status"] == "dispute"
    if result is Result.CONSIDER:
        assert line.start_adverse(report) != action


def test_bounce_and_final_notice_by_scenario(
    box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver
) -> None:
    report = report_of(screening, line, "bounce")
    screening.advance(days=2)
    action = line.start_adverse(report)
    screening.advance(days=1)
    found = line.checkr.read_adverse_action(line.send(line.checkr.get_adverse_action(action)))
    assert (found.state, found.delivery) == (AdverseState.WAITING, Delivery.BOUNCED)
    box.wait_idle()
    last = receiver.believed()[-1]
    assert (last.kind, last.resource, last.subject) == (
        "adverse_action.notice_not_delivered", "adverse_action", action,
    )  # fmt: skip
    canceled = line.checkr.read_adverse_action(line.send(line.checkr.cancel_adverse_action(action)))
    assert canceled.state is AdverseState.CANCELED
    assert screening.advance(days=30) == 0, "a canceled action sends nothing"

    report = report_of(screening, line, "post-adverse")
    screening.advance(days=2)
    action = line.start_adverse(report)
    screening.advance(days=8)
    assert screening.get("adverse_action", action)["status"] == "complete"
    assert screening.get("report", report)["adjudication"] == "post_adverse_action"


def test_invitations_expire_are_deleted_and_listed(
    box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver
) -> None:
    candidate = line.candidate()
    expiring, deleted = line.invite(candidate), line.invite(candidate)
    line.send(line.checkr.cancel_invitation(deleted.id))
    again = line.checkr.read_invitation(line.send(line.checkr.get_invitation(deleted.id)))
    assert again.status is Status.CANCELED
    listed = line.send(line.checkr.find_orders(candidate, Order("essential", [PLACE]))).json()
    assert [one["id"] for one in listed["data"]] == [expiring.id]
    screening.advance(days=7.1)
    late = line.checkr.read_invitation(line.send(line.checkr.get_invitation(expiring.id)))
    assert late.status is Status.INVITATION_EXPIRED
    with pytest.raises(Rejected):
        line.send(line.checkr.cancel_invitation(expiring.id))
    with pytest.raises(SandboxError, match="no longer open"):
        screening.finish_invitation(expiring.id)
    box.wait_idle()
    assert {"invitation.deleted", "invitation.expired"} <= set(receiver.kinds())


def test_a_person_takes_over_from_the_scenario(screening: ScreeningClient, line: Line) -> None:
    report = line.order(line.candidate("Canceled")).id
    screening.suspend(report)
    screening.advance(days=30)
    assert line.report(report).status is Status.CANDIDATE_ACTION
    for verb, message in [
        ("resume", ""),
        ("resume", "suspended or paused"),
        ("dispute", "complete"),
        ("fly", "no 'fly'"),
    ]:
        if not message:
            screening.move("report", report, verb)
            continue
        with pytest.raises(SandboxError, match=message):
            screening.move("report", report, verb)
    with pytest.raises(SandboxError, match="speed"):
        screening.move("report", report, "complete", speed=1)


def test_in_auto_mode_it_goes_by_itself(screening: ScreeningClient, line: Line) -> None:
    screening.set(auto_seconds=0.2, candidate_finishes=True)
    invitation = line.invite(line.candidate())
    deadline = time.monotonic() + 15
    while not (found := screening.get("invitation", invitation.id))["report_id"] or (
        line.report(found["report_id"]).status is not Status.COMPLETE
    ):
        assert time.monotonic() < deadline, "never complete"
        time.sleep(0.05)
    assert line.report(found["report_id"]).result is Result.CLEAR


def test_a_script_that_no_longer_fits_is_shown(screening: ScreeningClient, line: Line) -> None:
    screening.set(candidate_finishes=True)
    candidate = line.candidate()
    invitation = line.invite(candidate, "driver_pro")
    screening.advance(hours=12)
    for package in ("basic_plus", "essential", "professional"):
        line.order(candidate, package)
    screening.advance(hours=13)
    found = screening.get("invitation", invitation.id)
    assert found["status"] == "pending"
    assert "three reports" in found["_sandbox"]["stuck"]

"""Nothing orders a check but through the gate: who may write what, from the source; and every path tried with every piece missing.

The steps of adverse action have the same test in `services/test_adverse_gate.py` and `views/test_final_gate.py`.
"""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.connections.models import Connection, InboxItem
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import enter_tenant, fetch, transaction
from app.core.errors import Conflict, CorridorError
from app.core.events import record, system
from app.core.jobs import REGISTRY, enqueue
from app.domains import load_jobs
from app.screening.models import ScreeningRequest
from app.screening.rules.gate import Piece
from app.screening.rules.places import Place
from app.screening.rules.states import ConsentState, OrderState
from app.screening.rules.words import AskStage
from app.screening.services import consenting, gate, links, ordering, placing, rulings
from sandbox.launch import Running
from tests.accounts.pages import post
from tests.accounts.programs import Caller, make_token
from tests.accounts.sign_in import make_user, sign_in
from tests.feeds.world import hurry, run_jobs
from tests.screening import consents, made
from tests.screening.made import Employer

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for folder in ("app", "worker") for path in (ROOT / folder).rglob("*.py"))
SERVICES = "app/screening/services"

# --- what the source says -------------------------------------------------------------------------------------------------

WRITERS = {
    "order_state": {
        f"{SERVICES}/gate.py": "RELEASED: the gate",
        f"{SERVICES}/placing.py": "each step of placing it, after it was released",
        f"{SERVICES}/files/sending.py": "in a file that waits: PLACING; a file that is withdrawn gives its orders back to RELEASED",
        f"{SERVICES}/ordering.py": "back to NONE before the gate is asked again; PLACED when a person found it at the provider",
    },
    "decision": {f"{SERVICES}/adverse/deciding.py": "accepted", f"{SERVICES}/adverse/moving.py": "not accepted"},
    "consent": {f"{SERVICES}/consenting.py": "the candidate's own answers"},
    "consent_scope": {f"{SERVICES}/consenting.py": "what consent was given for"},
    "certified_at": {f"{SERVICES}/ordering.py": "stored with the order"},
    "ruling_id": {f"{SERVICES}/rulings.py": "frozen once"},
    "dispute_open": {f"{SERVICES}/adverse/answering.py": "opened and closed with what happened"},
}
"""Attribute of a request → who may set it, and why."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def written(path: Path, name: str) -> Iterator[ast.expr]:
    """What a module gives to an attribute of this name: by assignment, keyword of a row or of `values`, or `setattr`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _given(target, node.value, name)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign) and _is(node.target, name) and node.value is not None:
            yield node.value
        elif isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called in ("ScreeningRequest", "values"):
                yield from (word.value for word in node.keywords if word.arg == name)
            if called == "setattr" and isinstance(node.args[1], ast.Constant) and node.args[1].value == name:
                yield node.args[2]


def _given(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
        for one, given in zip(target.elts, values, strict=True):
            yield from _given(one, given, name)
    elif _is(target, name):
        yield value


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == name


def writers(name: str) -> dict[str, list[str]]:
    """Module → what it writes; a new row that begins with the first state of all is none."""
    found = {str(path.relative_to(ROOT)): [ast.unparse(value) for value in written(path, name)] for path in CODE}
    return {path: values for path, values in found.items() if values}


@pytest.mark.parametrize("name", WRITERS)
def test_each_axis_of_a_request_has_its_writers(name: str) -> None:
    beginning = {
        "decision": "Decision.PENDING.value", "consent": "ConsentState.PENDING.value", "consent_scope": "{}",
    }.get(name)  # fmt: skip
    found = {path for path, values in writers(name).items() if set(values) != {beginning}}
    assert found == set(WRITERS[name])


def test_only_the_gate_releases() -> None:
    """A file that was not sent gives back what the gate had released; before the next file, and before each call, it is asked again."""
    released = {path for path, values in writers("order_state").items() if any("RELEASED" in value for value in values)}
    assert released == {f"{SERVICES}/gate.py", f"{SERVICES}/files/sending.py"}
    for path, function, asks in (
        (f"{SERVICES}/placing.py", "still_wanted", "missing"), (f"{SERVICES}/placing.py", "plan", "still_wanted"),
        (f"{SERVICES}/files/sending.py", "_order", "still_wanted"),
    ):  # fmt: skip
        assert asks in _calls(ROOT / path, function), (path, function)


def _calls(path: Path, function: str) -> set[str]:
    body = next(node for node in tree(path).body if isinstance(node, ast.FunctionDef) and node.name == function)
    called = (node.func for node in ast.walk(body) if isinstance(node, ast.Call))
    return {one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in called}


def test_no_statement_goes_around_the_rows() -> None:
    """An UPDATE or INSERT of requests that is no row of the session would need a list of its own here."""
    assert [f"{path.relative_to(ROOT)}:{line}" for path in CODE for line in _statements(path)] == []


def _statements(path: Path) -> Iterator[int]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("update", "insert", "delete") and "ScreeningRequest" in ast.unparse(node.args[0]):
                yield node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.lower()
            if "update screening_request" in text or "insert into screening_request" in text:
                yield node.lineno


def callers(name: str, of: str) -> set[str]:
    """Modules that call `of.name(…)`."""
    return {
        str(path.relative_to(ROOT))
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
        and ast.unparse(node.func.value).rpartition(".")[2] == of
    }  # fmt: skip


ORDERING_JOB = "app/screening/jobs/ordering.py"
SHOW_IT = (f"{SERVICES}/request_page.py", "app/screening/views/request_words.py")


def test_a_provider_is_asked_for_a_check_in_one_place() -> None:
    assert callers("invite", "screening") == {ORDERING_JOB}
    assert callers("plan", "placing") == {ORDERING_JOB}
    assert callers("note_attempt", "placing") == {ORDERING_JOB}


def test_the_order_leaves_because_it_was_released_and_for_no_other_reason() -> None:
    load_jobs()
    told = {kind: found.on for kind, found in REGISTRY.items() if "screening.request.released" in found.on}
    assert told == {"screening.order": ("screening.request.released",)}
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in CODE}
    recorded = {path for path, text in texts.items() if '"screening.request.released"' in text}
    assert recorded - {ORDERING_JOB, *SHOW_IT} == {f"{SERVICES}/gate.py"}
    assert not [path for path, text in texts.items() if 'enqueue(session, "screening.order"' in text]


# --- what happens -----------------------------------------------------------------------------------------------------------

LOS_ANGELES = Place("US", "CA", "Los Angeles", "Los Angeles", False)
NEW_YORK = Place("US", "NY", "New York", "New York", False)


@dataclass
class Attempt:
    """Somebody who wants the order out, whatever is missing."""

    app: Flask
    employer: Employer
    request_id: UUID
    browser: FlaskClient
    program: Caller
    admin: Any

    @property
    def page(self) -> str:
        return f"/screening/requests/{self.request_id}"

    def press(self, path: str, **data: Any) -> None:
        enter_tenant(None)
        answer = post(self.browser, path, data)
        enter_tenant(self.employer.company_id)
        assert answer.status_code < 500, answer.text[:500]
        assert answer.status_code != 400, "the form never reached its page"

    def say(self, method: str, path: str, body: Any) -> None:
        answer = self.program(method, path, body)
        enter_tenant(self.employer.company_id)
        assert answer.status_code < 500, answer.text[:500]

    def do(self, act: Callable[[Session, ScreeningRequest], Any]) -> None:
        """Through a service, as somebody's code might; a refusal is an answer too."""
        try:
            with transaction() as session:
                act(session, made.stored(session, self.request_id))
        except CorridorError:
            pass

    def promise(self, kind: str) -> None:
        """An intent as an operator's retry, a forged event or a second dispatch would leave it."""
        with transaction() as session:
            enqueue(session, kind, self.request_id, key=f"again:{uuid4()}")


Path_ = Callable[[Attempt], None]


def page_offer(at: Attempt) -> None:
    at.press(f"{at.page}/stage", **{"stage-stage": AskStage.OFFER.value})


def page_link(at: Attempt) -> None:
    at.press(f"{at.page}/link")


def page_anew(at: Attempt) -> None:
    at.press(f"{at.page}/link", anew="1")


def page_again(at: Attempt) -> None:
    """The last order came to nothing, so it may be placed again: through the gate."""
    at.do(lambda session, request: _fail(request))
    at.press(f"{at.page}/order-again", **{"again-reason": "It never arrived"})


def _fail(request: ScreeningRequest) -> None:
    if request.order_state == OrderState.NONE:
        request.order_state = OrderState.REFUSED.value


def page_found(at: Attempt) -> None:
    at.press(f"{at.page}/found", **{"found-invitation_id": "inv_x", "found-reason": "I looked"})


def page_second(at: Attempt) -> None:
    at.press(f"{at.page}/second-part", package=str(at.employer.package_id), certified="y")


def page_order(at: Attempt) -> None:
    """The same person and job once more, from the form."""
    at.press(
        "/screening/order", form_key=uuid4().hex, first_name="Jane", last_name="Roe", email="jane@mail.example", position="Driver",
        work_state="TX", work_city="Austin", work_county="Travis", work_limits="inside", stage=AskStage.OFFER.value,
        package=str(at.employer.package_id), request_type="pre_employment", priority="normal", billing_method="company_paid",
        certified="y", language="en",
    )  # fmt: skip


def page_bulk(at: Attempt) -> None:
    at.press(
        "/screening/bulk-order", form_key=uuid4().hex, lines="Jane, Roe, jane@mail.example\nJohn, Doe, john@mail.example",
        position="Driver", work_state="TX", work_city="Austin", work_county="Travis", work_limits="inside",
        stage=AskStage.OFFER.value, package=str(at.employer.package_id), request_type="pre_employment", priority="normal",
        billing_method="company_paid", certified="y",
    )  # fmt: skip


def api_stage(at: Attempt) -> None:
    with transaction() as session:
        application_id = made.stored(session, at.request_id).application_id
    at.say("PUT", f"/api/job-applications/{application_id}/stage", {"stage": AskStage.OFFER.value})


def api_order(at: Attempt) -> None:
    with transaction() as session:
        request = made.stored(session, at.request_id)
        body = {"candidate_id": str(request.candidate_id), "job_application_id": str(request.application_id)}
    at.say("POST", "/api/bg-check-requests", body | {"package_id": str(at.employer.package_id), "certified": True})


def api_link(at: Attempt) -> None:
    at.say("POST", f"/api/bg-check-requests/{at.request_id}/consent", {"action": "send_link"})


def api_consent(at: Attempt) -> None:
    """There is no such action: consent is the candidate's."""
    at.say("POST", f"/api/bg-check-requests/{at.request_id}/consent", {"action": "approve"})


def service_release(at: Attempt) -> None:
    at.do(lambda session, request: gate.release(session, system("somebody"), request))


def service_plan(at: Attempt) -> None:
    """Past the gate by hand: the job asks it again before anything leaves."""

    def release_by_hand(session: Session, request: ScreeningRequest) -> None:
        if request.order_state == OrderState.NONE:
            request.order_state = OrderState.RELEASED.value

    at.do(release_by_hand)
    at.promise("screening.order")


def service_event(at: Attempt) -> None:
    """The event of a release, without the release."""
    at.do(lambda session, request: record(session, system("somebody"), "screening.request.released", request))


def job_order(at: Attempt) -> None:
    at.promise("screening.order")


def job_links(at: Attempt) -> None:
    at.promise("screening.send_waiting_links")


def job_look(at: Attempt) -> None:
    at.promise("screening.look")


def job_poll(at: Attempt) -> None:
    at.admin.execute("UPDATE screening_request SET next_poll_at = now() - interval '1 hour'")
    at.promise("screening.poll")


def webhook(at: Attempt) -> None:
    """The provider says that the invitation is completed and the report is ready, truly signed."""
    with transaction() as session:
        connection = fetch(session, Connection, at.employer.connection_id)
        key, secret = connection.webhook_key, (connection.credentials or {})["api_key"]
        request = made.stored(session, at.request_id)
        request.provider_report_id = request.provider_report_id or f"rep_{request.number}"
        report_id = request.provider_report_id
    event = {"id": uuid4().hex, "object": "event", "type": "report.completed", "created_at": now().isoformat()}
    body = json.dumps(
        event | {"data": {"object": {"id": report_id, "object": "report"}}}, separators=(",", ":")
    ).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    enter_tenant(None)
    answer = at.app.test_client().post(
        f"/webhooks/{key}", data=body, headers={"X-Checkr-Signature": signature, "Content-Type": "application/json"}
    )
    enter_tenant(at.employer.company_id)
    assert answer.status_code == 200
    with transaction() as session:
        assert session.scalars(sa.select(InboxItem.id)).first() is not None


PATHS: tuple[Path_, ...] = (
    page_offer, page_link, page_anew, page_again, page_found, page_second, page_order, page_bulk, api_stage, api_order, api_link, api_consent,
    service_release, service_plan, service_event, job_order, job_links, job_look, job_poll, webhook,
)  # fmt: skip


def whole(session: Session, employer: Employer, **changes: Any) -> ScreeningRequest:
    request = made.order(session, employer, **changes)
    made.give_consent(session, request)
    return request


def rules(session: Session, employer: Employer) -> ScreeningRequest:
    for row in rulings.rules_today():
        rulings.withdraw_rule(session, employer.compliance, row.digest, reason="Counsel is not sure")
    session.flush()
    return whole(session, employer, work=LOS_ANGELES)


def stage(session: Session, employer: Employer) -> ScreeningRequest:
    return whole(session, employer, work=LOS_ANGELES, stage=AskStage.INTERVIEW)


def first_stage(session: Session, employer: Employer) -> ScreeningRequest:
    return whole(session, employer, work=NEW_YORK)


def unsigned(key: str, place: Place = made.AUSTIN) -> Callable[[Session, Employer], ScreeningRequest]:
    def make(session: Session, employer: Employer) -> ScreeningRequest:
        request = made.order(session, employer, work=place)
        made.give_consent(session, request, but=frozenset({key}))
        return request

    return make


def spoiled(**changes: Any) -> Callable[[Session, Employer], ScreeningRequest]:
    def make(session: Session, employer: Employer) -> ScreeningRequest:
        request = whole(session, employer)
        for name, value in changes.items():
            setattr(request, name, value(request) if callable(value) else value)
        return request

    return make


def scoped(name: str, value: Any) -> Callable[[Session, Employer], ScreeningRequest]:
    return spoiled(consent_scope=lambda request: request.consent_scope | {name: value})


def withdrawn(session: Session, employer: Employer) -> ScreeningRequest:
    request = whole(session, employer)
    consenting.withdraw(session, employer.recruiter, request)
    return request


def run_out(session: Session, employer: Employer) -> ScreeningRequest:
    request = whole(session, employer)
    request.consent_obtained_at, request.consent_expires_at = now() - timedelta(days=91), now() - timedelta(seconds=1)
    return request


LACKING: dict[str, tuple[Piece, Callable[[Session, Employer], ScreeningRequest], tuple[Path_, ...]]] = {
    # what is missing → its name, how it comes about, and the paths that bring it
    "rules": (Piece.RULES, rules, ()),
    "stage": (Piece.ASK_STAGE, stage, (page_offer, api_stage)),
    "first stage": (Piece.FIRST_STAGE, first_stage, ()),
    "no consent": (Piece.CONSENT, spoiled(consent=ConsentState.PENDING.value), ()),
    "declined": (Piece.CONSENT, spoiled(consent=ConsentState.DECLINED.value), ()),
    "withdrawn": (Piece.CONSENT, withdrawn, ()),
    "run out": (Piece.CONSENT, run_out, ()),
    "other package": (Piece.CONSENT, scoped("package", "basic"), ()),
    "other provider": (Piece.CONSENT, scoped("connection", str(uuid4())), ()),
    "other rules": (Piece.CONSENT, scoped("ruling", "0" * 64), ()),
    "older documents": (Piece.DISCLOSURE, scoped("documents", {}), ()),
    "disclosure": (Piece.DISCLOSURE, unsigned("fcra_disclosure"), ()),
    "authorization": (Piece.AUTHORIZATION, unsigned("authorization"), ()),
    "document of the place": (Piece.STATE_DOCUMENTS, unsigned("ca_icraa_disclosure", LOS_ANGELES), ()),
    "certification": (Piece.CERTIFICATION, spoiled(certified_at=None), ()),
}


@pytest.fixture
def attempt(
    app: Flask, client: FlaskClient, hired: Employer, session: Session, admin: Any
) -> Callable[[UUID], Attempt]:
    user = make_user(
        session, hired.company_id, email="rita@acme.example", roles=[RoleType.RECRUITER, RoleType.BG_CHECK_ADMIN]
    )
    sign_in(client, user)
    secret = make_token(user)[1]
    enter_tenant(hired.company_id)
    return lambda request_id: Attempt(app, hired, request_id, client, Caller(app, secret), admin)


def orders(sandbox: Running) -> list[Any]:
    return [one for one in sandbox.client.screening.orders() if one["kind"] == "invitation"]


def run_everything(admin: Any) -> None:
    for _ in range(2):
        hurry(admin)
        run_jobs(kinds=("screening.",))


@pytest.mark.long
@pytest.mark.parametrize("lack", LACKING)
def test_no_path_orders_with_a_piece_missing(
    attempt: Callable[[UUID], Attempt], hired: Employer, sandbox: Running, admin: Any, lack: str
) -> None:
    piece, make, brings = LACKING[lack]
    with transaction() as session:
        request_id = make(session, hired).id
    with transaction() as session:
        assert piece in {one.piece for one in gate.missing(session, made.stored(session, request_id))}
    at = attempt(request_id)
    for path in PATHS:
        if path in brings:
            continue
        path(at)
        run_everything(admin)
        assert orders(sandbox) == [], f"{path.__name__} ordered"
        with transaction() as session:
            request = made.stored(session, request_id)
            assert request.order_state not in (OrderState.PLACED, OrderState.PLACING), path.__name__
            assert request.submitted_at is None, path.__name__
            if request.order_state in (OrderState.REFUSED, OrderState.UNKNOWN):
                request.order_state = OrderState.NONE.value  # for the next path


@pytest.mark.long
def test_the_paths_are_real(attempt: Callable[[UUID], Attempt], hired: Employer, sandbox: Running, admin: Any) -> None:
    """With nothing missing, the same ways lead to an order: exactly one, however many of them are taken."""
    with transaction() as session:
        request_id = whole(session, hired).id
    at = attempt(request_id)
    for path in (service_release, page_again, job_order, webhook, job_poll, service_event):
        path(at)
        run_everything(admin)
    assert [one["reference"] for one in orders(sandbox)] == [str(request_id)]
    assert sandbox.client.screening.ordered_twice() == 0
    page_order(at)
    page_bulk(at)
    with transaction() as session:
        assert len(made.all_requests(session)) == 4  # the two forms are real: they make requests, and order nothing
    run_everything(admin)
    assert [one["reference"] for one in orders(sandbox)] == [str(request_id)]


def test_the_candidates_signature_is_no_way_around_what_else_is_missing(
    hired: Employer, sandbox: Running, admin: Any
) -> None:
    """The last page of consent asks the gate like everybody."""
    with transaction() as session:
        request = consents.ready(session, hired)
        request.certified_at = None
        consents.consent(session, request)
        request_id = request.id
    run_everything(admin)
    with transaction() as session:
        kept = made.stored(session, request_id)
        assert (kept.consent, kept.order_state, kept.hold_reason) == ("approved", "none", Piece.CERTIFICATION.value)
    assert orders(sandbox) == []


def test_an_order_that_was_canceled_or_is_out_is_not_planned(hired: Employer) -> None:
    with transaction() as session:
        request = made.released(session, hired)
        ordering.cancel(session, hired.recruiter, request, "Not needed")
        session.flush()
        assert placing.plan(session, system("test"), request.id) is None
        with pytest.raises(Conflict):
            links.resend(session, hired.recruiter, request)

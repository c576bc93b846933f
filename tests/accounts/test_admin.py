"""Users and roles, for administrators: lists, changes, what is refused, what is recorded."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import Role, RoleAssignment, User, UserSession
from app.core.access import Flag, RoleType
from app.core.db import fetch, transaction
from app.domains import people
from tests.accounts.pages import counted, events, intents, post, shown
from tests.accounts.sign_in import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.usefixtures("mid_window")


@pytest.fixture
def root(client: FlaskClient, session: Session, company: UUID) -> User:
    """A signed-in system administrator."""
    user = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    sign_in(client, user)
    return user


@pytest.fixture
def bo(session: Session, company: UUID, root: User) -> User:
    return make_user(session, company, email="bo@acme.example", roles=[RoleType.VIEWER])


def role_id(company: UUID, role: RoleType) -> UUID:
    with transaction(company) as own:
        return own.scalars(sa.select(Role.id).where(Role.role_type == role.value)).one()


def assignment_of(user: User) -> RoleAssignment:
    with transaction(user.company_id) as own:
        return own.scalars(sa.select(RoleAssignment).where(RoleAssignment.user_id == user.id)).one()


def form_of(client: FlaskClient, path: str) -> dict[str, Any]:
    """What a browser would send back if nobody changed the form."""
    body = client.get(path).text.partition("<main")[2]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]+)"', tag)
        if name is None or (kind and kind.group(1) in ("checkbox", "radio") and " checked" not in tag):
            continue
        values.setdefault(name.group(1), []).append(value.group(1) if value else "y")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        values[name] = [chosen.group(1) if chosen else ""]
    return values


@pytest.mark.queries
def test_the_list_of_users_pages_filters_and_needs_few_statements(
    client: FlaskClient, session: Session, root: User, company: UUID
) -> None:
    with transaction(company) as own:
        own.add_all(User(email=f"p{number:02}@acme.example", display_name=f"Person {number}") for number in range(30))
    with counted() as statements:
        page = client.get("/users")
    assert len(statements) <= 4
    assert "p00@acme.example" in page.text
    assert "p25@acme.example" not in page.text
    following = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert following is not None
    second = client.get(following.group(1).replace("&amp;", "&"))
    assert "p25@acme.example" in second.text
    assert "root@acme.example" in second.text
    assert "First page" in second.text
    found = client.get("/users?q=PERSON+7")
    assert "p07@acme.example" in found.text
    assert "p08@acme.example" not in found.text
    assert "Nobody matches" in client.get("/users?q=100%25").text
    assert "root@acme.example" not in client.get("/users?status=invited").text


def test_inviting_somebody(client: FlaskClient, root: User, company: UUID) -> None:
    assert client.get("/users/invite").status_code == 200
    assert post(client, "/users/invite", {"email": "", "form_key": "0" * 32}).status_code == 422
    form = {**form_of(client, "/users/invite"), "email": "New@Acme.example", "display_name": "Neo", "language": "es"}
    assert post(client, "/users/invite", {**form, "email": "nonsense"}).status_code == 422
    evil = {"status": "active", "mfa_required": "1", "company_id": str(uuid7()), "role": "SYSTEM_ADMIN"}
    answer = post(client, "/users/invite", {**form, **evil})
    assert answer.status_code == 303
    with transaction(company) as own:
        made = own.scalars(sa.select(User).where(User.email == "new@acme.example")).one()
        assert (made.status, made.language, made.mfa_required) == ("invited", "es", False)
        assert own.scalars(sa.select(RoleAssignment).where(RoleAssignment.user_id == made.id)).all() == []
    assert "Invited" in shown(client.get(answer.headers["Location"]))
    post(client, f"/users/{made.id}/invite-again")
    assert len(intents(company, "accounts.send_invitation")) == 2


def test_suspending_signs_out_at_once_and_needs_a_reason(
    client: FlaskClient, root: User, bo: User, company: UUID
) -> None:
    browser = client.application.test_client()
    sign_in(browser, bo)
    assert post(client, f"/users/{bo.id}/suspend").status_code == 422
    assert browser.get("/account").status_code == 200
    assert post(client, f"/users/{bo.id}/suspend", {"reason": "left the company"}).status_code == 303
    assert browser.get("/account").status_code == 303
    assert post(browser, "/sign-in", {"email": bo.email, "password": PASSWORD}).status_code == 422
    found = events(company, "accounts.user.suspended")[0]
    assert (found.old_values, found.new_values, found.risk, found.reason) == (
        {"status": "active"}, {"status": "suspended"}, "high", "left the company",
    )  # fmt: skip
    assert found.actor_user_id == root.id
    post(client, f"/users/{bo.id}/suspend", {"reason": "again"})
    assert len(events(company, "accounts.user.suspended")) == 1
    assert post(client, f"/users/{bo.id}/reactivate").status_code == 303
    assert post(browser, "/sign-in", {"email": bo.email, "password": PASSWORD}).status_code == 303


def test_nobody_suspends_themselves_or_the_last_administrator(
    client: FlaskClient, session: Session, root: User, company: UUID
) -> None:
    answer = post(client, f"/users/{root.id}/suspend", {"reason": "x"})
    assert answer.status_code == 422
    assert "last person" in shown(answer)
    second = make_user(session, company, email="second@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    assert post(client, f"/users/{root.id}/suspend", {"reason": "x"}).status_code == 409
    assert post(client, f"/users/{second.id}/suspend", {"reason": "x"}).status_code == 303


def test_unlocking_forgets_the_wrong_tries(client: FlaskClient, root: User, bo: User, company: UUID) -> None:
    browser = client.application.test_client()
    for _ in range(11):
        post(browser, "/sign-in", {"email": bo.email, "password": "wrong"})
    assert post(browser, "/sign-in", {"email": bo.email, "password": PASSWORD}).status_code == 429
    assert "Paused" in shown(client.get(f"/users/{bo.id}"))
    assert "Paused" in shown(client.get("/users"))
    post(client, f"/users/{bo.id}/unlock")
    assert post(browser, "/sign-in", {"email": bo.email, "password": PASSWORD}).status_code == 303


def test_a_lost_second_factor_is_reset_with_a_reason(client: FlaskClient, root: User, bo: User, company: UUID) -> None:
    with transaction(company) as own:
        user = fetch(own, User, bo.id)
        user.totp_secret, user.mfa_enabled = pyotp.random_base32(), True
    browser = client.application.test_client()
    sign_in(browser, bo)
    assert post(client, f"/users/{bo.id}/reset-mfa").status_code == 422
    assert post(client, f"/users/{bo.id}/reset-mfa", {"reason": "called back, knew the number"}).status_code == 303
    assert browser.get("/account").status_code == 303
    found = events(company, "accounts.mfa.disabled")[0]
    assert (found.risk, found.reason) == ("high", "called back, knew the number")


def test_a_second_factor_can_be_required_of_one_person(
    client: FlaskClient, root: User, bo: User, company: UUID
) -> None:
    for required in ("1", "1", "0", "1"):
        assert post(client, f"/users/{bo.id}/require-mfa", {"required": required}).status_code == 303
    assert len(events(company, "accounts.user.changed")) == 3
    browser = client.application.test_client()
    answer = post(browser, "/sign-in", {"email": bo.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/second-factor"


def test_open_sessions_are_listed_and_ended(client: FlaskClient, root: User, bo: User, company: UUID) -> None:
    browser = client.application.test_client()
    sign_in(browser, bo)
    page = client.get("/sessions")
    assert bo.email in page.text
    assert client.get("/sessions?after=nonsense").status_code == 404
    assert bo.email not in client.get(f"/sessions?after={UUID(int=1)}").text
    with transaction(company) as own:
        session_id = own.scalars(sa.select(UserSession.id).where(UserSession.user_id == bo.id)).one()
    assert post(client, f"/sessions/{session_id}/end").status_code == 303
    assert browser.get("/account").status_code == 303
    sign_in(browser, bo)
    assert "1 device is signed out" in shown(post(client, f"/users/{bo.id}/sign-out", follow_redirects=True))
    assert browser.get("/account").status_code == 303


# --- roles ------------------------------------------------------------------------------------------------------


def test_a_role_is_changed_with_old_and_new_values_on_record(
    client: FlaskClient, root: User, bo: User, company: UUID
) -> None:
    path = f"/roles/{role_id(company, RoleType.VIEWER)}"
    form = form_of(client, path)
    assert form["flags"] == ["can_view_reports"]
    assert post(client, path, {**form, "name": " "}).status_code == 422
    assert post(client, path, form).status_code == 303
    assert events(company, "accounts.role.changed") == [], "nothing changed, nothing recorded"
    wide = {
        **form,
        "flags": ["can_view_reports", "can_export_data"],
        "company_id": str(uuid7()),
        "role_type": "AUDITOR",
    }
    assert post(client, path, wide).status_code == 303
    found = events(company, "accounts.role.changed")[0]
    assert (found.old_values, found.new_values, found.risk) == (
        {"can_export_data": False},
        {"can_export_data": True},
        "high",
    )
    with transaction(company) as own:
        role = own.scalars(sa.select(Role).where(Role.role_type == "VIEWER")).one()
        assert role.company_id == company
    taken = post(client, path, {**form, "name": "auditor"})
    assert "Another role has this name" in shown(taken)


def test_a_new_role_has_only_what_was_ticked(client: FlaskClient, root: User, company: UUID) -> None:
    form = form_of(client, "/roles/new") | {
        "name": "Helpers", "role_type": "VIEWER", "data_access_level": "OWN", "flags": ["can_view_reports"], "mfa_required": "y",
    }  # fmt: skip
    assert post(client, "/roles/new", {**form, "data_access_level": "EVERYTHING"}).status_code == 422
    assert post(client, "/roles/new", {**form, "flags": ["can_fly"]}).status_code == 422
    assert post(client, "/roles/new", form).status_code == 303
    assert post(client, "/roles/new", form).status_code == 422, "the name is taken"
    with transaction(company) as own:
        role = own.scalars(sa.select(Role).where(Role.name == "Helpers")).one()
        assert [flag for flag in Flag if getattr(role, flag.value)] == [Flag.VIEW_REPORTS]
        assert (role.mfa_required, role.created_by_user_id) == (True, root.id)
    assert "Helpers" in client.get("/roles").text


def test_the_last_administrator_role_cannot_be_emptied(client: FlaskClient, root: User, company: UUID) -> None:
    path = f"/roles/{role_id(company, RoleType.SYSTEM_ADMIN)}"
    form = form_of(client, path)
    form["flags"] = [flag for flag in form["flags"] if flag != "can_manage_users"]
    answer = post(client, path, form)
    assert answer.status_code == 422
    assert "At least one active person" in shown(answer)
    with transaction(company) as own:
        assert fetch(own, Role, path.rpartition("/")[2]).can_manage_users


def give(client: FlaskClient, user: User, **values: Any) -> Any:
    path = f"/users/{user.id}/roles/new"
    return post(client, path, form_of(client, path) | values)


def test_a_role_is_given_narrowed_changed_and_taken_away(
    client: FlaskClient, root: User, bo: User, company: UUID
) -> None:
    with transaction(company) as own:
        east = people.Region(code="E", name="East")
        own.add(east)
        own.flush()
        own.add(people.Department(code="W", name="Warehouse", region_id=east.id))
    specialist = role_id(company, RoleType.ENROLLMENT_SPECIALIST)
    refused = give(client, bo, role_id=str(specialist))
    assert refused.status_code == 422
    assert "Choose the region" in shown(refused)
    viewer = role_id(company, RoleType.VIEWER)
    assert "Choose the department" in shown(give(client, bo, role_id=str(viewer)))
    assert give(client, bo, role_id="").status_code == 422
    assert give(client, bo, role_id=str(specialist), region_id=str(uuid7())).status_code == 422
    date = {"expires_on-month": "12", "expires_on-day": "31", "expires_on-year": "2099"}
    assert give(client, bo, role_id=str(specialist), region_id=str(east.id), **date).status_code == 303
    found = events(company, "accounts.role.assigned")[0]
    assert (found.risk, found.new_values["role"], found.new_values["expires_on"]) == (
        "high",
        "Enrollment specialist",
        "2099-12-31",
    )
    browser = client.application.test_client()
    sign_in(browser, bo)
    with transaction(company) as own:
        row = own.scalars(sa.select(RoleAssignment).where(RoleAssignment.role_id == specialist)).one()
    path = f"/users/{bo.id}/roles/{row.id}"
    form = form_of(client, path)
    assert (form["region_id"], form["expires_on-year"]) == ([str(east.id)], ["2099"])
    need = {
        "hipaa_training_required": "y",
        "hipaa_training_status": "pending",
        "role_id": str(role_id(company, RoleType.SYSTEM_ADMIN)),
    }
    assert post(client, path, {**form, **need}).status_code == 303
    assert "HIPAA training missing" in shown(client.get(f"/users/{bo.id}"))
    changed = events(company, "accounts.role.assigned")[1]
    assert changed.old_values["hipaa_training_required"] is False
    with transaction(company) as own:
        assert fetch(own, RoleAssignment, row.id).role_id == specialist, "a changed form gives no other role"
    assert post(client, f"{path}/withdraw").status_code == 303
    assert browser.get("/account").status_code == 303
    assert events(company, "accounts.role.withdrawn")[0].old_values["role"] == "Enrollment specialist"


def test_nobody_changes_their_own_roles(client: FlaskClient, session: Session, root: User, company: UUID) -> None:
    make_user(session, company, email="second@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    assert give(client, root, role_id=str(role_id(company, RoleType.BENEFITS_ADMIN))).status_code == 409
    own = assignment_of(root)
    assert post(client, f"/users/{root.id}/roles/{own.id}/withdraw").status_code == 409
    assert "another administrator" in shown(client.get(f"/users/{root.id}"))


def test_the_last_administrator_keeps_the_role(
    client: FlaskClient, session: Session, root: User, company: UUID
) -> None:
    second = make_user(session, company, email="second@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    with transaction(company) as own:
        own.execute(
            sa.update(RoleAssignment)
            .where(RoleAssignment.user_id == root.id)
            .values(department_id=None, expires_on=None, is_active=True)
        )
        own.execute(sa.update(User).where(User.id == root.id).values(status="active"))
    row = assignment_of(second)
    form = form_of(client, f"/users/{second.id}/roles/{row.id}")
    with transaction(company) as own:  # root may act, but would not do tomorrow
        from app.core.clock import today

        own.execute(sa.update(RoleAssignment).where(RoleAssignment.user_id == root.id).values(expires_on=today()))
    form.pop("is_active")
    answer = post(client, f"/users/{second.id}/roles/{row.id}", form)
    assert answer.status_code == 422
    assert "At least one active person" in shown(answer)
    answer = post(client, f"/users/{second.id}/roles/{row.id}/withdraw", follow_redirects=True)
    assert "At least one active person" in shown(answer)
    assert assignment_of(second).is_active


def test_the_assignment_of_somebody_else_is_not_found(
    client: FlaskClient, session: Session, root: User, bo: User, company: UUID
) -> None:
    cy = make_user(session, company, email="cy@acme.example", roles=[RoleType.AUDITOR])
    row = assignment_of(cy)
    assert client.get(f"/users/{bo.id}/roles/{row.id}").status_code == 404
    assert post(client, f"/users/{bo.id}/roles/{row.id}/withdraw").status_code == 409


def test_the_access_map_shows_this_company_s_roles(client: FlaskClient, root: User) -> None:
    text = shown(client.get("/roles/access-map"))
    assert "Benefits administrator" in text
    assert "benefits:enrollment:approve" in text
    assert "Release held carrier files" in text


# --- who may not ------------------------------------------------------------------------------------------------

PATHS = ["/users", "/users/invite", "/roles", "/roles/new", "/roles/access-map", "/sessions"]


@pytest.mark.parametrize("path", PATHS)
def test_others_do_not_get_in_and_the_try_is_recorded(
    client: FlaskClient, session: Session, company: UUID, path: str
) -> None:
    user = make_user(session, company, email="hr@acme.example", roles=[RoleType.BENEFITS_ADMIN, RoleType.HR_ADMIN])
    sign_in(client, user)
    assert client.get(path).status_code == 403
    assert len(events(company, "access.request.denied")) == 1


def test_an_administrator_of_one_region_manages_no_users(client: FlaskClient, session: Session, company: UUID) -> None:
    with transaction(company) as own:
        east = people.Region(code="E", name="East")
        own.add(east)
    user = make_user(session, company, email="east@acme.example", roles=[RoleType.SYSTEM_ADMIN], region_id=east.id)
    sign_in(client, user)
    assert client.get("/users").status_code == 403
    assert client.get(f"/users/{user.id}").status_code == 403
    assert (
        post(
            client,
            f"/roles/{role_id(company, RoleType.VIEWER)}",
            {"name": "x", "data_access_level": "ALL", "form_key": "0" * 32},
        ).status_code
        == 403
    )


def test_users_and_roles_of_another_company_are_not_found(client: FlaskClient, session: Session, root: User) -> None:
    other = uuid7()
    stranger = make_user(session, other, email="x@other.example", roles=[RoleType.VIEWER])
    row, role = assignment_of(stranger), role_id(other, RoleType.VIEWER)
    for path in (
        f"/users/{stranger.id}",
        f"/roles/{role}",
        f"/users/{stranger.id}/roles/new",
        f"/users/{stranger.id}/roles/{row.id}",
    ):
        assert client.get(path).status_code == 404, path
    for path in (f"/users/{stranger.id}/suspend", f"/users/{stranger.id}/unlock", f"/users/{stranger.id}/sign-out",
                 f"/users/{stranger.id}/reset-mfa", f"/users/{stranger.id}/reactivate", f"/users/{stranger.id}/invite-again",
                 f"/users/{stranger.id}/require-mfa"):  # fmt: skip
        assert post(client, path, {"reason": "x"}).status_code == 404, path


def test_a_deleted_user_is_not_found(client: FlaskClient, root: User, bo: User, company: UUID) -> None:
    from app.core.clock import now

    with transaction(company) as own:
        fetch(own, User, bo.id).deleted_at = now()
    assert client.get(f"/users/{bo.id}").status_code == 404
    assert bo.email not in client.get("/users").text


@pytest.mark.queries
def test_pages_of_one_person_need_few_statements(client: FlaskClient, root: User, bo: User) -> None:
    for path, most in (
        ("/account", 6),
        (f"/users/{bo.id}", 6),
        ("/sessions", 4),
        ("/roles", 4),
        ("/roles/access-map", 4),
    ):
        with counted() as statements:
            assert client.get(path).status_code == 200
        assert len(statements) <= most, (path, statements)

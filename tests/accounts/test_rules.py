"""Policy, without a database: which roles count, how far they reach, what a password must not be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.accounts import rules
from app.accounts.rules import WeakPassword, add_up, assignment_stops, narrowed, password_weakness
from app.core.access import Can, Flag, Scope

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Given:
    role_name: str = "Viewer"
    is_active: bool = True
    role_is_active: bool = True
    expires_on: date | None = None
    department_id: UUID | None = None
    region_id: UUID | None = None
    data_access_level: str = "ALL"
    hipaa_training_required: bool = False
    hipaa_training_status: str = "not_required"
    benefits_certification_required: bool = False
    benefits_certification_status: str = "not_required"
    compliance_training_required: bool = False
    compliance_training_status: str = "not_required"
    fcra_certification_required: bool = False
    fcra_certification_status: str = "not_required"
    background_check_required: bool = False
    background_check_status: str = "not_required"
    flags: frozenset[Flag] = field(default=frozenset({Flag.VIEW_REPORTS}))

    def __getattr__(self, name: str) -> bool:
        if not name.startswith("can_"):
            raise AttributeError(name)
        return name in {flag.value for flag in self.flags}


@pytest.mark.parametrize(
    ("change", "stops"),
    [
        ({}, ""),
        ({"is_active": False}, "inactive"),
        ({"role_is_active": False}, "role_inactive"),
        ({"expires_on": TODAY}, ""),
        ({"expires_on": TODAY - timedelta(days=1)}, "expired"),
        ({"hipaa_training_required": True}, "hipaa_training"),
        ({"hipaa_training_required": True, "hipaa_training_status": "expired"}, "hipaa_training"),
        ({"hipaa_training_required": True, "hipaa_training_status": "certified"}, ""),
        ({"hipaa_training_status": "expired"}, ""),
        (
            {"benefits_certification_required": True, "benefits_certification_status": "pending"},
            "benefits_certification",
        ),
        ({"compliance_training_required": True, "compliance_training_status": "pending"}, "compliance_training"),
        ({"compliance_training_required": True, "compliance_training_status": "certified"}, ""),
    ],
)
def test_an_assignment_stops_counting(change: dict[str, object], stops: str) -> None:
    assert assignment_stops(replace(Given(), **change), TODAY) == stops


D, R = uuid4(), uuid4()


@pytest.mark.parametrize(
    ("level", "department", "region", "scope"),
    [
        ("ALL", None, None, Scope.ALL),
        ("ALL", D, None, Scope.DEPARTMENT),
        ("ALL", None, R, Scope.REGION),
        ("ALL", D, R, Scope.DEPARTMENT),
        ("REGION", None, R, Scope.REGION),
        ("REGION", D, None, Scope.DEPARTMENT),
        ("REGION", None, None, Scope.NONE),
        ("DEPARTMENT", D, None, Scope.DEPARTMENT),
        ("DEPARTMENT", None, R, Scope.NONE),
        ("DEPARTMENT", None, None, Scope.NONE),
        ("REPORTS", D, R, Scope.REPORTS),
        ("OWN", None, None, Scope.OWN),
        ("NONE", D, R, Scope.NONE),
        ("nonsense", None, None, Scope.NONE),
    ],
)
def test_an_assignment_narrows_a_role(level: str, department: UUID | None, region: UUID | None, scope: Scope) -> None:
    assert narrowed(level, department, region) is scope


def test_roles_add_up_to_the_widest_scope_per_permission() -> None:
    found = add_up(
        [
            Given("B", data_access_level="DEPARTMENT", department_id=D),
            Given("A", data_access_level="REGION", region_id=R, flags=frozenset({Flag.PROCESS_ENROLLMENTS})),
            Given("C", data_access_level="ALL", flags=frozenset({Flag.VIEW_AUDIT_LOGS}), is_active=False),
            Given("D", data_access_level="DEPARTMENT", flags=frozenset({Flag.EXPORT_DATA})),
        ],
        TODAY,
    )
    assert found.grants[Can.EMPLOYEE_VIEW] is Scope.REGION
    assert found.grants[Can.REPORT_VIEW] is Scope.DEPARTMENT
    assert found.grants[Can.ENROLL_OWN] is Scope.OWN
    assert Can.AUDIT_VIEW not in found.grants
    assert Can.EMPLOYEE_EXPORT not in found.grants
    assert found.places[Can.EMPLOYEE_VIEW] == {R}, "the narrower role's department does not widen the region"
    assert found.places[Can.REPORT_VIEW] == {D}
    assert found.label == "A, B, D"


def test_roles_that_reach_many_people_need_a_second_factor() -> None:
    assert rules.needs_second_factor(frozenset({Flag.MANAGE_USERS}))
    assert not rules.needs_second_factor(frozenset({Flag.VIEW_REPORTS}))


COMMON = frozenset({"password", "letmein", "summer"})


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("fourteen chars", WeakPassword.SHORT),
        ("y" * 201, WeakPassword.LONG),
        ("letmein-letmein-2026", WeakPassword.COMMON),
        ("abababababababab", WeakPassword.COMMON),
        ("123456789012345678", WeakPassword.COMMON),
        ("1qaz2wsx3edc4rfv", WeakPassword.COMMON),
        ("zyxwvutsrqponmlk", WeakPassword.COMMON),
        ("Corridor-Benefits-1", WeakPassword.CONTEXT),
        ("lopez.lopez.2026!", WeakPassword.CONTEXT),
        ("kettle marble orbit", None),
        ("summer kettle marble orbit", None),
        ("Tr0ub4dor and the 3 foxes", None),
        ("ana lopez sings loudly at dawn", None),
    ],
)
def test_what_a_new_password_must_not_be(password: str, weakness: WeakPassword | None) -> None:
    assert password_weakness(password, COMMON, ("ana.lopez@acme.example", "Ana Lopez", "Acme")) is weakness


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_an_ip_throttle_counts_what_one_customer_owns(address: str, counted: str) -> None:
    assert rules.network_of(address) == counted


@pytest.mark.parametrize(
    "path", [None, "", "x", "//evil", "/\\evil", "/a b", "/a\tb", "/\x7f", "https://evil", "/" + "a" * 500]
)
def test_paths_that_lead_away_are_not_followed(path: str | None) -> None:
    assert rules.safe_path(path) == "/"


def test_a_window_begins_at_its_multiple() -> None:
    moment = datetime(2026, 11, 23, 10, 14, 59, tzinfo=UTC)
    assert rules.window_start(moment, timedelta(minutes=15)) == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_devices_have_names_people_know() -> None:
    from flask import Flask
    from flask_babel import Babel

    from app.accounts.views.devices import device_name

    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        assert device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18) Safari/604") == "Safari on iPhone"
        assert device_name("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140") == "Edge on Windows"
        assert device_name("curl/8") == "Unknown device"
        assert device_name("Firefox/1") == "Firefox"

"""Two companies, made alike by the demo's builders. Every text that can hold a word holds the company's own: a canary."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import User
from app.accounts.services.granting import make_default_roles
from app.benefits.services import drafts, open_desk
from app.core import storage
from app.core.access import Can, RoleType, Scope
from app.core.clock import today
from app.core.crypto import encrypted_fields
from app.core.db import engine, tenant, transaction
from app.core.events import Actor, record, system
from app.domains import Base, accounts, benefits, connections, core, feeds, load_jobs, people
from app.feeds.services.noting import note_enrollment
from app.notices import services as notices
from app.people.services import imports
from tests.accounts.sign_in import make_user
from tests.feeds.world import ask, memory, run_jobs
from tests.security import screened
from tests.security.rows import CHOICE, INSERT_ONLY, fill, tenant_models
from worker.demo import carriers, company, enrollments, plans

DOOR = {"password": "not-a-real-password", "sftp_port": 22, "user": "carrier"}
SANDBOX = {
    "host": "127.0.0.1", "sftp_host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5q0SkKc2oQsKsk1vA9RphqTsjOn4GQ2pmMFsN0zGGq",
    "carriers": {"evergreen": DOOR, "brightline": DOOR},
    "screening": {"checkr_url": "http://127.0.0.1:1/screening/checkr/v1", "api_key": "sk_test"},
}  # fmt: skip
EVERYTHING = (
    RoleType.BENEFITS_ADMIN, RoleType.SYSTEM_ADMIN, RoleType.COMPLIANCE_OFFICER, RoleType.PAYROLL_ADMIN, RoleType.BG_CHECK_ADMIN,
    RoleType.BG_CHECK_MANAGER, RoleType.RECRUITER, RoleType.HIRING_MANAGER,
)  # fmt: skip
# Columns that machines read: a word of ours in them would make another row, not another text.
MACHINE = set(
    "adapter integration_method api_version authentication_type data_format encoding_format sync_frequency sync_direction usage state"
    " billing_cycle payment_method status time_zone role_type source kind purpose entity_type actor_kind ip_address tier employee_class"
    " series method next_path storage_key content_type scan_state st02 maintenance outcome idem_key language subject_type link_purpose"
    " password_hash step insurance_line country marital_status preferred_language form_key field priority ssn_missing_reason slug"
    " zip_code primary_contact_phone dedupe_key fingerprint carrier_plan_code period member_key mark code name_of_event remote_mark"
    " ta1 reference request_id"
    # screening
    " work_country work_state work_county work_city channel proof digest rule_key version record_kind hint certification_version hold_reason"
    " cancel_reason order_problem provider_candidate_id provider_invitation_id provider_report_id provider_action_id calendar_version"
    " currency_code ref delay_reason document_key document_version content_sha256 pdf_sha256 query page key webhook_key webhook_refusal"
    " screening_package contact_phone external_ref"
    # syncing and accounting
    " provider integration_type resource remote_id mapped_as currency data_region".split()
)
MACHINE_OF_TABLE = {
    ("audit_event", "name"),
    ("notice_template", "body"),
    ("feed_file", "name"),
    ("user_account", "invited_to"),
    ("submission", "number"),
    ("screening_request", "number"),
    ("disposal", "policy"),
    ("hook_endpoint", "stopped_by"),
}
PLAIN_FIELDS = {
    "ssn",
    "tax_id",
    "totp_secret",
    "state",
    "zip_code",
    "phone",
    "alternate_phone",
    "emergency_contact_phone",
    "bank_account",
    "bank_routing",
    "sex",
    "ethnicity",
    "invitation_url",
}


@dataclass
class Twin:
    """One of the two companies: its canary, who can sign in, and the ids of all its rows by table."""

    company_id: UUID
    word: str
    users: dict[str, User] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)

    def counterpart(self, other: Twin) -> dict[str, str]:
        """Each id of the other company → the id at the same place here."""
        return {
            theirs: self.ids[table][min(place, len(self.ids[table]) - 1)]
            for table, ids in other.ids.items()
            for place, theirs in enumerate(ids)
        }


def make_twins(monkeypatch: pytest.MonkeyPatch, admin: Any) -> tuple[Twin, Twin]:
    load_jobs()
    twins = Twin(uuid7(), "zephyrine"), Twin(uuid7(), "quillfeather")
    for twin in twins:
        with tenant(twin.company_id):
            carrier = _make(twin)
            with Session(engine()) as session:
                screened.make_staff(session, twin.company_id)
            with transaction() as session:
                screened.make_screening(session, session.scalars(sa.select(people.Company)).one(), twin.word, SANDBOX)
            with memory(monkeypatch):
                run_jobs(kinds=("feeds.",))
                ask("feeds.make_file", carrier)
            with transaction() as session:
                _make_syncing(session, twin)
            with transaction() as session:
                _make_files(session, twin)
            with transaction() as session:
                _plant(session, twin.word)
            with Session(engine(), expire_on_commit=False) as session:
                twin.users = _users(session, twin)
        # Numbers stand in addresses and start at 1 in every company; these must differ, and must not be the canary itself.
        admin.execute(
            "UPDATE submission SET number = number || %s WHERE company_id = %s", (twin.word[0], twin.company_id)
        )
        _note_ids(twin, admin)
    return twins


def _make(twin: Twin) -> UUID:
    """The company as the demo has it. Returns its first carrier."""
    with transaction() as session:
        chance, day = random.Random(7), today()
        owner = company.make_company(session, twin.company_id)
        # Name, slug and color of the door are public: the sign-in page shows them to anybody. So no canary there.
        door = next(row for row in session.new if isinstance(row, accounts.TenantDoor))
        owner.slug = door.slug = f"door-{twin.company_id.hex[-6:]}"
        links = carriers.make_carriers(session, owner, SANDBOX)
        made = company.make_people(session, owner, day, chance, company.A_FEW)
        years = plans.make_years(session, day, links)
        past, coming = enrollments.make_windows(session, years, day)
        session.flush()
        told = enrollments.make_coverage(session, made, past, years[day.year], day, chance)
        enrollments.make_queue(session, made, coming, years[day.year + 1], day, chance)
        hired = enrollments.make_new_hire(session, made, years[day.year], day - timedelta(days=4), chance)
        session.flush()
        for enrollment_id in told:
            note_enrollment(session, system("test"), enrollment_id)
        _make_draft(session, hired.id)
        return links["EVERGREEN"].id


def _make_draft(session: Session, employee_id: UUID) -> None:
    window = session.scalars(
        sa.select(benefits.EnrollmentWindow).where(benefits.EnrollmentWindow.employee_id == employee_id)
    ).one()
    actor = Actor(window.company_id, "user", None, employee_id, "", {Can.ENROLL_OWN: Scope.OWN})
    desk = open_desk(session, actor, window.id)
    drafts.save_step(session, actor, desk, "who", version=desk.version)


def _make_syncing(session: Session, twin: Twin) -> None:
    """An HR system that is kept in step, a run with its lines, and a record about which a person must decide."""
    from app.connections.models import Connection
    from app.syncing.models import RemoteRecord, SyncPlan, SyncRun

    hr = Connection(adapter="bamboohr", name=twin.word, code="HRIS", status="connected", settings={"company": "door"})
    session.add(hr)
    session.flush()
    line = {
        "resource": "employees",
        "remote_id": "7",
        "label": twin.word,
        "outcome": "made",
        "changes": {},
        "problems": {},
    }
    session.add(SyncPlan(connection_id=hr.id))
    session.add(
        SyncRun(
            connection_id=hr.id, integration_type="hris", provider="bamboohr", mode="full", is_dry=True, state="done", diff=[line],
            parts={"employees": {"mode": "full", "read": 1, "new": 1, "done": True}},
        )
    )  # fmt: skip
    session.add(
        RemoteRecord(
            connection_id=hr.id, resource="employees", kind="employee", remote_id="7", state="doubtful", seen_at=datetime.now(UTC),
            raw={"firstName": twin.word, "lastName": twin.word, "status": "Active"}, problems={"record": "Choose the right one"},
        )
    )  # fmt: skip


def _make_files(session: Session, twin: Twin) -> None:
    """Documents, an upload, notices, events and, wherever the builders left a table empty, one made-up row."""
    text = f"Employee ID,First Name,Last Name,Birth Date,Hire Date\nX1,{twin.word},{twin.word},1990-01-02,2020-01-02\n"
    imports.upload(session, system("test"), text.encode(), f"{twin.word}.csv", import_id=uuid7())
    logo = storage.keep(
        session,
        b"\x89PNG\r\n\x1a\n" + twin.word.encode(),
        name=f"{twin.word}.png",
        content_type="image/png",
        purpose="logo",
    )
    session.flush()
    owner = session.scalars(sa.select(people.Company)).one()
    owner.logo_file_id = logo.id
    person = session.scalars(sa.select(people.Employee).order_by(people.Employee.id)).first()
    assert person is not None
    record(
        session,
        system("test"),
        "people.employee.changed",
        person,
        phi={"last_name": twin.word},
        person_id=person.id,
        reason=twin.word,
    )
    notices.templates(session)
    make_default_roles(session)
    session.flush()
    first = {
        str(model.__tablename__): row_id
        for model in tenant_models()
        if (row_id := session.scalar(sa.select(model.id).order_by(model.id).limit(1))) is not None
    }
    fill(session, twin.company_id, twin.word, first)


def _plant(session: Session, word: str) -> None:
    """The company's word in every text of every row that a person wrote or may read."""
    for model in tenant_models():
        table = model.__table__
        words = {
            m[1] for c in table.constraints if isinstance(c, sa.CheckConstraint) and (m := CHOICE.match(str(c.sqltext)))
        }
        texts = [
            c.name for c in table.columns
            if isinstance(c.type, sa.String) and c.name not in words | MACHINE and (table.name, c.name) not in MACHINE_OF_TABLE
        ]  # fmt: skip
        if table.name in INSERT_ONLY:
            continue  # their own canaries were recorded and signed
        for row in session.scalars(sa.select(model)):
            for name in texts:
                setattr(row, name, _with(str(getattr(row, name) or ""), word, mail="email" in name))
            for name, kept in encrypted_fields(model).items():
                if kept.kind is str and name not in PLAIN_FIELDS:
                    setattr(row, name, _with(str(getattr(row, name) or ""), word, mail=name == "recipient"))
        session.flush()


def _with(text: str, word: str, *, mail: bool) -> str:
    if mail or "@" in text:
        return f"{text.partition('@')[0] or 'somebody'}@{word}.example"
    return text if word in text else f"{text} {word}".strip()


def _users(session: Session, twin: Twin) -> dict[str, User]:
    """One user per role, one employee without a role, and one who may do everything."""
    staff = session.scalars(sa.select(people.Employee).order_by(people.Employee.employee_number)).all()
    place = {"department_id": staff[0].department_id, "region_id": staff[0].region_id}
    hired = next(person for person in staff if person.employee_number.startswith("1901"))
    links = {
        "MANAGER": staff[0].id,
        "employee": staff[1].id,
        "everything": hired.id,
        "EMPLOYEE_SELF_SERVICE": staff[2].id,
    }
    wanted: dict[str, tuple[RoleType, ...]] = {role.value: (role,) for role in RoleType} | {
        "employee": (),
        "everything": EVERYTHING,
    }
    made = {}
    for name, roles in wanted.items():
        more: dict[str, Any] = place if name in ("VIEWER", "ENROLLMENT_SPECIALIST") else {}
        email = f"{name.lower()}@{twin.word}.example"
        made[name] = make_user(
            session,
            twin.company_id,
            email=email,
            roles=roles,
            employee_id=links.get(name),
            display_name=f"{name} {twin.word}",
            **more,
        )
    return made


def _note_ids(twin: Twin, admin: Any) -> None:
    for name, table in Base.metadata.tables.items():
        if "company_id" in table.c:
            rows = admin.execute(
                f"SELECT id FROM {name} WHERE company_id = %s ORDER BY id", (twin.company_id,)
            ).fetchall()
            twin.ids[name] = [str(row[0]) for row in rows]
    rows = admin.execute(
        "SELECT number FROM submission WHERE company_id = %s ORDER BY id", (twin.company_id,)
    ).fetchall()
    twin.numbers = [row[0] for row in rows]


UNUSED = (connections, core, feeds)  # imported for their tables

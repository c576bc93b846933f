"""The catalogue: tenancy, encryption and migrations hold for every table, also for tables that do not exist yet."""

import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.core.config import get_settings
from app.core.crypto import encrypted_fields
from app.domains import Base
from tests.fixtures.slot import Slot

TENANT_TABLES = sorted(name for name, table in Base.metadata.tables.items() if "company_id" in table.c)
GLOBAL_TABLES = {"tenant_door", "process_heartbeat", "provider_state"}

# The 🔒 fields of spec/insurance-schema.md, every SSN, bank and credential field, by table and what we call it.
MUST_BE_ENCRYPTED = {
    "employee": (
        "first_name last_name middle_name date_of_birth ssn phone alternate_phone address_line1 address_line2 city state zip_code"
        " blood_type allergies medical_conditions emergency_contact_name emergency_contact_phone emergency_contact_relation"
        " bank_account bank_routing annual_salary"
    ).split(),
    "dependent": "first_name last_name middle_name date_of_birth ssn blood_type allergies medical_conditions".split(),
    "company": ["tax_id"],
    "connection": ["credentials"],
    "provider_token": ["access", "refresh", "extra", "farewell"],
    "provider_sign_in": ["verifier", "code", "kept"],
    "exchange": ["request_body", "answer_body"],
    "user_account": ["totp_secret"],
    "candidate": "first_name middle_name last_name email phone date_of_birth residence address".split(),
    "candidate_survey": ["sex", "ethnicity"],
    "job_application": ["annual_salary"],
    "screening_request": ["invitation_url"],
    "check_result": ["details", "raw"],
    "report_record": ["text", "details", "happened_on", "choice_reason"],
    "candidate_link": ["draft"],
    "hook_endpoint": ["url", "secret", "old_secret"],
    "hook_attempt": ["answer"],
    "screening_signature": ["typed_name"],
    "screening_assessment": ["factors", "reasoning"],
    "screening_notice": ["sent_to", "to_place", "tracking_number"],
    "screening_happening": ["text"],
    "screening_fact": ["said"],
}
# Public by nature, or a reason rather than a value.
KNOWN_CLEAR = {"dependent.ssn_missing_reason", "passkey.credential_id", "plan_rate.salary_from", "plan_rate.salary_to"}
SUSPECT = re.compile(
    r"ssn|birth|allerg|blood|medical|bank_|routing|credential|secret|tax_id|salary|password(?!_hash|_changed)"
)


def test_every_table_is_a_tenant_s_or_known_to_be_global() -> None:
    assert set(Base.metadata.tables) - set(TENANT_TABLES) == GLOBAL_TABLES


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_row_level_security_is_forced(admin: object, table: str) -> None:
    row = admin.execute(
        "SELECT relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class WHERE relname = %s AND relkind = 'r'",
        (table,),
    ).fetchone()
    assert row == (True, True, "corridor_owner")
    policies = admin.execute(
        "SELECT qual, with_check, roles FROM pg_policies WHERE tablename = %s", (table,)
    ).fetchall()
    own = [policy for policy in policies if policy[2] == ["public"]]
    assert len(own) == 1
    assert "app.company_id" in own[0][0]
    assert "app.company_id" in own[0][1]


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_foreign_keys_carry_the_company_and_keys_begin_with_it(table: str) -> None:
    known = Base.metadata.tables[table]
    assert next(iter(known.primary_key.columns)).name == "company_id"
    for constraint in known.foreign_key_constraints:
        assert constraint.column_keys[0] == "company_id", f"{table}: {constraint.column_keys}"
    for index in known.indexes:
        first = next(iter(index.columns)).name
        assert first == "company_id" or index.name in (
            "ix_job_intent_due",
            "ix_job_intent_open",
            "ix_employee_name_tokens",
            "ix_candidate_name_tokens",
        ), index.name
    for constraint in known.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            assert next(iter(constraint.columns)).name == "company_id", (
                f"{table}: a global unique key tells one tenant about another"
            )


def test_no_view_shows_more_than_its_reader_may_see(admin: object) -> None:
    views = admin.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
        " AND (c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce(c.reloptions::text, '') LIKE '%security_invoker=true%'))"
    ).fetchall()
    assert views == []


def test_no_function_runs_with_the_owner_s_rights(admin: object) -> None:
    functions = admin.execute(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef"
    ).fetchall()
    assert functions == []


def test_the_application_role_is_weak(admin: object) -> None:
    roles = admin.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname IN ('corridor_app', 'corridor_dispatch')"
    ).fetchall()
    assert {tuple(role) for role in roles} == {
        ("corridor_app", False, False, False, False),
        ("corridor_dispatch", False, False, False, False),
    }


def test_the_dispatcher_sees_intents_and_nothing_else(admin: object) -> None:
    granted = admin.execute(
        "SELECT DISTINCT table_name FROM information_schema.role_table_grants WHERE grantee = 'corridor_dispatch'"
    ).fetchall()
    assert {row[0] for row in granted} == {"job_intent", "tenant_door", "process_heartbeat"}


def test_models_equal_migrations(database: Slot) -> None:
    engine = sa.create_engine(get_settings().owner_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


@pytest.mark.parametrize(("table", "fields"), MUST_BE_ENCRYPTED.items())
def test_protected_fields_are_encrypted(table: str, fields: list[str]) -> None:
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table.name == table)
    assert set(fields) <= set(encrypted_fields(model))


def test_no_column_that_sounds_protected_is_in_the_clear() -> None:
    clear = [
        f"{name}.{column.name}"
        for name, table in Base.metadata.tables.items()
        for column in table.c
        if SUSPECT.search(column.name) and not column.name.endswith(("_enc", "_bidx"))
    ]
    assert [column for column in clear if column not in KNOWN_CLEAR] == []

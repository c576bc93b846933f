"""Row-level security on every tenant table, insert-only audit, the dispatcher's rights, and the outbox's bell."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
INSERT_ONLY = ("audit_event", "audit_seal")
TENANT_TABLES = (
    "audit_event",
    "audit_seal",
    "benefit_number",
    "company",
    "connection",
    "data_key",
    "job_intent",
    "notice_template",
    "plan_year",
    "region",
    "role",
    "stored_file",
    "throttle",
    "benefit_plan",
    "control_number",
    "department",
    "feed_file",
    "inbox_item",
    "people_import",
    "contribution_rule",
    "eligibility_rule",
    "employee",
    "import_row_error",
    "plan_rate",
    "dependent",
    "enrollment_window",
    "user_account",
    "election_draft",
    "feed_member",
    "notice",
    "oidc_identity",
    "one_time_token",
    "passkey",
    "passkey_challenge",
    "recovery_code",
    "role_assignment",
    "submission",
    "user_session",
    "enrollment",
    "beneficiary",
    "carrier_change",
    "coverage_details",
    "covered_dependent",
    "discrepancy",
    "manual_task",
)


def upgrade() -> None:
    for table in TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")
    for table in INSERT_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM corridor_app")
    # The door is read before anybody has a tenant; a company may only write its own row.
    own_row = OWN_COMPANY.replace("company_id =", "id =")
    op.execute("ALTER TABLE tenant_door ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tenant_door FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY everybody_reads ON tenant_door FOR SELECT USING (true)")
    op.execute(f"CREATE POLICY own_row ON tenant_door FOR ALL USING ({own_row}) WITH CHECK ({own_row})")
    # The dispatcher sees intents of every company, and which companies there are, and nothing else.
    op.execute("CREATE POLICY dispatcher ON job_intent TO corridor_dispatch USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT, INSERT, UPDATE ON job_intent TO corridor_dispatch")
    op.execute("GRANT SELECT ON tenant_door TO corridor_dispatch")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON process_heartbeat TO corridor_dispatch")
    op.execute(
        "CREATE FUNCTION announce_intent() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NOTIFY job_intent; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER announce AFTER INSERT ON job_intent FOR EACH STATEMENT EXECUTE FUNCTION announce_intent()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER announce ON job_intent")
    op.execute("DROP FUNCTION announce_intent")
    op.execute("REVOKE ALL ON job_intent, tenant_door, process_heartbeat FROM corridor_dispatch")
    op.execute("DROP POLICY dispatcher ON job_intent")
    for policy in ("own_row", "everybody_reads"):
        op.execute(f"DROP POLICY {policy} ON tenant_door")
    op.execute("ALTER TABLE tenant_door NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tenant_door DISABLE ROW LEVEL SECURITY")
    for table in INSERT_ONLY:
        op.execute(f"GRANT UPDATE, DELETE ON {table} TO corridor_app")
    for table in TENANT_TABLES:
        op.execute(f"DROP POLICY tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")

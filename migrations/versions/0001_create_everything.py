"""Interim: all tables of the models. Frozen into explicit migrations before the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
INSERT_ONLY = ("audit_event", "audit_seal")


def upgrade() -> None:
    from app.domains import Base

    Base.metadata.create_all(op.get_bind())
    for table in Base.metadata.sorted_tables:
        if "company_id" in table.c:
            op.execute(f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY tenant ON {table.name} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")
    for table in INSERT_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM corridor_app")
    # The door is read before anybody has a tenant; a company may only write its own row.
    op.execute("ALTER TABLE tenant_door ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tenant_door FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY everybody_reads ON tenant_door FOR SELECT USING (true)")
    own = OWN_COMPANY.replace("company_id =", "id =")
    op.execute(f"CREATE POLICY own_row ON tenant_door FOR ALL USING ({own}) WITH CHECK ({own})")
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
    from app.domains import Base

    Base.metadata.drop_all(op.get_bind())
    op.execute("DROP FUNCTION announce_intent")

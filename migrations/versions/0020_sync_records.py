"""Records of providers kept in step: plans, runs, cursors, what was read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("sync_plan", "sync_run", "sync_cursor", "remote_record")


def upgrade() -> None:
    _sync_plan()
    _sync_run()
    _sync_cursor()
    _remote_record()
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def downgrade() -> None:
    for table in reversed(NEW_TABLES):
        op.drop_table(table)


def _sync_plan() -> None:
    op.create_table(
        "sync_plan",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("conflicts", sa.Text(), nullable=False),
        sa.Column("most_gone_percent", sa.Integer(), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("conflicts IN ('provider', 'ours', 'ask')", name=op.f("ck_sync_plan_conflicts_known")),
        sa.CheckConstraint("most_gone_percent BETWEEN 0 AND 100", name=op.f("ck_sync_plan_most_gone_percent_valid")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_sync_plan_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_sync_plan")),
        sa.UniqueConstraint("company_id", "connection_id", name=op.f("uq_sync_plan_company_id_connection_id")),
    )
    op.create_index(op.f("ix_sync_plan_company_id_connection_id"), "sync_plan", ["company_id", "connection_id"])
    op.create_index("ix_sync_plan_due", "sync_plan", ["company_id", "next_run_at"], postgresql_where=sa.text("is_on"))


def _sync_run() -> None:
    op.create_table(
        "sync_run",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("integration_type", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("is_dry", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("parts", JSONB(), nullable=False),
        sa.Column("records_processed", sa.Integer(), nullable=False),
        sa.Column("records_failed", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("asked_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("diff_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode IN ('full', 'incremental', 'event')", name=op.f("ck_sync_run_mode_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'held', 'failed', 'canceled')",
            name=op.f("ck_sync_run_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_sync_run_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_sync_run")),
    )
    op.create_index(op.f("ix_sync_run_company_id_connection_id"), "sync_run", ["company_id", "connection_id"])
    op.create_index(op.f("ix_sync_run_company_id_connection_id_id"), "sync_run", ["company_id", "connection_id", "id"])
    op.create_index(
        "uq_sync_run_open",
        "sync_run",
        ["company_id", "connection_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )


def _sync_cursor() -> None:
    op.create_table(
        "sync_cursor",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("cursor", JSONB(), nullable=False),
        sa.Column("mapped_as", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("page_no", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_sync_cursor_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_sync_cursor")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "resource", name=op.f("uq_sync_cursor_company_id_connection_id_resource")
        ),
    )
    op.create_index(op.f("ix_sync_cursor_company_id_connection_id"), "sync_cursor", ["company_id", "connection_id"])


def _remote_record() -> None:
    op.create_table(
        "remote_record",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(collation="C"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problems", JSONB(), nullable=False),
        sa.Column("raw_enc", sa.LargeBinary(), nullable=True),
        sa.Column("values_enc", sa.LargeBinary(), nullable=True),
        sa.Column("local_id", sa.Uuid(), nullable=True),
        sa.Column("seen_run_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('stored', 'taken', 'waiting', 'doubtful', 'refused', 'ignored')",
            name=op.f("ck_remote_record_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_remote_record_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_remote_record")),
        sa.UniqueConstraint(
            "company_id",
            "connection_id",
            "resource",
            "remote_id",
            name=op.f("uq_remote_record_company_id_connection_id_resource_remote_id"),
        ),
    )
    op.create_index(
        "ix_remote_record_due",
        "remote_record",
        ["company_id", "due_on"],
        postgresql_where=sa.text("due_on IS NOT NULL"),
    )
    op.create_index("ix_remote_record_kind", "remote_record", ["company_id", "connection_id", "kind", "remote_id"])
    op.create_index(
        "ix_remote_record_local",
        "remote_record",
        ["company_id", "local_id"],
        postgresql_where=sa.text("local_id IS NOT NULL"),
    )
    op.create_index("ix_remote_record_state", "remote_record", ["company_id", "connection_id", "state", "id"])

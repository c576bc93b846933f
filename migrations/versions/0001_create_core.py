"""Tables of core."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "txid", sa.BigInteger(), server_default=sa.text("pg_current_xact_id()::text::bigint"), nullable=False
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("old_values", postgresql.JSONB(), nullable=False),
        sa.Column("new_values", postgresql.JSONB(), nullable=False),
        sa.Column("phi_accessed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("sensitivity", sa.Text(), nullable=False),
        sa.Column("regulation", sa.Text(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("ip_address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("phi_enc", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "regulation IN ('none', 'hipaa', 'aca', 'erisa', 'cobra', 'state', 'fcra')",
            name=op.f("ck_audit_event_regulation_known"),
        ),
        sa.CheckConstraint("risk IN ('low', 'medium', 'high', 'critical')", name=op.f("ck_audit_event_risk_known")),
        sa.CheckConstraint(
            "sensitivity IN ('public', 'internal', 'confidential', 'restricted', 'phi')",
            name=op.f("ck_audit_event_sensitivity_known"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_audit_event")),
    )
    op.create_index(
        op.f("ix_audit_event_company_id_actor_user_id"), "audit_event", ["company_id", "actor_user_id"], unique=False
    )
    op.create_index(
        op.f("ix_audit_event_company_id_entity_type_entity_id"),
        "audit_event",
        ["company_id", "entity_type", "entity_id"],
        unique=False,
    )
    op.create_index(op.f("ix_audit_event_company_id_txid"), "audit_event", ["company_id", "txid"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_txid", sa.BigInteger(), nullable=False),
        sa.Column("to_txid", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous_root", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_audit_seal_company_id_number")),
    )
    op.create_table(
        "data_key",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("kek_version", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_data_key")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_data_key_company_id_number")),
    )
    op.create_index("ix_data_key_subject", "data_key", ["company_id", "period", "subject_id"], unique=False)
    op.create_table(
        "job_intent",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("idem_key", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("repeat", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("repeat IN ('safe', 'keyed', 'check', 'ask')", name=op.f("ck_job_intent_repeat_known")),
        sa.CheckConstraint(
            "state IN ('pending', 'dispatched', 'running', 'done', 'unknown', 'dead', 'canceled')",
            name=op.f("ck_job_intent_state_known"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_job_intent")),
        sa.UniqueConstraint("company_id", "idem_key", name=op.f("uq_job_intent_company_id_idem_key")),
    )
    op.create_index(
        "ix_job_intent_due", "job_intent", ["run_after"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(
        "ix_job_intent_open",
        "job_intent",
        ["state", "company_id"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "process_heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_process_heartbeat")),
    )
    op.create_table(
        "stored_file",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("scan_state", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("company_id", "storage_key", name=op.f("uq_stored_file_company_id_storage_key")),
    )


def downgrade() -> None:
    op.drop_table("stored_file")
    op.drop_table("process_heartbeat")
    op.drop_table("job_intent")
    op.drop_table("data_key")
    op.drop_table("audit_seal")
    op.drop_table("audit_event")

"""Tables of connections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connection",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("provider_type", sa.Text(), nullable=False),
        sa.Column("integration_method", sa.Text(), nullable=False),
        sa.Column("api_endpoint_url", sa.Text(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=False),
        sa.Column("authentication_type", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("data_format", sa.Text(), nullable=False),
        sa.Column("encoding_format", sa.Text(), nullable=False),
        sa.Column("sync_frequency", sa.Text(), nullable=False),
        sa.Column("sync_direction", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_check", postgresql.JSONB(), nullable=False),
        sa.Column("last_sync_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_successful_sync_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("max_retry_attempts", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("rate_limit_per_hour", sa.Integer(), nullable=False),
        sa.Column("supported_benefit_types", postgresql.JSONB(), nullable=False),
        sa.Column("compliance_settings", postgresql.JSONB(), nullable=False),
        sa.Column("credentials_enc", sa.LargeBinary(), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("updated_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("phase IN ('test', 'parallel', 'production')", name=op.f("ck_connection_phase_known")),
        sa.CheckConstraint(
            "status IN ('connected', 'disconnected', 'error', 'testing', 'maintenance')",
            name=op.f("ck_connection_status_known"),
        ),
        sa.CheckConstraint("error_count >= 0", name=op.f("ck_connection_error_count_valid")),
        sa.CheckConstraint(
            "timeout_seconds > 0 AND rate_limit_per_hour > 0 AND max_retry_attempts >= 0",
            name=op.f("ck_connection_positive_values"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_connection")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_connection_company_id_code")),
    )
    op.create_table(
        "inbox_item",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("remote_name", sa.Text(), nullable=False),
        sa.Column("remote_mark", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'applied', 'refused', 'unmapped')", name=op.f("ck_inbox_item_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_inbox_item_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_inbox_item_company_id_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_inbox_item")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "dedupe_key", name=op.f("uq_inbox_item_company_id_connection_id_dedupe_key")
        ),
    )
    op.create_index(
        op.f("ix_inbox_item_company_id_connection_id"), "inbox_item", ["company_id", "connection_id"], unique=False
    )
    op.create_index(op.f("ix_inbox_item_company_id_file_id"), "inbox_item", ["company_id", "file_id"], unique=False)
    op.create_index("ix_inbox_item_remote", "inbox_item", ["company_id", "connection_id", "remote_mark"], unique=False)


def downgrade() -> None:
    op.drop_table("inbox_item")
    op.drop_table("connection")

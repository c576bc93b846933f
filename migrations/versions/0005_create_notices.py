"""Tables of notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_template",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("approval_required", sa.Boolean(), nullable=False),
        sa.Column("approved_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "category IN ('information', 'warning', 'error', 'success', 'reminder', 'alert', 'compliance', 'legal_notice')",
            name=op.f("ck_notice_template_category_known"),
        ),
        sa.CheckConstraint(
            "channel IN ('email', 'in_app', 'pdf', 'sms', 'postal_mail')", name=op.f("ck_notice_template_channel_known")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_notice_template_version_positive")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_notice_template")),
        sa.UniqueConstraint(
            "company_id",
            "kind",
            "channel",
            "language",
            "version",
            name=op.f("uq_notice_template_company_id_kind_channel_language_version"),
        ),
    )
    op.create_table(
        "notice",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("link_path", sa.Text(), nullable=False),
        sa.Column("link_purpose", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("retry_count", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=False),
        sa.Column("response", postgresql.JSONB(), nullable=False),
        sa.Column("recipient_enc", sa.LargeBinary(), nullable=True),
        sa.Column("body_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'in_app', 'pdf', 'sms', 'postal_mail')", name=op.f("ck_notice_channel_known")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'sent', 'delivered', 'failed', 'bounced', 'opened')",
            name=op.f("ck_notice_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_notice_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_notice_company_id_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "template_id"],
            ["notice_template.company_id", "notice_template.id"],
            name=op.f("fk_notice_company_id_template_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_notice_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_notice")),
        sa.UniqueConstraint("company_id", "dedupe_key", name=op.f("uq_notice_company_id_dedupe_key")),
    )
    op.create_index(op.f("ix_notice_company_id_employee_id"), "notice", ["company_id", "employee_id"], unique=False)
    op.create_index(op.f("ix_notice_company_id_file_id"), "notice", ["company_id", "file_id"], unique=False)
    op.create_index(
        op.f("ix_notice_company_id_status_created_at"), "notice", ["company_id", "status", "created_at"], unique=False
    )
    op.create_index(op.f("ix_notice_company_id_template_id"), "notice", ["company_id", "template_id"], unique=False)
    op.create_index(op.f("ix_notice_company_id_user_id"), "notice", ["company_id", "user_id"], unique=False)
    op.create_index(
        op.f("ix_notice_company_id_user_id_created_at"), "notice", ["company_id", "user_id", "created_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("notice")
    op.drop_table("notice_template")

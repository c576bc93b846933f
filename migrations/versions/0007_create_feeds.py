"""Tables of feeds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "control_number",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_control_number_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_control_number")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "usage", name=op.f("uq_control_number_company_id_connection_id_usage")
        ),
    )
    op.create_index(
        op.f("ix_control_number_company_id_connection_id"),
        "control_number",
        ["company_id", "connection_id"],
        unique=False,
    )
    op.create_table(
        "feed_file",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("isa13", sa.Integer(), nullable=False),
        sa.Column("gs06", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("coverages", sa.Integer(), nullable=False),
        sa.Column("sets", sa.Integer(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("difference", postgresql.JSONB(), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("release_reason", sa.Text(), nullable=False),
        sa.Column("send_problem", sa.Text(), nullable=False),
        sa.Column("upload_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("upload_tries", sa.Integer(), nullable=False),
        sa.Column("made_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("released_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarm_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ta1", sa.Text(), nullable=False),
        sa.Column("ack", postgresql.JSONB(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('change', 'full')", name=op.f("ck_feed_file_kind_known")),
        sa.CheckConstraint(
            "state IN ('building', 'refused', 'held', 'ready', 'sent', 'accepted', 'partial', 'rejected', 'canceled')",
            name=op.f("ck_feed_file_state_known"),
        ),
        sa.CheckConstraint("usage IN ('T', 'P')", name=op.f("ck_feed_file_usage_known")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_feed_file_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_feed_file_company_id_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "replaces_id"],
            ["feed_file.company_id", "feed_file.id"],
            name=op.f("fk_feed_file_company_id_replaces_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_feed_file")),
        sa.UniqueConstraint(
            "company_id",
            "connection_id",
            "usage",
            "gs06",
            name=op.f("uq_feed_file_company_id_connection_id_usage_gs06"),
        ),
        sa.UniqueConstraint(
            "company_id",
            "connection_id",
            "usage",
            "name",
            name=op.f("uq_feed_file_company_id_connection_id_usage_name"),
        ),
    )
    op.create_index(
        op.f("ix_feed_file_company_id_connection_id"), "feed_file", ["company_id", "connection_id"], unique=False
    )
    op.create_index(op.f("ix_feed_file_company_id_file_id"), "feed_file", ["company_id", "file_id"], unique=False)
    op.create_index(
        op.f("ix_feed_file_company_id_replaces_id"), "feed_file", ["company_id", "replaces_id"], unique=False
    )
    op.create_index("ix_feed_file_unsent", "feed_file", ["company_id", "connection_id", "state"], unique=False)
    op.create_table(
        "feed_member",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feed_file_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("gs06", sa.Integer(), nullable=False),
        sa.Column("member_key", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("dependent_id", sa.Uuid(), nullable=True),
        sa.Column("st02", sa.Text(), nullable=False),
        sa.Column("maintenance", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("coverages", postgresql.JSONB(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("identity_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "dependent_id"],
            ["dependent.company_id", "dependent.id"],
            name=op.f("fk_feed_member_company_id_dependent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_feed_member_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "feed_file_id"],
            ["feed_file.company_id", "feed_file.id"],
            name=op.f("fk_feed_member_company_id_feed_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_feed_member")),
        sa.UniqueConstraint(
            "company_id", "feed_file_id", "member_key", name=op.f("uq_feed_member_company_id_feed_file_id_member_key")
        ),
    )
    op.create_index(
        op.f("ix_feed_member_company_id_dependent_id"), "feed_member", ["company_id", "dependent_id"], unique=False
    )
    op.create_index(
        op.f("ix_feed_member_company_id_employee_id"), "feed_member", ["company_id", "employee_id"], unique=False
    )
    op.create_index(
        op.f("ix_feed_member_company_id_feed_file_id"), "feed_member", ["company_id", "feed_file_id"], unique=False
    )
    op.create_index(
        "ix_feed_member_picture",
        "feed_member",
        ["company_id", "connection_id", "usage", "member_key", "gs06"],
        unique=False,
    )
    op.create_table(
        "carrier_change",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("feed_file_id", sa.Uuid(), nullable=True),
        sa.Column("st02", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('add', 'change', 'terminate', 'reinstate', 'demographic')",
            name=op.f("ck_carrier_change_kind_known"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'ready', 'sent', 'syntax_accepted', 'syntax_rejected', 'confirmed', 'discrepancy', 'netted', 'manual')",
            name=op.f("ck_carrier_change_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_carrier_change_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_carrier_change_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "enrollment_id"],
            ["enrollment.company_id", "enrollment.id"],
            name=op.f("fk_carrier_change_company_id_enrollment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "feed_file_id"],
            ["feed_file.company_id", "feed_file.id"],
            name=op.f("fk_carrier_change_company_id_feed_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_carrier_change")),
        sa.UniqueConstraint("company_id", "dedupe_key", name=op.f("uq_carrier_change_company_id_dedupe_key")),
    )
    op.create_index(
        op.f("ix_carrier_change_company_id_connection_id"),
        "carrier_change",
        ["company_id", "connection_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_change_company_id_connection_id_status"),
        "carrier_change",
        ["company_id", "connection_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_change_company_id_employee_id"), "carrier_change", ["company_id", "employee_id"], unique=False
    )
    op.create_index(
        op.f("ix_carrier_change_company_id_enrollment_id"),
        "carrier_change",
        ["company_id", "enrollment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_change_company_id_feed_file_id"),
        "carrier_change",
        ["company_id", "feed_file_id"],
        unique=False,
    )
    op.create_index(
        "ix_carrier_change_file_set", "carrier_change", ["company_id", "feed_file_id", "st02"], unique=False
    )
    op.create_table(
        "discrepancy",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        sa.Column("dependent_id", sa.Uuid(), nullable=True),
        sa.Column("enrollment_id", sa.Uuid(), nullable=True),
        sa.Column("inbox_item_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("assignee_user_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("details_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("owner IN ('employee', 'hr', 'carrier', 'broker')", name=op.f("ck_discrepancy_owner_known")),
        sa.CheckConstraint("severity IN ('info', 'warning', 'failure')", name=op.f("ck_discrepancy_severity_known")),
        sa.CheckConstraint("state IN ('open', 'resolved', 'auto_closed')", name=op.f("ck_discrepancy_state_known")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_discrepancy_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "dependent_id"],
            ["dependent.company_id", "dependent.id"],
            name=op.f("fk_discrepancy_company_id_dependent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_discrepancy_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "enrollment_id"],
            ["enrollment.company_id", "enrollment.id"],
            name=op.f("fk_discrepancy_company_id_enrollment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "inbox_item_id"],
            ["inbox_item.company_id", "inbox_item.id"],
            name=op.f("fk_discrepancy_company_id_inbox_item_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_discrepancy")),
    )
    op.create_index(
        op.f("ix_discrepancy_company_id_connection_id"), "discrepancy", ["company_id", "connection_id"], unique=False
    )
    op.create_index(
        op.f("ix_discrepancy_company_id_dependent_id"), "discrepancy", ["company_id", "dependent_id"], unique=False
    )
    op.create_index(
        op.f("ix_discrepancy_company_id_employee_id"), "discrepancy", ["company_id", "employee_id"], unique=False
    )
    op.create_index(
        op.f("ix_discrepancy_company_id_enrollment_id"), "discrepancy", ["company_id", "enrollment_id"], unique=False
    )
    op.create_index(
        op.f("ix_discrepancy_company_id_inbox_item_id"), "discrepancy", ["company_id", "inbox_item_id"], unique=False
    )
    op.create_index(
        op.f("ix_discrepancy_company_id_state_due_on"), "discrepancy", ["company_id", "state", "due_on"], unique=False
    )
    op.create_index(
        "uq_discrepancy_open",
        "discrepancy",
        ["company_id", "connection_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "manual_task",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("carrier_reference_enc", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'canceled')", name=op.f("ck_manual_task_state_known")),
        sa.ForeignKeyConstraint(
            ["company_id", "change_id"],
            ["carrier_change.company_id", "carrier_change.id"],
            name=op.f("fk_manual_task_company_id_change_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_manual_task_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_manual_task")),
        sa.UniqueConstraint("company_id", "change_id", name=op.f("uq_manual_task_company_id_change_id")),
    )
    op.create_index(
        op.f("ix_manual_task_company_id_change_id"), "manual_task", ["company_id", "change_id"], unique=False
    )
    op.create_index(
        op.f("ix_manual_task_company_id_connection_id"), "manual_task", ["company_id", "connection_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("manual_task")
    op.drop_table("discrepancy")
    op.drop_table("carrier_change")
    op.drop_table("feed_member")
    op.drop_table("feed_file")
    op.drop_table("control_number")

"""Operational notices in a team's channel: which go where, and messages among the notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
BEFORE = "channel IN ('email', 'in_app', 'pdf', 'sms', 'postal_mail')"
AFTER = "channel IN ('email', 'in_app', 'pdf', 'sms', 'postal_mail', 'chat')"


def _connection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", "connection_id"], ["connection.company_id", "connection.id"],
        name=op.f(f"fk_{table}_company_id_connection_id"), initially="DEFERRED", deferrable=True,
    )  # fmt: skip


def _know(condition: str) -> None:
    for table in ("notice", "notice_template"):
        name = op.f(f"ck_{table}_channel_known")
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, condition)


def upgrade() -> None:
    _know(AFTER)
    op.add_column("notice", sa.Column("connection_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_notice_company_id_connection_id"), "notice", "connection", ["company_id", "connection_id"], ["company_id", "id"],
        initially="DEFERRED", deferrable=True,
    )  # fmt: skip
    op.create_index(op.f("ix_notice_company_id_connection_id"), "notice", ["company_id", "connection_id"])
    op.create_table(
        "notice_channel",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _connection("notice_channel"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_notice_channel")),
        sa.UniqueConstraint("company_id", "connection_id", name=op.f("uq_notice_channel_company_id_connection_id")),
    )
    op.create_index(
        op.f("ix_notice_channel_company_id_connection_id"), "notice_channel", ["company_id", "connection_id"]
    )
    op.execute("ALTER TABLE notice_channel ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE notice_channel FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON notice_channel USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def downgrade() -> None:
    op.drop_table("notice_channel")
    op.drop_index(op.f("ix_notice_company_id_connection_id"), "notice")
    op.drop_constraint(op.f("fk_notice_company_id_connection_id"), "notice")
    op.drop_column("notice", "connection_id")
    op.execute("DELETE FROM notice WHERE channel = 'chat'")
    _know(BEFORE)

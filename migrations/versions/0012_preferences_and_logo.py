"""How people want to be told, reminders put off, and the logo of the door."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("notice_preference", "reminder_snooze")


def upgrade() -> None:
    op.add_column("tenant_door", sa.Column("logo_file_id", sa.Uuid(), nullable=True))
    op.add_column("notice", sa.Column("later_path", sa.Text(), nullable=False, server_default=""))
    op.alter_column("notice", "later_path", server_default=None)
    _notice_preference()
    _reminder_snooze()
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def _stamps() -> list[sa.Column]:
    now = sa.text("now()")
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _notice_preference() -> None:
    op.create_table(
        "notice_preference",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email_reminders", sa.Boolean(), nullable=False),
        sa.Column("email_news", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_to", sa.Integer(), nullable=False),
        *_stamps(),
        sa.CheckConstraint(
            "quiet_from BETWEEN 0 AND 23 AND quiet_to BETWEEN 0 AND 23", name=op.f("ck_notice_preference_hours")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["user_account.company_id", "user_account.id"],
            name=op.f("fk_notice_preference_company_id_user_id"), initially="DEFERRED", deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_notice_preference")),
        sa.UniqueConstraint("company_id", "user_id", name=op.f("uq_notice_preference_company_id_user_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_notice_preference_company_id_user_id"), "notice_preference", ["company_id", "user_id"])


def _reminder_snooze() -> None:
    op.create_table(
        "reminder_snooze",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        *_stamps(),
        *(
            sa.ForeignKeyConstraint(
                ["company_id", column], [f"{table}.company_id", f"{table}.id"],
                name=op.f(f"fk_reminder_snooze_company_id_{column}"), initially="DEFERRED", deferrable=True,
            )
            for column, table in (("employee_id", "employee"), ("window_id", "enrollment_window"))
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_reminder_snooze")),
        sa.UniqueConstraint(
            "company_id", "employee_id", "window_id", name=op.f("uq_reminder_snooze_company_id_employee_id_window_id")
        ),
    )  # fmt: skip
    for column in ("employee_id", "window_id"):
        op.create_index(op.f(f"ix_reminder_snooze_company_id_{column}"), "reminder_snooze", ["company_id", column])


def downgrade() -> None:
    for table in NEW_TABLES:
        op.drop_table(table)
    op.drop_column("notice", "later_path")
    op.drop_column("tenant_door", "logo_file_id")

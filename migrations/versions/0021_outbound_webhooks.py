"""Our own outbound webhooks: endpoints, deliveries, and each try."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("hook_endpoint", "hook_delivery", "hook_attempt")


def upgrade() -> None:
    _hook_endpoint()
    _hook_delivery()
    _hook_attempt()
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


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _parent(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], [f"{parent}.company_id", f"{parent}.id"], name=op.f(f"fk_{table}_company_id_{column}"),
        initially="DEFERRED", deferrable=True,
    )  # fmt: skip


def _hook_endpoint() -> None:
    op.create_table(
        "hook_endpoint",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url_enc", sa.LargeBinary(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.Column("secret_enc", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_enc", sa.LargeBinary(), nullable=True),
        _moment("rotated_at"),
        _moment("failing_since"),
        _moment("failed_at"),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        *_stamps(),
        sa.CheckConstraint(
            "stopped_by IN ('', 'person', 'gone', 'failing')", name=op.f("ck_hook_endpoint_stopped_by_known")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_hook_endpoint")),
    )


def _hook_delivery() -> None:
    op.create_table(
        "hook_delivery",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        _moment("occurred_at", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("next_try_at"),
        _moment("delivered_at"),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_failure", sa.Text(), nullable=False),
        *_stamps(),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_hook_delivery_state_known")),
        _parent("hook_delivery", "endpoint_id", "hook_endpoint"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_hook_delivery")),
        sa.UniqueConstraint(
            "company_id", "endpoint_id", "event_id", name=op.f("uq_hook_delivery_company_id_endpoint_id_event_id")
        ),
    )
    for columns in (["endpoint_id"], ["endpoint_id", "id"], ["created_at"]):
        op.create_index(
            op.f(f"ix_hook_delivery_company_id_{'_'.join(columns)}"), "hook_delivery", ["company_id", *columns]
        )


def _hook_attempt() -> None:
    op.create_table(
        "hook_attempt",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        _moment("began_at", nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("answer_enc", sa.LargeBinary(), nullable=True),
        *_stamps(),
        _parent("hook_attempt", "delivery_id", "hook_delivery"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_hook_attempt")),
    )
    op.create_index(op.f("ix_hook_attempt_company_id_delivery_id"), "hook_attempt", ["company_id", "delivery_id"])


def downgrade() -> None:
    for table in reversed(NEW_TABLES):
        op.drop_table(table)

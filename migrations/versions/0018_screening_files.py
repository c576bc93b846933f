"""Screening providers that work by files: order files, and the facts of result files."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
ORDERS, FACTS = NEW_TABLES = ("screening_order_file", "screening_fact")


def upgrade() -> None:
    _order_file()
    _fact()
    op.add_column("screening_request", sa.Column("order_file_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_screening_request_company_id_order_file_id"), "screening_request", ORDERS, ["company_id", "order_file_id"],
        ["company_id", "id"], deferrable=True, initially="DEFERRED",
    )  # fmt: skip
    op.create_index(
        op.f("ix_screening_request_company_id_order_file_id"), "screening_request", ["company_id", "order_file_id"]
    )
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def _columns() -> list[sa.Column]:
    now = sa.text("now()")
    return [
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
            for name in ("created_at", "updated_at")
        ),
    ]


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], [f"{target}.company_id", f"{target}.id"],
        name=op.f(f"fk_{table}_company_id_{column}"), initially="DEFERRED", deferrable=True,
    )  # fmt: skip


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_company_id_{'_'.join(columns)}"), table, ["company_id", *columns])


def _order_file() -> None:
    op.create_table(
        ORDERS,
        *_columns(),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ready', 'delivered', 'withdrawn', 'unknown')", name=op.f(f"ck_{ORDERS}_state_known")
        ),
        _ref(ORDERS, "connection_id", "connection"),
        _ref(ORDERS, "file_id", "stored_file"),
        _ref(ORDERS, "delivered_by_user_id", "user_account"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{ORDERS}")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "name", name=op.f(f"uq_{ORDERS}_company_id_connection_id_name")
        ),
    )
    _index(ORDERS, "connection_id", "state")
    for column in ("connection_id", "file_id", "delivered_by_user_id"):
        _index(ORDERS, column)


def _fact() -> None:
    op.create_table(
        FACTS,
        *_columns(),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("said_enc", sa.LargeBinary(), nullable=False),
        _ref(FACTS, "request_id", "screening_request"),
        _ref(FACTS, "item_id", "inbox_item"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{FACTS}")),
        sa.UniqueConstraint(
            "company_id", "request_id", "digest", name=op.f(f"uq_{FACTS}_company_id_request_id_digest")
        ),
    )
    for column in ("request_id", "item_id"):
        _index(FACTS, column)


def downgrade() -> None:
    op.drop_constraint(op.f("fk_screening_request_company_id_order_file_id"), "screening_request")
    op.drop_column("screening_request", "order_file_id")
    for table in reversed(NEW_TABLES):
        op.drop_table(table)

"""Premiums against the books: who a carrier is there, and its bills."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("account_link", "book_bill")


def upgrade() -> None:
    _account_link()
    _book_bill()
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def downgrade() -> None:
    for table in reversed(NEW_TABLES):
        op.drop_table(table)


def _reference(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column],
        ["connection.company_id", "connection.id"],
        name=op.f(f"fk_{table}_company_id_{column}"),
        initially="DEFERRED",
        deferrable=True,
    )


def _account_link() -> None:
    op.create_table(
        "account_link",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("books_id", sa.Uuid(), nullable=False),
        sa.Column("contact_ref", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("billed_for", sa.Text(), nullable=False),
        sa.Column("counted_by", sa.Text(), nullable=False),
        sa.Column("tolerance", sa.Numeric(10, 2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("tolerance >= 0", name=op.f("ck_account_link_tolerance_positive")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_account_link_currency_code")),
        sa.CheckConstraint("billed_for IN ('due', 'issued', 'next')", name=op.f("ck_account_link_billed_for_known")),
        sa.CheckConstraint("counted_by IN ('first_day', 'each_day')", name=op.f("ck_account_link_counted_by_known")),
        _reference("account_link", "carrier_id"),
        _reference("account_link", "books_id"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_account_link")),
        sa.UniqueConstraint("company_id", "carrier_id", name=op.f("uq_account_link_company_id_carrier_id")),
        sa.UniqueConstraint(
            "company_id", "books_id", "contact_ref", name=op.f("uq_account_link_company_id_books_id_contact_ref")
        ),
    )
    op.create_index(op.f("ix_account_link_company_id_carrier_id"), "account_link", ["company_id", "carrier_id"])
    op.create_index(op.f("ix_account_link_company_id_books_id"), "account_link", ["company_id", "books_id"])


def _book_bill() -> None:
    op.create_table(
        "book_bill",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("contact_ref", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("period_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(14, 4), nullable=False),
        sa.Column("open_amount", sa.Numeric(14, 4), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'open', 'paid', 'void', 'unknown')", name=op.f("ck_book_bill_status_known")
        ),
        _reference("book_bill", "connection_id"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_book_bill")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "remote_id", name=op.f("uq_book_bill_company_id_connection_id_remote_id")
        ),
    )
    op.create_index(
        op.f("ix_book_bill_company_id_connection_id_contact_ref"),
        "book_bill",
        ["company_id", "connection_id", "contact_ref"],
    )

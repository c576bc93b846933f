"""Payments of the books: when a bill was paid."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "book_payment",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("bill_ref", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 4), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_book_payment_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_book_payment")),
    )
    op.create_index(
        op.f("ix_book_payment_company_id_connection_id_bill_ref"),
        "book_payment",
        ["company_id", "connection_id", "bill_ref"],
    )
    op.execute("ALTER TABLE book_payment ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE book_payment FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON book_payment USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def downgrade() -> None:
    op.drop_table("book_payment")

"""A bill is known by the record it came from: a credit of the same books may have the same id."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

UNIQUE = "uq_book_bill_company_id_connection_id_remote_id"


def upgrade() -> None:
    op.drop_constraint(UNIQUE, "book_bill", type_="unique")


def downgrade() -> None:
    op.create_unique_constraint(UNIQUE, "book_bill", ["company_id", "connection_id", "remote_id"])

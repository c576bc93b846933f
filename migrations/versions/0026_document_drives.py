"""Copies of documents in a company's own drive: which kinds go where, and what became of each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("document_drive", "kept_document")


def _base() -> list[sa.Column]:
    return [sa.Column("company_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)]


def _stamps() -> list[sa.Column]:
    now = sa.text("now()")
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _parent(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], [f"{parent}.company_id", f"{parent}.id"], name=op.f(f"fk_{table}_company_id_{column}"),
        initially="DEFERRED", deferrable=True,
    )  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "document_drive",
        *_base(),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        *_stamps(),
        _parent("document_drive", "connection_id", "connection"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_document_drive")),
        sa.UniqueConstraint("company_id", "connection_id", name=op.f("uq_document_drive_company_id_connection_id")),
    )
    op.create_table(
        "kept_document",
        *_base(),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "state", "remote_id", "url", "failure")),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        *_stamps(),
        sa.CheckConstraint("state IN ('waiting', 'kept', 'failed')", name=op.f("ck_kept_document_state_known")),
        _parent("kept_document", "connection_id", "connection"),
        _parent("kept_document", "file_id", "stored_file"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_kept_document")),
        sa.UniqueConstraint(
            "company_id", "file_id", "connection_id", name=op.f("uq_kept_document_company_id_file_id_connection_id")
        ),
    )
    for table, column in (
        ("document_drive", "connection_id"), ("kept_document", "connection_id"), ("kept_document", "file_id"),
    ):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_company_id_{column}"), table, ["company_id", column])
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def downgrade() -> None:
    for table in reversed(NEW_TABLES):
        op.drop_table(table)

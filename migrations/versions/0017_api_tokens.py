"""API tokens, and what a POST with an Idempotency-Key answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("api_token", "api_answer")


def upgrade() -> None:
    _api_token()
    _api_answer()
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


def _api_token() -> None:
    op.create_table(
        "api_token",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        *_stamps(),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_user_id"], ["user_account.company_id", "user_account.id"],
            name=op.f("fk_api_token_company_id_created_by_user_id"), initially="DEFERRED", deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("company_id", "token_hash", name=op.f("uq_api_token_company_id_token_hash")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_api_token_company_id_created_by_user_id"), "api_token", ["company_id", "created_by_user_id"]
    )


def _api_answer() -> None:
    op.create_table(
        "api_answer",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body_enc", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_api_answer")),
        sa.UniqueConstraint("company_id", "key_hash", name=op.f("uq_api_answer_company_id_key_hash")),
    )


def downgrade() -> None:
    for table in NEW_TABLES:
        op.drop_table(table)

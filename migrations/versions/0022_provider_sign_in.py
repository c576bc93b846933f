"""Signing in at a provider, taking leave of it, when our access ends, and where it keeps our data."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
REGIONS = "'not stated', 'us', 'ca', 'eu', 'uk', 'au', 'other'"


def upgrade() -> None:
    op.add_column(
        "connection", sa.Column("data_region", sa.Text(), nullable=False, server_default=sa.text("'not stated'"))
    )
    op.alter_column("connection", "data_region", server_default=None)
    op.create_check_constraint(op.f("ck_connection_data_region_known"), "connection", f"data_region IN ({REGIONS})")
    op.add_column("connection", sa.Column("access_ends_at", sa.DateTime(timezone=True), nullable=True))
    _provider_token()
    _provider_sign_in()
    op.execute("ALTER TABLE provider_sign_in ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE provider_sign_in FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON provider_sign_in USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def _provider_token() -> None:
    op.add_column("provider_token", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("provider_token", sa.Column("signed_in_by_user_id", sa.Uuid(), nullable=True))
    op.add_column("provider_token", sa.Column("farewell_enc", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        op.f("fk_provider_token_company_id_signed_in_by_user_id"), "provider_token", "user_account",
        ["company_id", "signed_in_by_user_id"], ["company_id", "id"], initially="DEFERRED", deferrable=True,
    )  # fmt: skip
    op.create_index(
        op.f("ix_provider_token_company_id_signed_in_by_user_id"),
        "provider_token",
        ["company_id", "signed_in_by_user_id"],
    )


def _provider_sign_in() -> None:
    op.create_table(
        "provider_sign_in",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(f"{name}_enc", sa.LargeBinary(), nullable=True) for name in ("verifier", "code", "kept")),
        *_stamps(),
        _reference("connection_id", "connection"),
        _reference("user_id", "user_account"),
        sa.CheckConstraint("state IN ('out', 'back', 'done', 'failed')", name=op.f("ck_provider_sign_in_state_known")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_provider_sign_in")),
        sa.UniqueConstraint("company_id", "state_hash", name=op.f("uq_provider_sign_in_company_id_state_hash")),
    )
    for column in ("connection_id", "user_id"):
        op.create_index(op.f(f"ix_provider_sign_in_company_id_{column}"), "provider_sign_in", ["company_id", column])


def _stamps() -> list[sa.Column]:
    now = sa.text("now()")
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _reference(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], [f"{table}.company_id", f"{table}.id"],
        name=op.f(f"fk_provider_sign_in_company_id_{column}"), initially="DEFERRED", deferrable=True,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("provider_sign_in")
    for name in ("signed_in_at", "signed_in_by_user_id", "farewell_enc"):
        op.drop_column("provider_token", name)
    op.drop_column("connection", "access_ends_at")
    op.drop_column("connection", "data_region")

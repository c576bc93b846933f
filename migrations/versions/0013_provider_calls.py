"""What providers with an HTTP API need: shared protection, tokens, the exchange log, the webhook door."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("connection_state", "provider_token", "exchange")
JSON = postgresql.JSONB()


def upgrade() -> None:
    _connection()
    _inbox_item()
    _states()
    _provider_token()
    _exchange()
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def _add(table: str, column: sa.Column, default: str) -> None:
    """A column of a table with rows: they get the default, new ones get theirs from the application."""
    column.server_default = sa.DefaultClause(sa.text(default))
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)


def _connection() -> None:
    _add("connection", sa.Column("environment", sa.Text(), nullable=False), "'production'")
    _add("connection", sa.Column("supported_check_types", JSON, nullable=False), "'[]'")
    for name in ("field_mappings", "validation_rules", "transformation_rules"):
        _add("connection", sa.Column(name, JSON, nullable=False), "'{}'")
    op.add_column("connection", sa.Column("webhook_key", sa.Text(), nullable=True))
    _add("connection", sa.Column("webhook_refused", sa.Integer(), nullable=False), "0")
    _add("connection", sa.Column("webhook_refusal", sa.Text(), nullable=False), "''")
    op.add_column("connection", sa.Column("webhook_refused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(
        op.f("uq_connection_company_id_webhook_key"), "connection", ["company_id", "webhook_key"]
    )
    op.create_check_constraint(
        op.f("ck_connection_environment_known"), "connection", "environment IN ('production', 'staging')"
    )
    op.create_check_constraint(op.f("ck_connection_few_retries"), "connection", "max_retry_attempts <= 5")


def _inbox_item() -> None:
    for name in ("event_kind", "resource", "resource_ref"):
        _add("inbox_item", sa.Column(name, sa.Text(), nullable=False), "''")
    _add("inbox_item", sa.Column("proof", JSON, nullable=False), "'{}'")


def _stamps() -> list[sa.Column]:
    now = sa.text("now()")
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _ids() -> list[sa.Column]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in ("company_id", "id")]


def _of_connection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", "connection_id"], ["connection.company_id", "connection.id"],
        name=op.f(f"fk_{table}_company_id_connection_id"), initially="DEFERRED", deferrable=True,
    )  # fmt: skip


def _states() -> None:
    # Limits of one connection belong to its company; a limit the provider sets for all of us together belongs to nobody.
    op.create_table(
        "connection_state",
        *_ids(),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", JSON, nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_connection_state")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_connection_state_company_id_key")),
    )
    op.create_table(
        "provider_state",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_provider_state")),
    )


def _provider_token() -> None:
    op.create_table(
        "provider_token",
        *_ids(),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scopes", JSON, nullable=False),
        *(sa.Column(f"{name}_enc", sa.LargeBinary(), nullable=True) for name in ("access", "refresh", "extra")),
        *_stamps(),
        _of_connection("provider_token"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_provider_token")),
        sa.UniqueConstraint("company_id", "connection_id", name=op.f("uq_provider_token_company_id_connection_id")),
    )
    op.create_index(
        op.f("ix_provider_token_company_id_connection_id"), "provider_token", ["company_id", "connection_id"]
    )


def _exchange() -> None:
    texts = ("operation", "method", "path", "failure", "subject_kind")
    numbers = ("milliseconds", "attempt", "request_bytes", "answer_bytes")
    op.create_table(
        "exchange",
        *_ids(),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        *(sa.Column(name, JSON, nullable=False) for name in ("request_headers", "answer_headers")),
        *(sa.Column(f"{name}_enc", sa.LargeBinary(), nullable=True) for name in ("request_body", "answer_body")),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        *_stamps(),
        _of_connection("exchange"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_exchange")),
    )
    for columns in (("connection_id",), ("subject_id",), ("started_at",)):
        op.create_index(op.f(f"ix_exchange_company_id_{columns[0]}"), "exchange", ["company_id", *columns])


def downgrade() -> None:
    for table in (*NEW_TABLES, "provider_state"):
        op.drop_table(table)
    for name in ("event_kind", "resource", "resource_ref", "proof"):
        op.drop_column("inbox_item", name)
    for name in (
        "environment", "supported_check_types", "field_mappings", "validation_rules", "transformation_rules", "webhook_key",
        "webhook_refused", "webhook_refusal", "webhook_refused_at",
    ):  # fmt: skip
        op.drop_column("connection", name)
    op.drop_constraint(op.f("ck_connection_few_retries"), "connection")

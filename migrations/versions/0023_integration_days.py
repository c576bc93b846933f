"""How integrations do day by day, and a few records to try a mapping on."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
NEW_TABLES = ("integration_day",)


def upgrade() -> None:
    _integration_day()
    op.add_column("sync_run", sa.Column("samples_enc", sa.LargeBinary()))
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")


def downgrade() -> None:
    op.drop_column("sync_run", "samples_enc")
    for table in reversed(NEW_TABLES):
        op.drop_table(table)


def _integration_day() -> None:
    op.create_table(
        "integration_day",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("throttled", sa.Integer(), nullable=False),
        sa.Column("api_response_time_ms", sa.Integer(), nullable=True),
        sa.Column("slowest_ms", sa.Integer(), nullable=True),
        sa.Column("error_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("availability_percentage", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("connection_drops", sa.Integer(), nullable=False),
        sa.Column("timeout_incidents", sa.Integer(), nullable=False),
        sa.Column("sync_success_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("data_accuracy_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("validation_failures", sa.Integer(), nullable=False),
        sa.Column("critical_incidents", sa.Integer(), nullable=False),
        sa.Column("warning_incidents", sa.Integer(), nullable=False),
        sa.Column("sla_compliance", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_integration_day_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_integration_day")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "day_on", name=op.f("uq_integration_day_company_id_connection_id_day_on")
        ),
    )

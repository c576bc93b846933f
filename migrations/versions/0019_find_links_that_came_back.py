"""The few links that came back are found without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_candidate_link_came_back", "candidate_link", ["company_id", "request_id"],
        postgresql_where=sa.text("undeliverable_at IS NOT NULL AND revoked_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_candidate_link_came_back", "candidate_link")

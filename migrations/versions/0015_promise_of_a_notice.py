"""What a notice promised, and when a corrected report made it void; what letters say of the company."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WORDS = ("reconsideration", "cori_policy")


def upgrade() -> None:
    op.add_column("screening_notice", sa.Column("promised_on", sa.Date(), nullable=True))
    op.add_column("screening_notice", sa.Column("void_at", sa.DateTime(timezone=True), nullable=True))
    for name in WORDS:
        op.add_column("screening_policy", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("screening_policy", name, server_default=None)


def downgrade() -> None:
    for name in WORDS:
        op.drop_column("screening_policy", name)
    op.drop_column("screening_notice", "void_at")
    op.drop_column("screening_notice", "promised_on")

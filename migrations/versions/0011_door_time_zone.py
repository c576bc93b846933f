"""The door knows the company's time zone: pages show times in it without reading the company."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WALLED = ("company", "tenant_door")


def upgrade() -> None:
    default = "America/New_York"
    op.add_column("tenant_door", sa.Column("time_zone", sa.Text(), nullable=False, server_default=default))
    for table in WALLED:  # the owner of the tables reads every company for this one statement
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE tenant_door SET time_zone = company.time_zone FROM company WHERE company.id = tenant_door.id")
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_column("tenant_door", "time_zone")

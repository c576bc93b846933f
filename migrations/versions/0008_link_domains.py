"""Foreign keys from a lower domain's table to a higher one's."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_foreign_key(
        "fk_user_account_company_id_employee_id",
        "user_account",
        "employee",
        ["company_id", "employee_id"],
        ["company_id", "id"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_foreign_key(
        "fk_role_assignment_company_id_region_id",
        "role_assignment",
        "region",
        ["company_id", "region_id"],
        ["company_id", "id"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_foreign_key(
        "fk_role_assignment_company_id_department_id",
        "role_assignment",
        "department",
        ["company_id", "department_id"],
        ["company_id", "id"],
        deferrable=True,
        initially="DEFERRED",
    )


def downgrade() -> None:
    op.drop_constraint("fk_role_assignment_company_id_department_id", "role_assignment", type_="foreignkey")
    op.drop_constraint("fk_role_assignment_company_id_region_id", "role_assignment", type_="foreignkey")
    op.drop_constraint("fk_user_account_company_id_employee_id", "user_account", type_="foreignkey")

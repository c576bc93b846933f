"""Tables of people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("primary_contact_name", sa.Text(), nullable=False),
        sa.Column("primary_contact_email", sa.Text(), nullable=False),
        sa.Column("primary_contact_phone", sa.Text(), nullable=False),
        sa.Column("address_line1", sa.Text(), nullable=False),
        sa.Column("address_line2", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("zip_code", sa.Text(), nullable=False),
        sa.Column("group_number", sa.Text(), nullable=False),
        sa.Column("billing_cycle", sa.Text(), nullable=False),
        sa.Column("payment_method", sa.Text(), nullable=False),
        sa.Column("contract_starts_on", sa.Date(), nullable=True),
        sa.Column("contract_ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("pay_frequency", sa.Text(), nullable=False),
        sa.Column("brand_hue", sa.Integer(), nullable=False),
        sa.Column("logo_file_id", sa.Uuid(), nullable=True),
        sa.Column("new_hire_days", sa.Integer(), nullable=False),
        sa.Column("tax_id_enc", sa.LargeBinary(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "pay_frequency IN ('weekly', 'biweekly', 'semimonthly', 'monthly')",
            name=op.f("ck_company_pay_frequency_known"),
        ),
        sa.CheckConstraint("company_id = id", name=op.f("ck_company_is_its_own_tenant")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_company")),
    )
    op.create_table(
        "region",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_region")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_region_company_id_code")),
    )
    op.create_table(
        "department",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "parent_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_department_company_id_parent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "region_id"],
            ["region.company_id", "region.id"],
            name=op.f("fk_department_company_id_region_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_department")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_department_company_id_code")),
    )
    op.create_index(op.f("ix_department_company_id_parent_id"), "department", ["company_id", "parent_id"], unique=False)
    op.create_index(op.f("ix_department_company_id_region_id"), "department", ["company_id", "region_id"], unique=False)
    op.create_table(
        "people_import",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("headings", postgresql.JSONB(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_same", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("create_missing", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checking', 'checked', 'applying', 'applied', 'failed', 'discarded')",
            name=op.f("ck_people_import_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_people_import_company_id_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_people_import")),
    )
    op.create_index(
        op.f("ix_people_import_company_id_file_id"), "people_import", ["company_id", "file_id"], unique=False
    )
    op.create_table(
        "employee",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_number", sa.Text(collation="C"), nullable=False),
        sa.Column("member_number", sa.Text(collation="C"), nullable=False),
        sa.Column("name_tokens", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("work_email", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("marital_status", sa.Text(), nullable=False),
        sa.Column("tobacco_user", sa.Boolean(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("employment_type", sa.Text(), nullable=False),
        sa.Column("employee_class", sa.Text(), nullable=False),
        sa.Column("weekly_hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("pay_frequency", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text(), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("terminated_on", sa.Date(), nullable=True),
        sa.Column("termination_reason", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("preferred_language", sa.Text(), nullable=False),
        sa.Column("communication_preferences", postgresql.JSONB(), nullable=False),
        sa.Column("import_digest", sa.LargeBinary(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("last_name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("middle_name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("date_of_birth_enc", sa.LargeBinary(), nullable=True),
        sa.Column("date_of_birth_bidx", sa.LargeBinary(), nullable=True),
        sa.Column("ssn_enc", sa.LargeBinary(), nullable=True),
        sa.Column("ssn_bidx", sa.LargeBinary(), nullable=True),
        sa.Column("blood_type_enc", sa.LargeBinary(), nullable=True),
        sa.Column("allergies_enc", sa.LargeBinary(), nullable=True),
        sa.Column("medical_conditions_enc", sa.LargeBinary(), nullable=True),
        sa.Column("phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column("alternate_phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column("address_line1_enc", sa.LargeBinary(), nullable=True),
        sa.Column("address_line2_enc", sa.LargeBinary(), nullable=True),
        sa.Column("city_enc", sa.LargeBinary(), nullable=True),
        sa.Column("state_enc", sa.LargeBinary(), nullable=True),
        sa.Column("zip_code_enc", sa.LargeBinary(), nullable=True),
        sa.Column("emergency_contact_name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("emergency_contact_phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column("emergency_contact_relation_enc", sa.LargeBinary(), nullable=True),
        sa.Column("bank_account_enc", sa.LargeBinary(), nullable=True),
        sa.Column("bank_routing_enc", sa.LargeBinary(), nullable=True),
        sa.Column("annual_salary_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "employment_type IN ('full_time', 'part_time', 'temporary')", name=op.f("ck_employee_employment_type_known")
        ),
        sa.CheckConstraint(
            "gender IN ('male', 'female', 'other', 'prefer_not_to_say')", name=op.f("ck_employee_gender_known")
        ),
        sa.CheckConstraint(
            "pay_frequency IN ('weekly', 'biweekly', 'semimonthly', 'monthly')",
            name=op.f("ck_employee_pay_frequency_known"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'inactive', 'suspended', 'terminated')", name=op.f("ck_employee_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "department_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_employee_company_id_department_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "manager_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_employee_company_id_manager_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "region_id"],
            ["region.company_id", "region.id"],
            name=op.f("fk_employee_company_id_region_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_employee")),
        sa.UniqueConstraint("company_id", "employee_number", name=op.f("uq_employee_company_id_employee_number")),
        sa.UniqueConstraint("company_id", "member_number", name=op.f("uq_employee_company_id_member_number")),
    )
    op.create_index(op.f("ix_employee_company_id_manager_id"), "employee", ["company_id", "manager_id"], unique=False)
    op.create_index(
        op.f("ix_employee_company_id_status_employee_number"),
        "employee",
        ["company_id", "status", "employee_number"],
        unique=False,
    )
    op.create_index(
        "ix_employee_department_list", "employee", ["company_id", "department_id", "employee_number"], unique=False
    )
    op.create_index("ix_employee_name_tokens", "employee", ["name_tokens"], unique=False, postgresql_using="gin")
    op.create_index("ix_employee_region_list", "employee", ["company_id", "region_id", "employee_number"], unique=False)
    op.create_index("ix_employee_ssn", "employee", ["company_id", "ssn_bidx"], unique=False)
    op.create_table(
        "import_row_error",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "import_id"],
            ["people_import.company_id", "people_import.id"],
            name=op.f("fk_import_row_error_company_id_import_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_import_row_error")),
    )
    op.create_index(
        op.f("ix_import_row_error_company_id_import_id"), "import_row_error", ["company_id", "import_id"], unique=False
    )
    op.create_table(
        "dependent",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("ssn_missing_reason", sa.Text(), nullable=False),
        sa.Column("student", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("last_name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("middle_name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("date_of_birth_enc", sa.LargeBinary(), nullable=True),
        sa.Column("date_of_birth_bidx", sa.LargeBinary(), nullable=True),
        sa.Column("ssn_enc", sa.LargeBinary(), nullable=True),
        sa.Column("ssn_bidx", sa.LargeBinary(), nullable=True),
        sa.Column("blood_type_enc", sa.LargeBinary(), nullable=True),
        sa.Column("allergies_enc", sa.LargeBinary(), nullable=True),
        sa.Column("medical_conditions_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "gender IN ('male', 'female', 'other', 'prefer_not_to_say')", name=op.f("ck_dependent_gender_known")
        ),
        sa.CheckConstraint(
            "relationship IN ('spouse', 'child', 'domestic_partner', 'other')",
            name=op.f("ck_dependent_relationship_known"),
        ),
        sa.CheckConstraint("status IN ('active', 'inactive', 'aged_out')", name=op.f("ck_dependent_status_known")),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_dependent_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_dependent")),
    )
    op.create_index(
        op.f("ix_dependent_company_id_employee_id"), "dependent", ["company_id", "employee_id"], unique=False
    )
    op.create_index("ix_dependent_ssn", "dependent", ["company_id", "ssn_bidx"], unique=False)


def downgrade() -> None:
    op.drop_table("dependent")
    op.drop_table("import_row_error")
    op.drop_table("employee")
    op.drop_table("people_import")
    op.drop_table("department")
    op.drop_table("region")
    op.drop_table("company")

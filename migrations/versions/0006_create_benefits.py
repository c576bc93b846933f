"""Tables of benefits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "benefit_number",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_benefit_number")),
        sa.UniqueConstraint("company_id", "series", "year", name=op.f("uq_benefit_number_company_id_series_year")),
    )
    op.create_table(
        "plan_year",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_plan_year_date_order")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_plan_year")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_plan_year_company_id_name")),
    )
    op.create_table(
        "benefit_plan",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_year_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("coverage_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("carrier_plan_code", sa.Text(), nullable=False),
        sa.Column("insurance_line", sa.Text(), nullable=False),
        sa.Column("group_number", sa.Text(), nullable=False),
        sa.Column("network_type", sa.Text(), nullable=False),
        sa.Column("provider_network", sa.Text(), nullable=False),
        sa.Column("plan_tier", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("coverage_amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("deductible_amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("deductible_family", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("copay_amount", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("specialist_copay", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("emergency_copay", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("rx_generic_copay", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("coinsurance_percentage", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("out_of_pocket_max", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("out_of_pocket_max_family", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("hsa_eligible", sa.Boolean(), nullable=False),
        sa.Column("waiting_period_days", sa.Integer(), nullable=False),
        sa.Column("limitations", postgresql.JSONB(), nullable=False),
        sa.Column("additional_benefits", postgresql.JSONB(), nullable=False),
        sa.Column("contribution_type", sa.Text(), nullable=False),
        sa.Column("child_age_limit", sa.Integer(), nullable=False),
        sa.Column("requires_beneficiary", sa.Boolean(), nullable=False),
        sa.Column("ends_at", sa.Text(), nullable=False),
        sa.Column("auto_renewal", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "contribution_type IN ('pre_tax', 'post_tax', 'employer_paid', 'employee_paid', 'shared')",
            name=op.f("ck_benefit_plan_contribution_type_known"),
        ),
        sa.CheckConstraint(
            "coverage_type IN ('health', 'dental', 'vision', 'life', 'ad_and_d', 'short_term_disability', 'long_term_disability', 'accident', 'critical_illness', 'hospital_indemnity')",
            name=op.f("ck_benefit_plan_coverage_type_known"),
        ),
        sa.CheckConstraint("ends_at IN ('end_of_month', 'last_day')", name=op.f("ck_benefit_plan_ends_at_known")),
        sa.CheckConstraint(
            "network_type IN ('PPO', 'HMO', 'EPO', 'POS', 'Indemnity', 'Out of Network')",
            name=op.f("ck_benefit_plan_network_type_known"),
        ),
        sa.CheckConstraint(
            "plan_tier IN ('basic', 'standard', 'enhanced', 'premium')", name=op.f("ck_benefit_plan_plan_tier_known")
        ),
        sa.CheckConstraint("coinsurance_percentage BETWEEN 0 AND 100", name=op.f("ck_benefit_plan_percentage_range")),
        sa.CheckConstraint(
            "deductible_amount >= 0 AND copay_amount >= 0", name=op.f("ck_benefit_plan_positive_amounts")
        ),
        sa.CheckConstraint("waiting_period_days >= 0", name=op.f("ck_benefit_plan_waiting_period")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_benefit_plan_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_year_id"],
            ["plan_year.company_id", "plan_year.id"],
            name=op.f("fk_benefit_plan_company_id_plan_year_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_benefit_plan")),
        sa.UniqueConstraint(
            "company_id", "plan_year_id", "plan_code", name=op.f("uq_benefit_plan_company_id_plan_year_id_plan_code")
        ),
    )
    op.create_index(
        op.f("ix_benefit_plan_company_id_connection_id"), "benefit_plan", ["company_id", "connection_id"], unique=False
    )
    op.create_index(
        op.f("ix_benefit_plan_company_id_plan_year_id"), "benefit_plan", ["company_id", "plan_year_id"], unique=False
    )
    op.create_table(
        "contribution_rule",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("employee_class", sa.Text(), nullable=True),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("flat_amount", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("monthly_cap", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("flat_amount >= 0", name=op.f("ck_contribution_rule_flat_positive")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_contribution_rule_percent_range")),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_id"],
            ["benefit_plan.company_id", "benefit_plan.id"],
            name=op.f("fk_contribution_rule_company_id_plan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_contribution_rule")),
    )
    op.create_index(
        op.f("ix_contribution_rule_company_id_plan_id"), "contribution_rule", ["company_id", "plan_id"], unique=False
    )
    op.create_table(
        "eligibility_rule",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("employee_classes", postgresql.JSONB(), nullable=False),
        sa.Column("employment_types", postgresql.JSONB(), nullable=False),
        sa.Column("region_codes", postgresql.JSONB(), nullable=False),
        sa.Column("min_weekly_hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("waiting_days", sa.Integer(), nullable=False),
        sa.Column("starts_first_of_month", sa.Boolean(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("waiting_days BETWEEN 0 AND 90", name=op.f("ck_eligibility_rule_waiting_days_range")),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_id"],
            ["benefit_plan.company_id", "benefit_plan.id"],
            name=op.f("fk_eligibility_rule_company_id_plan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_eligibility_rule")),
    )
    op.create_index(
        op.f("ix_eligibility_rule_company_id_plan_id"), "eligibility_rule", ["company_id", "plan_id"], unique=False
    )
    op.create_table(
        "plan_rate",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("monthly_premium", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("age_to", sa.Integer(), nullable=False),
        sa.Column("salary_from", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("salary_to", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("tier IN ('EMP', 'ESP', 'ECH', 'FAM')", name=op.f("ck_plan_rate_tier_known")),
        sa.CheckConstraint("monthly_premium >= 0", name=op.f("ck_plan_rate_premium_positive")),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_id"],
            ["benefit_plan.company_id", "benefit_plan.id"],
            name=op.f("fk_plan_rate_company_id_plan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_plan_rate")),
        sa.UniqueConstraint(
            "company_id",
            "plan_id",
            "tier",
            "age_from",
            "salary_from",
            "effective_on",
            name=op.f("uq_plan_rate_company_id_plan_id_tier_age_from_salary_from_effective_on"),
        ),
    )
    op.create_index(op.f("ix_plan_rate_company_id_plan_id"), "plan_rate", ["company_id", "plan_id"], unique=False)
    op.create_table(
        "enrollment_window",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_year_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("coverage_starts_on", sa.Date(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('new_hire', 'open_enrollment', 'qualifying_life_event', 'special_enrollment', 'termination', 'coverage_change')",
            name=op.f("ck_enrollment_window_kind_known"),
        ),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_enrollment_window_date_order")),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_enrollment_window_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_year_id"],
            ["plan_year.company_id", "plan_year.id"],
            name=op.f("fk_enrollment_window_company_id_plan_year_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_enrollment_window")),
        sa.UniqueConstraint(
            "company_id",
            "plan_year_id",
            "kind",
            "employee_id",
            "opens_on",
            name=op.f("uq_enrollment_window_company_id_plan_year_id_kind_employee_id_opens_on"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_enrollment_window_company_id_employee_id"),
        "enrollment_window",
        ["company_id", "employee_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_enrollment_window_company_id_plan_year_id"),
        "enrollment_window",
        ["company_id", "plan_year_id"],
        unique=False,
    )
    op.create_table(
        "election_draft",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_election_draft_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "window_id"],
            ["enrollment_window.company_id", "enrollment_window.id"],
            name=op.f("fk_election_draft_company_id_window_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_election_draft")),
        sa.UniqueConstraint(
            "company_id", "employee_id", "window_id", name=op.f("uq_election_draft_company_id_employee_id_window_id")
        ),
    )
    op.create_index(
        op.f("ix_election_draft_company_id_employee_id"), "election_draft", ["company_id", "employee_id"], unique=False
    )
    op.create_index(
        op.f("ix_election_draft_company_id_window_id"), "election_draft", ["company_id", "window_id"], unique=False
    )
    op.create_table(
        "submission",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("signed_text_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("employee_cost_per_pay", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("confirmation_file_id", sa.Uuid(), nullable=True),
        sa.Column("signature_enc", sa.LargeBinary(), nullable=False),
        sa.Column("signed_text_enc", sa.LargeBinary(), nullable=True),
        sa.Column("answers_enc", sa.LargeBinary(), nullable=True),
        sa.Column("rejection_reason_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'submitted', 'approved', 'rejected', 'canceled', 'active', 'terminated', 'on_hold')",
            name=op.f("ck_submission_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "confirmation_file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_submission_company_id_confirmation_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_submission_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "window_id"],
            ["enrollment_window.company_id", "enrollment_window.id"],
            name=op.f("fk_submission_company_id_window_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_submission")),
        sa.UniqueConstraint("company_id", "form_key", name=op.f("uq_submission_company_id_form_key")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_submission_company_id_number")),
    )
    op.create_index(
        op.f("ix_submission_company_id_confirmation_file_id"),
        "submission",
        ["company_id", "confirmation_file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_submission_company_id_employee_id"), "submission", ["company_id", "employee_id"], unique=False
    )
    op.create_index(
        op.f("ix_submission_company_id_status_submitted_at"),
        "submission",
        ["company_id", "status", "submitted_at"],
        unique=False,
    )
    op.create_index(op.f("ix_submission_company_id_window_id"), "submission", ["company_id", "window_id"], unique=False)
    op.create_table(
        "enrollment",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("coverage_type", sa.Text(), nullable=False),
        sa.Column("election", sa.Text(), nullable=False),
        sa.Column("enrollment_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("carrier_status", sa.Text(), nullable=False),
        sa.Column("carrier_status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("coverage_starts_on", sa.Date(), nullable=False),
        sa.Column("coverage_ends_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("terminated_on", sa.Date(), nullable=True),
        sa.Column("termination_reason", sa.Text(), nullable=False),
        sa.Column("contribution_type", sa.Text(), nullable=False),
        sa.Column("contribution_frequency", sa.Text(), nullable=False),
        sa.Column("employee_contribution_amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("employer_contribution_amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("total_contribution_amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("monthly_premium", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("auto_renewal", sa.Boolean(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiver_reason_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(election = 'waive') = (plan_id IS NULL)", name=op.f("ck_enrollment_waived_without_plan")),
        sa.CheckConstraint(
            "carrier_status IN ('none', 'ready', 'sent', 'syntax_accepted', 'syntax_rejected', 'confirmed', 'discrepancy')",
            name=op.f("ck_enrollment_carrier_status_known"),
        ),
        sa.CheckConstraint(
            "contribution_frequency IN ('pay_period', 'monthly', 'quarterly', 'annually')",
            name=op.f("ck_enrollment_contribution_frequency_known"),
        ),
        sa.CheckConstraint(
            "contribution_type IN ('pre_tax', 'post_tax', 'employer_paid', 'employee_paid', 'shared')",
            name=op.f("ck_enrollment_contribution_type_known"),
        ),
        sa.CheckConstraint(
            "coverage_ends_on IS NULL OR coverage_ends_on <= coverage_starts_on + interval '5 years'",
            name=op.f("ck_enrollment_at_most_five_years"),
        ),
        sa.CheckConstraint(
            "coverage_type IN ('health', 'dental', 'vision', 'life', 'ad_and_d', 'short_term_disability', 'long_term_disability', 'accident', 'critical_illness', 'hospital_indemnity')",
            name=op.f("ck_enrollment_coverage_type_known"),
        ),
        sa.CheckConstraint("election IN ('elect', 'waive', 'keep')", name=op.f("ck_enrollment_election_known")),
        sa.CheckConstraint(
            "enrollment_type IN ('new_hire', 'open_enrollment', 'qualifying_life_event', 'special_enrollment', 'termination', 'coverage_change')",
            name=op.f("ck_enrollment_enrollment_type_known"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'submitted', 'approved', 'rejected', 'canceled', 'active', 'terminated', 'on_hold')",
            name=op.f("ck_enrollment_status_known"),
        ),
        sa.CheckConstraint("tier IN ('EMP', 'ESP', 'ECH', 'FAM')", name=op.f("ck_enrollment_tier_known")),
        sa.CheckConstraint(
            "abs(employee_contribution_amount + employer_contribution_amount - total_contribution_amount) <= 0.01",
            name=op.f("ck_enrollment_contributions_add_up"),
        ),
        sa.CheckConstraint(
            "coverage_ends_on IS NULL OR coverage_ends_on >= coverage_starts_on", name=op.f("ck_enrollment_date_order")
        ),
        sa.CheckConstraint(
            "employee_contribution_amount >= 0 AND employer_contribution_amount >= 0 AND total_contribution_amount >= 0",
            name=op.f("ck_enrollment_positive_contributions"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_enrollment_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_enrollment_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_id"],
            ["benefit_plan.company_id", "benefit_plan.id"],
            name=op.f("fk_enrollment_company_id_plan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "replaces_id"],
            ["enrollment.company_id", "enrollment.id"],
            name=op.f("fk_enrollment_company_id_replaces_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "submission_id"],
            ["submission.company_id", "submission.id"],
            name=op.f("fk_enrollment_company_id_submission_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_enrollment_company_id_number")),
    )
    op.create_index(
        op.f("ix_enrollment_company_id_connection_id"), "enrollment", ["company_id", "connection_id"], unique=False
    )
    op.create_index(
        op.f("ix_enrollment_company_id_connection_id_status"),
        "enrollment",
        ["company_id", "connection_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_enrollment_company_id_employee_id"), "enrollment", ["company_id", "employee_id"], unique=False
    )
    op.create_index(
        op.f("ix_enrollment_company_id_employee_id_coverage_type_coverage_starts_on"),
        "enrollment",
        ["company_id", "employee_id", "coverage_type", "coverage_starts_on"],
        unique=False,
    )
    op.create_index(op.f("ix_enrollment_company_id_plan_id"), "enrollment", ["company_id", "plan_id"], unique=False)
    op.create_index(
        op.f("ix_enrollment_company_id_replaces_id"), "enrollment", ["company_id", "replaces_id"], unique=False
    )
    op.create_index(
        op.f("ix_enrollment_company_id_submission_id"), "enrollment", ["company_id", "submission_id"], unique=False
    )
    op.create_table(
        "beneficiary",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("share", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("relation_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('primary', 'contingent')", name=op.f("ck_beneficiary_kind_known")),
        sa.CheckConstraint("share > 0 AND share <= 100", name=op.f("ck_beneficiary_share_range")),
        sa.ForeignKeyConstraint(
            ["company_id", "enrollment_id"],
            ["enrollment.company_id", "enrollment.id"],
            name=op.f("fk_beneficiary_company_id_enrollment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_beneficiary")),
    )
    op.create_index(
        op.f("ix_beneficiary_company_id_enrollment_id"), "beneficiary", ["company_id", "enrollment_id"], unique=False
    )
    op.create_table(
        "coverage_details",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("coverage_type", sa.Text(), nullable=False),
        sa.Column("plan_name", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("coverage_amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("deductible_amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("copay_amount", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("coinsurance_percentage", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("out_of_pocket_max", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("network_type", sa.Text(), nullable=False),
        sa.Column("provider_network", sa.Text(), nullable=False),
        sa.Column("plan_tier", sa.Text(), nullable=False),
        sa.Column("waiting_period_days", sa.Integer(), nullable=False),
        sa.Column("limitations", postgresql.JSONB(), nullable=False),
        sa.Column("additional_benefits", postgresql.JSONB(), nullable=False),
        sa.Column("premium_amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("pre_existing_conditions_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "coinsurance_percentage BETWEEN 0 AND 100", name=op.f("ck_coverage_details_percentage_range")
        ),
        sa.CheckConstraint(
            "deductible_amount >= 0 AND copay_amount >= 0", name=op.f("ck_coverage_details_positive_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "enrollment_id"],
            ["enrollment.company_id", "enrollment.id"],
            name=op.f("fk_coverage_details_company_id_enrollment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_coverage_details")),
        sa.UniqueConstraint("company_id", "enrollment_id", name=op.f("uq_coverage_details_company_id_enrollment_id")),
    )
    op.create_index(
        op.f("ix_coverage_details_company_id_enrollment_id"),
        "coverage_details",
        ["company_id", "enrollment_id"],
        unique=False,
    )
    op.create_table(
        "covered_dependent",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("dependent_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "dependent_id"],
            ["dependent.company_id", "dependent.id"],
            name=op.f("fk_covered_dependent_company_id_dependent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "enrollment_id"],
            ["enrollment.company_id", "enrollment.id"],
            name=op.f("fk_covered_dependent_company_id_enrollment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_covered_dependent")),
        sa.UniqueConstraint(
            "company_id",
            "enrollment_id",
            "dependent_id",
            name=op.f("uq_covered_dependent_company_id_enrollment_id_dependent_id"),
        ),
    )
    op.create_index(
        op.f("ix_covered_dependent_company_id_dependent_id"),
        "covered_dependent",
        ["company_id", "dependent_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_covered_dependent_company_id_enrollment_id"),
        "covered_dependent",
        ["company_id", "enrollment_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("covered_dependent")
    op.drop_table("coverage_details")
    op.drop_table("beneficiary")
    op.drop_table("enrollment")
    op.drop_table("submission")
    op.drop_table("election_draft")
    op.drop_table("enrollment_window")
    op.drop_table("plan_rate")
    op.drop_table("eligibility_rule")
    op.drop_table("contribution_rule")
    op.drop_table("benefit_plan")
    op.drop_table("plan_year")
    op.drop_table("benefit_number")

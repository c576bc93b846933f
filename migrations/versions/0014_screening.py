"""The tables of background screening, and what a role may do there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWN_COMPANY = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"
JSON = postgresql.JSONB()
NEW_TABLES = (
    "accepted_rule",
    "frozen_ruling",
    "screening_policy",
    "matrix_rule",
    "disposal",
    "candidate",
    "candidate_survey",
    "job_application",
    "screening_package",
    "screening_request",
    "check_result",
    "report_record",
    "candidate_link",
    "candidate_session",
    "screening_signature",
    "evidence_link",
    "screening_assessment",
    "screening_notice",
    "screening_happening",
    "saved_view",
)
NEW_FLAGS = (
    "can_initiate_checks",
    "can_approve_checks",
    "can_view_results",
    "can_adverse_action",
    "can_follow_checks",
)
TRAININGS = ("fcra_certification", "background_check")
TRAINING_WORDS = "'not_required', 'pending', 'certified', 'expired'"


def upgrade() -> None:
    _roles()
    for make in MAKERS:
        make()
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN_COMPANY}) WITH CHECK ({OWN_COMPANY})")
    # Evidence is only ever added. A signature gets its PDF later, and loses the typed name when the person is erased.
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON evidence_link, screening_signature FROM corridor_app")
    op.execute(
        "GRANT UPDATE (pdf_file_id, pdf_sha256, typed_name_enc, updated_at) ON screening_signature TO corridor_app"
    )


def downgrade() -> None:
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
    for training in TRAININGS:
        op.drop_column("role_assignment", f"{training}_status")
        op.drop_column("role_assignment", f"{training}_required")
    for flag in NEW_FLAGS:
        op.drop_column("role", flag)


def _roles() -> None:
    for flag in NEW_FLAGS:
        op.add_column("role", sa.Column(flag, sa.Boolean(), server_default=sa.false(), nullable=False))
    for training in TRAININGS:
        op.add_column(
            "role_assignment",
            sa.Column(f"{training}_required", sa.Boolean(), server_default=sa.false(), nullable=False),
        )
        op.add_column(
            "role_assignment",
            sa.Column(f"{training}_status", sa.Text(), server_default="not_required", nullable=False),
        )
        op.create_check_constraint(
            op.f(f"ck_role_assignment_{training}_status_known"),
            "role_assignment",
            f"{training}_status IN ({TRAINING_WORDS})",
        )


def _accepted_rule() -> None:
    op.create_table(
        "accepted_rule",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rule_key", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("accepted_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_accepted_rule")),
        sa.UniqueConstraint("company_id", "digest", name=op.f("uq_accepted_rule_company_id_digest")),
    )


def _frozen_ruling() -> None:
    op.create_table(
        "frozen_ruling",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_frozen_ruling")),
        sa.UniqueConstraint("company_id", "version", name=op.f("uq_frozen_ruling_company_id_version")),
    )


def _screening_policy() -> None:
    op.create_table(
        "screening_policy",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("second_person", sa.Boolean(), nullable=False),
        sa.Column("adverse_days", sa.Integer(), nullable=False),
        sa.Column("consent_days", sa.Integer(), nullable=False),
        sa.Column("stale_days", sa.Integer(), nullable=False),
        sa.Column("sends_letters", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("adverse_days BETWEEN 1 AND 14", name=op.f("ck_screening_policy_adverse_days_known")),
        sa.CheckConstraint("company_id = id", name=op.f("ck_screening_policy_one_per_company")),
        sa.CheckConstraint("consent_days >= 30", name=op.f("ck_screening_policy_consent_holds")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_screening_policy")),
    )


def _matrix_rule() -> None:
    op.create_table(
        "matrix_rule",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_family", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("within_years", sa.Integer(), nullable=True),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("hint IN ('eligible', 'review', 'escalate')", name=op.f("ck_matrix_rule_hint_known")),
        sa.CheckConstraint(
            "record_kind IN ('arrest', 'felony', 'misdemeanor', 'infraction', 'sealed', 'juvenile', 'diversion', 'decriminalized', 'civil_suit', 'bankruptcy', 'credit_history', 'other')",
            name=op.f("ck_matrix_rule_record_kind_known"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_matrix_rule")),
    )


def _disposal() -> None:
    op.create_table(
        "disposal",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposed_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_disposal")),
    )


def _candidate() -> None:
    op.create_table(
        "candidate",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name_tokens", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("texts_allowed", sa.Boolean(), nullable=False),
        sa.Column("first_name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("middle_name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("last_name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("email_enc", sa.LargeBinary(), nullable=False),
        sa.Column("email_bidx", sa.LargeBinary(), nullable=True),
        sa.Column("phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column("date_of_birth_enc", sa.LargeBinary(), nullable=True),
        sa.Column("residence_enc", sa.LargeBinary(), nullable=True),
        sa.Column("address_enc", sa.LargeBinary(), nullable=True),
        sa.Column("reminders_stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "employee_id"],
            ["employee.company_id", "employee.id"],
            name=op.f("fk_candidate_company_id_employee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("company_id", "external_ref", name=op.f("uq_candidate_company_id_external_ref")),
    )
    op.create_index(
        op.f("ix_candidate_company_id_employee_id"), "candidate", ["company_id", "employee_id"], unique=False
    )
    op.create_index("ix_candidate_email", "candidate", ["company_id", "email_bidx"], unique=False)
    op.create_index("ix_candidate_name_tokens", "candidate", ["name_tokens"], unique=False, postgresql_using="gin")


def _candidate_survey() -> None:
    op.create_table(
        "candidate_survey",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("sex_enc", sa.LargeBinary(), nullable=True),
        sa.Column("ethnicity_enc", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "candidate_id"],
            ["candidate.company_id", "candidate.id"],
            name=op.f("fk_candidate_survey_company_id_candidate_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_candidate_survey")),
        sa.UniqueConstraint("company_id", "candidate_id", name=op.f("uq_candidate_survey_company_id_candidate_id")),
    )
    op.create_index(
        op.f("ix_candidate_survey_company_id_candidate_id"),
        "candidate_survey",
        ["company_id", "candidate_id"],
        unique=False,
    )


def _job_application() -> None:
    op.create_table(
        "job_application",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("job_family", sa.Text(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("recruiter_user_id", sa.Uuid(), nullable=True),
        sa.Column("hiring_manager_user_id", sa.Uuid(), nullable=True),
        sa.Column("work_country", sa.Text(), nullable=False),
        sa.Column("work_state", sa.Text(), nullable=False),
        sa.Column("work_county", sa.Text(), nullable=False),
        sa.Column("work_city", sa.Text(), nullable=False),
        sa.Column("work_unincorporated", sa.Boolean(), nullable=True),
        sa.Column("weekly_hours", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("exemptions", JSON, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("annual_salary_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "stage IN ('any_time', 'after_application', 'after_interview', 'after_conditional_offer')",
            name=op.f("ck_job_application_stage_known"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'hired', 'rejected', 'withdrawn')", name=op.f("ck_job_application_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "candidate_id"],
            ["candidate.company_id", "candidate.id"],
            name=op.f("fk_job_application_company_id_candidate_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "department_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_job_application_company_id_department_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "hiring_manager_user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_job_application_company_id_hiring_manager_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "recruiter_user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_job_application_company_id_recruiter_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "region_id"],
            ["region.company_id", "region.id"],
            name=op.f("fk_job_application_company_id_region_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_job_application")),
        sa.UniqueConstraint("company_id", "external_ref", name=op.f("uq_job_application_company_id_external_ref")),
    )
    op.create_index(
        op.f("ix_job_application_company_id_candidate_id"),
        "job_application",
        ["company_id", "candidate_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_application_company_id_department_id"),
        "job_application",
        ["company_id", "department_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_application_company_id_hiring_manager_user_id"),
        "job_application",
        ["company_id", "hiring_manager_user_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_application_company_id_recruiter_user_id"),
        "job_application",
        ["company_id", "recruiter_user_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_application_company_id_region_id"), "job_application", ["company_id", "region_id"], unique=False
    )


def _screening_package() -> None:
    op.create_table(
        "screening_package",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("checks", JSON, nullable=False),
        sa.Column("check_types", JSON, nullable=False),
        sa.Column("criminal", sa.Boolean(), nullable=False),
        sa.Column("investigative", sa.Boolean(), nullable=False),
        sa.Column("orderable", sa.Boolean(), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_screening_package_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_screening_package")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "slug", name=op.f("uq_screening_package_company_id_connection_id_slug")
        ),
    )
    op.create_index(
        op.f("ix_screening_package_company_id_connection_id"),
        "screening_package",
        ["company_id", "connection_id"],
        unique=False,
    )


def _screening_request() -> None:
    op.create_table(
        "screening_request",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("request_type", sa.Text(), nullable=False),
        sa.Column("screening_package", sa.Text(), nullable=False),
        sa.Column("check_types", JSON, nullable=False),
        sa.Column("criminal", sa.Boolean(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("first_part_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("cost_center", sa.Text(), nullable=False),
        sa.Column("billing_method", sa.Text(), nullable=False),
        sa.Column("total_cost", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("initiated_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("recruiter_user_id", sa.Uuid(), nullable=True),
        sa.Column("hiring_manager_user_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("initiated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("estimated_completion_on", sa.Date(), nullable=True),
        sa.Column("ruling_id", sa.Uuid(), nullable=True),
        sa.Column("stops", JSON, nullable=False),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certified_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("certification_version", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consent_obtained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_scope", JSON, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("blocker", sa.Text(), nullable=False),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_state", sa.Text(), nullable=False),
        sa.Column("order_problem", sa.Text(), nullable=False),
        sa.Column("ordering_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("provider_candidate_id", sa.Text(), nullable=False),
        sa.Column("provider_invitation_id", sa.Text(), nullable=False),
        sa.Column("provider_report_id", sa.Text(), nullable=False),
        sa.Column("provider_status", sa.Text(), nullable=False),
        sa.Column("provider_result", sa.Text(), nullable=False),
        sa.Column("provider_code", sa.Text(), nullable=False),
        sa.Column("includes_canceled", sa.Boolean(), nullable=False),
        sa.Column("clear", sa.Boolean(), nullable=False),
        sa.Column("ordered_refs", JSON, nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_file_id", sa.Uuid(), nullable=True),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due_on", sa.Date(), nullable=True),
        sa.Column("due_reasons", JSON, nullable=False),
        sa.Column("calendar_version", sa.Text(), nullable=False),
        sa.Column("dispute_open", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_action_id", sa.Text(), nullable=False),
        sa.Column("invitation_url_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "billing_method IN ('company_paid', 'candidate_paid', 'shared')",
            name=op.f("ck_screening_request_billing_method_known"),
        ),
        sa.CheckConstraint(
            "blocker IN ('candidate', 'provider', 'court', 'us', 'nobody')",
            name=op.f("ck_screening_request_blocker_known"),
        ),
        sa.CheckConstraint("bucket IN ('active', 'review', 'done')", name=op.f("ck_screening_request_bucket_known")),
        sa.CheckConstraint(
            "consent IN ('pending', 'approved', 'declined', 'withdrawn')",
            name=op.f("ck_screening_request_consent_known"),
        ),
        sa.CheckConstraint(
            "decision IN ('pending', 'accepted', 'not_accepted')", name=op.f("ck_screening_request_decision_known")
        ),
        sa.CheckConstraint(
            "order_state IN ('none', 'released', 'placing', 'placed', 'unknown', 'refused')",
            name=op.f("ck_screening_request_order_state_known"),
        ),
        sa.CheckConstraint("part IN ('whole', 'first', 'second')", name=op.f("ck_screening_request_part_known")),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high', 'critical', 'emergency')",
            name=op.f("ck_screening_request_priority_known"),
        ),
        sa.CheckConstraint(
            "provider_result IN ('none', 'clear', 'consider', 'unmapped')",
            name=op.f("ck_screening_request_provider_result_known"),
        ),
        sa.CheckConstraint(
            "provider_status IN ('ordered', 'waiting_candidate', 'invitation_expired', 'in_progress', 'candidate_action', 'client_action', 'complete', 'dispute', 'canceled', 'unmapped')",
            name=op.f("ck_screening_request_provider_status_known"),
        ),
        sa.CheckConstraint(
            "request_type IN ('pre_employment', 'post_offer', 'periodic', 'promotion', 'contract_renewal', 'volunteer')",
            name=op.f("ck_screening_request_request_type_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('gate_order', 'review', 'pre_adverse', 'waiting', 'paused', 'reassess', 'final', 'canceled')",
            name=op.f("ck_screening_request_stage_known"),
        ),
        sa.CheckConstraint(
            "status IN ('initiated', 'submitted', 'in_progress', 'completed', 'failed', 'canceled', 'on_hold')",
            name=op.f("ck_screening_request_status_known"),
        ),
        sa.CheckConstraint("completed_at >= initiated_at", name=op.f("ck_screening_request_completion_dates")),
        sa.CheckConstraint("consent_expires_at > consent_obtained_at", name=op.f("ck_screening_request_consent_dates")),
        sa.CheckConstraint("retries BETWEEN 0 AND 5", name=op.f("ck_screening_request_retries_known")),
        sa.ForeignKeyConstraint(
            ["company_id", "application_id"],
            ["job_application.company_id", "job_application.id"],
            name=op.f("fk_screening_request_company_id_application_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "candidate_id"],
            ["candidate.company_id", "candidate.id"],
            name=op.f("fk_screening_request_company_id_candidate_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_screening_request_company_id_connection_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "department_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_screening_request_company_id_department_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "first_part_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_screening_request_company_id_first_part_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "package_id"],
            ["screening_package.company_id", "screening_package.id"],
            name=op.f("fk_screening_request_company_id_package_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "region_id"],
            ["region.company_id", "region.id"],
            name=op.f("fk_screening_request_company_id_region_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "report_file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_screening_request_company_id_report_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "ruling_id"],
            ["frozen_ruling.company_id", "frozen_ruling.id"],
            name=op.f("fk_screening_request_company_id_ruling_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_screening_request")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_screening_request_company_id_number")),
    )
    op.create_index(
        "ix_screening_request_blocker", "screening_request", ["company_id", "bucket", "blocker", "id"], unique=False
    )
    op.create_index("ix_screening_request_board", "screening_request", ["company_id", "bucket", "id"], unique=False)
    op.create_index(
        op.f("ix_screening_request_company_id_application_id"),
        "screening_request",
        ["company_id", "application_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_request_company_id_candidate_id"),
        "screening_request",
        ["company_id", "candidate_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_request_company_id_department_id"),
        "screening_request",
        ["company_id", "department_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_request_company_id_first_part_id"),
        "screening_request",
        ["company_id", "first_part_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_request_company_id_package_id"),
        "screening_request",
        ["company_id", "package_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_request_company_id_region_id"),
        "screening_request",
        ["company_id", "region_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_request_company_id_report_file_id"),
        "screening_request",
        ["company_id", "report_file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_request_company_id_ruling_id"),
        "screening_request",
        ["company_id", "ruling_id"],
        unique=False,
    )
    op.create_index("ix_screening_request_initiated", "screening_request", ["company_id", "initiated_at"], unique=False)
    op.create_index(
        "ix_screening_request_invitation",
        "screening_request",
        ["company_id", "connection_id", "provider_invitation_id"],
        unique=False,
    )
    op.create_index("ix_screening_request_poll", "screening_request", ["company_id", "next_poll_at"], unique=False)
    op.create_index(
        "ix_screening_request_provider_candidate",
        "screening_request",
        ["company_id", "connection_id", "provider_candidate_id"],
        unique=False,
    )
    op.create_index(
        "ix_screening_request_recruiter",
        "screening_request",
        ["company_id", "recruiter_user_id", "bucket", "id"],
        unique=False,
    )
    op.create_index(
        "ix_screening_request_report",
        "screening_request",
        ["company_id", "connection_id", "provider_report_id"],
        unique=False,
    )
    op.create_index(
        "ix_screening_request_stage", "screening_request", ["company_id", "stage", "answer_due_on"], unique=False
    )
    op.create_index("ix_screening_request_status", "screening_request", ["company_id", "status"], unique=False)


def _check_result() -> None:
    op.create_table(
        "check_result",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("check_type", sa.Text(), nullable=False),
        sa.Column("criminal", sa.Boolean(), nullable=False),
        sa.Column("reportable", sa.Boolean(), nullable=False),
        sa.Column("provider_status", sa.Text(), nullable=False),
        sa.Column("provider_result", sa.Text(), nullable=False),
        sa.Column("provider_code", sa.Text(), nullable=False),
        sa.Column("check_status", sa.Text(), nullable=False),
        sa.Column("result_status", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("delay_reason", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("review_required", sa.Boolean(), nullable=False),
        sa.Column("details_enc", sa.LargeBinary(), nullable=True),
        sa.Column("raw_enc", sa.LargeBinary(), nullable=True),
        sa.Column("reviewed_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "check_status IN ('pending', 'in_progress', 'completed', 'failed', 'canceled', 'not_applicable')",
            name=op.f("ck_check_result_check_status_known"),
        ),
        sa.CheckConstraint(
            "check_type IN ('criminal', 'education', 'employment', 'credit', 'drug_test', 'mvr', 'professional_license', 'reference', 'identity_verification', 'other')",
            name=op.f("ck_check_result_check_type_known"),
        ),
        sa.CheckConstraint(
            "provider_result IN ('none', 'clear', 'consider', 'unmapped')",
            name=op.f("ck_check_result_provider_result_known"),
        ),
        sa.CheckConstraint(
            "provider_status IN ('ordered', 'waiting_candidate', 'invitation_expired', 'in_progress', 'candidate_action', 'client_action', 'complete', 'dispute', 'canceled', 'unmapped')",
            name=op.f("ck_check_result_provider_status_known"),
        ),
        sa.CheckConstraint(
            "recommendation IN ('hire', 'do_not_hire', 'conditional_hire', 'further_review')",
            name=op.f("ck_check_result_recommendation_known"),
        ),
        sa.CheckConstraint(
            "result_status IN ('clear', 'consider', 'adverse_action', 'pending_review', 'data_not_found', 'error')",
            name=op.f("ck_check_result_result_status_known"),
        ),
        sa.CheckConstraint(
            "severity IN ('none', 'low', 'medium', 'high', 'critical')", name=op.f("ck_check_result_severity_known")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_check_result_company_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_check_result")),
        sa.UniqueConstraint("company_id", "request_id", "ref", name=op.f("uq_check_result_company_id_request_id_ref")),
    )
    op.create_index(
        op.f("ix_check_result_company_id_check_type"), "check_result", ["company_id", "check_type"], unique=False
    )
    op.create_index(
        op.f("ix_check_result_company_id_request_id"), "check_result", ["company_id", "request_id"], unique=False
    )
    op.create_index(
        op.f("ix_check_result_company_id_result_status"), "check_result", ["company_id", "result_status"], unique=False
    )
    op.create_index(
        op.f("ix_check_result_company_id_severity"), "check_result", ["company_id", "severity"], unique=False
    )


def _report_record() -> None:
    op.create_table(
        "report_record",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("criminal", sa.Boolean(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=False),
        sa.Column("details_enc", sa.LargeBinary(), nullable=True),
        sa.Column("happened_on_enc", sa.LargeBinary(), nullable=True),
        sa.Column("choice_reason_enc", sa.LargeBinary(), nullable=True),
        sa.Column("chosen_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("choice IN ('open', 'relied_on', 'set_aside')", name=op.f("ck_report_record_choice_known")),
        sa.CheckConstraint(
            "record_kind IN ('arrest', 'felony', 'misdemeanor', 'infraction', 'sealed', 'juvenile', 'diversion', 'decriminalized', 'civil_suit', 'bankruptcy', 'credit_history', 'other')",
            name=op.f("ck_report_record_record_kind_known"),
        ),
        sa.CheckConstraint(
            "severity IN ('none', 'low', 'medium', 'high', 'critical')", name=op.f("ck_report_record_severity_known")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "check_id"],
            ["check_result.company_id", "check_result.id"],
            name=op.f("fk_report_record_company_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_report_record_company_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_report_record")),
        sa.UniqueConstraint("company_id", "request_id", "ref", name=op.f("uq_report_record_company_id_request_id_ref")),
    )
    op.create_index(
        op.f("ix_report_record_company_id_check_id"), "report_record", ["company_id", "check_id"], unique=False
    )
    op.create_index(
        op.f("ix_report_record_company_id_request_id"), "report_record", ["company_id", "request_id"], unique=False
    )


def _candidate_link() -> None:
    op.create_table(
        "candidate_link",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undeliverable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_candidate_link_company_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_candidate_link")),
        sa.UniqueConstraint("company_id", "token_hash", name=op.f("uq_candidate_link_company_id_token_hash")),
    )
    op.create_index(
        op.f("ix_candidate_link_company_id_request_id"), "candidate_link", ["company_id", "request_id"], unique=False
    )


def _candidate_session() -> None:
    op.create_table(
        "candidate_session",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("ip_address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "proof IN ('birth_date', 'email_code', 'sms_code')", name=op.f("ck_candidate_session_proof_known")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "link_id"],
            ["candidate_link.company_id", "candidate_link.id"],
            name=op.f("fk_candidate_session_company_id_link_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_candidate_session")),
        sa.UniqueConstraint("company_id", "token_hash", name=op.f("uq_candidate_session_company_id_token_hash")),
    )
    op.create_index(
        op.f("ix_candidate_session_company_id_link_id"), "candidate_session", ["company_id", "link_id"], unique=False
    )


def _screening_signature() -> None:
    op.create_table(
        "screening_signature",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("screen", sa.Integer(), nullable=False),
        sa.Column("document_key", sa.Text(), nullable=False),
        sa.Column("document_version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_file_id", sa.Uuid(), nullable=False),
        sa.Column("pdf_file_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("name_match", sa.Text(), nullable=False),
        sa.Column("copy_requested", sa.Boolean(), nullable=True),
        sa.Column("ip_address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("jurisdictions", JSON, nullable=False),
        sa.Column("typed_name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "answer IN ('agreed', 'acknowledged', 'declined')", name=op.f("ck_screening_signature_answer_known")
        ),
        sa.CheckConstraint(
            "proof IN ('birth_date', 'email_code', 'sms_code')", name=op.f("ck_screening_signature_proof_known")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "candidate_id"],
            ["candidate.company_id", "candidate.id"],
            name=op.f("fk_screening_signature_company_id_candidate_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "content_file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_screening_signature_company_id_content_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "pdf_file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_screening_signature_company_id_pdf_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_screening_signature_company_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_screening_signature")),
    )
    op.create_index(
        op.f("ix_screening_signature_company_id_candidate_id"),
        "screening_signature",
        ["company_id", "candidate_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_signature_company_id_content_file_id"),
        "screening_signature",
        ["company_id", "content_file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_signature_company_id_pdf_file_id"),
        "screening_signature",
        ["company_id", "pdf_file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_signature_company_id_request_id"),
        "screening_signature",
        ["company_id", "request_id"],
        unique=False,
    )


def _evidence_link() -> None:
    op.create_table(
        "evidence_link",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("facts_sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "subject_type IN ('screening_signature', 'screening_notice', 'screening_assessment')",
            name=op.f("ck_evidence_link_subject_type_known"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_evidence_link")),
        sa.UniqueConstraint("company_id", "position", name=op.f("uq_evidence_link_company_id_position")),
        sa.UniqueConstraint(
            "company_id", "subject_type", "subject_id", name=op.f("uq_evidence_link_company_id_subject_type_subject_id")
        ),
    )


def _screening_assessment() -> None:
    op.create_table(
        "screening_assessment",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.Column("report_revised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record_refs", JSON, nullable=False),
        sa.Column("factors_enc", sa.LargeBinary(), nullable=True),
        sa.Column("reasoning_enc", sa.LargeBinary(), nullable=False),
        sa.Column("adverse", sa.Boolean(), nullable=False),
        sa.Column("written_by_user_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "agreed_by_user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_screening_assessment_company_id_agreed_by_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_screening_assessment_company_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_screening_assessment")),
    )
    op.create_index(
        op.f("ix_screening_assessment_company_id_agreed_by_user_id"),
        "screening_assessment",
        ["company_id", "agreed_by_user_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_assessment_company_id_request_id"),
        "screening_assessment",
        ["company_id", "request_id"],
        unique=False,
    )


def _screening_notice() -> None:
    op.create_table(
        "screening_notice",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("document_key", sa.Text(), nullable=False),
        sa.Column("document_version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("content_file_id", sa.Uuid(), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_file_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("attachments", JSON, nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("sent_to_enc", sa.LargeBinary(), nullable=True),
        sa.Column("to_place_enc", sa.LargeBinary(), nullable=True),
        sa.Column("tracking_number_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'tracked_mail', 'mail', 'in_person')", name=op.f("ck_screening_notice_channel_known")
        ),
        sa.CheckConstraint(
            "delivery IN ('queued', 'sent', 'delivered', 'bounced')", name=op.f("ck_screening_notice_delivery_known")
        ),
        sa.CheckConstraint(
            "kind IN ('pre_adverse', 'final', 'canceled', 'dispute_receipt')",
            name=op.f("ck_screening_notice_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "content_file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_screening_notice_company_id_content_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "pdf_file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_screening_notice_company_id_pdf_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_screening_notice_company_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_screening_notice")),
    )
    op.create_index(
        op.f("ix_screening_notice_company_id_content_file_id"),
        "screening_notice",
        ["company_id", "content_file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_notice_company_id_pdf_file_id"),
        "screening_notice",
        ["company_id", "pdf_file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_notice_company_id_request_id"),
        "screening_notice",
        ["company_id", "request_id"],
        unique=False,
    )


def _screening_happening() -> None:
    op.create_table(
        "screening_happening",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("read_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('dispute_announced', 'evidence_announced', 'dispute_opened', 'dispute_closed')",
            name=op.f("ck_screening_happening_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "file_id"],
            ["stored_file.company_id", "stored_file.id"],
            name=op.f("fk_screening_happening_company_id_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["screening_request.company_id", "screening_request.id"],
            name=op.f("fk_screening_happening_company_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_screening_happening")),
    )
    op.create_index(
        op.f("ix_screening_happening_company_id_file_id"),
        "screening_happening",
        ["company_id", "file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_happening_company_id_request_id"),
        "screening_happening",
        ["company_id", "request_id"],
        unique=False,
    )


def _saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_saved_view_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "company_id", "user_id", "page", "name", name=op.f("uq_saved_view_company_id_user_id_page_name")
        ),
    )
    op.create_index(op.f("ix_saved_view_company_id_user_id"), "saved_view", ["company_id", "user_id"], unique=False)


MAKERS = (
    _accepted_rule,
    _frozen_ruling,
    _screening_policy,
    _matrix_rule,
    _disposal,
    _candidate,
    _candidate_survey,
    _job_application,
    _screening_package,
    _screening_request,
    _check_result,
    _report_record,
    _candidate_link,
    _candidate_session,
    _screening_signature,
    _evidence_link,
    _screening_assessment,
    _screening_notice,
    _screening_happening,
    _saved_view,
)

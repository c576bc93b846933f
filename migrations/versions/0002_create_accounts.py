"""Tables of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("role_type", sa.Text(), nullable=False),
        sa.Column("data_access_level", sa.Text(), nullable=False),
        sa.Column("can_manage_providers", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_configure_plans", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_process_enrollments", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_approve_enrollments", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_view_sensitive_data", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_manage_contributions", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_view_reports", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_export_data", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_manage_integrations", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_view_audit_logs", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_handle_exceptions", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_approve_overrides", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_manage_compliance", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_access_payroll_data", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_manage_people", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_manage_users", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("can_manage_operations", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("mfa_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "data_access_level IN ('ALL', 'REGION', 'DEPARTMENT', 'REPORTS', 'OWN', 'NONE')",
            name=op.f("ck_role_data_access_level_known"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_role")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_role_company_id_name")),
    )
    op.create_table(
        "tenant_door",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("brand_hue", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant_door")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenant_door_slug")),
    )
    op.create_table(
        "throttle",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_throttle")),
        sa.UniqueConstraint("company_id", "key", "window_start", name=op.f("uq_throttle_company_id_key_window_start")),
    )
    op.create_table(
        "user_account",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("mfa_enabled", sa.Boolean(), nullable=False),
        sa.Column("mfa_required", sa.Boolean(), nullable=False),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_to", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_secret_enc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('invited', 'active', 'inactive', 'suspended')", name=op.f("ck_user_account_status_known")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("company_id", "email", name=op.f("uq_user_account_company_id_email")),
    )
    op.create_index(
        op.f("ix_user_account_company_id_employee_id"), "user_account", ["company_id", "employee_id"], unique=False
    )
    op.create_table(
        "oidc_identity",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_oidc_identity_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_oidc_identity")),
        sa.UniqueConstraint("company_id", "issuer", "subject", name=op.f("uq_oidc_identity_company_id_issuer_subject")),
    )
    op.create_index(
        op.f("ix_oidc_identity_company_id_user_id"), "oidc_identity", ["company_id", "user_id"], unique=False
    )
    op.create_table(
        "one_time_token",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_one_time_token_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_one_time_token")),
        sa.UniqueConstraint("company_id", "token_hash", name=op.f("uq_one_time_token_company_id_token_hash")),
    )
    op.create_index(
        op.f("ix_one_time_token_company_id_user_id"), "one_time_token", ["company_id", "user_id"], unique=False
    )
    op.create_table(
        "passkey",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_passkey_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("company_id", "credential_id", name=op.f("uq_passkey_company_id_credential_id")),
    )
    op.create_index(op.f("ix_passkey_company_id_user_id"), "passkey", ["company_id", "user_id"], unique=False)
    op.create_table(
        "passkey_challenge",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_passkey_challenge_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(
        op.f("ix_passkey_challenge_company_id_user_id"), "passkey_challenge", ["company_id", "user_id"], unique=False
    )
    op.create_table(
        "recovery_code",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_recovery_code_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_recovery_code")),
    )
    op.create_index(
        op.f("ix_recovery_code_company_id_user_id"), "recovery_code", ["company_id", "user_id"], unique=False
    )
    op.create_table(
        "role_assignment",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("clearance", sa.Text(), nullable=False),
        sa.Column("hipaa_training_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("hipaa_training_status", sa.Text(), nullable=False),
        sa.Column("benefits_certification_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("benefits_certification_status", sa.Text(), nullable=False),
        sa.Column("compliance_training_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("compliance_training_status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "benefits_certification_status IN ('not_required', 'pending', 'certified', 'expired')",
            name=op.f("ck_role_assignment_benefits_certification_status_known"),
        ),
        sa.CheckConstraint(
            "clearance IN ('basic', 'standard', 'enhanced', 'top_secret')",
            name=op.f("ck_role_assignment_clearance_known"),
        ),
        sa.CheckConstraint(
            "compliance_training_status IN ('not_required', 'pending', 'certified', 'expired')",
            name=op.f("ck_role_assignment_compliance_training_status_known"),
        ),
        sa.CheckConstraint(
            "hipaa_training_status IN ('not_required', 'pending', 'certified', 'expired')",
            name=op.f("ck_role_assignment_hipaa_training_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "role_id"],
            ["role.company_id", "role.id"],
            name=op.f("fk_role_assignment_company_id_role_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_role_assignment_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_role_assignment")),
        sa.UniqueConstraint(
            "company_id", "user_id", "role_id", name=op.f("uq_role_assignment_company_id_user_id_role_id")
        ),
    )
    op.create_index(
        op.f("ix_role_assignment_company_id_department_id"),
        "role_assignment",
        ["company_id", "department_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_role_assignment_company_id_region_id"), "role_assignment", ["company_id", "region_id"], unique=False
    )
    op.create_index(
        op.f("ix_role_assignment_company_id_role_id"), "role_assignment", ["company_id", "role_id"], unique=False
    )
    op.create_index(
        op.f("ix_role_assignment_company_id_user_id"), "role_assignment", ["company_id", "user_id"], unique=False
    )
    op.create_table(
        "user_session",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ip_address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mfa_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["user_account.company_id", "user_account.id"],
            name=op.f("fk_user_session_company_id_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("company_id", "token_hash", name=op.f("uq_user_session_company_id_token_hash")),
    )
    op.create_index(op.f("ix_user_session_company_id_user_id"), "user_session", ["company_id", "user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("user_session")
    op.drop_table("role_assignment")
    op.drop_table("recovery_code")
    op.drop_table("passkey_challenge")
    op.drop_table("passkey")
    op.drop_table("one_time_token")
    op.drop_table("oidc_identity")
    op.drop_table("user_account")
    op.drop_table("throttle")
    op.drop_table("tenant_door")
    op.drop_table("role")

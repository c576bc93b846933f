"""Users and what lets them in. Field sources: insurance-schema users/sessions, benefits-schema role tables."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs


class UserStatus(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


class TenantDoor(Base):
    """How a visitor who is nobody yet finds the company: the only table read without a tenant. Holds nothing private."""

    __tablename__ = "tenant_door"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    brand_hue: Mapped[int] = mapped_column(default=185)
    time_zone: Mapped[str] = mapped_column(default="America/New_York", server_default="America/New_York")
    logo_file_id: Mapped[UUID | None]  # a picture made for everybody to see
    active: Mapped[bool] = mapped_column(default=True)


class User(Tenant, Base):
    __tablename__ = "user_account"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "email"),
        choices("status", UserStatus),
        *refs(employee_id="employee"),
    )

    email: Mapped[str]  # lower case; unique inside the company
    display_name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(default=UserStatus.INVITED.value)
    employee_id: Mapped[UUID | None]
    language: Mapped[str] = mapped_column(default="en")
    mfa_enabled: Mapped[bool] = mapped_column(default=False)
    mfa_required: Mapped[bool] = mapped_column(default=False)
    totp_secret: EncryptedField[str] = EncryptedField()
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    invited_to: Mapped[str] = mapped_column(default="")  # the page an invitation opens
    deleted_at: Mapped[datetime | None]


class OneTimeToken(Tenant, Base):
    """Invitation, verification, reset or step-up link; only the hash is kept, it works once."""

    __tablename__ = "one_time_token"
    __table_args__ = (sa.UniqueConstraint("company_id", "token_hash"), *refs(user_id="user_account"))

    user_id: Mapped[UUID]
    purpose: Mapped[str]  # rules.Purpose
    token_hash: Mapped[bytes]
    next_path: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default="")  # the first factor, when the token waits for the second
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UserSession(Tenant, Base):
    """A signed-in device. The cookie holds company id and token; only the token's hash is here."""

    __tablename__ = "user_session"
    __table_args__ = (sa.UniqueConstraint("company_id", "token_hash"), *refs(user_id="user_account"))

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    ip_address: Mapped[str] = mapped_column(sa.String(45), default="")
    user_agent: Mapped[str] = mapped_column(default="")
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mfa_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]  # last step-up
    method: Mapped[str] = mapped_column(default="password")
    revoked_at: Mapped[datetime | None]


class ApiToken(Tenant, Base):
    """A program's way in. It acts for who made it: within `scopes`, and never beyond what that user may do at the moment."""

    __tablename__ = "api_token"
    __table_args__ = (sa.UniqueConstraint("company_id", "token_hash"), *refs(created_by_user_id="user_account"))

    name: Mapped[str]
    token_hash: Mapped[bytes]
    prefix: Mapped[str]  # its first letters, by which a person tells tokens apart
    scopes: Mapped[list[str]]  # values of Can
    created_by_user_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]  # written once a minute at most
    revoked_at: Mapped[datetime | None]


class RecoveryCode(Tenant, Base):
    __tablename__ = "recovery_code"
    __table_args__ = refs(user_id="user_account")

    user_id: Mapped[UUID]
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]


class Passkey(Tenant, Base):
    __tablename__ = "passkey"
    __table_args__ = (sa.UniqueConstraint("company_id", "credential_id"), *refs(user_id="user_account"))

    user_id: Mapped[UUID]
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Tenant, Base):
    """A question to an authenticator; answered once, so that an answer cannot be replayed."""

    __tablename__ = "passkey_challenge"
    __table_args__ = refs(user_id="user_account")

    challenge: Mapped[bytes]
    purpose: Mapped[str]  # register | sign_in
    user_id: Mapped[UUID | None]  # nobody yet, when signing in
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OidcIdentity(Tenant, Base):
    __tablename__ = "oidc_identity"
    __table_args__ = (sa.UniqueConstraint("company_id", "issuer", "subject"), *refs(user_id="user_account"))

    user_id: Mapped[UUID]
    issuer: Mapped[str]
    subject: Mapped[str]


class Throttle(Tenant, Base):
    """Counts tries per key (hash of account or address) and window, in PostgreSQL because web requests never touch Valkey."""

    __tablename__ = "throttle"
    __table_args__ = (sa.UniqueConstraint("company_id", "key", "window_start"),)

    key: Mapped[bytes]
    window_start: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=1)


class DataAccessLevel(StrEnum):
    ALL = "ALL"
    REGION = "REGION"
    DEPARTMENT = "DEPARTMENT"
    REPORTS = "REPORTS"
    OWN = "OWN"
    NONE = "NONE"


def _flag() -> Mapped[bool]:
    return mapped_column(default=False, server_default=sa.false())


class Role(Tenant, Base):
    """benefits_role_permission, hr_bg_check_role_permission: a company's role, its flags and its data access level."""

    __tablename__ = "role"
    __table_args__ = (sa.UniqueConstraint("company_id", "name"), choices("data_access_level", DataAccessLevel))

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    role_type: Mapped[str]
    data_access_level: Mapped[str] = mapped_column(default=DataAccessLevel.NONE.value)
    can_manage_providers: Mapped[bool] = _flag()
    can_configure_plans: Mapped[bool] = _flag()
    can_process_enrollments: Mapped[bool] = _flag()
    can_approve_enrollments: Mapped[bool] = _flag()
    can_view_sensitive_data: Mapped[bool] = _flag()
    can_manage_contributions: Mapped[bool] = _flag()
    can_view_reports: Mapped[bool] = _flag()
    can_export_data: Mapped[bool] = _flag()
    can_manage_integrations: Mapped[bool] = _flag()
    can_view_audit_logs: Mapped[bool] = _flag()
    can_handle_exceptions: Mapped[bool] = _flag()
    can_approve_overrides: Mapped[bool] = _flag()
    can_manage_compliance: Mapped[bool] = _flag()
    can_access_payroll_data: Mapped[bool] = _flag()
    can_manage_people: Mapped[bool] = _flag()
    can_manage_users: Mapped[bool] = _flag()
    can_manage_operations: Mapped[bool] = _flag()
    can_initiate_checks: Mapped[bool] = _flag()
    can_approve_checks: Mapped[bool] = _flag()
    can_view_results: Mapped[bool] = _flag()
    can_adverse_action: Mapped[bool] = _flag()
    can_follow_checks: Mapped[bool] = _flag()
    mfa_required: Mapped[bool] = _flag()
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by_user_id: Mapped[UUID | None]


class Training(StrEnum):
    NOT_REQUIRED = "not_required"
    PENDING = "pending"
    CERTIFIED = "certified"  # the specifications say "completed" of a training and "passed" of a background check
    EXPIRED = "expired"


class Clearance(StrEnum):
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"
    TOP_SECRET = "top_secret"  # noqa: S105 - a clearance level


class RoleAssignment(Tenant, Base):
    """benefits_user_role_assignment, hr_bg_check_user_role_assignment. Missing required training or an expiry date switches the role off (`rules.assignment_counts`)."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "user_id", "role_id"),
        choices("clearance", Clearance),
        choices("hipaa_training_status", Training),
        choices("benefits_certification_status", Training),
        choices("compliance_training_status", Training),
        choices("fcra_certification_status", Training),
        choices("background_check_status", Training),
        *refs(user_id="user_account", role_id="role", department_id="department", region_id="region"),
    )

    user_id: Mapped[UUID]
    role_id: Mapped[UUID]
    department_id: Mapped[UUID | None]
    region_id: Mapped[UUID | None]
    assigned_by_user_id: Mapped[UUID | None]
    assigned_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    expires_on: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    notes: Mapped[str] = mapped_column(default="")
    clearance: Mapped[str] = mapped_column(default=Clearance.STANDARD.value)
    hipaa_training_required: Mapped[bool] = _flag()
    hipaa_training_status: Mapped[str] = mapped_column(default=Training.NOT_REQUIRED.value)
    benefits_certification_required: Mapped[bool] = _flag()
    benefits_certification_status: Mapped[str] = mapped_column(default=Training.NOT_REQUIRED.value)
    compliance_training_required: Mapped[bool] = _flag()
    compliance_training_status: Mapped[str] = mapped_column(default=Training.NOT_REQUIRED.value)
    fcra_certification_required: Mapped[bool] = _flag()
    fcra_certification_status: Mapped[str] = mapped_column(
        default=Training.NOT_REQUIRED.value, server_default=Training.NOT_REQUIRED.value
    )
    background_check_required: Mapped[bool] = _flag()
    background_check_status: Mapped[str] = mapped_column(
        default=Training.NOT_REQUIRED.value, server_default=Training.NOT_REQUIRED.value
    )

"""The access map: what may be done (`Can`), by which role flag, over which rows (`Scope`). One page, printable.

The flags and role types are those of the role tables in the benefits and screening specifications (benefits_role_permission,
hr_bg_check_role_permission), extended by SYSTEM_ADMIN and MANAGER. A role row of a company starts from `ROLE_DEFAULTS` and may be edited; an assignment narrows it to a
department or region and ends by date, missing training or missing certification.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Can(StrEnum):
    """Every permission, `domain:thing:verb`."""

    # own things: everybody with a user account
    ACCOUNT_OWN = "accounts:account:own"
    ENROLL_OWN = "benefits:enrollment:own"
    NOTICES_OWN = "notices:notice:own"
    # people
    EMPLOYEE_VIEW = "people:employee:view"
    EMPLOYEE_EDIT = "people:employee:edit"
    EMPLOYEE_IMPORT = "people:employee:import"
    EMPLOYEE_EXPORT = "people:employee:export"
    SENSITIVE_VIEW = "people:sensitive:view"
    COMPANY_EDIT = "people:company:edit"
    # benefits
    ENROLLMENT_VIEW = "benefits:enrollment:view"
    ENROLLMENT_PROCESS = "benefits:enrollment:process"
    ENROLLMENT_APPROVE = "benefits:enrollment:approve"
    PLAN_VIEW = "benefits:plan:view"
    PLAN_CONFIGURE = "benefits:plan:configure"
    CONTRIBUTION_MANAGE = "benefits:contribution:manage"
    # carrier feeds
    FEED_VIEW = "feeds:file:view"
    FEED_MANAGE = "feeds:file:manage"
    FEED_RELEASE = "feeds:file:release"
    DISCREPANCY_VIEW = "feeds:discrepancy:view"
    DISCREPANCY_RESOLVE = "feeds:discrepancy:resolve"
    # premiums against the books
    RECONCILIATION_VIEW = "accounting:reconciliation:view"
    ACCOUNT_LINK_MANAGE = "accounting:link:manage"
    # connections
    CONNECTION_VIEW = "connections:connection:view"
    CONNECTION_MANAGE = "connections:connection:manage"
    # syncing
    SYNC_VIEW = "syncing:run:view"
    SYNC_MANAGE = "syncing:run:manage"
    SYNC_REVIEW = "syncing:record:review"  # what a record says, and who it is
    # notices
    TEMPLATE_MANAGE = "notices:template:manage"
    DELIVERY_VIEW = "notices:delivery:view"
    # accounts
    USER_MANAGE = "accounts:user:manage"
    ROLE_MANAGE = "accounts:role:manage"
    TOKEN_MANAGE = "accounts:token:manage"  # noqa: S105 - a permission
    # oversight
    AUDIT_VIEW = "audit:event:view"
    AUDIT_EXPORT = "audit:event:export"
    OPERATIONS_VIEW = "operations:intent:view"
    OPERATIONS_RETRY = "operations:intent:retry"
    REPORT_VIEW = "reports:report:view"
    PAYROLL_VIEW = "payroll:deduction:view"
    COMPLIANCE_MANAGE = "compliance:case:manage"
    # screening
    CHECK_ORDER = "screening:request:order"
    CHECK_VIEW = "screening:request:view"  # progress and decision, never what a report says
    CHECK_DATE = "screening:date:view"  # only by when it is done
    CHECK_APPROVE = "screening:request:approve"
    RECORD_VIEW = "screening:record:view"  # what a report says
    ADVERSE_ACT = "screening:adverse:act"
    SCREENING_CONFIGURE = "screening:policy:configure"
    RULE_ACCEPT = "screening:rule:accept"
    SCREENING_ANALYZE = "screening:analytics:view"
    SURVEY_VIEW = "screening:survey:view"  # counts by sex and ethnicity, never a person's


class Scope(IntEnum):
    """Whose rows. An unknown word is NONE."""

    NONE = 0
    OWN = 1
    REPORTS = 2
    DEPARTMENT = 3
    REGION = 4
    ALL = 5


class Flag(StrEnum):
    """Columns of the role table."""

    MANAGE_PROVIDERS = "can_manage_providers"
    CONFIGURE_PLANS = "can_configure_plans"
    PROCESS_ENROLLMENTS = "can_process_enrollments"
    APPROVE_ENROLLMENTS = "can_approve_enrollments"
    VIEW_SENSITIVE_DATA = "can_view_sensitive_data"
    MANAGE_CONTRIBUTIONS = "can_manage_contributions"
    VIEW_REPORTS = "can_view_reports"
    EXPORT_DATA = "can_export_data"
    MANAGE_INTEGRATIONS = "can_manage_integrations"
    VIEW_AUDIT_LOGS = "can_view_audit_logs"
    HANDLE_EXCEPTIONS = "can_handle_exceptions"
    APPROVE_OVERRIDES = "can_approve_overrides"
    MANAGE_COMPLIANCE = "can_manage_compliance"
    ACCESS_PAYROLL_DATA = "can_access_payroll_data"
    MANAGE_PEOPLE = "can_manage_people"
    MANAGE_USERS = "can_manage_users"
    MANAGE_OPERATIONS = "can_manage_operations"
    INITIATE_CHECKS = "can_initiate_checks"
    APPROVE_CHECKS = "can_approve_checks"
    VIEW_RESULTS = "can_view_results"
    ADVERSE_ACTION = "can_adverse_action"
    FOLLOW_CHECKS = "can_follow_checks"


EVERYBODY: frozenset[Can] = frozenset({Can.ACCOUNT_OWN, Can.ENROLL_OWN, Can.NOTICES_OWN})

GRANTS: dict[Flag, frozenset[Can]] = {
    Flag.MANAGE_PROVIDERS: frozenset(
        {Can.CONNECTION_VIEW, Can.CONNECTION_MANAGE, Can.FEED_VIEW, Can.TOKEN_MANAGE, Can.SYNC_VIEW, Can.SYNC_MANAGE}
    ),
    Flag.CONFIGURE_PLANS: frozenset({Can.PLAN_VIEW, Can.PLAN_CONFIGURE, Can.TEMPLATE_MANAGE}),
    Flag.PROCESS_ENROLLMENTS: frozenset(
        {Can.ENROLLMENT_VIEW, Can.ENROLLMENT_PROCESS, Can.EMPLOYEE_VIEW, Can.PLAN_VIEW, Can.DELIVERY_VIEW}
    ),
    Flag.APPROVE_ENROLLMENTS: frozenset({Can.ENROLLMENT_VIEW, Can.ENROLLMENT_APPROVE, Can.EMPLOYEE_VIEW}),
    Flag.VIEW_SENSITIVE_DATA: frozenset({Can.SENSITIVE_VIEW}),
    Flag.MANAGE_CONTRIBUTIONS: frozenset(
        {Can.CONTRIBUTION_MANAGE, Can.PLAN_VIEW, Can.RECONCILIATION_VIEW, Can.ACCOUNT_LINK_MANAGE}
    ),
    Flag.VIEW_REPORTS: frozenset({Can.REPORT_VIEW, Can.EMPLOYEE_VIEW, Can.ENROLLMENT_VIEW}),
    Flag.EXPORT_DATA: frozenset({Can.EMPLOYEE_EXPORT}),
    Flag.MANAGE_INTEGRATIONS: frozenset(
        {Can.CONNECTION_VIEW, Can.FEED_VIEW, Can.FEED_MANAGE, Can.DISCREPANCY_VIEW, Can.SYNC_VIEW}
    ),
    Flag.VIEW_AUDIT_LOGS: frozenset({Can.AUDIT_VIEW, Can.AUDIT_EXPORT}),
    Flag.HANDLE_EXCEPTIONS: frozenset({Can.DISCREPANCY_VIEW, Can.DISCREPANCY_RESOLVE, Can.FEED_VIEW}),
    Flag.APPROVE_OVERRIDES: frozenset({Can.FEED_VIEW, Can.FEED_RELEASE}),
    Flag.MANAGE_COMPLIANCE: frozenset(
        {
            Can.COMPLIANCE_MANAGE,
            Can.DELIVERY_VIEW,
            Can.CHECK_VIEW,
            Can.RULE_ACCEPT,
            Can.SCREENING_ANALYZE,
            Can.SURVEY_VIEW,
        }
    ),
    Flag.ACCESS_PAYROLL_DATA: frozenset({Can.PAYROLL_VIEW}),
    Flag.MANAGE_PEOPLE: frozenset(
        {Can.EMPLOYEE_VIEW, Can.EMPLOYEE_EDIT, Can.EMPLOYEE_IMPORT, Can.COMPANY_EDIT, Can.SYNC_VIEW, Can.SYNC_REVIEW}
    ),
    Flag.MANAGE_USERS: frozenset({Can.USER_MANAGE, Can.ROLE_MANAGE, Can.TOKEN_MANAGE}),
    Flag.MANAGE_OPERATIONS: frozenset({Can.OPERATIONS_VIEW, Can.OPERATIONS_RETRY}),
    Flag.INITIATE_CHECKS: frozenset({Can.CHECK_ORDER, Can.CHECK_VIEW}),
    Flag.APPROVE_CHECKS: frozenset({Can.CHECK_VIEW, Can.CHECK_APPROVE, Can.SCREENING_CONFIGURE, Can.SCREENING_ANALYZE}),
    Flag.VIEW_RESULTS: frozenset({Can.CHECK_VIEW, Can.RECORD_VIEW}),
    Flag.ADVERSE_ACTION: frozenset({Can.CHECK_VIEW, Can.RECORD_VIEW, Can.ADVERSE_ACT}),
    Flag.FOLLOW_CHECKS: frozenset({Can.CHECK_DATE}),
}


class RoleType(StrEnum):
    BENEFITS_ADMIN = "BENEFITS_ADMIN"
    BENEFITS_MANAGER = "BENEFITS_MANAGER"
    BENEFITS_SPECIALIST = "BENEFITS_SPECIALIST"
    HR_ADMIN = "HR_ADMIN"
    PAYROLL_ADMIN = "PAYROLL_ADMIN"
    ENROLLMENT_SPECIALIST = "ENROLLMENT_SPECIALIST"
    COMPLIANCE_OFFICER = "COMPLIANCE_OFFICER"
    AUDITOR = "AUDITOR"
    VIEWER = "VIEWER"
    EMPLOYEE_SELF_SERVICE = "EMPLOYEE_SELF_SERVICE"
    SYSTEM_ADMIN = "SYSTEM_ADMIN"
    MANAGER = "MANAGER"
    BG_CHECK_ADMIN = "BG_CHECK_ADMIN"
    BG_CHECK_MANAGER = "BG_CHECK_MANAGER"
    BG_CHECK_SPECIALIST = "BG_CHECK_SPECIALIST"
    RECRUITER = "RECRUITER"
    HIRING_MANAGER = "HIRING_MANAGER"


_F = Flag
ROLE_DEFAULTS: dict[RoleType, tuple[Scope, frozenset[Flag]]] = {
    RoleType.BENEFITS_ADMIN: (
        Scope.ALL,
        frozenset(
            {
                _F.MANAGE_PROVIDERS,
                _F.CONFIGURE_PLANS,
                _F.PROCESS_ENROLLMENTS,
                _F.APPROVE_ENROLLMENTS,
                _F.VIEW_SENSITIVE_DATA,
                _F.MANAGE_CONTRIBUTIONS,
                _F.VIEW_REPORTS,
                _F.EXPORT_DATA,
                _F.MANAGE_INTEGRATIONS,
                _F.HANDLE_EXCEPTIONS,
                _F.APPROVE_OVERRIDES,
                _F.MANAGE_PEOPLE,
            }
        ),
    ),
    RoleType.BENEFITS_MANAGER: (
        Scope.ALL,
        frozenset(
            {
                _F.CONFIGURE_PLANS,
                _F.PROCESS_ENROLLMENTS,
                _F.APPROVE_ENROLLMENTS,
                _F.VIEW_SENSITIVE_DATA,
                _F.VIEW_REPORTS,
                _F.HANDLE_EXCEPTIONS,
                _F.APPROVE_OVERRIDES,
                _F.MANAGE_INTEGRATIONS,
            }
        ),
    ),
    RoleType.BENEFITS_SPECIALIST: (
        Scope.ALL,
        frozenset({_F.PROCESS_ENROLLMENTS, _F.VIEW_SENSITIVE_DATA, _F.HANDLE_EXCEPTIONS, _F.MANAGE_INTEGRATIONS}),
    ),
    RoleType.HR_ADMIN: (
        Scope.ALL,
        frozenset(
            {
                _F.PROCESS_ENROLLMENTS,
                _F.APPROVE_ENROLLMENTS,
                _F.VIEW_SENSITIVE_DATA,
                _F.VIEW_REPORTS,
                _F.EXPORT_DATA,
                _F.MANAGE_PEOPLE,
                _F.HANDLE_EXCEPTIONS,
            }
        ),
    ),
    RoleType.PAYROLL_ADMIN: (Scope.ALL, frozenset({_F.ACCESS_PAYROLL_DATA, _F.MANAGE_CONTRIBUTIONS})),
    RoleType.ENROLLMENT_SPECIALIST: (Scope.REGION, frozenset({_F.PROCESS_ENROLLMENTS})),
    RoleType.COMPLIANCE_OFFICER: (Scope.ALL, frozenset({_F.MANAGE_COMPLIANCE, _F.VIEW_AUDIT_LOGS, _F.VIEW_REPORTS})),
    RoleType.AUDITOR: (Scope.ALL, frozenset({_F.VIEW_AUDIT_LOGS})),
    RoleType.VIEWER: (Scope.DEPARTMENT, frozenset({_F.VIEW_REPORTS})),
    RoleType.EMPLOYEE_SELF_SERVICE: (Scope.OWN, frozenset()),
    RoleType.SYSTEM_ADMIN: (
        Scope.ALL,
        frozenset(
            {_F.MANAGE_PROVIDERS, _F.MANAGE_INTEGRATIONS, _F.MANAGE_USERS, _F.MANAGE_OPERATIONS, _F.VIEW_AUDIT_LOGS}
        ),
    ),
    RoleType.MANAGER: (Scope.REPORTS, frozenset({_F.VIEW_REPORTS})),
    # Recruiters order and see progress; who reads records does not order; a hiring manager sees a date (reference/screening.md §4.3).
    RoleType.BG_CHECK_ADMIN: (
        Scope.ALL,
        frozenset({_F.MANAGE_PROVIDERS, _F.INITIATE_CHECKS, _F.APPROVE_CHECKS, _F.EXPORT_DATA}),
    ),
    RoleType.BG_CHECK_MANAGER: (
        Scope.ALL,
        frozenset({_F.APPROVE_CHECKS, _F.VIEW_RESULTS, _F.ADVERSE_ACTION}),
    ),
    RoleType.BG_CHECK_SPECIALIST: (Scope.ALL, frozenset({_F.VIEW_RESULTS, _F.ADVERSE_ACTION})),
    RoleType.RECRUITER: (Scope.ALL, frozenset({_F.INITIATE_CHECKS})),
    RoleType.HIRING_MANAGER: (Scope.OWN, frozenset({_F.FOLLOW_CHECKS})),
}

SCOPES: dict[str, Scope] = {
    "ALL": Scope.ALL,
    "REGION": Scope.REGION,
    "DEPARTMENT": Scope.DEPARTMENT,
    "REPORTS": Scope.REPORTS,
    "OWN": Scope.OWN,
}


def grants(flags: frozenset[Flag], scope: Scope) -> dict[Can, Scope]:
    """What a role with these flags may do, and over which rows. Scope NONE grants nothing."""
    if scope is Scope.NONE:
        return {}
    return {can: scope for flag in flags for can in GRANTS[flag]}


def access_map() -> str:
    """The whole map as Markdown: role, scope, permissions (`corridor access` and docs/access-map.md print it)."""
    lines = ["| role | scope | may |", "|---|---|---|"]
    everybody = ", ".join(sorted(EVERYBODY))
    lines.append(f"| everybody signed in | OWN | {everybody} |")
    for role, (scope, flags) in ROLE_DEFAULTS.items():
        cans = ", ".join(sorted({can for flag in flags for can in GRANTS[flag]})) or "only the above"
        lines.append(f"| {role} | {scope.name} | {cans} |")
    return "\n".join(lines) + "\n"

"""The access map: what may be done (`Can`), by which role flag, over which rows (`Scope`). One page, printable.

The flags and role types are those of the role tables in the benefits specification (benefits_role_permission), extended by
SYSTEM_ADMIN and MANAGER. A role row of a company starts from `ROLE_DEFAULTS` and may be edited; an assignment narrows it to a
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
    # connections
    CONNECTION_VIEW = "connections:connection:view"
    CONNECTION_MANAGE = "connections:connection:manage"
    # notices
    TEMPLATE_MANAGE = "notices:template:manage"
    DELIVERY_VIEW = "notices:delivery:view"
    # accounts
    USER_MANAGE = "accounts:user:manage"
    ROLE_MANAGE = "accounts:role:manage"
    # oversight
    AUDIT_VIEW = "audit:event:view"
    AUDIT_EXPORT = "audit:event:export"
    OPERATIONS_VIEW = "operations:intent:view"
    OPERATIONS_RETRY = "operations:intent:retry"
    REPORT_VIEW = "reports:report:view"
    PAYROLL_VIEW = "payroll:deduction:view"
    COMPLIANCE_MANAGE = "compliance:case:manage"


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


EVERYBODY: frozenset[Can] = frozenset({Can.ACCOUNT_OWN, Can.ENROLL_OWN, Can.NOTICES_OWN})

GRANTS: dict[Flag, frozenset[Can]] = {
    Flag.MANAGE_PROVIDERS: frozenset({Can.CONNECTION_VIEW, Can.CONNECTION_MANAGE, Can.FEED_VIEW}),
    Flag.CONFIGURE_PLANS: frozenset({Can.PLAN_VIEW, Can.PLAN_CONFIGURE, Can.TEMPLATE_MANAGE}),
    Flag.PROCESS_ENROLLMENTS: frozenset(
        {Can.ENROLLMENT_VIEW, Can.ENROLLMENT_PROCESS, Can.EMPLOYEE_VIEW, Can.PLAN_VIEW, Can.DELIVERY_VIEW}
    ),
    Flag.APPROVE_ENROLLMENTS: frozenset({Can.ENROLLMENT_VIEW, Can.ENROLLMENT_APPROVE, Can.EMPLOYEE_VIEW}),
    Flag.VIEW_SENSITIVE_DATA: frozenset({Can.SENSITIVE_VIEW}),
    Flag.MANAGE_CONTRIBUTIONS: frozenset({Can.CONTRIBUTION_MANAGE, Can.PLAN_VIEW}),
    Flag.VIEW_REPORTS: frozenset({Can.REPORT_VIEW, Can.EMPLOYEE_VIEW, Can.ENROLLMENT_VIEW}),
    Flag.EXPORT_DATA: frozenset({Can.EMPLOYEE_EXPORT}),
    Flag.MANAGE_INTEGRATIONS: frozenset({Can.CONNECTION_VIEW, Can.FEED_VIEW, Can.FEED_MANAGE, Can.DISCREPANCY_VIEW}),
    Flag.VIEW_AUDIT_LOGS: frozenset({Can.AUDIT_VIEW, Can.AUDIT_EXPORT}),
    Flag.HANDLE_EXCEPTIONS: frozenset({Can.DISCREPANCY_VIEW, Can.DISCREPANCY_RESOLVE, Can.FEED_VIEW}),
    Flag.APPROVE_OVERRIDES: frozenset({Can.FEED_VIEW, Can.FEED_RELEASE}),
    Flag.MANAGE_COMPLIANCE: frozenset({Can.COMPLIANCE_MANAGE, Can.DELIVERY_VIEW}),
    Flag.ACCESS_PAYROLL_DATA: frozenset({Can.PAYROLL_VIEW}),
    Flag.MANAGE_PEOPLE: frozenset({Can.EMPLOYEE_VIEW, Can.EMPLOYEE_EDIT, Can.EMPLOYEE_IMPORT, Can.COMPANY_EDIT}),
    Flag.MANAGE_USERS: frozenset({Can.USER_MANAGE, Can.ROLE_MANAGE}),
    Flag.MANAGE_OPERATIONS: frozenset({Can.OPERATIONS_VIEW, Can.OPERATIONS_RETRY}),
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

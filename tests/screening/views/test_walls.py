"""Who may open what: every route of the recruiter's side with its permission, held against the access map."""

from __future__ import annotations

from flask import Flask

from app.core.access import ROLE_DEFAULTS, Can, RoleType, grants
from app.web.access import access_of

ROUTES = {
    Can.CHECK_VIEW: {"board", "save_view", "delete_view", "request_page"},
    Can.CHECK_ORDER: {
        "order", "order_post", "preview_order", "bulk_order", "bulk_order_post", "second_part", "second_part_post", "cancel_request",
        "order_again", "found_at_provider", "change_stage", "correct_address", "send_link", "candidates", "candidate", "candidate_post",
        "stop_reminders",
    },
    Can.CHECK_APPROVE: {"extend_request", "hold_request"},
    Can.EMPLOYEE_EXPORT: {"export_board"},
    Can.CONNECTION_VIEW: {"provider_events"},
    Can.CHECK_DATE: {"dates"},
}  # fmt: skip


def test_each_route_asks_for_its_permission(app: Flask) -> None:
    for permission, endpoints in ROUTES.items():
        for endpoint in endpoints:
            assert access_of(app, f"screening.{endpoint}") == permission, endpoint


def test_walls_between_the_roles() -> None:
    may = {role: set(grants(flags, scope)) for role, (scope, flags) in ROLE_DEFAULTS.items()}
    assert Can.RECORD_VIEW not in may[RoleType.RECRUITER]
    assert {Can.CHECK_DATE} == may[RoleType.HIRING_MANAGER] & {can for can in Can if can.value.startswith("screening:")}
    assert not may[RoleType.BG_CHECK_SPECIALIST] & {Can.CHECK_ORDER, Can.EMPLOYEE_EXPORT}
    orders = [role for role, cans in may.items() if Can.CHECK_ORDER in cans]
    assert all(Can.RECORD_VIEW not in may[role] for role in orders), "who orders a check does not read what it says"

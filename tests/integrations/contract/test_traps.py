"""The traps of ../shared/reference/integrations.md §5, each with the tests that hold it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
LIST = TESTS.parents[1] / "shared/reference/integrations.md"

TRAPS: dict[str, tuple[str, ...]] = {
    "Signature over re-serialised JSON instead of raw bytes": (
        "integrations/contract/test_webhooks.py::test_a_body_that_was_touched_is_not_believed",
        "connections/test_door.py::test_a_body_written_anew_on_the_way_is_believed_only_as_the_same_json",
    ),
    "Missing header accepted": (
        "integrations/contract/test_webhooks.py::test_without_its_proof_it_is_not_believed",
        "connections/test_door.py::test_what_nobody_proved_is_not_believed",
    ),
    "Slack 200 with ok:false": ("integrations/adapters/test_slack.py::test_a_refusal_comes_with_status_200",),
    "BambooHR 200 with 429 inside": ("integrations/adapters/test_bamboohr.py::test_what_goes_wrong",),
    "Workday fault inside HTTP 500": (
        "integrations/adapters/test_workday.py::test_what_a_500_means_is_in_its_words",
        "integrations/adapters/test_workday.py::test_the_sample_fault_is_permanent",
    ),
    "ADP ack before commit": (
        "syncing/test_hr_systems.py::test_a_message_is_acknowledged_after_it_is_kept",
        "syncing/test_traps.py::test_a_queue_is_acknowledged_after_the_commit",
    ),
    "QBO CDC exactly 1000": ("integrations/adapters/test_quickbooks.py::test_a_thousand_changes_are_not_believed",),
    "Xero daily vs minute 429": ("integrations/adapters/test_xero.py::test_which_limit_it_was",),
    "Graph 410": (
        "integrations/adapters/test_sharepoint.py::test_an_old_link_is_gone",
        "syncing/test_traps.py::test_an_expired_cursor_means_everything",
    ),
    "Two workers refreshing a rotating token": (
        "connections/test_calling.py::test_two_processes_refresh_one_rotating_token_200_times",
    ),
    "Cursor moved though the last page failed": (
        "syncing/test_killed.py::test_a_cursor_never_passes_what_is_not_stored",
        "syncing/test_killed.py::test_killed_at_random_points",
    ),
    "Full sync that returned one page deletes 95% of staff": (
        "syncing/test_runs.py::test_a_full_list_of_one_page_deletes_nobody",
    ),
    "Webhook arriving before the create it describes": (
        "syncing/test_traps.py::test_a_webhook_before_the_create_it_speaks_of",
    ),
    "Effective-dated change seen early": (
        "syncing/test_traps.py::test_a_change_of_a_later_day_waits_for_it",
        "integrations/adapters/test_bamboohr.py::test_a_change_of_a_later_day_is_not_seen_early",
        "integrations/adapters/test_workday.py::test_a_change_for_later_is_seen_on_its_day_and_not_before",
        "integrations/adapters/test_adp.py::test_a_change_to_come_is_seen_on_its_day_and_not_before",
    ),
    "Two people sharing a work e-mail when matching": (
        "people/test_matching.py::test_verdicts",
        "syncing/test_runs.py::test_a_company_arrives",
        "syncing/test_traps.py::test_who_shares_an_address_with_somebody_here_is_not_taken_for_them",
    ),
    "Clock skew: `since` taken from our clock instead of the server's Date header or the max seen": (
        "syncing/test_traps.py::test_the_mark_is_the_providers_clock_and_not_ours",
        "integrations/adapters/test_workday.py::test_a_clock_of_ours_that_is_ahead_loses_nothing",
    ),
}


@cache
def functions(file: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((TESTS / file).read_text())
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("trap", TRAPS)
def test_each_is_held_by_a_test_that_can_fail(trap: str) -> None:
    for held in TRAPS[trap]:
        file, _, name = held.partition("::")
        assert name in functions(file), held
        assert any(claims(node) for node in ast.walk(functions(file)[name])), held


def claims(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (isinstance(node, ast.Attribute) and node.attr == "raises")


def test_none_is_missing() -> None:
    if not LIST.exists():
        pytest.skip("../shared/reference is not here")
    [text] = re.findall(r"## 5\. Traps[^\n]*\n(.+?)\n\n", LIST.read_text(), re.S)
    assert list(TRAPS) == re.split(r"\.\s+(?=[A-Z])", text.strip().removesuffix("."))
    assert len(TRAPS) == 16

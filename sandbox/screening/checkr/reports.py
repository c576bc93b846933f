"""Reports, their searches, and adverse actions."""

from __future__ import annotations

from flask import request

from sandbox.screening import adverse, invitations, orders, reports
from sandbox.screening.catalog import KINDS
from sandbox.screening.checkr.finding import a_page, find
from sandbox.screening.door import Asked, Door
from sandbox.screening.provider import Screening
from sandbox.screening.shelf import Facts, Refused


def add_reports(box: Screening, door: Door) -> None:
    def included(asked: Asked) -> set[str]:
        return {name for name in asked.query.get("include", "").split(",") if name}

    @door.at("POST", "/reports")
    def create_report(asked: Asked) -> Facts:
        """The self-hosted flow."""
        candidate, package = invitations.ordered(box, asked.account, asked.sent)
        slug = package.facts["slug"]
        report = reports.create(box, candidate, slug, asked.sent, "api")
        orders.note(box, "checkr", report, candidate.facts["custom_id"] or candidate.id, slug, asked.key)
        return report.facts

    @door.at("GET", "/reports")
    def list_reports(asked: Asked) -> Facts:
        found = box.shelf.all("report", asked.account.id, asked.query.get("candidate_id", ""))[::-1]
        return a_page(box, [reports.shown(box, one, included(asked)) for one in found], asked)

    @door.at("GET", "/reports/<key>")
    def get_report(asked: Asked, key: str) -> Facts:
        return reports.shown(box, find(box, asked, "report", key), included(asked))

    @door.at("POST", "/reports/<key>")
    def change_report(asked: Asked, key: str) -> tuple[Facts, int]:
        """adjudication=engaged, or another package to upgrade to."""
        report = find(box, asked, "report", key)
        if asked.sent.get("adjudication") == "engaged":
            reports.engage(box, report)
        elif slug := asked.sent.get("package"):
            if slug not in [one.facts["slug"] for one in box.shelf.all("package") if not one.facts["deleted_at"]]:
                raise Refused(404, "Package not found")
            reports.upgrade(box, report, slug)
        else:
            raise Refused(400, "adjudication is invalid")
        return report.facts, 200

    @door.at("POST", "/reports/<key>/complete")
    def complete_now(asked: Asked, key: str) -> tuple[Facts, int]:
        report = find(box, asked, "report", key)
        reports.complete_now(box, report)
        return report.facts, 200


def add_searches(box: Screening, door: Door) -> None:
    @door.at("GET", "/reports/<key>/eta")
    def get_eta(asked: Asked, key: str) -> Facts:
        report = find(box, asked, "report", key)
        if not report.facts["estimated_completion_time"] or report.facts["status"] != "pending":
            raise Refused(404, "Report ETA prediction unavailable")
        return {
            "id": key,
            "object": "report_eta",
            "estimated_completion_time": report.facts["estimated_completion_time"],
        }

    for kind in KINDS.values():
        if kind.alone:

            @door.at("GET", f"/{kind.plural}/<key>")
            def get_search(asked: Asked, key: str) -> Facts:
                search = find(box, asked, "search", key)
                if KINDS[search.facts["object"]].plural != request.path.split("/")[-2]:
                    raise Refused(404, "Search not found")
                return reports.search_shown(box, search)


def add_adverse(box: Screening, door: Door) -> None:
    @door.at("GET", "/reports/<key>/adverse_items")
    def list_items(asked: Asked, key: str) -> Facts | list[Facts]:
        found = adverse.items(box, find(box, asked, "report", key))
        bare = box.switches.adverse_shape == "bare"
        return found if bare else {"object": "list", "data": found, "count": len(found)}

    @door.at("POST", "/reports/<key>/adverse_actions")
    def start(asked: Asked, key: str) -> Facts:
        return adverse.shown(box, adverse.start(box, find(box, asked, "report", key), asked.sent))

    @door.at("GET", "/adverse_actions/<key>")
    def get_action(asked: Asked, key: str) -> Facts:
        return adverse.shown(box, find(box, asked, "adverse_action", key))

    @door.at("DELETE", "/adverse_actions/<key>")
    def cancel(asked: Asked, key: str) -> Facts:
        action = find(box, asked, "adverse_action", key)
        adverse.cancel(box, action)
        return adverse.shown(box, action)

"""Every page each role can reach: phone and desk, light and dark; and every form with its errors. Nothing is skipped silently."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask

from app.connections.models import Connection
from app.core.clock import now
from app.core.db import tenant, transaction
from app.syncing.models import RemoteRecord, SyncRun
from tests.screening import judging
from tests.security import screened
from tests.story.parts import press, sign_in, title
from tests.story.walking import Guide, Walk, spoil_forms, walk

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(900)]
WHO = (
    "newhire", "employee", "hr", "benefits", "second", "admin", "compliance", "payroll", "manager", "recruiter", "adjudicator", "screening",
    "hiring",
)  # fmt: skip
OWN = [
    "/account",
    "/account/password",
    "/account/app",
    "/account/passkeys/new",
    "/account/confirm",
    "/notices/mine",
]
NOBODY = ["/sign-in", "/sign-in?company=northwind", "/sign-in/link", "/sign-in/link/sent", "/sign-in/link/none.at-all"]
BEYOND = {
    "accounts.passkeys_script": "a script",
    "accounts.second_factor": "only in the middle of a sign-in with a code",
    "accounts.use_link": "the story opens it",
    "accounts.welcome": "the story opens it",
    "benefits.my_beneficiaries": "for people whose life insurance is approved; tests/benefits look at it",
    "benefits.reminder": "opened from an e-mail; tests/benefits look at it",
    "dev.components": "the gallery has a test of its own",
    "dev.list_page": "the gallery has a test of its own",
    "dev.step": "the gallery has a test of its own",
    "accounting.month": "nobody here has bills in the books; tests/accounting look at it",
    "connections.oauth": "where a provider sends people back; tests/connections go the way",
    "screening.second_part": "only after a first part in New York City; tests/screening look at it",
    "webhooks.greet": "for machines",
    "feeds.manual_task": "nobody in this small company has what is entered by hand",
    **{
        f"hooks.{name}": "nobody in this small company has an endpoint; tests/hooks look at them"
        for name in ("endpoint", "edit_endpoint", "remove_endpoint", "delivery")
    },
    "people.import_columns": "a file is uploaded in the browser test of people",
    "people.import_state": "a file is uploaded in the browser test of people",
    **{
        f"screening.{name}": "nobody in this small company has a provider by files; tests/screening/files look at them"
        for name in ("files", "packages", "result_file", "tried_results", "upload_results")
    },
}
"""Pages of routes that this walk does not come to, and who looks at them."""
ELSEWHERE = ("assets", "health", "candidate")
"""No pages, or behind a candidate's link: tests/story/test_consent.py looks at each state of those."""


def test_every_page_in_both_themes_and_every_form(
    house: Any, app: Flask, new_page: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    guide, seen, known = Guide(app), Walk(), set[str]()
    visitors = {who: new_page(phone=True) for who in WHO}
    for who, page in visitors.items():
        sign_in(page, f"{who}@northwind.example")
    beyond_links = prepare(house, visitors)
    for who, page in visitors.items():
        walk(page, who, ["/", *OWN, *beyond_links.get(who, [])], guide, seen, known)
    walk(new_page(phone=True), "nobody", NOBODY[:-1], guide, seen, known)
    fill_in_badly(visitors, seen, guide)
    with capsys.disabled():
        sys.stdout.write(told(seen, guide, known, time.monotonic() - began))
    assert not seen.problems, "\n".join(seen.problems)
    missed = guide.all - known - set(BEYOND)
    assert not {endpoint for endpoint in missed if endpoint.partition(".")[0] not in ELSEWHERE}, missed


def prepare(house: Any, visitors: dict[str, Any]) -> dict[str, list[str]]:
    """Something on every page: a draft, a signed enrollment, files and answers, and a carrier that says something else.

    Returns by visitor the pages that a button leads to, or that the first link of its kind is not.
    """
    choose_everything(visitors["newhire"], sign=False)
    family_member = urlsplit(visitors["newhire"].url).path.rpartition("/")[0] + "/family-member"
    visitors["payroll"].goto("/account")
    press(visitors["payroll"], "Set up")
    visitors["admin"].goto("/users?q=payroll")
    somebody = visitors["admin"].get_by_role("link", name="payroll@northwind.example").get_attribute("href")
    choose_everything(visitors["employee"], sign=True)
    admin = visitors["benefits"]
    for carrier in house.sandbox.carriers:
        house.sandbox.client.carrier(carrier).set(wrong_member="tier")
    house.settle()
    for carrier in ("Evergreen Health", "BrightLine Vision"):
        admin.goto("/feeds")
        press(admin, f"Send now {carrier}")
        title(admin, "Carrier feeds")
    house.settle()
    house.sandbox.client.wait_idle()
    for carrier in house.sandbox.carriers:
        house.sandbox.client.carrier(carrier).send_census()
    for carrier in ("Evergreen Health", "BrightLine Vision"):
        admin.goto("/feeds")
        press(admin, f"Check now {carrier}")
        title(admin, "What arrived from carriers")
    house.settle()
    return {"newhire": [family_member], "admin": [somebody], "benefits": integrations(house.company_id)} | cases(
        house.company_id
    )


def integrations(company_id: UUID) -> list[str]:
    """An HR system with a rehearsal, a run and a record somebody must decide about; a channel and a drive that may be chosen."""
    with tenant(company_id), transaction() as session:
        hr, channel, drive = (
            Connection(adapter=slug, name=slug, code=slug.upper()[:9], status="connected", settings=settings)
            for slug, settings in (
                ("bamboohr", {"company": "northwind"}),
                ("slack", {"channel": "C0000000001"}),
                ("sharepoint", {}),
            )
        )
        hr.credentials = {"client_id": "a", "client_secret": "b"}
        session.add_all([hr, channel, drive])
        session.flush()
        line = {
            "resource": "employees",
            "remote_id": "7",
            "label": "Wren Abiodun",
            "outcome": "made",
            "changes": {"job_title": [None, "Engineer"]},
        }
        part = {"employees": {"mode": "full", "read": 30, "new": 29, "failed": 1, "done": True}}
        about = {
            "connection_id": hr.id,
            "integration_type": "hris",
            "provider": "bamboohr",
            "mode": "full",
            "parts": part,
            "state": "done",
        }
        run = SyncRun(**about, is_dry=True, diff=[{**line, "problems": {}}], started_at=now(), completed_at=now())
        record = RemoteRecord(
            connection_id=hr.id, resource="employees", kind="employee", remote_id="7", state="doubtful", seen_at=now(),
            raw={"firstName": "Wren", "lastName": "Abiodun", "status": "Active", "hireDate": "2024-06-09"},
            problems={"record": "An employee has the same number or address, and another name"},
        )  # fmt: skip
        session.add_all([run, record])
        session.flush()
        here = f"/integrations/{hr.id}"
        return [
            here, f"{here}/runs", f"/integrations/runs/{run.id}", f"{here}/records?state=doubtful", f"/integrations/records/{record.id}",
            f"{here}/mapping/employees", f"{here}/mapping/employees/job_title", f"{here}/schedule", f"/connections/{hr.id}",
            f"/connections/{hr.id}/conduct", f"/connections/{hr.id}/disconnect", f"/notices/channels/{channel.id}",
            f"/connections/documents/{drive.id}",
        ]  # fmt: skip


def cases(company_id: UUID) -> dict[str, list[str]]:
    """Checks whose report is there, at every point of adverse action, with the pages only some of them lead to."""
    with tenant(company_id), transaction() as session:
        made = screened.make_cases(session, company_id, "Casey")
        record = judging.rows(session, made["in_review"])[0].id
        letter = judging.letters_of(session, made["waiting"])[0].id
        at = {name: f"/screening/cases/{request.id}" for name, request in made.items()}
        asked = made["waiting"].id
    return {
        "adjudicator": [
            f"{at['in_review']}/records/{record}", f"{at['in_review']}/assessment", f"{at['in_review']}/report-copy",
            f"{at['assessed']}/notice", f"{at['waiting']}/answer", f"{at['waiting']}/end", f"{at['reassessed']}/final",
            f"/screening/letters/{letter}", at["answered"],
        ],
        "compliance": [f"{at['waiting']}/proof", f"/screening/retention/holds/{asked}"],
        "screening": [f"{at['in_review']}/traces", f"/screening/requests/{asked}/provider-events"],
    }  # fmt: skip


def choose_everything(page: Any, *, sign: bool) -> None:
    """The first answer of each step, until the answers are to be checked or signed."""
    page.goto("/benefits")
    if not page.locator("main .card.accent").count():
        page.get_by_role("link", name="See every step").wait_for()  # signed already, and waits at HR
        return
    page.locator("main .card.accent a.button").click()
    title(page, "Choose your benefits")
    page.get_by_role("link", name="Start", exact=True).click()
    title(page, "Who to cover")
    press(page, "Save and continue")
    for step in ("Medical", "Dental", "Vision", "Life insurance"):
        title(page, step)
        page.locator("main .tile:not(.off) input[type=radio]").first.check(force=True)
        press(page, "Save and continue")
    title(page, "Beneficiaries")
    page.get_by_label("Full name").first.fill("Robin Torres")
    press(page, "Save and continue")
    title(page, "Check your answers")
    if sign:
        page.get_by_role("link", name="Continue to sign").click()
        hint = page.locator(".signature .field .hint").inner_text()
        page.get_by_label("Your full name").fill(hint.rpartition(": ")[2])
        page.locator(".signature input[type=checkbox]").check(force=True)
        press(page, "Sign and send to HR")
        page.wait_for_url("**/benefits/confirmation/**")


def fill_in_badly(visitors: dict[str, Any], seen: Walk, guide: Guide) -> None:
    """Each form once, by the first who could open its page."""
    done: set[str] = set()

    def skip(action: str) -> bool:
        endpoint = action.partition("?")[0]
        known = endpoint in done
        done.add(endpoint)
        return known

    opened: set[str] = set()
    for (who, endpoint), path in seen.paths.items():
        if endpoint not in opened and who in visitors:
            opened.add(endpoint)
            spoil_forms(visitors[who], who, path, seen, skip=skip)


def told(seen: Walk, guide: Guide, known: set[str], seconds: float) -> str:
    missed = sorted(
        endpoint for endpoint in guide.all - known if endpoint.partition(".")[0] not in ("assets", "health")
    )
    lines = [
        f"\npages: {len(seen.paths)} (role and route) of {len(known)} routes; states: {seen.states}; problems: {len(seen.problems)}",
        f"forms answered 422 with linked errors: {len(seen.forms)}; forms that take an empty answer: {sorted(seen.lenient)}",
        f"heaviest first load: {seen.heaviest[0]} bytes, {seen.heaviest[1]}",
        *(f"not walked: {endpoint} ({BEYOND.get(endpoint, 'NOBODY CAME HERE')})" for endpoint in missed),
        f"{seconds:.0f} s\n",
    ]
    return "\n".join(lines)

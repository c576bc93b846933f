"""The page of rules: what stands on it, who may accept, and what an acceptance sets going."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.access import RoleType
from app.core.db import transaction
from app.core.events import AuditEvent
from app.core.jobs import JobIntent
from app.screening.models import AcceptedRule, FrozenRuling, ScreeningRequest
from app.screening.rules.places import Place
from app.screening.services import reading, rulings
from tests.feeds.pages import Visitor, admin_of
from tests.screening.made import Employer, make_employer, order

RULES = "/screening/rules"
TEXAS = f"{RULES}/us-fcra"


@pytest.fixture
def unread(company: UUID) -> Employer:
    with transaction() as session:
        return make_employer(session, company, accept=False)


def officer(app: Any, employer: Employer) -> Visitor:
    return Visitor(app, admin_of(employer.company_id, "law@acme.example", (RoleType.COMPLIANCE_OFFICER,)))


def digest_on(html: str) -> str:
    found = re.search(r'name="digest"[^>]* value="([0-9a-f]{64})"', html)
    assert found is not None
    return found[1]


def test_every_rule_of_today_is_listed_and_found_by_state(app: Any, unread: Employer) -> None:
    who = officer(app, unread)
    html = who.get(RULES)
    rows = rulings.rules_today()
    assert len(re.findall(rf'href="{RULES}/us-[a-z0-9-]+"', html)) == len(rows)
    html = who.get(f"{RULES}?state=CA")
    assert "California Fair Chance Act" in html
    assert "Fair Credit Reporting Act" in html  # binds in California too
    assert "Philadelphia" not in html
    assert "No rule fits these filters" in who.get(f"{RULES}?standing=accepted")
    assert who.get(f"{RULES}?state=XX&standing=nothing").count("/rules/us-") == len(rows)


def test_a_rule_says_all_it_demands_in_words(app: Any, unread: Employer) -> None:
    html = " ".join(officer(app, unread).get(f"{RULES}/us-ca-fca").split())
    for words in (
        "Only after a conditional offer", "5 business days from receipt", "E-mail counts as received 2 business days after it was sent",
        "Mail, abroad counts as received 20 calendar days after it was sent", "Employers with 5 employees or more",
        "5 business days more, once, if the candidate says that the report is wrong", "Arrest without a conviction: never",
        "Copy of the report: with the notice before a decision", "Cal. Gov. Code 12952", "The exemptions are shortened",
    ):  # fmt: skip
        assert words in html
    assert "less than $75,000.00 a year" in officer_again(app, unread).get(TEXAS)


def officer_again(app: Any, employer: Employer) -> Visitor:
    return Visitor(app, admin_of(employer.company_id, "law2@acme.example", (RoleType.COMPLIANCE_OFFICER,)))


def test_accepting_says_who_read_it_and_lets_checks_go_on(app: Any, unread: Employer) -> None:
    with transaction() as session:
        order(session, unread)
    who = officer(app, unread)
    assert "1 check waits for this rule." in who.get(TEXAS)
    assert "Checks are waiting" in who.get(RULES)
    digest = digest_on(who.get(TEXAS))
    html = who.post(f"{TEXAS}/acceptance", {"digest": digest, "note": " "}, 422, page=TEXAS).get_data(as_text=True)
    assert "Say who read the rule, and when" in html
    stale = who.post(f"{TEXAS}/acceptance", {"digest": "0" * 64, "note": "Counsel"}, 422, page=TEXAS)
    assert "has changed since the page was opened" in stale.get_data(as_text=True)
    with transaction() as session:
        assert session.scalars(sa.select(AcceptedRule)).all() == []
    who.post(f"{TEXAS}/acceptance", {"digest": digest, "note": "Read by counsel on Friday"}, page=TEXAS)
    html = who.get(TEXAS)
    assert "Read by counsel on Friday" in html
    assert "Accepted by us" in html
    with transaction() as session:
        kinds = set(session.scalars(sa.select(JobIntent.kind)))
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "screening.rule.accepted")).one()
    assert {"screening.release_again", "screening.send_waiting_links"} <= kinds
    assert event.risk == "high"


def test_withdrawing_needs_a_reason_and_stops_new_checks(app: Any, employer: Employer) -> None:
    who = officer(app, employer)
    digest = digest_on(who.get(TEXAS))
    who.post(f"{TEXAS}/withdrawal", {"digest": digest, "reason": ""}, 422, page=TEXAS)
    who.post(f"{TEXAS}/withdrawal", {"digest": digest, "reason": "Counsel is not sure"}, page=TEXAS)
    assert "Not read" in who.get(TEXAS)
    who.post(f"{TEXAS}/withdrawal", {"digest": digest, "reason": "again"}, 404, page=TEXAS)
    with transaction() as session:
        assert order(session, employer).ruling_id is None


def test_a_changed_rule_shows_what_was_read_and_what_it_says_now(
    app: Any, employer: Employer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as session:
        order(session, employer, work=Place("US", "CA", "Sacramento", "Sacramento", False))
    row = next(row for row in rulings.rules_today() if row.key == "us-ca-fca")
    assert row.wait is not None
    newer = replace(
        row, wait=replace(row.wait, days=7), factors=row.factors[:-1], sources=(*row.sources, "Stats. 2026")
    )
    rows = [newer if one.key == row.key else one for one in rulings.rules_today()]
    monkeypatch.setattr(reading, "rules_today", lambda: rows)
    who = officer(app, employer)
    html = who.get(f"{RULES}/us-ca-fca")
    assert "The rule says something else than what was accepted" in html
    gone, new = (re.findall(rf"<{tag}>.*?</span>(.*?)</{tag}>", html) for tag in ("del", "ins"))
    assert gone[0].startswith("Evidence of rehabilitation")
    assert gone[1:] == ["5 business days from receipt"]
    assert new == ["7 business days from receipt", "Stats. 2026"]
    assert who.get(f"{RULES}?standing=changed").count(f'href="{RULES}/us-') == 1
    with transaction() as session:
        session.execute(sa.update(ScreeningRequest).values(ruling_id=None))
        session.execute(sa.delete(FrozenRuling))  # no case came under the words that were accepted
    assert "no longer at hand to compare" in who.get(f"{RULES}/us-ca-fca")


def test_counsel_gets_the_rules_as_a_file_and_on_paper(app: Any, employer: Employer) -> None:
    who = officer(app, employer)
    answer = who.client.get(f"{RULES}/rules.csv?state=CA")
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    known = {row.key: row.digest for row in rulings.rules_today() if row.where.state in ("", "CA")}
    assert {line["key"]: line["digest"] for line in lines} == known
    assert all(line["demands"] and line["sources"] and line["note"] for line in lines)
    html = who.get(f"{RULES}/print?state=CA")
    assert all(digest in html for digest in known.values())
    assert "Not reviewed" in who.get(f"{RULES}/texts")


@pytest.mark.parametrize("role", [role for role in RoleType if role is not RoleType.COMPLIANCE_OFFICER])
def test_only_compliance_reads_and_accepts_rules(app: Any, employer: Employer, role: RoleType) -> None:
    other = Visitor(app, admin_of(employer.company_id, "other@acme.example", (role,)))
    for url in (RULES, TEXAS, f"{RULES}/print", f"{RULES}/rules.csv", f"{RULES}/texts"):
        other.get(url, 403)
    other.post(f"{TEXAS}/acceptance", {"note": "me"}, 403, page="/account")
    other.post(f"{TEXAS}/withdrawal", {"reason": "me"}, 403, page="/account")

"""Candidates and invitations: the hosted flow."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

from sandbox.screening import orders, reports
from sandbox.screening.catalog import NOT_ORDERABLE
from sandbox.screening.scenarios import SCENARIOS, tagged
from sandbox.screening.shelf import Facts, Item, Refused, moment, written

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening

DAY = 86400
NAME = re.compile(r"[a-zA-Zªµº\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\-'., ]+")
PERSONAL = ("first_name", "middle_name", "last_name", "email", "phone", "zipcode", "dob", "ssn")
CANDIDATE_FIELDS = (
    "first_name", "middle_name", "no_middle_name", "last_name", "email", "phone", "zipcode", "dob", "ssn",
    "driver_license_number", "driver_license_state", "copy_requested", "custom_id", "metadata",
)  # fmt: skip


def create_candidate(box: Screening, account: Item, sent: Facts) -> Item:
    """Raises Refused (400) with every wrong field, or (409) for a duplicate too many."""
    if problems := wrong_fields(box, sent):
        raise Refused(400, *problems)
    if box.switches.duplicate_limits:
        _refuse_duplicates(box, account, sent)
    facts: Facts = {name: sent.get(name) for name in CANDIDATE_FIELDS}
    facts["ssn"] = f"XXX-XX-{str(sent['ssn'])[-4:]}" if sent.get("ssn") else None
    facts |= {"created_at": written(box.clock.now()), "report_ids": [], "geo_ids": [], "adjudication": None}
    scenario = tagged(str(sent["last_name"]), str(sent["email"])) or box.switches.default_scenario
    hidden = {"scenario": scenario, "fault": SCENARIOS[scenario].fault}
    candidate = box.shelf.add("candidate", account.id, facts, account.id, hidden)
    candidate.facts["uri"] = f"/v1/candidates/{candidate.id}"
    box.shelf.save(candidate)
    box.tell("candidate.created", candidate)
    return candidate


def wrong_fields(box: Screening, sent: Facts) -> list[str]:
    problems = [f"{name} can't be blank" for name in ("first_name", "last_name", "email") if not sent.get(name)]
    for name in ("first_name", "middle_name", "last_name"):
        if sent.get(name) and not NAME.fullmatch(str(sent[name])):
            problems.append(f"{name} contains invalid characters")
    if sent.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(sent["email"])):
        problems.append("email is invalid")
    if bool(sent.get("middle_name")) and str(sent.get("no_middle_name", "")).lower() in ("true", "1"):
        problems.append("no_middle_name cannot be true when there is a middle_name")
    if sent.get("zipcode") and not re.fullmatch(r"\d{5}(-\d{4})?", str(sent["zipcode"])):
        problems.append("zipcode is invalid")
    if sent.get("ssn") and not _good_ssn(re.sub(r"\D", "", str(sent["ssn"]))):
        problems.append("ssn is invalid")
    if sent.get("dob") and (age := _age(box, str(sent["dob"]))) < 18:
        problems.append("dob is invalid" if age < 0 else "candidate must be at least 18 years old")
    return problems


def _good_ssn(digits: str) -> bool:
    if len(digits) != 9 or digits[:3] in ("000", "666") or digits[0] == "9":
        return False
    return len(set(digits)) > 1 and digits not in ("123456789", "987654321")


def _age(box: Screening, text: str) -> float:
    """In years; negative for what is no date."""
    try:
        return (box.clock.now() - moment(text)).days / 365.2425
    except ValueError:
        return -1


def _refuse_duplicates(box: Screening, account: Item, sent: Facts) -> None:
    """Checkr allows two duplicates of a person within a day."""
    since = written(box.now() - DAY) or ""
    same = [
        one
        for one in box.shelf.all("candidate", account.id)
        if one.facts["created_at"] > since
        and all(one.facts[name] == sent.get(name) for name in ("first_name", "last_name", "email"))
    ]
    if len(same) > 2:
        raise Refused(409, "Candidate already exists: too many duplicates within 24 hours")


def erase(box: Screening, candidate: Item) -> None:
    """What identifies the person is gone for good."""
    candidate.facts |= dict.fromkeys(PERSONAL)
    candidate.hidden["erased"] = True
    box.shelf.save(candidate)


def ordered(box: Screening, account: Item, sent: Facts) -> tuple[Item, Item]:
    """The candidate and the package of an order. Raises Refused."""
    problems = [
        f"{name} can't be blank" for name in ("candidate_id", "package", "work_locations") if not sent.get(name)
    ]
    places = sent.get("work_locations") or []
    if not isinstance(places, list) or not all(isinstance(one, dict) and one.get("country") for one in places):
        problems.append("work_locations is invalid")
    elif any(one["country"] == "US" and not re.fullmatch("[A-Z]{2}", str(one.get("state"))) for one in places):
        problems.append("work_locations state is invalid")
    if problems:
        raise Refused(400, *problems)
    if not account.hidden["credentialed"]:
        raise Refused(403, "Your account is not approved for production")
    candidate = box.shelf.get("candidate", str(sent["candidate_id"]), account.id)
    if candidate is None:
        raise Refused(404, "Candidate not found")
    if candidate.hidden.get("erased"):
        raise Refused(403, "Candidate has requested that their PII be removed")
    packages = {one.facts["slug"]: one for one in box.shelf.all("package") if not one.facts["deleted_at"]}
    if sent["package"] not in packages:
        raise Refused(404, "Package not found")
    if sent["package"] in NOT_ORDERABLE:
        raise Refused(400, "package cannot be ordered")
    return candidate, packages[str(sent["package"])]


def invite(box: Screening, account: Item, sent: Facts, key: str) -> Item:
    """An order in the hosted flow: valid for seven days."""
    candidate, package = ordered(box, account, sent)
    token, now = secrets.token_urlsafe(16), box.now()
    facts = {
        "uri": None, "status": "pending", "created_at": written(now), "expires_at": written(now + 7 * DAY), "completed_at": None,
        "deleted_at": None, "archived": False, "package": package.facts["slug"], "candidate_id": candidate.id, "report_id": None,
        "invitation_url": f"{box.base_url}/screening/apply/{token}", "work_locations": sent["work_locations"],
        "tags": sent.get("tags") or [], "node": sent.get("node"),
    }  # fmt: skip
    item = box.shelf.add("invitation", account.id, facts, candidate.id, {"token": token})
    item.facts["uri"] = f"/v1/invitations/{item.id}"
    finishes = SCENARIOS[candidate.hidden["scenario"]].finishes
    steps = [{"at": now + 7 * DAY, "verb": "expire", "values": {}, "hurry": not finishes}]
    if finishes and box.switches.candidate_finishes:
        steps.append({"at": now + DAY, "verb": "finish", "values": {}, "hurry": True})
    item.plan(*steps)
    box.shelf.save(item)
    orders.note(box, "checkr", item, candidate.facts["custom_id"] or candidate.id, package.facts["slug"], key)
    box.tell("invitation.created", item)
    return item


def finish(box: Screening, item: Item, dob: str = "") -> None:
    """The candidate has given everything: the report begins."""
    _must_be_open(item)
    candidate = box.shelf.get("candidate", item.parent)
    assert candidate is not None
    if dob:
        candidate.facts["dob"] = dob
        box.shelf.save(candidate)
    report = reports.create(box, candidate, item.facts["package"], item.facts, "form")
    item.facts |= {"status": "completed", "completed_at": written(box.now()), "report_id": report.id}
    item.plan()
    box.shelf.save(item)
    box.tell("invitation.completed", item)


def expire(box: Screening, item: Item) -> None:
    """The seven days are over."""
    _must_be_open(item)
    item.facts["status"] = "expired"
    item.plan()
    box.shelf.save(item)
    box.tell("invitation.expired", item)


def delete(box: Screening, item: Item) -> None:
    """Called off. One that is finished cannot be."""
    _must_be_open(item)
    item.facts["deleted_at"] = written(box.now())
    item.plan()
    box.shelf.save(item)
    box.tell("invitation.deleted", item)


def _must_be_open(item: Item) -> None:
    if item.facts["status"] != "pending" or item.facts["deleted_at"]:
        raise ValueError("The invitation is no longer open.")


def by_token(box: Screening, token: str) -> Item | None:
    """The invitation behind a link."""
    return next(
        (
            one
            for one in box.shelf.all("invitation")
            if secrets.compare_digest(one.hidden["token"].encode(), token.encode())
        ),
        None,
    )


def with_package_name(box: Screening, item: Item) -> dict[str, Any]:
    """What the hosted page shows of it."""
    candidate = box.shelf.get("candidate", item.parent)
    names = {one.facts["slug"]: one.facts for one in box.shelf.all("package")}
    return {
        "candidate": candidate,
        "package": names.get(item.facts["package"], {"name": item.facts["package"], "screenings": []}),
    }

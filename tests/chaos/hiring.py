"""The candidates of the chaos run: each signs, and that very transaction lets the order of their check out to a provider.

One provider is called with idempotency keys (Checkr's shapes); two are the configurable connector at one that orders whatever it is sent, once
with a search for what it has and once without: there only a person can find out what became of a lost answer.
"""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.connections.services import door
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import current_tenant
from app.core.events import Actor, system
from app.core.jobs import JobIntent
from app.integrations.adapters.custom_screening.presets import presets
from app.screening.models import JobApplication, ScreeningPackage, ScreeningRequest
from app.screening.rules.states import ConsentState
from app.screening.rules.words import AskStage
from app.screening.services import candidates, gate, ordering, rulings
from tests.chaos.traffic import Traffic
from tests.screening import made

KEYED, LOOKED_FOR, BLIND = "KEYED", "LOOKED", "BLIND"
SHARES = {LOOKED_FOR: 0.1, BLIND: 0.2}
"""Orders at the provider without keys, for each at the one with."""

NAMES = ("Clear",) * 12 + ("Consider", "Records", "Suspended", "Resumed", "Paused", "Canceled", "Expired")
"""A last name says what the sandbox finds."""
FIRST = "Ada Ben Cleo Dan Eve Finn Gus Hana Ivo Jo Kim Lea Max Nia Oli Pia".split()


class Check(NamedTuple):
    """spoiled: its signature is rolled back once before it is committed; `None`: for good."""

    number: int
    code: str
    name: str
    spoiled: bool | None


def plan(seed: int, size: int) -> list[Check]:
    """`size` orders with keys, the others besides, in an order drawn from the seed; a tenth is never committed."""
    chance = random.Random(f"checks {seed}")
    codes = [KEYED] * size + [code for code, share in SHARES.items() for _ in range(round(size * share))]
    extra = round(len(codes) * 0.05)
    fates: list[bool | None] = [False] * (len(codes) - extra) + [True] * extra + [None] * extra
    codes += chance.choices(codes, k=extra)
    for one in (codes, fates):
        chance.shuffle(one)
    if missing := size - sum(code == KEYED and fate is not None for code, fate in zip(codes, fates, strict=True)):
        codes, fates = codes + [KEYED] * missing, fates + [False] * missing
    return [Check(n, code, chance.choice(NAMES), fate) for n, (code, fate) in enumerate(zip(codes, fates, strict=True))]


def make(session: Session, sandbox: dict[str, Any], checks: list[Check]) -> None:
    """Providers, packages, one recruiter, accepted rules, and requests whose links were sent long ago. Written once, before the killing."""
    told = sandbox["screening"]
    plain = {"api_user": told["plain_user"], "api_key": told["plain_password"]}
    settings = dict(presets()["custom_api"].settings)
    blind = settings | {"api": settings["api"] | {"find_path": ""}}
    packages = {
        KEYED: _provider(session, KEYED, "essential", adapter="checkr", api_endpoint_url=told["checkr_url"],
                         credentials={"api_key": told["api_key"]})
    } | {
        code: _provider(session, code, "BASIC", adapter="custom_screening", api_endpoint_url=told["plain_url"],
                        settings=chosen, credentials=plain)
        for code, chosen in ((LOOKED_FOR, settings), (BLIND, blind))
    }  # fmt: skip
    recruiter = made.actor(RoleType.RECRUITER, made.add_user(session, "recruiter@chaos.example"))
    compliance = made.actor(RoleType.COMPLIANCE_OFFICER, made.add_user(session))
    for row in rulings.rules_today():
        rulings.accept_rule(session, compliance, row.digest, note="Read for the chaos run")
    for check in checks:
        _request(session, recruiter, packages[check.code], check)
    session.execute(sa.delete(JobIntent).where(JobIntent.kind.like("screening.%")))


def _provider(session: Session, code: str, slug: str, **values: Any) -> UUID:
    connection = Connection(name=code.title(), code=code, status="connected", environment="staging",
                            rate_limit_per_hour=100_000, **values)  # fmt: skip
    connection.webhook_key = door.new_key(current_tenant())
    package = ScreeningPackage(
        connection_id=connection.id, slug=slug, name=slug, price=Decimal("54.99"), checks=made.CHECKS,
        check_types=["criminal", "identity_verification"], criminal=True, synced_at=now(),
    )  # fmt: skip
    session.add_all([connection, package])
    session.flush()
    return package.id


def _request(session: Session, recruiter: Actor, package: UUID, check: Check) -> None:
    facts = candidates.NewCandidate(
        first_name=FIRST[check.number % len(FIRST)], last_name=check.name, email=f"c{check.number}@chaos.example",
        residence=made.AUSTIN, date_of_birth=date(1990, 5, 17),
    )  # fmt: skip
    candidate = candidates.add_candidate(session, recruiter, facts)
    session.flush()
    wanted = candidates.NewApplication(
        position="Driver", work=made.AUSTIN, stage=AskStage.OFFER, external_ref=_ref(check)
    )
    application = candidates.add_application(session, recruiter, candidate, wanted)
    session.flush()
    ordering.order(session, recruiter, candidate, application, ordering.NewOrder(package_id=package, certified=True))


def _ref(check: Check) -> str:
    return f"chaos-{check.number}"


class Candidates(Traffic):
    """They sign over `seconds`: the signed papers and the release of the order are one transaction."""

    def __init__(self, *args: Any, size: int) -> None:
        super().__init__(*args)
        self.checks = plan(self.seed, size)

    def run(self) -> None:
        finished = {line["number"] for line in self.before if line["what"] in ("ordered", "never")}
        for check in self.checks:
            if not self.wait_for_turn(check.number, len(self.checks)):
                return
            if check.number not in finished:
                self._sign(check)
        self.say("end", number=len(self.checks), waits=self.waits)
        self.stop.wait()

    def _sign(self, check: Check) -> None:
        if check.spoiled is not False:
            self.spoiled(lambda session: sign(session, check))
        if check.spoiled is None:
            self.say("never", number=check.number)
            return
        request_id = self.retry(lambda session: sign(session, check))
        self.say("ordered", number=check.number, request=str(request_id))


def sign(session: Session, check: Check) -> UUID:
    """Once: after a lost answer of the database it is found signed."""
    query = (
        sa.select(ScreeningRequest)
        .join(JobApplication, JobApplication.id == ScreeningRequest.application_id)
        .where(JobApplication.external_ref == _ref(check))
    )
    request = session.scalars(query).one()
    if request.consent == ConsentState.PENDING:
        made.give_consent(session, request)
        assert gate.release(session, system("chaos"), request), request.hold_reason
    return request.id

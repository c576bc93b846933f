"""The carriers of the demo: two with SFTP servers in the sandbox, live and with pinned host keys, and one without a feed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus, Phase
from app.domains import people

CENSUS_COLUMNS = {
    "subscriber_number": "subscriber_id", "member_number": "member_id", "last_name": "last_name", "first_name": "first_name",
    "birth_on": "birth_date", "relationship": "relationship", "plan_code": "plan_code", "tier": "tier", "start_on": "start_date",
    "end_on": "end_date",
}  # fmt: skip
CARRIERS = (
    ("EVERGREEN", "evergreen", "Evergreen Health", "Health Insurance", "612000001"),
    ("BRIGHTLINE", "brightline", "BrightLine Vision", "Vision Insurance", "612000002"),
)
CENSUS_SECONDS = 45


def read_sandbox(ready_file: Path) -> dict[str, Any]:
    """What `python -m sandbox` wrote when it was ready."""
    ready: dict[str, Any] = json.loads(ready_file.read_text())
    return ready


def make_carriers(session: Session, company: people.Company, sandbox: dict[str, Any]) -> dict[str, Connection]:
    """A live connection per carrier, by code."""
    made = {}
    for code, slug, name, kind, payer in CARRIERS:
        door = sandbox["carriers"][slug]
        connection = Connection(
            adapter="edi834", name=name, code=code, provider_type=kind, integration_method="EDI", data_format="EDI 834",
            authentication_type="Basic Auth", phase=Phase.PRODUCTION, status=ConnectionStatus.CONNECTED,
            credentials={"password": door["password"]}, supported_benefit_types=["health", "dental"] if slug == "evergreen" else ["vision"],
            settings={
                "profile": _profile(company, name, code, payer),
                "sftp": {
                    "host": sandbox["host"], "port": door["sftp_port"], "username": door["user"],
                    "host_key": sandbox["sftp_host_key"], "outbound": "inbound", "inbound": "outbound",
                },
            },
        )  # fmt: skip
        session.add(connection)
        made[code] = connection
    made["HARBOR"] = _by_hand(session)
    return made


def _by_hand(session: Session) -> Connection:
    """A life insurer that takes no files: a person enters each change in its portal."""
    connection = Connection(
        adapter="manual", name="Harbor Life", code="HARBOR", provider_type="Life Insurance", integration_method="Manual Upload",
        data_format="Custom Format", authentication_type="Basic Auth", phase=Phase.PRODUCTION, status=ConnectionStatus.CONNECTED,
        credentials={}, supported_benefit_types=["life"],
        settings={
            "portal": "https://portal.harbor-life.example", "contact": "groups@harbor-life.example", "group_number": "HL-2210",
            "instructions": "Open Groups, Members. Add, change or end the person there. Copy the confirmation number.",
        },
    )  # fmt: skip
    session.add(connection)
    return connection


def _profile(company: people.Company, name: str, code: str, payer: str) -> dict[str, Any]:
    return {
        "sender_id": "NORTHWIND", "receiver_id": code, "sponsor_name": company.name, "sponsor_id": company.tax_id,
        "payer_name": name, "payer_id": payer, "want_ta1": True, "files": "both", "schedule": "daily", "live": True,
        "phase": "production", "acknowledge_hours": 4, "retro_limit_days": 366, "census_columns": CENSUS_COLUMNS,
    }  # fmt: skip

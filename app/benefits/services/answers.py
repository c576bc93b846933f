"""The answers of a draft as they are stored: ids and words only, so that an offer that changed is priced anew every time."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from app.benefits.rules.beneficiaries import Share
from app.benefits.rules.words import BeneficiaryKind, Election


@dataclass(slots=True)
class Answers:
    """`who` is None until the first step is answered; `choices` is coverage type → {election, plan_id, covered}."""

    who: list[str] | None = None
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)
    beneficiaries: list[Share] = field(default_factory=list)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Answers:
        return cls(
            stored.get("who"),
            {kind: dict(choice) for kind, choice in stored.get("choices", {}).items()},
            [share for share in map(_share, stored.get("beneficiaries", [])) if share is not None],
        )

    def write(self) -> dict[str, Any]:
        shares = [
            {"name": s.name, "kind": s.kind.value, "percent": str(s.percent), "relation": s.relation}
            for s in self.beneficiaries
        ]
        return {"who": self.who, "choices": self.choices, "beneficiaries": shares}

    def choice(self, coverage_type: str) -> tuple[Election | None, str]:
        """(election, plan id) of a coverage type."""
        chosen = self.choices.get(coverage_type, {})
        word = chosen.get("election")
        return (Election(word) if word in set(Election) else None), str(chosen.get("plan_id", ""))

    def covered_by(self, coverage_type: str) -> set[str]:
        """Ids of the people to cover: those named for this coverage, else those named for all."""
        own = self.choices.get(coverage_type, {}).get("covered")
        return set(own if own is not None else self.who or [])

    def choose(
        self, coverage_type: str, election: Election, plan_id: str = "", covered: list[str] | None = None
    ) -> None:
        self.choices[coverage_type] = {"election": election.value, "plan_id": plan_id, "covered": covered}


def _share(stored: dict[str, Any]) -> Share | None:
    try:
        kind, percent = BeneficiaryKind(stored["kind"]), Decimal(stored["percent"])
        return Share(str(stored["name"]), kind, percent, str(stored.get("relation", "")))
    except (KeyError, ValueError, InvalidOperation):
        return None

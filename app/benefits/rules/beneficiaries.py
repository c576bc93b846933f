"""Who receives a life benefit: shares of each class add up to 100 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.benefits.rules.words import BeneficiaryKind

FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Share:
    name: str
    kind: BeneficiaryKind
    percent: Decimal
    relation: str = ""


def totals(shares: Sequence[Share]) -> dict[BeneficiaryKind, Decimal]:
    """Percent given away per class, for classes that occur."""
    sums: dict[BeneficiaryKind, Decimal] = {}
    for share in shares:
        sums[share.kind] = sums.get(share.kind, Decimal(0)) + share.percent
    return sums


def incomplete(shares: Sequence[Share]) -> dict[BeneficiaryKind, Decimal]:
    """Classes whose shares are not 100 %, with what they add up to; a primary beneficiary is needed."""
    sums = {BeneficiaryKind.PRIMARY: Decimal(0)} | totals(shares)
    return {kind: total for kind, total in sums.items() if total != FULL}


def even_split(people: int) -> list[Decimal]:
    """Shares for so many people that add up to exactly 100 %; the first ones carry the odd hundredths."""
    if people < 1:
        return []
    hundredths, rest = divmod(10_000, people)
    return [Decimal(hundredths + (place < rest)) / 100 for place in range(people)]

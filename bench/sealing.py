"""The product's bulk encryption as the bench uses it: hexadecimal digits for COPY, whichever of bytes and digits it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

Seal = Callable[[bytes, str], str]


def sealers(company_id: UUID, names: Sequence[str]) -> list[Seal]:
    """A function (row id as text, plain text) → digits for each field of Employee."""
    from app.core.crypto import Sealer
    from app.people.models import Employee

    sealer = Sealer(company_id)
    return [_digits(sealer.field(getattr(Employee, name))) for name in names]


def _digits(seal: Callable[[bytes, str], bytes | str]) -> Seal:
    if isinstance(seal(b"probe", "probe"), str):
        return seal  # type: ignore[return-value]
    return lambda row, plain: seal(row, plain).hex()  # type: ignore[union-attr]

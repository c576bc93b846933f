"""C1: field encryption, one value at a time (ORM) and in bulk (import), against bare AES-GCM. The share is measured by `import`."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any
from uuid import UUID, uuid4

from bench.fill import LARGE_ID, make_company
from bench.ground import Ground
from bench.result import Result
from bench.sealing import sealers

MANY = 20_000


def measure(ground: Ground, rounds: int) -> list[Result]:
    """µs a field: seal in bulk with its share of blind indexes (2 of 10 fields), seal through the ORM, open."""
    from app.people.models import Employee

    ground.enter(ground.work)
    make_company(LARGE_ID, "Meridian Works", "meridian")
    row, key = uuid4(), str(uuid4()).encode()
    bound: Any = Employee.last_name
    bulk = sealers(LARGE_ID, ["last_name"])[0]
    value = bound.seal(LARGE_ID, row, "Castillo")
    parts: dict[str, Callable[[], Any]] = {
        "bulk": lambda: bulk(key, "Castillo"),
        "orm": lambda: bound.seal(LARGE_ID, row, "Castillo"),
        "open": lambda: bound.open(LARGE_ID, row, value),
        "blind": lambda: Employee.ssn.blind(LARGE_ID, "123456789"),
        "bare": _bare(),
    }
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, call in parts.items():
            times[name].append(_microseconds(call))
    together = [seal + 0.2 * blind for seal, blind in zip(times["bulk"], times["blind"], strict=True)]
    shown = ", ".join(f"{name} {median(values):.2f}" for name, values in times.items())
    over = [seal / bare for seal, bare in zip(times["bulk"], times["bare"], strict=True)]
    return [
        Result(
            "C1", "µs a field in bulk, AAD and blind index included", together, "<=", 3.0, " µs", detail=f"µs: {shown}"
        ),
        Result("C1b", "the same against bare AES-GCM with a random nonce", over, "<=", 1.7, "x"),
    ]


def costs_of(company_id: UUID) -> tuple[float, float]:
    """µs of (a sealed field in bulk, a blind index) right now, for the share of an import that runs now."""
    from app.people.models import Employee

    bulk, key = sealers(company_id, ["last_name"])[0], str(uuid4()).encode()
    return _microseconds(lambda: bulk(key, "Castillo")), _microseconds(
        lambda: Employee.ssn.blind(company_id, "123456789")
    )


def _bare() -> Callable[[], Any]:
    from os import urandom

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(AESGCM.generate_key(256))
    return lambda: cipher.encrypt(urandom(12), b"Castillo", b"v1|employee|last_name|company|row")


def _microseconds(call: Callable[[], Any]) -> float:
    started = process_time()
    for _ in range(MANY):
        call()
    return (process_time() - started) / MANY * 1e6

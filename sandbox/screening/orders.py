"""What was really ordered, with its reference and key, so that a test can ask whether anything was ordered twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.screening.shelf import Item, written

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening


def note(box: Screening, provider: str, item: Item, reference: str, package: str, key: str) -> None:
    """Twice: an earlier order of the same reference and package that nobody called off."""
    sql = (
        "SELECT kind, object FROM screening_orders WHERE provider = ? AND account = ? AND reference = ? AND package = ?"
    )
    earlier = box.store.rows(sql, provider, item.account, reference, package)
    twice = any(_stands(box.shelf.get(row["kind"], row["object"])) for row in earlier)
    sql = "INSERT INTO screening_orders (provider, account, kind, object, reference, package, key, at, twice) VALUES (?,?,?,?,?,?,?,?,?)"
    at = written(box.now())
    box.store.run(sql, provider, item.account, item.kind, item.id, reference, package, key, at, twice)


def _stands(item: Item | None) -> bool:
    if item is None:
        return False
    return not item.facts.get("deleted_at") and item.facts["status"].lower() not in ("expired", "canceled")


def listed(box: Screening) -> list[dict[str, Any]]:
    """Oldest first: provider, account, kind, object, reference, package, key, at, twice."""
    rows = box.store.rows("SELECT * FROM screening_orders ORDER BY id")
    return [{name: row[name] for name in row.keys()} | {"twice": bool(row["twice"])} for row in rows]  # noqa: SIM118 sqlite3.Row

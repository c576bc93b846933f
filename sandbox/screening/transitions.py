"""Every way a thing can move on, by name: what scenarios, the control API and the buttons of the page call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.screening import adverse, invitations, plain, reports
from sandbox.screening.shelf import Item

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening

VERBS: dict[str, dict[str, Callable[..., None]]] = {
    "invitation": {"finish": invitations.finish, "expire": invitations.expire, "delete": invitations.delete},
    "report": {
        "progress": reports.progress, "complete": reports.complete, "suspend": reports.suspend, "resume": reports.resume,
        "pause": reports.pause, "dispute": reports.dispute, "cancel": reports.cancel, "complete_now": reports.complete_now,
        "set_status": reports.set_status, "set_search": reports.set_search, "set_eta": reports.set_eta, "engage": reports.engage,
    },
    "adverse_action": {
        "deliver": adverse.deliver, "bounce": adverse.bounce, "dispute": adverse.dispute, "revise": adverse.revise,
        "post_notice": adverse.post_notice, "cancel": adverse.cancel,
    },
    "order": {"complete": plain.complete, "set_status": plain.set_status, "cancel": plain.cancel},
}  # fmt: skip


def run(box: Screening, item: Item, verb: str, values: dict[str, Any]) -> None:
    """Raises ValueError for a transition or a value that does not exist, or that the thing's state does not allow."""
    move = VERBS.get(item.kind, {}).get(verb)
    if move is None:
        raise ValueError(f"There is no {verb!r} for a {item.kind}. Known: {', '.join(VERBS.get(item.kind, {}))}.")
    try:
        inspect.signature(move).bind(box, item, **values)
    except TypeError as fault:
        raise ValueError(f"{verb}: {fault}.") from None
    move(box, item, **values)


def by_hand(box: Screening, item: Item, verb: str, values: dict[str, Any]) -> None:
    """A person takes over: what the scenario still meant to do is dropped; deadlines stay."""
    with box.store.transaction():
        for one in (item, *box.shelf.all("adverse_action", parent=item.id)):
            one.hidden["steps"] = [step for step in one.steps if not step["hurry"]]
            box.shelf.save(one)
        run(box, item, verb, values)

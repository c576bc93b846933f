"""From an event to deliveries, from a delivery to its receiver."""

from __future__ import annotations

from datetime import timedelta

from app.accounts import services as accounts
from app.core.access import Can
from app.core.events import system
from app.core.jobs import Repeat, Retry, Run, enqueue, job
from app.hooks.models import HookEndpoint, Stop
from app.hooks.rules import BY_EVENT
from app.hooks.services import deliveries, endpoints, sending
from app.notices import services as notices


@job("hooks.fan_out", on=[*BY_EVENT])
def fan_out(run: Run) -> None:
    """An event of the public catalog: a delivery for each endpoint that wants it."""
    with run.finish() as session:
        for delivery_id in deliveries.make(session, run.intent_id):
            enqueue(session, "hooks.send", delivery_id, key=str(delivery_id))


@job("hooks.send", on=["hooks.delivery.wanted"], repeat=Repeat.KEYED, timeout=60)
def send(run: Run) -> None:
    """One signed message to one endpoint, again by the schedule until it arrives; receivers remove doubles by `webhook-id`."""
    with run.step() as session:
        claimed = deliveries.claim(session, run.subject_id)
    if claimed is None:
        return
    if isinstance(claimed, timedelta):
        raise Retry("too-early", claimed.total_seconds())
    outcome = sending.post(claimed)
    with run.step() as session:
        wait = deliveries.settle(session, system(run.kind, run.company_id), claimed, outcome)
    if wait is not None:
        raise Retry(outcome.failure, max(wait.total_seconds(), 1))


@job("hooks.tell_stopped", on=["hooks.endpoint.stopped"])
def tell_stopped(run: Run) -> None:
    """We switched an endpoint off: whoever sets up connections is told."""
    with run.finish() as session:
        endpoint = session.get(HookEndpoint, (run.company_id, run.subject_id))
        if endpoint is None or endpoint.stopped_by not in (Stop.GONE, Stop.FAILING):
            return  # somebody was faster
        for user_id in accounts.holders(session, Can.CONNECTION_MANAGE):
            notices.issue(
                session, system(run.kind, run.company_id), "hooks.endpoint.stopped", subject=("hook_endpoint", endpoint.id),
                context={"provider": endpoints.host_of(endpoint.url or "")}, user_id=user_id,
                link_path=f"/outbound-webhooks/{endpoint.id}", dedupe=str(run.intent_id),
            )  # fmt: skip


@job("hooks.forget", every="day")
def forget(run: Run) -> None:
    """Remove settled deliveries older than `EXCHANGE_DAYS`, with their tries."""
    gone = 1
    while gone:
        with run.step() as session:
            gone = deliveries.forget(session)

"""`/healthz` (the process lives), `/readyz` (its parts answer), `/metrics` (Prometheus; not public).

Several workers share one address: what each counts lies in a folder they share (`gunicorn.conf.py`), and any of them tells the sum.
"""

from __future__ import annotations

import hmac
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from app.core.config import get_settings
from app.core.db import engine
from app.core.keys import key_provider
from app.core.storage import blob_store
from app.web.access import public

bp = Blueprint("health", __name__)
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "corridor_requests_total", "Requests by endpoint and status class.", ["endpoint", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "corridor_request_seconds", "Time from first byte in to last byte out.", ["endpoint"], registry=REGISTRY,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10),
)  # fmt: skip
CANARY = "health/canary"


@bp.get("/healthz")
@public
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
def readyz() -> Response:
    """200 when database, keys and document store answer; 503 names the part that does not, and nothing else."""
    failing = [name for name, check in PARTS.items() if not _answers(check)]
    body = "ready\n" if not failing else f"not ready: {', '.join(failing)}\n"
    return Response(body, status=503 if failing else 200, mimetype="text/plain")


def _database() -> None:
    with engine().connect() as connection:
        connection.execute(sa.text("SELECT 1"))


def _keys() -> None:
    key_provider().health()


def _storage() -> None:
    blob_store().put(CANARY, b"canary")
    if blob_store().get(CANARY) != b"canary":
        raise OSError


PARTS: dict[str, Any] = {"database": _database, "keys": _keys, "storage": _storage}


def _answers(check: Any) -> bool:
    try:
        check()
    except Exception:  # whatever it is, the part is not ready; details are in the log of the part itself
        return False
    return True


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Only with the token, or from this machine when none is set."""
    if not _may_read():
        abort(404)
    intents = CollectorRegistry()
    intents.register(Intents())
    text = generate_latest(_counted()) + generate_latest(intents)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _counted() -> CollectorRegistry:
    """What this process counted, or all workers of this gunicorn together."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _may_read() -> bool:
    token = get_settings().metrics_token.get_secret_value()
    if not token:
        return request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())


class Intents:
    """From the line the dispatcher, who alone sees every company, writes every few seconds."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with engine().connect() as connection:
            note = connection.execute(sa.text("SELECT note FROM process_heartbeat WHERE name = 'intents'")).scalar()
        counts = json.loads(note or "{}")
        said = "Age of the oldest intent that is due but not running."
        yield GaugeMetricFamily("corridor_oldest_due_intent_seconds", said, counts.pop("oldest_due_seconds", 0))
        states = GaugeMetricFamily("corridor_intents", "Job intents of all companies by state.", labels=["state"])
        for state, number in counts.items():
            states.add_metric([state], number)
        yield states


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, f"{response.status_code // 100}xx").inc()
    SECONDS.labels(endpoint).observe(time.perf_counter() - g.get("started", time.perf_counter()))
    return response


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.before_request_funcs.setdefault(None, []).insert(0, _start)
    app.after_request_funcs.setdefault(None, []).insert(0, _count)

"""Which pages of the product stand for the goals, found in its own URL map, so that a renamed route fails loudly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from bench.fill import employee_id
from bench.load import request_of

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def product() -> Any:
    """The application in this process, to ask it for URLs and to count its queries."""
    from app import create_app

    return create_app()


def urls(app: Any, company_id: UUID) -> dict[str, str]:
    """`list` and `detail`: the employee pages."""
    with app.test_request_context():
        build: Callable[..., str] = app.url_for
        person = employee_id(company_id, 12_345)
        return {"list": build("people.employees"), "detail": build("people.employee", employee_id=person)}


def requests_of(paths: dict[str, str], cookie: str) -> dict[str, str]:
    """What the load generator sends, by name; the floors first."""
    sent = {"constant": request_of("/bench/constant"), "page": request_of("/bench/page")}
    sent |= {name: request_of(path, cookie=cookie) for name, path in paths.items()}
    return sent | {"fragment": request_of(paths["list"], cookie=cookie, headers=PARTIAL)}

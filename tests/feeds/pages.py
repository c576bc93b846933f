"""Signed-in visits to pages."""

from __future__ import annotations

import re
from typing import Any

from app.core.access import RoleType
from app.core.db import Session, engine, enter_tenant, tenant
from tests.accounts.sign_in import make_user, sign_in

ADMIN = (RoleType.BENEFITS_ADMIN,)


def admin_of(company_id: Any, email: str = "dana@acme.example", roles: Any = ADMIN) -> Any:
    with tenant(company_id), Session(engine(), expire_on_commit=False) as session:
        return make_user(session, company_id, email=email, roles=roles)


class Visitor:
    """A browser in process that fills CSRF tokens in by itself."""

    def __init__(self, app: Any, user: Any) -> None:
        self.client = app.test_client()
        self.company_id = user.company_id
        sign_in(self.client, user)

    def get(self, url: str, status: int = 200) -> str:
        response = self.client.get(url)
        enter_tenant(self.company_id)  # the edge forgets the tenant after each request, here the test's too
        assert response.status_code == status, (url, response.status_code, response.get_data(as_text=True)[:2000])
        return str(response.get_data(as_text=True))

    def post(self, url: str, data: dict[str, Any] | None = None, status: int = 303, page: str = "/feeds") -> Any:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))
        assert token is not None
        response = self.client.post(url, data={"csrf_token": token.group(1), **(data or {})})
        enter_tenant(self.company_id)
        assert response.status_code == status, (url, response.status_code, response.get_data(as_text=True)[:3000])
        return response


def form_key(html: str) -> str:
    found = re.search(r'name="form_key" value="([0-9a-f]{32})"', html)
    assert found is not None
    return found.group(1)


__all__ = ["ADMIN", "Visitor", "admin_of", "form_key"]

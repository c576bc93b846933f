"""Flask-SQLAlchemy, used thinly: one scoped session per request over the engine of `app.core.db`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from app.core.db import engine


class _Database(SQLAlchemy):
    def _make_engine(self, *_signature: Any, **_names: Any) -> sa.Engine:
        # Tenancy and connection checks live on the core engine; there must be only one.
        return engine()


db = _Database(disable_autonaming=True, session_options={"expire_on_commit": False})

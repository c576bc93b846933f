"""Operations of the API about background checks: the ten of the screening specification (§9), and candidates with their applications."""

from flask import Flask

from app.screening.api import analytics, candidates, providers, requests
from app.screening.api.blueprint import bp

__all__ = ["analytics", "candidates", "providers", "register", "requests"]


def register(app: Flask) -> None:
    app.register_blueprint(bp)

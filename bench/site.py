"""gunicorn's entry for the bench: the real application, with the floors beside it in the same process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app import create_app
from bench.floors import PREFIX, bare_app

_product, _floors = create_app(), bare_app()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    chosen = _floors if environ["PATH_INFO"].startswith(PREFIX) else _product
    return chosen(environ, start_response)

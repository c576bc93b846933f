"""Logging: JSON lines through structlog, scrubbed of anything that looks like personal data before it is written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from app.core.config import Settings

SECRET_WORDS = ("password", "secret", "token", "ssn", "authorization", "cookie", "credential", "private_key", "birth")
_SSN = re.compile(r"(?<!\d)\d{3}[- ]?\d{2}[- ]?\d{4}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BREAKS = re.compile(r"[\r\n\x00-\x08\x0b-\x1f]")


def scrub_text(text: str) -> str:
    """Nine digits that could be an SSN, e-mail addresses and control characters (log forging) are replaced."""
    return _BREAKS.sub(" ", _EMAIL.sub("[e-mail]", _SSN.sub("[number]", text)))


def scrub(value: Any, key: str = "") -> Any:
    """A copy of the value that may be logged."""
    if any(word in key.lower() for word in SECRET_WORDS):
        return "[hidden]"
    if isinstance(value, str):
        # Nine digits in a row happen in one id of a hundred; a request id must stay the one the person was told.
        return value if _UUID.fullmatch(value) else scrub_text(value)
    if isinstance(value, dict):
        return {inner: scrub(item, str(inner)) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item, key) for item in value]
    return value if isinstance(value, int | float | bool | None) else scrub_text(str(value))


def _scrub_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in list(event):
        event[key] = scrub(event[key], key)
    return event


def _exception_type_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's text may quote data; its type and the places it passed do not."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        event["exception"] = info[0].__name__
        event["where"] = _places(info[2])
    return event


def _places(traceback: Any) -> str:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return " > ".join(frames[-8:])


def configure(settings: Settings) -> None:
    """Route structlog and the standard library's loggers through the scrubber, as JSON lines on standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        _exception_type_only,
        _scrub_event,
    ]
    structlog.configure(
        processors=[
            *[p for p in shared if not isinstance(p, structlog.stdlib.ExtraAdder)],
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared[:4],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _exception_type_only,
            _scrub_event,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not getattr(h, "corridor", False)]
    handler.corridor = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for noisy in ("weasyprint", "fontTools", "paramiko", "rq.worker"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

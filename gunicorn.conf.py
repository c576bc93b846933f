"""What gunicorn does beside the Procfile's options: its workers share their counters, so that any of them answers /metrics."""

import os
import shutil
import tempfile
from typing import Any

SHARED = "PROMETHEUS_MULTIPROC_DIR"


def on_starting(_server: Any) -> None:
    """A folder for all workers, also for those that replace one; it must be named before a worker loads the application."""
    os.environ[SHARED] = tempfile.mkdtemp(prefix="corridor-metrics-")


def on_exit(_server: Any) -> None:
    """Counters begin anew with the next start; Prometheus knows how to read that."""
    shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)

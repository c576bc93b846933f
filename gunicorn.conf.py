"""What gunicorn does beside the Procfile's options: its workers share their counters, so that any of them answers /metrics,
and leave what start-up made to no garbage collector."""

import gc
import os
import shutil
import tempfile
from typing import Any

SHARED = "PROMETHEUS_MULTIPROC_DIR"


def on_starting(_server: Any) -> None:
    """A folder for all workers, also for those that replace one; it must be named before a worker loads the application."""
    os.environ[SHARED] = tempfile.mkdtemp(prefix="corridor-metrics-")


def post_worker_init(_worker: Any) -> None:
    """The application stays for good. To look through all of it for garbage would cost a request 0.1 s now and then."""
    gc.collect()
    gc.freeze()


def on_exit(_server: Any) -> None:
    """Counters begin anew with the next start; Prometheus knows how to read that."""
    shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)

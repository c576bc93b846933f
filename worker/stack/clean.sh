#!/usr/bin/env bash
# Removes what make and Corridor made in this checkout. Servers that still run are stopped first.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -x .venv/bin/python ]; then
  .venv/bin/python - <<'PY' || true
import shutil
from worker.stack.parts import Parts
from worker.stack.state import default_dir
for name in ("stack", "test"):
    if default_dir(name).exists():
        parts = Parts(default_dir(name))
        parts.start()
        parts.leave()
shutil.rmtree(default_dir().parent, ignore_errors=True)
PY
fi
rm -rf .venv var build ./*.egg-info .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
rm -rf .import_linter_cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +

#!/usr/bin/env bash
# Makes .venv what requirements.lock says, and the machine what Corridor needs. Quick when nothing changed.
# Usage: bootstrap.sh run|test   (test also needs Chromium)
set -euo pipefail
cd "$(dirname "$0")/../.."
purpose=${1:-run}
python=${PYTHON:-python3}
stamp=.venv/corridor.stamp

say() { printf '%s\n' "$*" >&2; }

has_library() { "$python" -c "import sys, ctypes.util; sys.exit(ctypes.util.find_library('$1') is None)"; }

# Debian package names of what is missing, one a line.
missing_packages() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  has_library pango-1.0 || echo libpango-1.0-0
  has_library pangoft2-1.0 || echo libpangoft2-1.0-0
  has_library harfbuzz-subset || echo libharfbuzz-subset0
  [ -n "$(find /usr/share/fonts /usr/local/share/fonts ~/.local/share/fonts ~/Library/Fonts /Library/Fonts \
    \( -name '*.ttf' -o -name '*.otf' \) -print -quit 2>/dev/null)" ] || echo fonts-dejavu-core
  if [ "$purpose" = test ] && [ ! -x "${CHROMIUM:-}" ] && ! command -v chromium chromium-browser >/dev/null; then
    echo chromium
  fi
  # The program that drives Chromium for Playwright is linked against it.
  if [ "$purpose" = test ] && [ "$(uname)" = Linux ]; then has_library atomic || echo libatomic1; fi
}

install_packages() {
  local -a wanted
  mapfile -t wanted < <(missing_packages)
  [ ${#wanted[@]} -eq 0 ] && return
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "Installing ${wanted[*]} …"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${wanted[@]}"; } >/dev/null </dev/null
    return
  fi
  say "This machine lacks ${wanted[*]}. Install it, then run make again:"
  say "  sudo apt-get install -y --no-install-recommends ${wanted[*]}"
  # Without Pango everything but PDF files works; without the others nothing does.
  if printf '%s\n' "${wanted[@]}" | grep -qE '^(python3-venv|chromium|libatomic1)$'; then exit 1; fi
}

check_python() {
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
  say "Corridor needs Python 3.11 or newer. Install it, or name it: PYTHON=python3.12 make $purpose"
  exit 1
}

fingerprint() {
  "$python" - <<'PY'
import hashlib, os, pathlib, sys
digest = hashlib.sha256(pathlib.Path("requirements.lock").read_bytes())
digest.update(f"{sys.version_info[:2]} {os.getcwd()}".encode())
print(digest.hexdigest())
PY
}

fill_venv() {
  local wanted
  wanted=$(fingerprint)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
  say "Installing the Python packages of requirements.lock (once, about a minute) …"
  [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null || "$python" -m venv --clear .venv
  local -a pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input install)
  [ -t 2 ] || pip+=(--quiet)
  # The lock is complete, so there is nothing to resolve.
  "${pip[@]}" --require-hashes --only-binary :all: --no-deps -r requirements.lock </dev/null >&2
  "${pip[@]}" --quiet --no-deps --no-build-isolation -e . </dev/null >&2
  printf '%s\n' "$wanted" >"$stamp"
}

check_python
install_packages
fill_venv

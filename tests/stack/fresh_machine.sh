#!/usr/bin/env bash
# Proves that a Debian 12 with nothing but python3, git and make runs Corridor and its tests from a clone.
#
# Usage: fresh_machine.sh [run|test|user|closed]...     (default: all four; needs root and debootstrap)
#   run     root: `make run` answers with the sign-in page, Ctrl-C leaves no process, the second start is quick
#   test    root: .ci/run (make check, make test)
#   user    an ordinary account: `make run`
#   closed  root, a checkout inside a directory closed to others: `make run`
# FRESH_DIR (default /tmp/corridor-fresh) keeps the base system between runs. Every run begins with a pristine copy.
# FRESH_TEST replaces .ci/run, FRESH_PAGE the page that must answer (default /sign-in).
# The machine's own apt sources, pip settings and certificates are lent to it.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
base=${FRESH_DIR:-/tmp/corridor-fresh}
root=$base/machine
port=${FRESH_PORT:-8765}
page=${FRESH_PAGE:-/sign-in}
scenarios=("$@")
[ ${#scenarios[@]} -gt 0 ] || scenarios=(run test user closed)

say() { printf '\n== %s\n' "$*"; }

build_base() {
  [ -f "$base/system.done" ] && return
  say "Installing a minimal Debian 12 in $base/system"
  local mirror
  mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1) || true  # grep fails where one of the two is missing
  rm -rf "$base/system"
  mkdir -p "$base"
  debootstrap --variant=minbase --include=python3,git,make,ca-certificates bookworm "$base/system" ${mirror:+$mirror} \
    >"$base/debootstrap.log" 2>&1 || { tail -5 "$base/debootstrap.log"; exit 1; }
  touch "$base/system.done"
}

# Directories named in pip's configuration, such as a local wheel folder.
pip_folders() {
  { cat /etc/pip.conf 2>/dev/null; env | grep '^PIP_' || true; } | grep -oE '/[A-Za-z0-9_./-]+' | while read -r path; do
    [ -d "$path" ] && printf '%s\n' "$path"
  done | sort -u
}

lend() {
  local path
  for path in /etc/apt/sources.list /etc/apt/sources.list.d /etc/pip.conf /etc/resolv.conf /etc/hosts \
    /usr/local/share/ca-certificates /etc/ssl/certs; do
    rm -rf "${root:?}$path"
    [ -e "$path" ] || continue
    mkdir -p "$(dirname "$root$path")"
    cp -aL "$path" "$root$path" 2>/dev/null || cp -a "$path" "$root$path"
  done
  while read -r path; do
    mkdir -p "$root$path"
    mount --bind -o ro "$path" "$root$path"
  done < <(pip_folders)
}

fresh_machine() {
  rm -rf --one-file-system "$root"
  cp -a --reflink=auto "$base/system" "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sys "$root/sys"
  mount --rbind /dev "$root/dev"
  lend
}

# Runs a command on the fresh machine as account $1, with the environment of a fresh login.
on_it() {
  local account=$1 home=/root
  shift
  [ "$account" = root ] || home=/home/$account
  local -a settings=("HOME=$home" "USER=$account" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
  local setting
  while read -r setting; do settings+=("$setting"); done < <(env | grep -iE '^(PIP_[A-Z_]+|SSL_CERT_[A-Z]+|[a-z]+_proxy)=' || true)
  local -a as=()
  [ "$account" = root ] || as=(setpriv --reuid "$account" --regid "$account" --init-groups)
  env -i "${settings[@]}" chroot "$root" "${as[@]}" "$@"
}

clone() { # account folder
  git clone --quiet --no-hardlinks "$checkout" "$root$2"
  if [ "$1" != root ]; then chroot "$root" chown -R "$1:$1" "$2"; fi
}

make_run() { # account folder
  local began=$SECONDS pid code=0
  set -m
  on_it "$1" make -C "$2" run "PORT=$port" &
  pid=$!
  set +m
  until answers; do
    kill -0 "$pid" 2>/dev/null || { echo "make run ended before it answered"; exit 1; }
    [ $((SECONDS - began)) -lt 900 ] || { echo "no answer after 900 s"; exit 1; }
    sleep 0.2
  done
  say "$page answers after $((SECONDS - began)) s; now Ctrl-C"
  sleep 2
  kill -INT -- "-$pid"
  wait "$pid" || code=$?
  echo "make run ended with code $code"
  no_process_left
}

answers() {
  python3 - "http://127.0.0.1:$port$page" <<'PY' 2>/dev/null
import sys, urllib.request
page = urllib.request.urlopen(sys.argv[1], timeout=5).read().decode()
sys.exit(sys.argv[1].endswith("/sign-in") and ("<form" not in page or "assword" not in page))
PY
}

no_process_left() {
  local left=() link
  for link in /proc/[0-9]*/root; do
    if [ "$(readlink "$link" 2>/dev/null)" = "$root" ]; then left+=("${link//[^0-9]/}"); fi
  done
  [ ${#left[@]} -eq 0 ] && { echo "no process is left"; return; }
  for link in "${left[@]}"; do tr '\0' ' ' <"/proc/$link/cmdline"; echo; done
  echo "these processes were left behind"
  exit 1
}

scenario() {
  say "Scenario $1"
  case $1 in
    run)
      clone root /srv/corridor
      make_run root /srv/corridor
      say "Second start"
      make_run root /srv/corridor
      ;;
    test)
      [ -d "$root/srv/corridor" ] || clone root /srv/corridor
      if [ -d "$checkout/../shared" ]; then  # samples some tests read; without them these tests skip, which CI forbids
        mkdir -p "$root/srv/shared"
        mount --bind -o ro "$checkout/../shared" "$root/srv/shared"
      fi
      on_it root /bin/bash -c "cd /srv/corridor && CI=true ${FRESH_TEST:-.ci/run} </dev/null"
      no_process_left
      ;;
    user)
      chroot "$root" useradd --create-home --user-group dev
      clone dev /home/dev/corridor
      make_run dev /home/dev/corridor
      ;;
    closed)
      clone root /root/corridor
      chmod 700 "$root/root"
      make_run root /root/corridor
      [ "$(stat -c %a "$root/root")" = 700 ] || { echo "the closed directory was opened"; exit 1; }
      ;;
    *) echo "unknown scenario $1" && exit 2 ;;
  esac
}

if [ -z "${FRESH_INSIDE:-}" ]; then
  [ "$(id -u)" -eq 0 ] || { echo "fresh_machine.sh needs root"; exit 1; }
  command -v debootstrap >/dev/null || { echo "apt-get install debootstrap"; exit 1; }
  build_base
  # Its own mount namespace: whatever happens, no mount outlives this script.
  FRESH_INSIDE=1 exec unshare --mount --propagation private -- "$0" "${scenarios[@]}"
fi
fresh_machine
for name in "${scenarios[@]}"; do scenario "$name"; done
say "All of ${scenarios[*]} passed on a fresh machine"

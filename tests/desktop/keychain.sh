#!/bin/bash
# The desktop's keychain (gnome-keyring, the real Secret Service): keychain.sh start | lock | unlock | restart | stop
# Runs inside a desktop only: it ends the keyring daemon of this session bus, which must never be the user's own.
set -euo pipefail
: "${PRIVATE_DESKTOP:?only inside a desktop}"

daemon_id() {
  gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus \
    --method org.freedesktop.DBus.GetConnectionUnixProcessID org.freedesktop.secrets 2>/dev/null | tr -dc '0-9 ' | awk '{print $NF}'
}

start() {
  printf 'desktop-password' | gnome-keyring-daemon --unlock --components=secrets "$@" >>"$PRIVATE_DESKTOP/keyring.log" 2>&1
  gdbus wait --session --timeout 15 org.freedesktop.secrets
}

stop() {
  local id
  id=$(daemon_id || true)
  [ -z "$id" ] && return 0
  kill "$id" 2>/dev/null || true
  for _ in $(seq 100); do kill -0 "$id" 2>/dev/null || return 0; sleep 0.05; done
  kill -9 "$id" 2>/dev/null || true
}

case "${1:-}" in
  start) start ;;
  lock)
    gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets \
      --method org.freedesktop.Secret.Service.Lock "['/org/freedesktop/secrets/collection/login']" >/dev/null ;;
  # A running daemon is not unlocked by --unlock; one that replaces it is. What is asked of the old one meanwhile is lost.
  unlock)
    old=$(daemon_id || true)
    start --replace
    for _ in $(seq 200); do
      new=$(daemon_id || true)
      [ -n "$new" ] && [ "$new" != "$old" ] && exit 0
      sleep 0.05
    done
    echo "keychain.sh: the old daemon was not replaced" >&2
    exit 1 ;;
  restart) stop; start ;;
  stop) stop ;;
  *) echo "keychain.sh start | lock | unlock | restart | stop" >&2; exit 2 ;;
esac

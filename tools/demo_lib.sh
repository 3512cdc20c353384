# Sourced by the demos: a daemon in a directory of its own, and showing what is typed.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${TAUS_BIN:-$root/build/bin}
dir=$(mktemp -d "$root/build/demo.XXXXXX")
daemon=
trap '[ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null || true; rm -rf "$dir" "$dir".*' EXIT

bold=$(tput bold 2>/dev/null || true)
plain=$(tput sgr0 2>/dev/null || true)
tell() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
taus() { "$bin/tausctl" --dev "$dir" "$@"; }
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
# Shows the command as somebody would type it, then runs it.
show() { printf '$ tausctl %s\n' "$(shorten "$*")"; taus "$@"; }
shorten() { sed -E 's/([a-z2-7]{6})[a-z2-7]{20,}/\1…/g' <<<"$1"; }
start() { # PROFILE
  : >"$dir.out"
  "$bin/tausd" --dev "$dir" --profile "$1" >"$dir.out" 2>"$dir.log" &
  daemon=$!
  disown
  for _ in $(seq 600); do
    grep -q '^ready' "$dir.out" && return
    kill -0 "$daemon" 2>/dev/null || { cat "$dir.log" >&2; exit 1; }
    pause
  done
  echo "the daemon did not start" >&2
  exit 1
}

pause() { read -rt 0.05 <> <(:) || true; }
gone() { while kill -0 "$daemon" 2>/dev/null; do pause; done; }

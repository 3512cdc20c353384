#!/usr/bin/env bash
# A year of each centre, played day by day through the sockets; then New Year, by the clock alone.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/demo_lib.sh"

# How many keys live, by category.
held() {
  taus --json retention plan | python3 -c 'import collections, json, sys
counts = collections.Counter(i["category"] for i in json.load(sys.stdin)["items"])
print("  " + ", ".join("%d %s" % (counts[c], c) for c in sorted(counts)))'
}
published() { # the year's figures beside those that Norwegian centres have published
  python3 -c 'import json, sys
y = json.load(sys.stdin)
print("  %-28s %8s %10s" % ("", "here", "published"))
for what, here, out in (("clients served", y["clients"], sys.argv[1]), ("sessions", y["sessions"], sys.argv[2]), ("sessions a client", "%.2f" % (y["sessions"] / y["clients"]), "1.62"),
                        ("turned up", "%.3f" % (y["sessions"] / y["appointments"]), "0.835"), ("women", "%.2f" % (y["women"] / y["clients"]), "0.60")):
    print("  %-28s %8s %10s" % (what, here, out))' "$1" "$2"
}
staff() { taus --json staff list | python3 -c 'import json, sys; print(json.load(sys.stdin)["staff"][int(sys.argv[1])]["id"])' "$1"; }
play() { # PROFILE CLIENTS SESSIONS
  start "$1"
  taus dev clock set 2025-01-01T07:00 >/dev/null
  leader=$(taus --json staff add 'Lydia Leader' --role leader --confidentiality-signed 2023-08-01 | field subject)
  "$bin/tausctl" --dev "$dir" --json dev seed --clients "$2" --seed 1 2>"$dir.progress" >"$dir.year" &
  player=$!
}
until_month() { # 2025-10: the play has come so far, and halts
  until grep -q "^$1" "$dir.progress"; do kill -0 "$player" && pause; done
  kill -STOP "$player"
}
played() { # CLIENTS SESSIONS
  kill -CONT "$player"
  wait "$player"
  published "$1" "$2" <"$dir.year"
}
stop() {
  kill -TERM "$daemon"
  gone
  rm -rf "$dir"
  mkdir "$dir"
}

tell 'A year of Vestfold og Telemark is played, 1,900 clients from form to conclusion. In October, a week of a counsellor as she sees it:'
play vt 1900
until_month 2025-10  # what stands in the diary for the days to come
ingrid=$(staff 3) jonas=$(staff 4)
week=(--counsellor "$ingrid" --from 2025-10-06 --to 2025-10-10)
show --as "$ingrid" calendar show "${week[@]}"
tell 'The same week as a colleague sees it, who may know of name and time, and of nothing more:'
show --as "$jonas" calendar show "${week[@]}"
tell 'The feed for her telephone carries times and nothing else:'
taus calendar ics "${week[@]}" | sed -n '/BEGIN:VEVENT/,/END:VEVENT/{p;/END:VEVENT/q}'
tell 'The year goes on to its end. The figures of the year beside those that were published for all centres (2021) and for two of them:'
played 1900 3080
tell 'The running year is for the leader alone, rounded:'
show --as "$leader" stats show --year 2025 | sed -n 1,20p
tell 'New Year, by the clock alone. What is held on 31 December, and one second into the new year:'
held
taus dev clock set 2026-01-01T00:00:01 >/dev/null
held
tell 'The year was closed first. What the public may see of it:'
show stats show --year 2025 | sed -n 1,40p
show audit verify
stop

tell 'A year of Midt-Troms: 200 clients, another form, other rules. Nothing waits for New Year there; the last go four weeks after they concluded.'
play mt 200
played 200 324
held
taus dev clock set 2026-02-15T00:00 >/dev/null
echo 'By the middle of February:'
held
show audit verify

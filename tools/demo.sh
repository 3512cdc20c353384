#!/usr/bin/env bash
# One client's life on the real daemon, told by its own output: booking to shred, a kill -9 on the way, the search for traces.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/demo_lib.sh"

name='Kari Solvinter Demovik'
email='kari.solvinter.demovik@example.no'
other='Live Bratthaug Demosen'
form() {
  printf '{"name": "%s", "email": "%s", "phone": "%s", "municipalityCode": "3905", "ageYears": 34, "focusAreas": ["yrkesvalg"],
 "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}' "$1" "$2" "$3"
}

tell 'A centre with the rules of Vestfold og Telemark (profile vt).'
start vt
taus dev clock set 2026-02-02T09:00 >/dev/null
ingrid=$(taus --json staff add 'Ingrid Counsellor' --role counsellor --confidentiality-signed 2024-01-15 | field subject)
jonas=$(taus --json staff add 'Jonas Colleague' --role counsellor --confidentiality-signed 2024-03-01 | field subject)
lydia=$(taus --json staff add 'Lydia Leader' --role leader --confidentiality-signed 2023-08-01 | field subject)
show staff list

tell 'Kari books on the website and ticks the box. So does Live, who stays with us to the end.'
booked=$(form "$name" "$email" '+4790000001' | taus --json booking request -)
kari=$(field subject <<<"$booked")
live=$(form "$other" 'live.demosen@example.no' '+4790000002' | taus --json booking request - | field subject)
echo "Kari is now $kari, and nothing outside says so."
show subject assign "$kari" --counsellor "$ingrid"
show booking book "$kari" --counsellor "$ingrid" --start 2026-02-09T10:00 --minutes 60 --channel inPerson

tell 'Before the first session every colleague may see the booking (VT-15). Jonas looks:'
show --as "$jonas" subject show "$kari"

tell 'The session is held. Ingrid records, writes the log, and agrees on a second one.'
taus dev clock set 2026-02-09T11:05 >/dev/null
show --as "$ingrid" booking held "$kari"
printf '{"collectedVia": "session", "gender": "female", "countryOfOrigin": "NO", "educationLevel": "4", "labourStatus": ["employed"]}' |
  show --as "$ingrid" subject record "$kari" -
show --as "$ingrid" booking book "$kari" --counsellor "$ingrid" --start 2026-02-23T10:00 --minutes 60 --channel video
printf '{"order": "Vil bytte yrke", "focus": "Helsefag", "issuesNext": "Opptak", "tasksNext": "Les om studier", "otherPrep": "", "attestNoSpecial": true}' |
  show --as "$ingrid" log write "$kari" -
printf '{"direction": "out", "channel": "email", "subject": "Takk for sist", "body": "Vi ses den 23. februar."}' |
  show --as "$ingrid" message add "$kari" -

tell 'From now on everything but name, contact and appointments is Ingrid'"'"'s alone (VT-16). As Ingrid sees it:'
show --as "$ingrid" subject show "$kari"
tell 'As her colleague Jonas sees it:'
show --as "$jonas" subject show "$kari"
tell 'As Lydia, who leads the centre, sees it (not the log either, VT-14):'
show --as "$lydia" subject show "$kari"
show --as "$jonas" subject find --email "$email"

tell 'kill -9. What was acknowledged is there afterwards, and every answer is the answer before.'
before=$(taus --json --as "$ingrid" subject show "$kari" | python3 -c 'import json,sys; v=json.load(sys.stdin); [v.pop(k) for k in ("version","position")]; print(v)')
kill -9 "$daemon"
gone
start vt
after=$(taus --json --as "$ingrid" subject show "$kari" | python3 -c 'import json,sys; v=json.load(sys.stdin); [v.pop(k) for k in ("version","position")]; print(v)')
[ "$before" = "$after" ] || { echo 'the answers differ' >&2; exit 1; }
echo 'The same, word for word.'

tell 'The second session is the last one. Log, mail, phone and appointments die with the conclusion (VT-R1, R2, R6).'
taus dev clock set 2026-02-23T11:05 >/dev/null
show --as "$ingrid" booking held "$kari"
show --as "$ingrid" subject conclude "$kari"
show --as "$ingrid" subject state "$kari"
tell 'Concluded: now only Ingrid may see even the name (VT-22). Jonas tries:'
show --as "$jonas" subject show "$kari" || echo "(exit $?)"

tell 'Kari withdraws her consent. Everything goes at once (VT-31).'
withdrawn=$(taus --json --as "$ingrid" consent withdraw "$kari")
receipt=$(field receipt <<<"$withdrawn")
taus --json receipt show "$receipt" >"$dir.receipt"
show receipt verify "$dir.receipt" --key "$dir/root/log.pub"
show subject show "$kari" || echo "(exit $?)"

tell 'Is she gone? Every file of the store and the memory of the daemon are searched; Live is the control.'
python3 "$root/tools/demo_search.py" "$dir" "$daemon" "$name" "$email" "$other"

tell 'Stopped, checked offline without any content key, and started again: still gone, still whole.'
kill -TERM "$daemon"
gone
"$bin/taus-verify" "$dir/data" --key "$dir/root/log.pub"
start vt
show subject show "$kari" || echo "(exit $?)"
show --as "$ingrid" subject show "$live" | head -4
show status

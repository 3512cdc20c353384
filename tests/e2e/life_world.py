"""The model of one store and its comparison with the daemon: the journal's shape, settling what a burst of commands (and perhaps a
kill) left behind, and every read."""
import hashlib
import json

import life_commands as commands
import life_desk as desk
import life_model as model
import life_rights  # noqa: F401: its commands join the others
from life_check import Violation, check, same
from life_desk_reads import DeskReads


CENTRE_KEYS = 63 << 24  # under the tree's last child lie the centre's own keys, the tallies' among them


def merkle_root(hashes):
    """RFC 6962, of leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle_root(hashes[:half]) + merkle_root(hashes[half:])).digest()


class World(DeskReads):
    def __init__(self, takes_inquiries):
        self.takes_inquiries = takes_inquiries
        self.uids = {}  # (client, number of the appointment) -> its name in calendars
        self.clients, self.staff, self.journal, self.hashes, self.history = [], [], [], [], []
        self.groups = desk.Groups()
        self.receipts = {}           # position -> what receiptShow answered first
        self.streams = {}            # number of a stream in receipts -> client
        self.notice_hash = model.Pinned()
        self.complaint = model.Pinned()  # whom to complain to, as the profile says it
        self.own_slot = None
        self.closed = set()          # years
        self.consulted = {}          # calendar reads journalled today by this process
        self.taus = None
        self.reads = None            # what answers reads: `taus`, or a Typed
        self.clock = None            # () -> (low, high): the daemon's time now

    def staff_of(self, staff_id):
        return next((s for s in self.staff if s["id"] == staff_id), None)

    def restarted(self, taus):
        self.taus = self.reads = taus
        self.consulted.clear()

    # --- the journal

    def replay(self):
        """What came to the journal since the last look; what was there must be what it was."""
        reply = self.taus.do("auditReplay", {"from": len(self.hashes)})
        check(reply["size"] >= len(self.journal), "acknowledged events are gone", "%d of %d" % (reply["size"], len(self.journal)))
        fresh = []
        for entry in reply["entries"]:
            position = entry["position"]
            check(position == len(self.hashes), "a gap in the journal", position)
            self.hashes.append(bytes.fromhex(entry["leafHash"]))
            if position < len(self.journal):
                check(self.journal[position] == (entry["stream"], entry["version"]), "an entry is not the acknowledged one", position)
            else:
                self.journal.append((entry["stream"], entry["version"]))
                fresh.append({**entry, "group": position > 0 and entry["stream"] == "centre" and self.of_groups(entry)})
        return fresh

    def of_groups(self, entry):
        """Whether it is sealed as the centre's first entry is, which says the profile."""
        if self.own_slot is None:
            self.own_slot = self.taus.do("auditReplay", {"from": 0, "to": 0})["entries"][0]["parts"][0]["slot"]
        return entry["parts"][0]["slot"] == self.own_slot

    def verify(self):
        reply = self.reads.do("auditVerify")
        check(reply["ok"], "auditVerify", reply)  # what is missing was shredded and purged since
        check(reply["size"] == len(self.journal), "the journal has an unknown end", reply["size"], len(self.journal))
        check(reply["rootHash"] == merkle_root(self.hashes).hex(), "the root is not that of the leaves seen")

    def replay_all(self):
        before, self.hashes = self.hashes, []
        check(self.replay() == [] and self.hashes == before, "history changed")

    # --- settling

    def settle(self, ops, replies, when, killed):
        """Compares what happened with what should have. -> the commands that were lost (to be sent again).
        `replies`: op -> (result, error); `when`: () -> a When for each."""
        fresh = self.replay()
        receipts = [e for e in fresh if e["stream"] == "centre" and not e["group"]]
        rest = [e for e in fresh if e["stream"] != "centre" or e["group"]]
        shreds, lost, missing, done = [], [], [], []
        for op in ops:
            reply = replies.get(op)
            if op.stolen:
                self.stolen(op, reply, shreds)
                continue
            if op.done:
                self.told_again(op, reply, lost, shreds)
                continue
            plan = self.plan(op, reply, when())
            if plan is None:
                continue
            entries = rest[:plan.events]
            if not self.belongs(entries, plan):
                check(reply is None, "acknowledged, and not there", op, reply, "expected %d events" % plan.events, [(e["position"], e["stream"], e["version"]) for e in rest],
                      "the burst: %s" % ops, "clock %s" % (self.clock(),))
                check(killed, "never answered, and not there", op)
                missing.append(op)
                continue
            if missing and not plan.events and reply is None:
                missing.append(op)  # it changes nothing: nobody can say whether it came that far
                continue
            check(not missing or not plan.events, "a command is there though one before it is not", op, missing)
            del rest[:plan.events]
            self.carry_out(op, plan, entries, shreds)
            done.append((op, reply))
        self.settle_due(rest, when, shreds)
        self.settle_receipts(receipts, shreds)
        for op, reply in done:
            if reply:
                self.acknowledged(op, reply)
            else:
                lost.append(op)  # it happened, nobody heard: sent again it is told, not done
        return [op for op in ops if op in lost or op in missing]

    def plan(self, op, reply, when):
        try:
            return commands.plan(self, op, when)
        except commands.Refused as refused:
            if reply:
                check(reply[1] is not None, "carried out, but should be refused with " + refused.code, op)
                check(reply[1]["code"] == refused.code, "refused with %s instead of %s" % (reply[1]["code"], refused.code), op, reply[1]["message"])
            return None

    def belongs(self, entries, plan):
        ident = plan.client["id"] if isinstance(plan.client, dict) else plan.client.id
        if ident is None:
            known = {c.id for c in self.clients} | {s["id"] for s in self.staff}
            mine = [e for e in entries if e["stream"] == entries[0]["stream"] and e["stream"] not in known]
        else:
            mine = [e for e in entries if e["stream"] == ident]
        whole = len(mine) == plan.events
        check(whole or not mine or mine[0] is not entries[0], "half of a command is there", entries)
        return whole

    def carry_out(self, op, plan, entries, shreds):
        client = plan.client
        told = plan.apply()
        op.done = {"told": told, "day": self.clock()[0] // 86_400_000}
        if not entries:
            return
        op.done.update(position=entries[-1]["position"], version=entries[-1]["version"], number=told.get("number"))
        if client is self.groups:
            op.done.update(version=0, subject=None)
            self.history.append(op)
            return
        if isinstance(client, dict):
            client["id"] = entries[0]["stream"]
            check(entries[-1]["version"] == client["version"], "versions of a member of staff", entries)
        else:
            client.id = entries[0]["stream"]
            self.place(client, client.events[-plan.events:], entries)
            op.done["event"] = client.events[-plan.events]
        op.done["subject"] = entries[0]["stream"]
        self.history.append(op)
        for erased in [client] if told.get("shreds") else [told["erased"]] if told.get("erased") else []:
            shreds.append((erased, erased.keys_shredded))

    @staticmethod
    def place(client, events, entries):
        first = len(client.events) - len(events) + 1
        for version, (event, entry) in enumerate(zip(events, entries, strict=True), first):
            check(entry["version"] == version, "a stream's versions are not contiguous", client.id, entry)
            event["position"] = entry["position"]
            if "also" in event:
                event["also"]["position"] = entry["position"]

    def settle_due(self, rest, when, shreds):
        for client in self.clients:
            if client.whole:
                continue
            before = len(client.events)
            keys = model.run_due(client, when)
            mine = [e for e in rest if e["stream"] == client.id]
            events = client.events[before:]
            check(len(mine) == len(events), "what is due: the model says %s" % [e["type"] for e in events], "the journal %s" % mine, client.told())
            self.place(client, events, mine)
            rest = [e for e in rest if e["stream"] != client.id]
            shreds += [(client, count) for count in keys]
        check(not rest, "events that nobody asked for", rest)

    def settle_receipts(self, receipts, shreds):
        """Every shred has its receipt, once, with as many keys as the client had; several shreds may share one."""
        wanted, told, count = {}, {}, 0
        for client, keys in shreds:
            wanted[client] = wanted.get(client, 0) + keys
        for entry in receipts:
            content = json.loads(entry["parts"][0]["content"] or "{}")
            if "published" in content:
                year = content["published"]["year"]
                check(year not in self.closed, "a year closed twice", year)
                self.closed.add(year)
            if "keys" not in content:
                continue  # the profile, a sealed tally, a closed year
            count += any(key["stream"] < CENTRE_KEYS for key in content["keys"])
            self.receipts[entry["position"]] = model.Pinned()
            for key in content["keys"]:
                if key["stream"] >= CENTRE_KEYS:
                    continue
                told.setdefault(key["stream"], []).append(entry["position"])
        check(count <= len(shreds), "more receipts than shreds", receipts)
        # Receipts name streams by number, and numbers rise in the order of creation.
        erased = sorted((c for c, keys in wanted.items() if keys), key=lambda c: c.events[0]["position"])
        for client, (number, positions) in zip(erased, sorted(told.items())):
            check(len(positions) == wanted[client], "a receipt of more or fewer keys than the client had", number, len(positions), wanted[client], client.told())
            check(self.streams.setdefault(number, client) is client, "a receipt for another client", number, client.told())
            client.receipt = max(positions)
        check(len(told) <= len(erased), "a receipt for what nobody shredded", sorted(told)[len(erased):])
        check(len(told) >= len(erased), "shredded without a receipt", [c.id for c in erased[len(told):]])

    def acknowledged(self, op, reply):
        result, error = reply
        check(error is None, "refused with %s, but should be carried out" % (error or {}).get("code"), op, error)
        told = op.done["told"]
        if told.get("again"):
            return same(op.client.receipt, result["receipt"], "receipt of a second shred")
        same({k: op.done[k] for k in ("position", "subject", "version", "number")}, {k: result[k] for k in ("position", "subject", "version", "number")},
             "ack of %r" % op)
        same(told.get("link"), result["link"], "link of %r" % op)
        same(told.get("notify", []), result["notify"], "whom to tell, of %r" % op)
        if told.get("shreds"):
            check(result["receipt"] in self.receipts, "the receipt of an ack is none", op, result)
            check(op.done.setdefault("receipt", result["receipt"]) == result["receipt"], "another receipt when sent again", op, result)

    def told_again(self, op, reply, lost, shreds):
        if reply is None:
            lost.append(op)
            return
        if any(client in (op.client, op.other) for client, _ in shreds):
            return  # between the acceptance and the end of an erasure it may be either
        result, error = reply
        if commands.revoked(op):
            check(error and error["code"] == "unauthorized", "told to somebody revoked", op, reply)
            return
        event = op.done.get("event")
        if event and all(part["shredded"] for part in event["parts"]):
            check(error and error["code"] == "shredded", "a request whose traces are shredded, sent again", op, reply)
            return
        if "link" in op.done["told"] and "consent" not in (op.other or op.client).live:  # a match answers with the link of whom it found
            told = error["code"] == "shredded" if error else not result["link"]
            check(told, "a request whose link is shredded, sent again", op, reply)
            return
        check(error is None, "sent again and refused", op, error)
        same(op.done["told"].get("link"), result["link"], "link when sent again of %r" % op)
        if not op.done["told"].get("again"):
            same({k: op.done[k] for k in ("position", "subject", "version", "number")},
                 {k: result[k] for k in ("position", "subject", "version", "number")}, "ack when sent again of %r" % op)
            if op.done["told"].get("shreds"):
                check(result["receipt"] in self.receipts and not result["pending"], "the receipt of an ack is none when sent again", op, result)
                check(op.done.setdefault("receipt", result["receipt"]) == result["receipt"], "another receipt when sent again", op, result)

    @staticmethod
    def stolen(op, reply, shreds):
        """Another request under an id that is taken."""
        if reply is None or op.client in [client for client, _ in shreds]:
            return
        shredded = all(part["shredded"] for part in op.stolen.done["event"]["parts"])
        check(reply[1] and reply[1]["code"] == ("shredded" if shredded else "version_conflict"), "a request id taken twice", op, reply)

    # --- reads

    def ask(self, method, params, who, purpose=None):
        low = self.clock()[0]
        fields = {"as_": who["id"]} if who != model.DEVELOPER else {}
        result, error = self.reads.call(method, params, purpose=purpose, **fields)
        return result, error, model.When(low, self.clock()[1])

    def consulted_by(self, client, categories, who, when, purpose, kind="recordConsulted", method=None):
        content = {"categories": model.in_order(categories)}
        content.update({"purpose": purpose} if method is None else {"method": method})
        event = client.add(kind, {"audit": content}, when, who)
        event["position"] = len(self.journal)
        self.journal.append((client.id, len(client.events)))

    def read(self, client, method, who, purpose):
        """One read of one client, by whatever method."""
        want, seen, denied = getattr(self, "want_" + method)(client, who, purpose)
        result, error, when = self.ask(method, {"subject": client.id}, who, purpose)
        if client.whole or want is None:
            code = "shredded" if client.whole or client.gone and client.live <= {"audit"} else "withheld"
            check(error and error["code"] == code, "%s should be %s" % (method, code), client.id, result, error)
            if not client.whole:
                self.consulted_by(client, denied, who, when, purpose, "accessDenied", method)
            return
        check(error is None, "%s is refused" % method, client.id, error)
        self.consulted_by(client, seen, who, when, purpose)
        got = dict(result)
        labelled = {label["category"] for label in got.pop("labels", ())}
        check(labelled <= set(seen), "a field of what is not shown is named", labelled, seen)
        if got["position"] != len(self.journal) - 1:
            late = [(e["position"], e["stream"], [p["content"] for p in e["parts"]]) for e in self.taus.do("auditReplay", {"from": len(self.hashes)})["entries"]]
            check(False, "%s position" % method, "the model says %d, the daemon %d" % (len(self.journal) - 1, got["position"]), client.told(), "since the last look", late)
        got.pop("position")
        if method == "subjectTimeline":
            found = model.timeline_difference(client, want, got["entries"])
            check(found is None, found, client.told(), [(e["version"], e["type"], e["at"]) for e in got["entries"]][-12:])
            return
        same(len(client.events), got.pop("version"), method + " version")
        got["categories"] = {c["category"]: {k: c[k] for k in ("state", "due", "rule", "deferred")} for c in got["categories"]}
        want = {**want, "categories": {c: {**v, "due": client.due_object(c, v["due"])} for c, v in want["categories"].items()}}
        found = model.difference(want, got, method)
        check(found is None, found, client.told())

    def want_subjectTimeline(self, client, who, purpose):
        want, seen = model.timeline(client, who, purpose)
        return want if seen else None, seen, client.live

    def want_subjectShow(self, client, who, purpose):
        if client.whole:
            return None, (), ()
        view, seen = model.show(client, who, purpose)
        return view and {**view, "categories": client.categories(who, purpose, self.clock()[1])}, seen, client.live

    def want_subjectState(self, client, who, purpose):
        now = self.clock()[1]
        reads = not client.whole and client.readable(who, purpose) & client.live
        if client.whole or not reads and not client.told_of(who, purpose):
            return None, (), ()
        return {"subject": client.id, "phase": client.phase() if reads else None, "active": bool(reads) and client.active(now),
                "counsellor": client.assigned() if reads else None, "concludedAt": client.concluded if reads else None, "categories": client.categories(who, purpose, now)}, (), ()

    def find(self, key, value, who):
        category = {"name": "ident"}.get(key, key)
        result, error, when = self.ask("subjectFind", {key: value}, who)
        check(error is None, "subjectFind is refused", error)
        hits = [c for c in self.clients if not c.whole and desk.same_key(getattr(c, key), value) and category in c.readable(who, None)]
        want = []
        for client in hits:
            may = client.readable(who, None) & {"ident", "email", "phone"}
            want.append({"subject": client.id, "phase": client.phase(), **{f: getattr(client, f) for f, c in (("name", "ident"), ("email", "email"),
                         ("phone", "phone")) if c in may}})
            self.consulted_by(client, [c for c in may if getattr(client, {"ident": "name"}.get(c, c))], who, when, None)
        same(want, result["subjects"], "subjectFind by %s" % key)

    def calendar(self, day, days, who):
        """The local days from `day`; -> compares all entries, in any order."""
        low, high = model.start_of_day(day), model.start_of_day(day, days)
        result, error, when = self.ask("calendarShow", {"from": model.day_text(day), "to": model.day_text(day, days - 1)}, who)
        check(error is None, "calendarShow is refused", error)
        want = []
        for client in self.clients:
            shown = [a for a in client.appointments if a["start"] < high and a["end"] > low]
            may = client.readable(who, None) if shown else ()
            for a in shown:
                entry = {k: a[k] for k in ("start", "end", "counsellor")} | {"counsellorName": self.staff_of(a["counsellor"])["name"]}
                if "appt" in may:
                    entry |= {"subject": client.id, "number": a["number"], "channel": a["channel"], "place": a["place"], "outcome": a["outcome"]}
                    entry |= {"name": client.name if "ident" in may else None}
                elif a["outcome"] == "cancelled":
                    continue
                else:
                    entry["busy"] = True
                want.append(entry)
        def key(e):
            return e["start"], e["counsellor"], e.get("subject") or "", e.get("number") or 0
        order = [key(e)[0] for e in result["entries"]]
        check(order == sorted(order), "the calendar is not in order")
        for entry in result["entries"]:
            self.lasting_name(entry)
        same(sorted(want, key=key), sorted(result["entries"], key=key), "calendarShow")
        self.calendar_read([e for e in result["entries"] if e["subject"]], who, when)

    def lasting_name(self, entry):
        """The uid of an appointment is one and the same for ever, and no other appointment's; takes it out."""
        uid = entry.pop("uid")
        check(uid, "an appointment without a uid")
        if entry["subject"]:
            known = self.uids.setdefault((entry["subject"], entry["number"]), uid)
            check(known == uid, "the uid of an appointment changed", entry["number"])
            check(len(set(self.uids.values())) == len(self.uids), "two appointments of one uid")

    def calendar_read(self, entries, who, when):
        day = model.local_date(when.high)
        for entry in entries:
            client = next(c for c in self.clients if c.id == entry["subject"])
            before = self.consulted.setdefault((day, client.id, client.reads_erased, who if who == model.DEVELOPER else who["id"]), set())
            shown = {"appt", "ident"} if entry["name"] else {"appt"}
            if shown - before:
                before |= shown
                self.consulted_by(client, shown, who, when, None)

    def centre(self):
        """What is not about one client."""
        now = self.clock()[1]
        plan = self.reads.do("retentionPlan")["items"]
        named = {c.id: c for c in self.clients}
        for item in plan:
            if item["due"] is not None and item["category"] in named[item["subject"]].live:
                named[item["subject"]].learn_due(item["category"], item["due"])
        items = [(at, client.id, c, rule, deferred) for client in self.clients if not client.whole
                 for c, (at, rule, deferred) in client.dues(now).items() if at is not None or deferred]
        got = [(i["due"], i["subject"], i["category"], i["rule"], i["deferred"]) for i in plan]
        check([g[0] for g in got] == sorted((g[0] for g in got), key=lambda t: (t is None, t)), "the plan is not in order")
        wrong = {i[1] for i in set(items) ^ set(got)}
        check(sorted(items, key=str) == sorted(got, key=str), "retentionPlan", [c.told() for c in self.clients if c.id in wrong], "only the model: %s" % sorted(set(items) - set(got), key=str),
              "only the daemon: %s" % sorted(set(got) - set(items), key=str))
        staff = [{k: s[k] for k in ("id", "name", "roles", "confidentialitySigned", "revoked")} for s in self.staff]
        same(staff, self.reads.do("staffList")["staff"], "staffList")
        status = self.reads.do("status")
        phases = [c.phase() for c in self.clients if not c.whole]
        same({"p0": phases.count("P0"), "p1": phases.count("P1"), "p2": phases.count("P2"), "shredded": len(self.clients) - len(phases),
              "staff": len(self.staff)}, status["subjects"], "status counts")
        same([len(self.journal), len(self.journal) - 1, "vt"], [status["size"], status["position"], status["profile"]], "status")

    def show_receipts(self, positions):
        for position in positions:
            result = self.reads.do("receiptShow", {"position": position})
            same(self.receipts[position], result, "receiptShow %d" % position)

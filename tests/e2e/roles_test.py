"""Who sees what: relation x category x phase of the vt centre, against the daemon, by the states it tells and by every byte it sends.

The table below is the specification, written from what the centre promises; what it does not name is denied.
usage: roles_test.py BUILD
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import taus_client
from taus_client import ms

BUILD = sys.argv[1]
READERS = ("assigned", "other", "leader", "desk", "dpo", "hr", "client")
CATEGORIES = ("ident", "email", "phone", "demog", "intake", "case", "corr", "appt", "consent", "rights", "audit")
PHASES = ("P0", "P1", "P2", "neverServed", "reopened")

# R read, - nothing, b yes/no, o own messages, c counts, p by purpose, k in the access package or through the counsellor,
# g gone.      assigned other leader desk dpo hr client
ROWS = {
    "P0": {"ident email phone appt demog intake": "R R R R - - R", "case": "- - - - - - -", "corr": "R o o o - - k"},
    "P1": {"ident email phone appt": "R R R R - - R", "demog intake": "R - - - - - R", "case": "R - - - - - k", "corr": "R o o o - - k"},
    "P2": {"ident email demog": "R - - - - - R", "phone appt intake case corr": "g - - - - - g"},
}
ALWAYS = {"consent": "R - R b R - R", "rights": "R - R - R - R", "audit": "- - c - p - k"}
# Concluded without a session nothing is kept but the read log, so every answer is "shredded" (test_never_served). Reopened is P1,
# never P0 again.
ROWS["reopened"] = {**ROWS["P1"], "corr": "R o o o - - g"}
# What a conclusion shreds at once, and what nobody ever gave.
GONE = {"P2": {"phone", "appt", "intake", "case", "corr"}, "reopened": {"phone", "appt", "intake", "corr"}}
NOT_GIVEN = {"P0": {"case", "rights"}}

CANARY = {"ident": "Zacharina Kanari", "email": "kanaripost@example.no", "phone": "+4755501234", "demog": "5054", "intake": "kanarifokus",
          "case": "kanarilogg", "corr": "kanaribrev", "appt": "kanarirom", "consent": "VT-2022-09-15", "audit": "kanariformaal"}
FORM = {"name": CANARY["ident"], "email": CANARY["email"], "phone": CANARY["phone"], "municipalityCode": CANARY["demog"], "ageYears": 34,
        "focusAreas": [CANARY["intake"]], "consent": {"notice": CANARY["consent"], "act": "checkbox", "language": "nb"}}


def specification():
    """{(phase, reader, category): letter}"""
    cells = {}
    for phase, rows in ROWS.items():
        for names, letters in {**ALWAYS, **rows}.items():
            for name in names.split():
                for reader, letter in zip(READERS, letters.split()):
                    cells[phase, reader, name] = letter
    return cells


def state_for(cell, letter):
    """The state that this letter of the table means for this cell."""
    phase, reader, category = cell
    if letter == "g":
        return "shredded" if reader in ("assigned", "client") else "withheld"
    if letter not in "Rb":  # of b, yes or no: only that there is something
        return "withheld"
    if category in GONE.get(phase, ()):
        return "shredded"
    return "empty" if category in NOT_GIVEN.get(phase, {"rights"}) else "present"


def mismatches(cells, observed):
    """Cells whose observed state is not what the table says, all of them."""
    return [(cell, letter, observed.get(cell)) for cell, letter in sorted(cells.items()) if observed.get(cell) != state_for(cell, letter)]


def flipped(cell, letter):
    """Another letter, which means something else."""
    return next(other for other in "R-g" if state_for(cell, other) != state_for(cell, letter))


def leaks(cells, phase, reader, raw):
    """Categories whose content is in these bytes although this reader may not see it."""
    found = []
    for category, canary in CANARY.items():
        letter = cells[phase, reader, category]
        if letter == "o":  # of the messages only one's own
            found += [category] if any(other in raw for other in (b"kanaribrev-%s" % r.encode() for r in READERS if r != reader)) else []
        elif letter != "R" and canary.encode() in raw:
            found.append(category)
    return found


class Recorded(taus_client.Taus):
    """Keeps the bytes of the last reply."""
    raw = b""

    def receive_frame(self):
        self.raw = super().receive_frame()
        return self.raw


class Centre:
    """A vt centre with a member of staff of each role and a client in each phase."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.taus = Recorded(daemon.socket_path("frontend"), daemon.layout)
        daemon.set_clock(ms("2026-03-02T08:00"))
        self.staff = {reader: self.add(role) for reader, role in (("assigned", "counsellor"), ("other", "counsellor"), ("leader", "leader"),
                                                                  ("desk", "desk"), ("dpo", "dpo"), ("hr", "hr"))}
        self.links, self.subjects = {}, {}
        for phase in PHASES:
            self.make(phase)
        self.daemon.set_clock(ms("2026-03-02T12:00"))
        for phase in ("P1", "P2", "reopened"):
            subject = self.subjects[phase]
            self.as_("assigned", "bookingHeld", {"subject": subject})
            self.as_("assigned", "logWrite", {"subject": subject, "order": CANARY["case"], "attestNoSpecial": True})
        for phase in ("P2", "reopened", "neverServed"):
            self.as_("assigned", "subjectConclude", {"subject": self.subjects[phase]})
        self.as_("assigned", "subjectReopen", {"subject": self.subjects["reopened"], "reason": "kom tilbake"})
        self.as_("assigned", "logWrite", {"subject": self.subjects["reopened"], "order": CANARY["case"], "attestNoSpecial": True})

    def add(self, role):
        return self.taus.do("staffAdd", {"name": "En " + role, "roles": [role], "confidentialitySigned": "2025-01-02"})["subject"]

    def as_(self, reader, method, params, **fields):
        return self.taus.do(method, params, as_=self.staff[reader], **fields)

    def make(self, phase):
        booked = self.taus.do("bookingRequest", FORM)
        subject = self.subjects[phase] = booked["subject"]
        self.links[phase] = booked["link"]
        self.taus.do("subjectAssign", {"subject": subject, "counsellor": self.staff["assigned"]})
        if phase != "neverServed":
            start = ms("2026-03-02T09:00") + PHASES.index(phase) * 1_800_000
            self.as_("desk", "bookingBook", {"subject": subject, "counsellor": self.staff["assigned"], "start": start, "minutes": 30,
                                             "channel": "inPerson", "place": CANARY["appt"]})
        message = {"subject": subject, "channel": "email", "title": "Om timen"}
        self.taus.do("messageAdd", dict(message, direction="in", body="kanaribrev-client"))
        for reader in ("assigned", "other", "leader", "desk"):
            self.as_(reader, "messageAdd", dict(message, direction="out", body="kanaribrev-" + reader))
        self.as_("assigned", "subjectShow", {"subject": subject}, purpose=CANARY["audit"])

    def ask(self, reader, method, phase, **fields):
        """-> (result, error, bytes of the reply)"""
        who = {"link": self.links[phase]} if reader == "client" else {"as": self.staff[reader]}
        result, error = self.taus.call(method, {"subject": self.subjects[phase]}, **who, **fields)
        return result, error, self.taus.raw

    def last_read(self, phase, back=0):
        """The newest entry of the read log, as the data protection officer sees it."""
        reads = self.as_("dpo", "auditReads", {"subject": self.subjects[phase]}, purpose="kontroll")
        return reads["reads"][-1 - back], reads["count"]


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = taus_client.Daemon(BUILD).start()
        cls.addClassCleanup(cls.daemon.close)
        cls.centre = Centre(cls.daemon)
        cls.addClassCleanup(cls.centre.taus.close)
        cls.cells = specification()
        cls.observed, cls.shown = {}, {}
        for phase, reader in sorted({cell[:2] for cell in cls.cells}):
            result, error, raw = cls.centre.ask(reader, "subjectShow", phase)
            cls.shown[phase, reader] = result, error, raw, cls.centre.last_read(phase)
            for category in CATEGORIES:
                cls.observed[phase, reader, category] = cls.state_in(result, error, category)

    @staticmethod
    def state_in(result, error, category):
        if error is not None:
            return error["code"]
        states = {view["category"]: view["state"] for view in result["categories"]}
        return states.get(category)

    def test_every_cell(self):
        self.assertEqual(len(self.cells), len(ROWS) * len(READERS) * len(CATEGORIES))
        self.assertEqual(mismatches(self.cells, self.observed), [])

    def test_every_flipped_cell_is_noticed(self):
        for cell, letter in self.cells.items():
            wrong = mismatches({**self.cells, cell: flipped(cell, letter)}, self.observed)
            self.assertEqual([found[0] for found in wrong], [cell])
        for cell in self.cells:  # and an answer for which there is no state at all
            self.assertEqual([found[0] for found in mismatches(self.cells, {**self.observed, cell: None})], [cell])

    def test_no_byte_of_what_is_withheld(self):
        for (phase, reader), (result, _, raw, _) in self.shown.items():
            self.assertEqual(leaks(self.cells, phase, reader, raw), [], (phase, reader))
            if result is None:
                continue
            for view in result["categories"]:
                if view["state"] == "withheld":  # nor when it dies
                    self.assertIsNone(view["due"], (phase, reader, view))

    def test_masking_in_the_client_only_is_noticed(self):
        """The assigned counsellor's reply given to a colleague, for the client program to hide."""
        raw = self.shown["P1", "assigned"][2]
        for reader in ("other", "leader", "desk"):
            self.assertEqual(leaks(self.cells, "P1", reader, raw), ["demog", "intake", "case", "corr"] + ([] if reader == "leader" else ["consent"]))
        self.assertEqual(leaks(self.cells, "P2", "other", self.shown["P2", "assigned"][2]), ["ident", "email", "demog", "consent"])
        self.assertIn("corr", leaks(self.cells, "P0", "other", b"...kanaribrev-client..."))
        self.assertNotIn("corr", leaks(self.cells, "P0", "other", b"...kanaribrev-other..."))

    def test_the_searcher_finds_what_may_be_seen(self):
        for category in ("ident", "email", "phone", "demog", "intake", "case", "corr", "appt", "consent"):
            self.assertIn(CANARY[category].encode(), self.shown["P1", "assigned"][2], category)

    def test_own_messages_only(self):
        for phase in ("P0", "P1"):
            for reader in ("other", "leader", "desk"):
                self.assertEqual([m["body"] for m in self.shown[phase, reader][0]["messages"]], ["kanaribrev-" + reader])
            self.assertEqual(len(self.shown[phase, "assigned"][0]["messages"]), 5)
            self.assertEqual(self.shown[phase, "client"][0]["messages"], [])

    def test_each_read_and_each_refusal_is_journalled(self):
        for (phase, reader), (result, error, _, (entry, _)) in self.shown.items():
            about = (phase, reader, entry, error)
            self.assertEqual(entry["denied"], error is not None, about)
            self.assertEqual(entry["actor"], self.centre.staff.get(reader), about)
            self.assertEqual(entry["role"], {"assigned": "counsellor", "other": "counsellor"}.get(reader, reader), about)
            if result is not None:
                own = {"corr"} if result["messages"] else set()
                seen = {view["category"] for view in result["categories"] if view["state"] == "present"
                        and self.cells[phase, reader, view["category"]] != "b"} | own
                self.assertEqual(set(entry["categories"]), seen, about)
            else:
                self.assertEqual(error["code"], "withheld", about)
                self.assertFalse(any(canary.lower() in error["message"].lower() for canary in CANARY.values()))

    def test_timeline(self):
        for phase, reader in self.shown:
            result, error, raw = self.centre.ask(reader, "subjectTimeline", phase)
            self.assertEqual(leaks(self.cells, phase, reader, raw), [], (phase, reader))
            entry, _ = self.centre.last_read(phase)
            self.assertEqual(entry["denied"], error is not None, (phase, reader, error))
            if error is not None:
                self.assertEqual(error["code"], "withheld", (phase, reader))
                continue
            self.assertGreater(len(result["entries"]), 5)
            for event in result["entries"]:
                self.check_event(event, phase, reader)

    def feed(self, reader, phase):
        """-> (events of this client, all bytes), as the reader is told them from the beginning."""
        who = {"link": self.centre.links[phase]} if reader == "client" else {"as_": self.centre.staff[reader]}
        events, raw, start = [], b"", 0
        while True:
            feed, error = self.centre.taus.call("eventsFollow", {"from": start}, **who)
            if error is not None:
                self.assertEqual((reader, phase, error["code"]), ("client", "neverServed", "shredded"))
                return [], b""
            events += feed["events"]
            raw += self.centre.taus.raw
            start = feed["next"]
            if start > feed["position"]:
                return [event for event in events if event["subject"] == self.centre.subjects[phase]], raw

    def test_feed(self):
        """What the feed shows of a client is what the table lets be read, and it never says what was said."""
        for phase in PHASES:
            for reader in READERS:
                events, raw = self.feed(reader, phase)
                self.assertFalse([c for c in CANARY if CANARY[c].encode() in raw], (reader, phase))
                if phase == "neverServed":
                    self.assertEqual(events, [], reader)
                    continue
                letters = {part["category"]: self.cells[phase, reader, part["category"]] for event in events for part in event["parts"]
                           if part["state"] in ("present", "empty")}
                self.assertFalse(set(letters.values()) - {"R", "o"}, (reader, phase, letters))
                absent = {*GONE.get(phase, ()), *NOT_GIVEN.get(phase, {"rights"})}
                readable = {c for c in CATEGORIES if self.cells[phase, reader, c] == "R" and c not in absent}
                self.assertEqual(set(letters) - {"corr"}, readable - {"corr"}, (reader, phase))
                self.assertEqual([event for event in events if not {"present", "empty"} & {part["state"] for part in event["parts"]}], [])

    def check_event(self, event, phase, reader):
        states = {part["category"]: part["state"] for part in event["parts"]}
        for part in event["parts"]:
            letter = self.cells[phase, reader, part["category"]]
            wanted = state_for((phase, reader, part["category"]), letter)
            allowed = {"present", "empty", "shredded"} if wanted in ("present", "empty") else {wanted}
            if letter == "b":
                allowed = {"withheld"}
            elif letter == "o" and part["state"] == "present":  # one's own message
                allowed = {"present"}
                self.assertEqual(json.loads(part["content"])["author"], self.centre.staff[reader])
            self.assertIn(part["state"], allowed, (phase, reader, part, event["type"]))
            if part["state"] != "present":
                self.assertIsNone(part["content"])
        if not {"present", "empty"} & set(states.values()):  # what cannot be read does not say what or when it was, or whose
            self.assertEqual((event["type"], event["at"], event["actor"]), (None, None, None), event)

    def test_state_and_find(self):
        for phase, reader in self.shown:
            result, error, raw = self.centre.ask(reader, "subjectState", phase)
            self.assertFalse([c for c in CANARY if CANARY[c].encode() in raw], (phase, reader))
            self.assertEqual(error and error["code"], self.shown[phase, reader][1] and self.shown[phase, reader][1]["code"])
            for view in result["categories"] if result else []:
                self.assertEqual(view["state"], self.observed[phase, reader, view["category"]], (phase, reader, view))
        for reader in READERS[:-1]:
            result, error = self.centre.taus.call("subjectFind", {"email": CANARY["email"]}, as_=self.centre.staff[reader])
            if reader in ("dpo", "hr"):
                self.assertEqual(error["code"], "unauthorized")
                continue
            found = {hit["subject"] for hit in result["subjects"]}
            may = {self.centre.subjects[p] for p in ROWS if self.cells[p, reader, "email"] == "R"}
            self.assertEqual(found, may, reader)

    def test_the_read_log(self):
        subject = {"subject": self.centre.subjects["P1"]}
        ask = lambda reader, **f: self.centre.taus.call("auditReads", subject, as_=self.centre.staff[reader], **f)
        self.assertEqual(ask("dpo")[1]["code"], "withheld")
        self.assertIn(CANARY["audit"], str(ask("dpo", purpose="kontroll")[0]))
        counts, _ = ask("leader")
        self.assertGreater(counts["count"], 0)
        self.assertEqual(counts["reads"], [])
        for reader in ("assigned", "other", "desk", "hr"):
            self.assertEqual(ask(reader, purpose="kontroll")[1]["code"], "withheld", reader)
            self.assertTrue(self.centre.last_read("P1")[0]["denied"])

    def test_never_served(self):
        for reader in READERS[:-1]:
            for method in ("subjectShow", "subjectTimeline", "subjectState"):
                result, error, raw = self.centre.ask(reader, method, "neverServed")
                self.assertIsNone(result)
                self.assertEqual(error["code"], "shredded", (reader, method))
                self.assertFalse([c for c in CANARY if CANARY[c].encode() in raw], method)
                entry, _ = self.centre.last_read("neverServed")
                self.assertEqual((entry["denied"], entry["actor"]), (True, self.centre.staff[reader]), (reader, method))

    def test_a_dead_link(self):
        """The link is made of the consent's key: it opens nothing once that is gone, and says no more than that."""
        for method in ("subjectShow", "subjectTimeline", "subjectState", "bookingCancel"):
            result, error, raw = self.centre.ask("client", method, "neverServed")
            self.assertIsNone(result)
            self.assertEqual(error["code"], "shredded", method)
            self.assertFalse([c for c in CANARY if CANARY[c].encode() in raw], method)

    def test_a_link_opens_its_own_client_only(self):
        for method in ("subjectShow", "subjectTimeline", "subjectState"):
            result, error = self.centre.taus.call(method, {"subject": self.centre.subjects["P0"]}, link=self.centre.links["P1"])
            self.assertIsNone(result)
            self.assertEqual(error["code"], "withheld", method)
            self.assertFalse(any(canary.encode() in self.centre.taus.raw for canary in CANARY.values()))

    def test_commands_by_role(self):
        case = {"subject": self.centre.subjects["P1"]}
        log = {**case, "order": "x", "attestNoSpecial": True}
        size = self.centre.taus.do("status")["size"]
        hand_over = {**case, "counsellor": self.centre.staff["other"]}
        times = {"counsellor": self.centre.staff["assigned"], "start": ms("2030-01-02T10:00"), "minutes": 60, "channel": "video"}
        for reader, method, params in [*((r, "logWrite", log) for r in READERS if r != "assigned"),
                                       *((r, "subjectConclude", case) for r in READERS if r != "assigned"),
                                       *((r, "bookingHeld", case) for r in READERS if r != "assigned"),
                                       *((r, "consentWithdraw", case) for r in ("dpo", "hr")),
                                       *((r, "shred", {**case, "reason": "withdrawal"}) for r in READERS),
                                       *((r, "staffAdd", {"name": "x"}) for r in READERS if r != "leader"),
                                       *((r, "subjectAssign", hand_over) for r in ("other", "desk", "dpo", "hr", "client")),
                                       *((r, "retentionPlan", {}) for r in ("assigned", "other", "desk", "hr", "client")),
                                       *((r, "consentGive", case) for r in READERS if r != "client"),
                                       *((r, "consentDisclose", case) for r in ("dpo", "hr")),
                                       *((r, "consentUndisclose", case) for r in ("dpo", "hr")),
                                       *((r, "consentDisclosed", case) for r in ("other", "desk", "dpo", "hr", "client")),
                                       *((r, "rightsNotified", {**case, "action": "erased"}) for r in ("other", "desk", "hr", "client")),
                                       *((r, "slotsPublish", times) for r in ("other", "dpo", "hr", "client")),
                                       *((r, "slotsList", {}) for r in ("dpo", "hr")),
                                       *((r, "inquiryAnswer", case) for r in ("dpo", "hr", "client")),
                                       *((r, "inquiryList", {}) for r in ("dpo", "hr", "client")),
                                       *((r, "groupRecord", {"participants": 3}) for r in ("dpo", "hr", "client")),
                                       *((r, "groupCorrect", {"number": 1, "participants": 3}) for r in ("dpo", "hr", "client")),
                                       *((r, "groupList", {}) for r in ("dpo", "hr", "client")),
                                       *((r, "matchList", {}) for r in ("leader", "desk", "dpo", "hr", "client")),
                                       *((r, "matchConfirm", {**case, "existing": case["subject"]}) for r in READERS if r != "assigned")]:
            who = {"link": self.centre.links["P1"]} if reader == "client" else {"as": self.centre.staff[reader]}
            result, error = self.centre.taus.call(method, params, **who)
            self.assertIsNone(result, (reader, method))
            self.assertEqual(error["code"], "unauthorized", (reader, method))
        self.assertEqual(self.centre.taus.do("status")["size"], size)

    def test_zz_revoked(self):
        self.centre.taus.do("staffRevoke", {"subject": self.centre.staff["other"]})
        for method, params in (("subjectShow", {"subject": self.centre.subjects["P0"]}), ("subjectTimeline", {"subject": self.centre.subjects["P0"]}),
                               ("subjectFind", {"email": CANARY["email"]}), ("calendarShow", {}), ("staffList", {}), ("eventsFollow", {"from": 0}),
                               ("status", {})):
            _, error = self.centre.taus.call(method, params, as_=self.centre.staff["other"])
            self.assertEqual((error["code"], error["pointer"]), ("unauthorized", "/as"), method)


class Sockets(unittest.TestCase):
    """Principals of a configured daemon: what each socket carries. What is not named is refused."""

    AUDITOR = {"status", "receiptShow", "eventsFollow", "auditVerify", "auditCheckpoint", "auditProve", "auditReplay", "auditReads"}
    OPERATOR = {"status", "receiptShow", "eventsFollow", "auditVerify", "auditCheckpoint", "auditProve", "auditReplay", "shred", "keysStatus",
                "retentionPlan", "retentionRun", "retentionPurge", "staffAdd", "staffRevoke", "staffList", "formShow", "keysEvict", "keysAdmit", "keysRotateRoot",
                "keysEscrow", "backupRead"}

    def setUp(self):
        self.base = tempfile.TemporaryDirectory(prefix="taus-roles-")
        self.addCleanup(self.base.cleanup)
        for folder in ("data", "root", "run"):
            os.makedirs(os.path.join(self.base.name, folder), mode=0o700)
        self.layout = taus_client.capnp_py.load(taus_client.layout_of(BUILD))

    def configure(self, *rights):
        with open(os.path.join(self.base.name, "taus.toml"), "w", encoding="utf-8") as file:
            file.write('profile = "vt"\n' + "".join('%s_dir = "%s/%s"\n' % (d, self.base.name, d) for d in ("data", "root", "run")))
            for role in taus_client.ROLES:
                file.write('[[principal]]\nname = "%s"\nuid = %d\nsocket = "%s"\n' % (role, os.getuid(), role))
                if role == "frontend":
                    file.write("".join("%s = true\n" % right for right in rights))

    def connect(self, role):
        return taus_client.Taus(os.path.join(self.base.name, "run", role + ".sock"), self.layout)

    def wait_for(self, words):
        while line := self.process.stderr.readline():
            if words in line or "cannot start" in line:
                return line
        raise AssertionError("the daemon ended")

    def test_sockets(self):
        self.configure("books")
        self.process = subprocess.Popen([os.path.join(BUILD, "bin", "tausd"), "--config", os.path.join(self.base.name, "taus.toml")],
                                        stderr=subprocess.PIPE, text=True)
        try:
            started = self.wait_for("serving")
            if "cannot be erased for good" in started:  # this disk cannot hold a root key: said, and nothing is served
                self.assertEqual(self.process.wait(60), 2)
                return
            self.check_sockets()
        finally:
            self.process.terminate()
            self.process.communicate(timeout=60)

    def check_sockets(self):
        with self.connect("operator") as taus:
            staff = taus.do("staffAdd", {"name": "Ingrid", "roles": ["counsellor"], "confidentialitySigned": "2025-01-02"})["subject"]
            self.assertEqual([member["name"] for member in taus.do("staffList")["staff"]], [None])
        with self.connect("frontend") as taus:
            booked = taus.do("bookingRequest", FORM)
            subject = {"subject": booked["subject"]}
            self.assertEqual(taus.do("subjectShow", subject, link=booked["link"])["name"], CANARY["ident"])
            self.assertEqual(taus.call("subjectShow", subject, as_=staff)[1]["code"], "unauthorized")  # it may not speak for staff
            self.assertEqual(taus.call("subjectShow", subject)[1]["code"], "withheld")                 # nor for itself
        for role, carried in (("auditor", self.AUDITOR), ("operator", self.OPERATOR)):
            self.check_methods(role, carried, booked, staff)
        self.configure("speaks_for_staff")
        self.process.send_signal(signal.SIGHUP)
        self.assertIn("configuration read again", self.wait_for("configuration"))
        with self.connect("frontend") as taus:
            self.assertEqual(taus.do("subjectShow", subject, as_=staff)["name"], CANARY["ident"])
            self.assertEqual(taus.call("subjectShow", subject)[1]["code"], "withheld")
            self.assertEqual(taus.call("devClockSet", {"at": 0})[1]["code"], "unauthorized")
        self.configure()
        self.process.send_signal(signal.SIGHUP)
        self.assertIn("configuration read again", self.wait_for("configuration"))
        with self.connect("frontend") as taus:
            self.assertEqual(taus.call("subjectShow", subject, as_=staff)[1]["code"], "unauthorized")
            self.assertEqual(taus.call("subjectShow", subject, link=booked["link"])[1]["code"], "unauthorized")
            self.assertEqual(taus.call("bookingRequest", FORM)[1]["code"], "unauthorized")

    def check_methods(self, role, carried, booked, staff):
        request = self.layout[0].structs["Request"]
        methods = [field for field in request.fields if field["tag"] >= 0 and field["name"] != "none"]
        with self.connect(role) as taus:
            for field in methods:
                fields = self.layout[0].structs[field["type"]["struct"]].by_name
                params = {"subject": booked["subject"]} if "subject" in fields else {}
                _, error = taus.call(field["name"], params)
                denied = error is not None and error["code"] == "unauthorized"
                self.assertEqual(denied, field["name"] not in carried, (role, field["name"], error))
                for who in ({"as": staff}, {"link": booked["link"]}):
                    _, error = taus.call(field["name"], params, **who)
                    self.assertEqual(error["code"], "unauthorized", (role, field["name"], who))
            raw = Recorded(taus.path, self.layout)
            for method in sorted(carried - {"shred", "staffRevoke"}):
                raw.call(method, {"subject": booked["subject"]} if method == "auditReads" else {})
                self.assertFalse([c for c in CANARY if c != "consent" and CANARY[c].encode() in raw.raw], (role, method))
            raw.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)

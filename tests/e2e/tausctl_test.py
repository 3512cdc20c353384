"""tausctl against the stub server: what it sends, what it prints, how it ends.

usage: tausctl_test.py TAUSCTL LAYOUT.json
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import capnp_py
import taus_client
from stub_server import Stub

TAUSCTL, LAYOUT = sys.argv[1], sys.argv[2]
EXIT = {"invalid_argument": 2, "malformed": 2, "too_large": 2, "not_found": 3, "unauthorized": 4, "withheld": 4, "version_conflict": 5,
        "slot_taken": 5, "shredded": 6, "restricted": 7, "held": 7, "busy": 8, "unavailable": 8, "shutting_down": 8, "tampered": 9,
        "corrupt": 9, "io": 1}


class Tausctl(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        layout = capnp_py.load(LAYOUT)
        self.answers = {}
        self.stubs = {role: Stub("%s/run/%s.sock" % (self.directory.name, role), layout, self.answer) for role in taus_client.ROLES}

    def tearDown(self):
        for stub in self.stubs.values():
            stub.close()
        self.directory.cleanup()

    def answer(self, request):
        return self.answers.get(request["_which"], ({}, None))

    def run_it(self, *arguments, stdin=None):
        command = [TAUSCTL, "--dev", self.directory.name, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)

    def sent(self, role="frontend"):
        request = self.stubs[role].seen[-1]
        return request[request["_which"]]

    def ok(self, *arguments, stdin=None):
        done = self.run_it(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    # --- what is sent

    def test_book(self):
        self.answers["bookingBook"] = ({"position": 4, "subject": "s1", "number": 2}, None)
        out = self.ok("booking", "book", "s1", "--counsellor", "c1", "--start", "2025-03-10T10:00", "--minutes", "60", "--channel",
                      "inPerson", "--expected-version", "3", "--as", "c1", "--json")
        sent = self.sent()
        self.assertEqual((sent["subject"], sent["counsellor"], sent["minutes"], sent["channel"], sent["expectedVersion"]),
                         ("s1", "c1", 60, "inPerson", 3))
        self.assertEqual(sent["start"], taus_client.ms("2025-03-10T09:00:00Z"))
        self.assertEqual(self.stubs["frontend"].seen[-1]["as"], "c1")
        self.assertEqual(json.loads(out)["number"], 2)
        self.assertIsNone(json.loads(out)["version"])

    def test_switches_stand_anywhere(self):
        for words in (["--as", "a", "--json", "subject", "state", "s1"], ["subject", "--as", "a", "state", "--json", "s1"],
                      ["subject", "state", "s1", "--json", "--as", "a"]):
            self.answers["subjectState"] = ({"subject": "s1"}, None)
            self.assertEqual(json.loads(self.ok(*words))["subject"], "s1")
            self.assertEqual(self.stubs["frontend"].seen[-1]["as"], "a")

    def test_local_times(self):
        book = ["booking", "reschedule", "s1", "--minutes", "30", "--start"]
        gap = self.run_it(*book, "2025-03-30T02:30")
        self.assertEqual(gap.returncode, 2)
        self.assertIn("--start", gap.stderr)
        self.ok(*book, "2025-10-26T02:30")  # occurs twice: the first is meant
        self.assertEqual(self.sent()["start"], taus_client.ms("2025-10-26T00:30:00Z"))
        self.assertEqual(len(self.stubs["frontend"].seen), 1, "the refused one must not have been sent")

    def test_documents(self):
        log = {"order": "æøå", "focus": "", "issuesNext": "", "tasksNext": "", "otherPrep": "", "attestNoSpecial": True}
        path = self.directory.name + "/log.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(log, file)
        self.ok("log", "write", "s1", path)
        self.assertEqual((self.sent()["subject"], self.sent()["order"], self.sent()["attestNoSpecial"]), ("s1", "æøå", True))
        self.ok("log", "amend", "s1", "-", "--supersedes", "41", stdin=json.dumps(log))
        self.assertEqual(self.sent()["supersedes"], 41)
        other = self.run_it("log", "write", "s1", "-", stdin=json.dumps(dict(log, subject="s2")))
        self.assertEqual((other.returncode, "/subject" in other.stderr), (2, True))
        unknown = self.run_it("log", "write", "s1", "-", stdin=json.dumps(dict(log, diagnosis="x")))
        self.assertEqual((unknown.returncode, "/diagnosis" in unknown.stderr), (2, True))
        self.assertEqual(self.run_it("log", "write", "s1", "/nowhere.json").returncode, 3)
        directory = self.run_it("log", "write", "s1", self.directory.name)
        self.assertEqual((directory.returncode, "is a directory" in directory.stderr), (2, True))
        for nothing in ("", " \n"):
            empty = self.run_it("log", "write", "s1", "-", stdin=nothing)
            self.assertEqual((empty.returncode, "empty" in empty.stderr), (2, True))

    def test_message_subject_line(self):
        self.ok("message", "add", "s1", "-", stdin=json.dumps(
            {"direction": "in", "channel": "email", "subject": "Spørsmål", "body": "Hei", "at": "2025-03-10T10:00"}))
        sent = self.sent()
        self.assertEqual((sent["subject"], sent["title"], sent["body"], sent["at"]),
                         ("s1", "Spørsmål", "Hei", taus_client.ms("2025-03-10T09:00:00Z")))

    def test_booking_form(self):
        form = {"name": "Kari Eksempel", "email": "kari@example.no", "ageYears": 34, "focusAreas": ["yrkesvalg"],
                "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
        self.answers["bookingRequest"] = ({"subject": "s1", "link": "L", "position": 0}, None)
        self.assertIn("L", self.ok("booking", "request", "-", stdin=json.dumps(form)))
        self.assertEqual((self.sent()["ageYears"], self.sent()["consent"]["act"]), (34, "checkbox"))

    def test_lists_and_roles(self):
        self.ok("staff", "add", "Åse Øvre", "--role", "counsellor", "--role", "leader", "--confidentiality-signed", "2025-01-02")
        self.assertEqual(self.sent("operator")["roles"], ["counsellor", "leader"])
        self.ok("shred", "s1", "--category", "email", "phone", "--reason", "request", "--decision", "9")
        self.assertEqual((self.sent("operator")["categories"], self.sent("operator")["reason"]), (["email", "phone"], "request"))
        wrong = self.run_it("shred", "s1", "--reason", "whim")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("--reason: give one of withdrawal, request.", wrong.stderr)  # the schema has more; this command has not
        self.assertIn("--role: give one of counsellor, leader, desk, dpo, hr.",
                      self.run_it("staff", "add", "X", "--role", "chef", "--confidentiality-signed", "2025-01-02").stderr)
        self.assertIn("--ground: give one of legalClaim, archiveDuty.", self.run_it("hold", "place", "s1", "--ground", "x", "--category", "case").stderr)

    def test_sockets(self):
        self.ok("staff", "list")
        self.assertEqual(len(self.stubs["operator"].seen), 1)
        self.ok("staff", "list", "--as", "leader1")  # operators' sockets do not speak for staff
        self.assertEqual(len(self.stubs["frontend"].seen), 1)
        self.ok("audit", "reads", "s1")
        self.assertEqual(self.sent("auditor")["subject"], "s1")
        done = subprocess.run([TAUSCTL, "--socket", self.stubs["auditor"].path, "staff", "list"], capture_output=True, check=False)
        self.assertEqual((done.returncode, len(self.stubs["auditor"].seen)), (0, 2))

    def test_clock(self):
        for span, days, milliseconds in (("28d", 28, 0), ("36h", 0, 36 * 3600_000), ("90m", 0, 90 * 60_000)):
            self.ok("dev", "clock", "advance", span)
            self.assertEqual((self.sent("operator")["days"], self.sent("operator")["milliseconds"]), (days, milliseconds))
        for span in ("-1d", "1", "d", "5w", "1.5h", "99999999999999999h"):
            self.assertEqual(self.run_it("dev", "clock", "advance", span).returncode, 2, span)
        self.ok("dev", "clock", "set", "2025-12-31T23:59:59")
        self.assertEqual(self.sent("operator")["at"], taus_client.ms("2025-12-31T22:59:59Z"))

    def test_request_ids(self):
        command = ["booking", "held", "s1"]
        self.ok(*command)
        self.ok(*command)
        first, second = (r["requestId"] for r in self.stubs["frontend"].seen)
        self.assertTrue(first and second and first != second)
        self.ok("--request-id", "mine", *command)
        for switch in ("--request-id", "--as", "--purpose", "--dev", "--socket"):  # a variable of the shell that was never set
            empty = subprocess.run([TAUSCTL, switch, "", *command], capture_output=True, text=True, check=False)
            self.assertEqual((empty.returncode, empty.stdout), (2, ""), switch)
            self.assertIn(switch + ": ", empty.stderr)
        self.assertEqual(self.stubs["frontend"].seen[-1]["requestId"], "mine")
        self.ok("subject", "show", "s1")
        self.assertIsNone(self.stubs["frontend"].seen[-1]["requestId"], "a query has none")

    def test_call(self):
        self.answers["subjectState"] = ({"subject": "s1", "phase": "p2"}, None)
        self.assertEqual(json.loads(self.ok("call", "subjectState", '{"subject": "s1"}', "--json"))["phase"], "p2")
        self.ok("call", "subjectState", "-", stdin='{"subject": "s9"}')
        self.assertEqual(self.sent()["subject"], "s9")
        self.assertEqual(self.run_it("call", "noSuchThing").returncode, 2)
        self.assertEqual(self.run_it("call", "none").returncode, 2)
        self.assertEqual(self.run_it("call", "subjectState", "{").returncode, 2)
        for at_least in ("-1", "-5", "x"):
            self.assertIn("--at-least: ", self.run_it("status", "--at-least=" + at_least).stderr)

    # --- how it ends

    def test_exit_codes(self):
        for code, status in EXIT.items():
            self.answers["subjectShow"] = (None, {"code": code, "message": "A sentence.", "pointer": "/subject"})
            done = self.run_it("subject", "show", "s1", "--json")
            self.assertEqual(done.returncode, status, code)
            self.assertEqual(json.loads(done.stdout), {"error": {"code": code, "message": "A sentence.", "pointer": "/subject"}})
            self.assertIn("A sentence.", done.stderr)
            self.assertEqual(self.run_it("subject", "show", "s1").stdout, "")

    def test_pending_and_tampered(self):
        self.answers["consentWithdraw"] = ({"subject": "s1", "pending": True}, None)
        self.assertEqual(self.run_it("consent", "withdraw", "s1", "--no-wait").returncode, 8)
        self.assertTrue(self.sent()["noWait"])
        self.answers["auditVerify"] = ({"ok": False}, None)
        self.assertEqual(self.run_it("audit", "verify").returncode, 9)

    def test_a_daemon_that_dies(self):
        self.answers["bookingHeld"] = None
        done = self.run_it("booking", "held", "s1")
        self.assertEqual(done.returncode, 8)
        self.assertIn("--request-id", done.stderr)
        nobody = subprocess.run([TAUSCTL, "--dev", self.directory.name + "/empty", "status"], capture_output=True, text=True, check=False)
        self.assertEqual((nobody.returncode, nobody.stdout), (8, ""))

    def test_replies_that_are_none(self):
        good = self.stubs["frontend"].responses.encode("Response", {"id": 1, "subjectShow": {"subject": "s1"}})
        another = self.stubs["frontend"].responses.encode("Response", {"id": 1, "formShow": {}})
        wild = bytearray(good)
        wild[40:48] = b"\x01\xff\xff\x7f\xff\xff\xff\xff"
        for reply, status in ((b"\xff\xff\xff\x00" + bytes(60), 1), (b"\x00\x00\x00\x00\xff\xff\xff\x7f", 2), (another, 1), (bytes(wild), 1),
                              (bytes(8), 1)):
            self.answers["subjectShow"] = reply
            self.assertEqual(self.run_it("subject", "show", "s1").returncode, status, reply[:24])
            self.assertEqual(self.run_it("subject", "show", "s1", "--json").returncode, status, reply[:24])

    def test_usage(self):
        for words in ([], ["subject"], ["nonsense"], ["booking", "book", "s1"], ["subject", "show"], ["subject", "show", "a", "b"],
                      ["dev", "clock"], ["--nothing", "status"]):
            done = self.run_it(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            again = self.run_it(*words, "--json")  # the same sentence, also as the one document
            error = json.loads(again.stdout)["error"]
            self.assertEqual((again.returncode, error["code"], error["pointer"]), (2, "invalid_argument", None), words)
            self.assertEqual(again.stderr, "tausctl: %s\n" % error["message"], words)
            self.assertEqual(again.stderr, done.stderr, words)
        self.assertIn("did you mean 'subject'?", self.run_it("subjct", "show", "s1").stderr)

    def test_an_answer_that_cannot_be_written(self):
        self.answers["subjectState"] = ({"subject": "s1"}, None)
        for words in (["subject", "state", "s1"], ["subject", "state", "s1", "--json"], ["--help"],
                      ["rights", "deadline", "--profile", "vt", "--received", "2025-01-31"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([TAUSCTL, "--dev", self.directory.name, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 1, words)
            if words != ["--help"]:
                self.assertIn("cannot write the answer", done.stderr)

    # --- what is printed

    def test_tables(self):
        self.answers["subjectFind"] = ({"subjects": [
            {"subject": "s1", "name": "Åse Øvre", "email": "a@example.no", "phase": "p1"},
            {"subject": "s2", "name": "Bo\x1b[2J\u202eli", "email": "b@example.no", "phase": "p0"}]}, None)
        lines = self.ok("subject", "find", "--name", "x").splitlines()
        self.assertEqual({line.index("@") for line in lines[1:]}, {lines[0].index("E-MAIL") + 1}, lines)
        self.assertNotIn("\x1b", "".join(lines))
        self.assertNotIn("\u202e", "".join(lines))
        self.assertNotIn("PHONE", lines[0], "a column without content")
        self.answers["subjectFind"] = ({"subjects": []}, None)
        self.assertEqual(self.ok("subject", "find", "--name", "x"), "Nobody found.\n")
        for method, words in (("subjectFind", ("subject", "find", "--name", "x")), ("inquiryList", ("inquiry", "list")),
                              ("matchList", ("match", "list")), ("surveyList", ("survey", "list"))):
            self.answers[method] = ({"wantsPurpose": True}, None)
            self.assertIn("say why with --purpose", self.ok(*words))

    def test_hidden_counts_are_explained(self):
        table = {"name": "gender", "total": 30, "withheld": False}
        for hidden in (False, True):
            self.answers["statsShow"] = ({"published": {"year": 2025, "tables": [
                dict(table, cells=[{"code": "female", "count": 25, "hidden": False}, {"code": "male", "count": -1 if hidden else 5, "hidden": hidden}])]}}, None)
            out = self.ok("stats", "show", "--year", "2025")
            self.assertEqual(":  not shown" in out.splitlines()[-1], hidden, out)

    def test_times_are_local(self):
        at = taus_client.ms("2025-07-01T08:00:00Z")
        self.answers["calendarShow"] = ({"from": "2025-07-01", "to": "2025-07-01", "entries": [
            {"start": at, "end": at + 3600_000, "counsellor": "c1", "busy": True}]}, None)
        out = self.ok("calendar", "show")
        self.assertIn("Tue 1 Jul 2025 10:00-11:00", out)
        self.assertIn("busy", out)
        self.assertIn("2025-07-01T08:00:00Z", self.ok("calendar", "show", "--json"))

    def test_every_reply_prints(self):
        requests = self.stubs["frontend"].requests
        for field in requests.structs["Request"].fields:
            if field["tag"] > 0:
                method = field["name"]
                self.answers.pop(method, None)
                done = self.run_it("call", method)
                self.assertIn(done.returncode, (0, 9), (method, done.stderr))
                self.assertEqual(done.stderr, "", method)
                json.loads(self.run_it("call", method, "--json").stdout)

    def test_help(self):
        top = self.ok("--help")
        nouns = re.findall(r"^  ([a-z]+) {2,}", top.split("Subcommands:")[1], re.M)
        self.assertGreaterEqual(len(nouns), 18)
        for noun in nouns:
            self.check_help([noun])

    def check_help(self, words):
        out = self.ok(*words, "--help")
        inner = re.findall(r"^  ([a-z-]+) {2,}", out.split("Subcommands:")[1], re.M) if "Subcommands:" in out else []
        if not inner:
            self.assertRegex(out, r"Example:\n  .*tausctl.* " + words[-1], words)
        for word in inner:
            self.check_help(words + [word])

    # --- without a daemon

    def test_deadline(self):
        self.assertEqual(json.loads(self.ok("rights", "deadline", "--profile", "vt", "--received", "2025-01-31", "--json")),
                         {"due": "2025-02-28", "extended": "2025-04-30"})
        for day in ("31.01.2025", "2023-02-29", "2025-04-31", "1899-12-31", ""):
            bad = self.run_it("rights", "deadline", "--profile", "vt", "--received", day)
            self.assertEqual((bad.returncode, bad.stdout), (2, ""), day)
            self.assertIn("--received: ", bad.stderr)

    def test_explain_many(self):
        facts = {"now": "2025-03-10T12:00:00Z", "firstCollectedAt": "2025-03-01T10:00:00Z"}
        out = self.ok("policy", "explain", "--profile", "vt", "--facts", "-", "--json",
                      stdin="\n".join(json.dumps(facts) for _ in range(3)) + "\n")
        self.assertEqual(len([json.loads(line)["due"]["email"] for line in out.splitlines()]), 3)
        bad = self.run_it("policy", "explain", "--profile", "vt", "--facts", "-", "--json", stdin=json.dumps(dict(facts, nonsense=1)))
        self.assertEqual((bad.returncode, json.loads(bad.stdout)["error"]["code"]), (2, "invalid_argument"))
        self.assertEqual(json.loads(bad.stdout)["error"]["pointer"], "/nonsense")
        self.assertIn("nonsense", bad.stderr)


if __name__ == "__main__":
    os.environ["TZ"] = "America/New_York"  # local time is the centre's, wherever the shell is
    unittest.main(argv=sys.argv[:1], verbosity=1)

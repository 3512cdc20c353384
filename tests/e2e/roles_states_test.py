"""Who sees what, both matrices: relation x purpose x category x stage x subject state, asked through the socket, by state and by byte.

The tables are the specification, written from what the two centres promise (docs/PROFILES.md); what they do not name is denied. roles_test.py
asks more of `vt` (timelines, read logs, own messages); here every stage meets restriction, hold and withdrawal, and `mt` its purposes.
usage: roles_states_test.py BUILD
"""
import itertools
import sys
import unittest

import taus_client
from taus_client import ms

BUILD = sys.argv[1]
# related: a colleague who had an appointment with the client before the case was handed over.
READERS = ("assigned", "related", "other", "leader", "desk", "dpo", "hr", "client")
CLIENT = {"vt": "ident email phone demog intake case corr appt".split(), "mt": "ident email phone demog special intake case corr appt".split()}
BESIDES = ["consent", "rights", "audit"]
STAGES = {"vt": ("P0", "P1", "P2"), "mt": ("booked", "served", "concluded")}
SUBJECT_STATES = ("plain", "restricted", "held", "withdrawn")
UNDER_HOLD = ("ident", "demog")  # what the hold covers in `held` and `withdrawn`

# R read, - nothing, b yes or no, p with a purpose, n the need while an appointment is ahead.
#                                  assigned related other leader desk dpo hr client
ALWAYS = {"consent": "R - - R b R - R", "rights": "R - - R - R - R", "audit": "- - - - - p - -"}
TABLES = {
    ("vt", "P0"): {"ident email phone appt demog intake": "R R R R R - - R", "corr": "R - - - - - - -",
                     "case": "- - - - - - - -"},
    ("vt", "P1"): {"ident email phone appt": "R R R R R - - R", "demog intake": "R - - - - - - R", "corr case": "R - - - - - - -"},
    ("vt", "P2"): {"ident email demog": "R - - - - - - R", "phone appt intake corr case": "- - - - - - - -"},
}
MT = {"ident email phone appt": "R R p p R - - R", "demog intake": "R p p p - - - R", "corr": "R p p p - - - -", "case": "R - - - - - - -"}
TABLES["mt", "booked"] = {**MT, "special": "R - - - n - - R"}
TABLES["mt", "served"] = TABLES["mt", "concluded"] = {**MT, "special": "R - - - - - - R"}
# What a conclusion shreds at once, and what nobody ever gave.
GONE = {("vt", "P2"): {"phone", "appt", "intake", "case", "corr"}}
NOT_GIVEN = {("vt", "P0"): {"case"}, ("mt", "booked"): {"case"}}

CANARY = {"ident": "Zacharina Kanari", "email": "kanaripost@example.no", "phone": "+4755501234", "demog": "5530", "intake": "kanarifokus",
          "special": "kanaritrapp", "case": "kanarilogg", "corr": "kanaribrev", "appt": "kanarirom"}
FORMS = {
    "vt": {"name": CANARY["ident"], "email": CANARY["email"], "phone": CANARY["phone"], "municipalityCode": CANARY["demog"], "ageYears": 34,
           "focusAreas": [CANARY["intake"]], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}},
    "mt": {"name": CANARY["ident"], "email": CANARY["email"], "phone": CANARY["phone"], "municipalityCode": CANARY["demog"], "ageYears": 34,
           "gender": "female", "nationality": "NO", "motherTongue": "nb", "accommodationNeed": CANARY["special"],
           "focusAreas": [CANARY["intake"]], "currentSituation": "i arbeid",
           "consent": {"notice": "MT-undated", "act": "formSubmit", "language": "nb"}}}


def letters(profile, stage):
    """{(reader, category): letter}"""
    out = {}
    for names, row in {**ALWAYS, **TABLES[profile, stage]}.items():
        for name, (reader, letter) in itertools.product(names.split(), zip(READERS, row.split())):
            out[reader, name] = letter
    return out


def life_of(profile, stage, state, category):
    """present, empty or shredded: what there is, whoever asks."""
    if state == "withdrawn" and category not in UNDER_HOLD + ("rights", "audit"):  # the read log goes, and begins anew
        return "empty" if category in NOT_GIVEN.get((profile, stage), ()) else "shredded"
    if category in GONE.get((profile, stage), ()):
        return "shredded"
    if category in NOT_GIVEN.get((profile, stage), ()):
        return "empty"
    if category == "rights":
        return "empty" if state == "plain" else "present"
    return "present"


def expected(profile, stage, state, reader, purpose, category, letter):
    life = life_of(profile, stage, state, category)
    if life == "shredded" and reader in ("assigned", "client"):
        return "shredded"
    if covered(state, category):
        return "withheld"
    opens = letter in "Rbn" or letter == "p" and purpose
    return life if opens else "withheld"


def covered(state, category):
    """What nobody may see while it is only kept (art. 18(2)). That it is kept, the rights record tells."""
    return state == "restricted" and category not in BESIDES or state == "withdrawn" and category in UNDER_HOLD


def stands_in(stage, state):
    """With the appointments gone nobody can tell any more that there was no session yet: the closer phase holds."""
    return "P1" if (stage, state) == ("P0", "withdrawn") else stage


def stands_as(stage, state, reader):
    """A withdrawal shreds the appointments, and with them who was assigned, where no conclusion kept it: then a colleague like others."""
    return "other" if state == "withdrawn" and (reader == "related" or reader == "assigned" and stage not in ("P2", "concluded")) else reader


class Recorded(taus_client.Taus):
    raw = b""

    def receive_frame(self):
        self.raw = super().receive_frame()
        return self.raw


class World:
    """One client of each stage and subject state."""

    def __init__(self, profile, daemon):
        self.profile, self.daemon = profile, daemon
        self.taus = Recorded(daemon.socket_path("frontend"), daemon.layout)
        daemon.set_clock(ms("2026-03-02T06:00"))
        self.staff = {reader: self.add(role) for reader, role in (("assigned", "counsellor"), ("related", "counsellor"), ("other", "counsellor"),
                                                                  ("leader", "leader"), ("desk", "desk"), ("dpo", "dpo"), ("hr", "hr"))}
        self.cases = list(itertools.product(STAGES[profile], SUBJECT_STATES))
        self.subjects, self.links = {}, {}
        for number, case in enumerate(self.cases):
            self.book(number, case)
        daemon.set_clock(ms("2026-03-02T20:00"))
        for stage, state in self.cases:
            self.serve(stage, self.subjects[stage, state])
            self.cover(state, self.subjects[stage, state])
            self.as_("leader", "subjectShow", self.subjects[stage, state], purpose="kontroll")  # a read log there is in any case

    def add(self, role):
        return self.taus.do("staffAdd", {"name": "En " + role, "roles": [role], "confidentialitySigned": "2025-01-02"})["subject"]

    def as_(self, reader, method, params, **fields):
        return self.taus.do(method, params, as_=self.staff[reader], **fields)

    def book(self, number, case):
        booked = self.taus.do("bookingRequest", FORMS[self.profile])
        subject, self.links[case] = {"subject": booked["subject"]}, booked["link"]
        self.subjects[case] = subject
        self.taus.do("subjectAssign", {**subject, "counsellor": self.staff["related"]})
        # The colleague's appointment is called off; the one that follows the hand-over is held, or stays ahead.
        start = ms("2026-03-02T07:00") + number * 1_800_000
        place = {"minutes": 30, "channel": "inPerson", "place": CANARY["appt"]}
        first = self.taus.do("bookingBook", {**subject, "counsellor": self.staff["related"], "start": start, **place})["number"]
        self.taus.do("bookingCancel", {**subject, "number": first, "by": "centre"}, as_=self.staff["desk"])
        self.taus.do("subjectAssign", {**subject, "counsellor": self.staff["assigned"], "reason": "bytte"})
        ahead = case[0] in ("P0", "booked")
        self.taus.do("bookingBook", {**subject, "counsellor": self.staff["assigned"], "start": start + (7 * 86_400_000 if ahead else 0), **place})
        self.taus.do("messageAdd", {**subject, "channel": "email", "title": "Om timen", "direction": "in", "body": CANARY["corr"]})

    def serve(self, stage, subject):
        if stage not in ("P0", "booked"):
            self.as_("assigned", "bookingHeld", subject)
            self.as_("assigned", "logWrite", {**subject, "order": CANARY["case"], "attestNoSpecial": True})
        if stage in ("P2", "concluded"):
            self.as_("assigned", "subjectConclude", subject)

    def cover(self, state, subject):
        if state == "restricted":
            self.as_("leader", "restrictPlace", {**subject, "ground": "accuracyContested", "categories": CLIENT[self.profile]})
        if state in ("held", "withdrawn"):
            self.as_("leader", "holdPlace", {**subject, "ground": "legalClaim", "reference": "sak 1", "categories": list(UNDER_HOLD)})
        if state == "withdrawn":
            self.taus.do("consentWithdraw", {**subject, "method": "phone"}, as_=self.staff["desk"])

    def ask(self, case, reader, purpose):
        who = {"link": self.links[case]} if reader == "client" else {"as": self.staff[reader]}
        if purpose:
            who["purpose"] = "kontroll"
        return self.taus.call("subjectShow", self.subjects[case], **who)


class Matrix:
    @classmethod
    def setUpClass(cls):
        cls.daemon = taus_client.Daemon(BUILD, profile=cls.profile).start()
        cls.addClassCleanup(cls.daemon.close)
        cls.world = World(cls.profile, cls.daemon)
        cls.addClassCleanup(cls.world.taus.close)
        cls.observed, cls.raw = {}, {}
        for case, reader, purpose in itertools.product(cls.world.cases, READERS, (False, True)):
            result, error = cls.world.ask(case, reader, purpose)
            cls.raw[case, reader, purpose] = cls.world.taus.raw
            states = {view["category"]: view["state"] for view in result["categories"]} if result else {}
            for category in CLIENT[cls.profile] + BESIDES:
                cls.observed[*case, reader, purpose, category] = states.get(category) if result else error["code"]

    def cells(self):
        for stage, state in self.world.cases:
            table = letters(self.profile, stands_in(stage, state))
            for reader, purpose, category in itertools.product(READERS, (False, True), CLIENT[self.profile] + BESIDES):
                yield (stage, state, reader, purpose, category), table[stands_as(stage, state, reader), category]

    def mismatches(self, flipped=None):
        wanted = {cell: self.expected(cell, letter) for cell, letter in self.cells()}
        sees = {cell[:4] for cell, want in wanted.items() if want == "present"}
        for cell in wanted:
            if self.link_is_dead(cell):
                wanted[cell] = "shredded"
            elif cell[:4] not in sees:  # who may see nothing that lives is refused as a whole
                wanted[cell] = "withheld"
        if flipped:
            cell, letter = flipped
            wanted[cell] = self.expected(cell, self.other_letter(cell, letter))
        return [(cell, want, self.observed[cell]) for cell, want in wanted.items() if want != self.observed[cell]]

    @staticmethod
    def link_is_dead(cell):
        """A link is made of the consent's key, and a withdrawal shreds it."""
        return cell[1] == "withdrawn" and cell[2] == "client"

    def other_letter(self, cell, letter):
        return next((other for other in "R-" if self.expected(cell, other) != self.expected(cell, letter)), letter)

    def expected(self, cell, letter):
        stage, state, reader, purpose, category = cell
        return expected(self.profile, stage, state, stands_as(stage, state, reader), purpose, category, letter)

    def test_every_cell(self):
        self.assertEqual(self.mismatches(), [])
        self.assertEqual(len(self.observed), 3 * 4 * len(READERS) * 2 * len(CLIENT[self.profile] + BESIDES))

    def test_every_flipped_cell_is_noticed(self):
        flips = 0
        for cell, letter in self.cells():
            if self.expected(cell, self.other_letter(cell, letter)) == self.observed[cell]:
                continue  # no letter would show: nothing of it lives, or the reader is refused as a whole
            self.assertEqual([found[0] for found in self.mismatches((cell, letter))], [cell])
            flips += 1
        self.assertGreater(flips, len(self.observed) // 3)

    def test_no_byte_of_what_is_not_present(self):
        seen = set()
        for (stage, state), reader, purpose in itertools.product(self.world.cases, READERS, (False, True)):
            raw = self.raw[(stage, state), reader, purpose]
            for category in CLIENT[self.profile]:
                inside = CANARY[category].encode() in raw
                present = self.observed[stage, state, reader, purpose, category] == "present"
                self.assertEqual(inside, present, (stage, state, reader, purpose, category))
                seen.add((category, inside))
        self.assertEqual({category for category, inside in seen if inside}, set(CLIENT[self.profile]), "the searcher finds what may be seen")


class Vt(Matrix, unittest.TestCase):
    profile = "vt"


class Mt(Matrix, unittest.TestCase):
    profile = "mt"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

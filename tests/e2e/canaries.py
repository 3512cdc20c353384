"""Texts that occur nowhere else, put into every field a client has, and a search for them in any bytes.

    marks = Marks(seed=1)
    client = Client(marks, number)         a life's texts: client.texts = {field: canary}
    Search(client.texts.values()).find(data) -> {(text, form)}
"""
import base64
import os
import random

LETTERS = "bcdfghjklmnprstvwz"
STEM = "qxvzjwqkh"  # every canary of letters begins so: one scan finds all of them
PHONE_STEM = "+47779137"


class Marks:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.given = set()

    def word(self):
        return self.fresh(lambda: STEM + "".join(self.random.choices(LETTERS, k=12)))

    def phone(self):
        return self.fresh(lambda: PHONE_STEM + "%07d" % self.random.randrange(10 ** 7))

    def fresh(self, make):
        text = make()
        while text in self.given:
            text = make()
        self.given.add(text)
        return text


FORMS = {
    "raw": lambda raw: raw,
    "UTF-16": lambda raw: raw.decode("latin-1").encode("utf-16-le"),
    "hex": lambda raw: raw.hex().encode(),
    "HEX": lambda raw: raw.hex().upper().encode(),
    "reversed": lambda raw: raw[::-1],
    # The middle of its base64 form at each of the three alignments; the ends depend on what stands beside it.
    "base64 +0": lambda raw: base64.b64encode(raw)[4:-4],
    "base64 +1": lambda raw: base64.b64encode(b"\0" + raw)[4:-4],
    "base64 +2": lambda raw: base64.b64encode(b"\0\0" + raw)[4:-4],
}


class Search:
    """Looks for many needles at once: those of one form and length that share a beginning (or end) by that, then in a table."""

    def __init__(self, needles, forms=tuple(FORMS)):
        self.groups = []
        kinds = {}
        for needle in needles:
            raw = needle.encode() if isinstance(needle, str) else bytes(needle)
            kinds.setdefault((isinstance(needle, str), raw[:5], len(raw)), {})[raw] = needle
        for kind in kinds.values():
            for form in forms:
                self.groups.append(Group(form, {FORMS[form](raw): needle for raw, needle in kind.items()}))

    def find(self, data):
        return {hit for group in self.groups for hit in group.find(data)}


class Group:
    def __init__(self, form, table):
        self.form, self.table = form, table
        self.length = len(next(iter(table)))
        backwards = form == "reversed"
        stem = os.path.commonprefix([n[::-1] if backwards else n for n in table])
        stem = stem[::-1] if backwards else stem
        self.offset = self.length - len(stem) if backwards else 0
        if len(stem) < 4:
            raise ValueError("needles without a common beginning: search for them one by one")
        self.stem = stem

    def find(self, data):
        at = data.find(self.stem)
        while at >= 0:
            needle = self.table.get(bytes(data[max(0, at - self.offset):at - self.offset + self.length]))
            if needle is not None:
                yield needle, self.form
            at = data.find(self.stem, at + 1)


class Client:
    """One client, with a canary in every field of free text that the profile has."""

    def __init__(self, marks, number, profile="vt"):
        self.number, self.profile, self.subject = number, profile, None
        words = ["name", "email", "wanted", "reason", "place", "order", "focus", "issuesNext", "tasksNext", "otherPrep", "title", "body",
                 "rescheduling"]
        if profile == "mt":
            words += ["currentSituation", "accommodationNeed"]
        self.texts = {field: marks.word() for field in words}
        self.texts["phone"] = marks.phone()

    def form(self):
        texts = self.texts
        form = {"name": texts["name"] + " Eksempel", "email": texts["email"] + "@example.no", "phone": texts["phone"],
                "municipalityCode": "3905", "ageYears": 34, "focusAreas": ["yrkesvalg"], "wanted": "helst " + texts["wanted"],
                "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
        if self.profile == "mt":
            form.update(gender="female", nationality="NO", motherTongue="nb", accommodationNeed="trenger " + texts["accommodationNeed"],
                        currentSituation="nå " + texts["currentSituation"],
                        consent={"notice": "MT-undated", "act": "formSubmit", "language": "nb"})
        return form

    def request(self, taus):
        self.subject = taus.do("bookingRequest", self.form())["subject"]

    def book(self, taus, counsellor, start, minutes):
        texts, ref = self.texts, {"subject": self.subject}
        taus.do("subjectAssign", {**ref, "counsellor": counsellor, "reason": texts["reason"]}, as_=counsellor)
        taus.do("bookingBook", {**ref, "counsellor": counsellor, "start": start, "minutes": minutes, "channel": "inPerson",
                                "place": "rom " + texts["place"]}, as_=counsellor)
        taus.do("bookingReschedule", {**ref, "number": 1, "start": start, "minutes": minutes - 1, "by": "client",
                                      "reason": texts["rescheduling"]}, as_=counsellor)

    def tell(self, taus, counsellor):
        """After the session: outcome, log, message."""
        texts, ref = self.texts, {"subject": self.subject}
        taus.do("bookingHeld", ref, as_=counsellor)
        taus.do("logWrite", {**ref, **{f: "om " + texts[f] for f in ("order", "focus", "issuesNext", "tasksNext", "otherPrep")},
                             "attestNoSpecial": True}, as_=counsellor)
        taus.do("messageAdd", {**ref, "direction": "out", "channel": "email", "title": texts["title"], "body": "Hei " + texts["body"] + "."},
                as_=counsellor)

    def look(self, taus, counsellor):
        """Everything that shows these texts, so that they were in replies and indexes too."""
        taus.do("subjectShow", {"subject": self.subject}, as_=counsellor)
        taus.do("subjectTimeline", {"subject": self.subject}, as_=counsellor)
        taus.do("subjectFind", {"email": self.texts["email"] + "@example.no"}, as_=counsellor)
        taus.do("subjectFind", {"name": self.texts["name"]}, as_=counsellor)


def live_through(taus, daemon, clients, counsellor, start, minutes=10):
    """Booking to message for all of them; the clock ends after the last session. `start`: milliseconds."""
    for client in clients:
        client.request(taus)
    for client in clients:
        client.book(taus, counsellor, start + client.number * minutes * 60000, minutes)
    daemon.set_clock(start + (max(c.number for c in clients) + 2) * minutes * 60000)
    for client in clients:
        client.tell(taus, counsellor)
        client.look(taus, counsellor)


def add_counsellor(taus, name="Ingrid Rettleiar"):
    return taus.do("staffAdd", {"name": name, "roles": ["counsellor"], "confidentialitySigned": "2024-01-15"})["subject"]

"""What each command does to the model, and when it is refused. `plan()` changes nothing; what it returns does.

A refusal is Refused(code). Order of checks: the subject, who may, the expected version, whether the case is open, the input.
"""
import life_lost
import life_model as model

FORM_CONSENT = {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}
MINUTE = 60_000
DETAILS = {"ident": "name", "email": "email", "phone": "phone", "intake": "focusAreas"}  # that can be rectified, by category


class Refused(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Plan:
    """events: how many the command appends; apply(): does it in the model, -> what the ack says beside position and version."""

    def __init__(self, client, events, apply):
        self.client, self.events, self.apply = client, events, apply


def need(condition, code):
    if not condition:
        raise Refused(code)


def changed(client):
    """Version of the last event that was more than a read."""
    return max(v for v, e in enumerate(client.events, 1) if any(p["category"] != "audit" for p in e["parts"]))


def subject_of(op, *relations):
    client = op.client
    need(not client.whole, "shredded")
    need(set(relations) & client.relations(op.who), "unauthorized")
    expected = op.params.get("expectedVersion")
    need(expected is None or changed(client) <= expected <= len(client.events), "version_conflict")
    return client


def need_open(client):
    need(client.phase() != "P2", "version_conflict")


def need_consent(client):
    need(not client.waits(), "version_conflict")


def need_named(client):
    need("ident" in client.live or "ident" not in client.gone, "shredded")


def need_free(world, client, counsellor, start, end, moved=None):
    for other in world.clients:
        for a in other.appointments:
            if (other is client and a["number"] == moved) or a["outcome"] == "cancelled":
                continue
            if (a["counsellor"] == counsellor or other is client) and a["start"] < end and a["end"] > start:
                raise Refused("slot_taken")


def open_appointment(client, number):
    found = [a for a in client.appointments if a["number"] == number]
    need(found, "not_found")
    need(found[0]["outcome"] is None, "version_conflict")
    return found[0]


def demographics(params, when, via):
    names = ["municipalityCode", "ageYears", "gender", "countryOfOrigin", "educationLevel", "labourStatus"]
    out = {n: params[n] for n in names if n in params}
    if "ageYears" in out:
        out["ageAsOf"] = model.Date(when)
    return out, {**out, "collectedVia": via}


def give_consent(world, client, when, who, indicated=None):
    client.consent = {**client.consent, **FORM_CONSENT, "givenAt": indicated or when}
    client.add("consentGiven", {"consent": {**FORM_CONSENT, "noticeHash": world.notice_hash, "purposes": ["guidance", "statistics"],
                                            "indicatedAt": indicated or when}}, when, who)


# --- one function a command: (world, op, when) -> Plan ------------------------------------------------------------------
def booking_request(world, op, when):
    p = op.params
    client = op.client = model.Client()

    def apply():
        values, content = demographics(p, when, "booking")
        client.name, client.email, client.phone, client.demog, client.focus = p["name"], p["email"], p["phone"], values, p["focusAreas"]
        waits = op.who != model.DEVELOPER  # a member of staff's word is not the client's tick
        client.consent = {"notice": FORM_CONSENT["notice"], "act": None, "language": None, "givenAt": None, "withdrawnAt": None,
                          "askedAt": when if waits else None, "disclosures": []}
        client.link = model.Pinned()
        client.add("bookingRequested", {"ident": {"name": p["name"]}, "email": {"email": p["email"]}, "phone": {"phone": p["phone"]},
                                        "demog": content, "intake": {"focusAreas": p["focusAreas"]}, "appt": None}, when, op.who)
        if waits:
            client.add("consentAsked", {"consent": {"notice": FORM_CONSENT["notice"], "askedAt": when}}, when, op.who)
        else:
            give_consent(world, client, when, op.who)
        client.add("clientRegistered", {"demog": {"year": model.local_year(when.ms)}}, when, op.who)
        world.clients.append(client)
        return {"link": client.link}
    return Plan(client, 3, apply)


def consent_give(world, op, when):
    client = subject_of(op, "client")
    need_named(client)
    need_open(client)
    need(client.waits(), "version_conflict")

    def apply():
        give_consent(world, client, when, op.who)
        return {}
    return Plan(client, 1, apply)


def wished(world, p, when):
    """What is booked: as given, or as it was published."""
    if "slot" in p:
        staff, slot = world.slot_named(p["slot"])
        need(slot["start"] > when.ms, "invalid_argument")
        return staff, slot["start"], slot["end"], slot["channel"], p.get("place") or slot["place"]
    staff = world.staff_of(p["counsellor"])
    need(staff, "not_found")
    need(not staff["revoked"] and "counsellor" in staff["roles"], "invalid_argument")
    return staff, p["start"], p["start"] + p["minutes"] * MINUTE, p["channel"], p.get("place")


def booking_book(world, op, when):
    client, p = subject_of(op, "client", *model.COLLEAGUES), op.params
    need_named(client)
    need_open(client)
    need_consent(client)
    fresh = client.assigned() is None
    need(not fresh or client.phase() == "P0" or {"client", "leader"} & client.relations(op.who), "unauthorized")
    staff, start, end, channel, place = wished(world, p, when)
    need_free(world, client, staff["id"], start, end)
    number = max([a["number"] for a in client.appointments], default=0) + 1

    def apply():
        content = {"number": number, "start": start, "end": end, "channel": channel, "place": place, "counsellor": staff["id"],
                   "kind": "individual"}
        if fresh:
            client.add("counsellorAssigned", {"appt": {"counsellor": staff["id"]}}, when, op.who)
            client.counsellor = staff["id"]
        client.add("appointmentBooked", {"appt": content}, when, op.who)
        client.appointments.append({**content, "outcome": None, "cancelledAt": None})
        return {"number": number}
    return Plan(client, 1 + fresh, apply)


def booking_reschedule(world, op, when):
    client, p = subject_of(op, "client", *model.COLLEAGUES), op.params
    a = open_appointment(client, p["number"])
    need_open(client)
    need(not world.staff_of(a["counsellor"])["revoked"], "invalid_argument")
    start, end = p["start"], p["start"] + a["end"] - a["start"]
    need_free(world, client, a["counsellor"], start, end, a["number"])

    def apply():
        client.add("appointmentRescheduled", {"appt": {"number": a["number"], "start": start, "end": end, "by": p["by"]}}, when, op.who)
        a.update(start=start, end=end)
        return {"number": a["number"]}
    return Plan(client, 1, apply)


def booking_cancel(world, op, when):
    client, p = subject_of(op, "client", *model.COLLEAGUES), op.params
    a = open_appointment(client, p["number"])

    def apply():
        client.add("appointmentCancelled", {"appt": {"number": a["number"], "by": p["by"], "reason": p["reason"], "at": when}}, when, op.who)
        a.update(outcome="cancelled", cancelledAt=when)
        return {"number": a["number"]}
    return Plan(client, 1, apply)


def attended(world, op, when):
    client = subject_of(op, "assigned")
    a = open_appointment(client, op.params["number"])
    need(a["start"] <= when.ms, "invalid_argument")
    held = op.method == "bookingHeld"

    def apply():
        content = {"number": a["number"]}
        if held:
            before = sum(other["outcome"] == "held" for other in client.appointments)
            content.update(start=a["start"], end=a["end"], channel=a["channel"], sequence=before + 1)
        client.add("sessionHeld" if held else "noShowRecorded", {"appt": content}, when, op.who)
        a["outcome"] = "held" if held else "noShow"
        return {"number": a["number"]}
    return Plan(client, 1, apply)


def booking_correct(world, op, when):
    client, p = subject_of(op, "assigned", "leader"), op.params
    need_open(client)
    found = [a for a in client.appointments if a["number"] == p["number"]]
    need(found, "not_found")
    a = found[0]
    need(a["outcome"] is not None, "version_conflict")
    need(p["outcome"] == "cancelled" or a["start"] <= when.ms, "invalid_argument")

    def apply():
        client.add("sessionOutcomeCorrected", {"appt": {"number": a["number"], "outcome": p["outcome"], "reason": p["reason"]}}, when, op.who)
        a.update(outcome=p["outcome"], cancelledAt=when if p["outcome"] == "cancelled" else None)
        return {"number": a["number"]}
    return Plan(client, 1, apply)


def subject_record(world, op, when):
    client = subject_of(op, "assigned")
    need_named(client)
    need_open(client)
    need_consent(client)

    values, content = demographics(op.params, when, op.params["collectedVia"])
    told = {c: {name: op.params[name]} for c, name in DETAILS.items() if name in op.params}

    def apply():
        if values:
            client.add("demographicsRecorded", {"demog": content}, when, op.who)
            client.demog = {**client.demog, **values}
        if told:
            client.add("detailsRectified", told, when, op.who)
            client.name, client.email = op.params.get("name", client.name), op.params.get("email", client.email)
            client.phone, client.focus = op.params.get("phone", client.phone), op.params.get("focusAreas", client.focus)
        return {}
    return Plan(client, bool(values) + bool(told), apply)


def subject_assign(world, op, when):
    early = op.client.phase() == "P0"
    client = subject_of(op, *(model.COLLEAGUES if early else ["assigned", "leader"]))
    need_open(client)
    staff = world.staff_of(op.params["counsellor"])
    need(staff, "not_found")
    need(not staff["revoked"] and "counsellor" in staff["roles"], "invalid_argument")

    def apply():
        client.add("counsellorAssigned", {"appt": {"counsellor": staff["id"], "reason": op.params.get("reason")}}, when, op.who)
        client.counsellor = staff["id"]
        return {}
    return Plan(client, 1, apply)


def log_write(world, op, when):
    client, p = subject_of(op, "assigned"), op.params
    need_open(client)
    need_consent(client)
    amends = op.method == "logAmend"
    need(not amends or p["supersedes"] in [log["position"] for log in client.logs], "not_found")
    need(amends or client.phase() != "P0", "version_conflict")

    def apply():
        content = {k: p.get(k) for k in ("order", "focus", "issuesNext", "tasksNext", "otherPrep", "supersedes")}
        content["attestNoSpecial"] = True
        event = client.add("sessionLogAmended" if amends else "sessionLogWritten", {"case": content}, when, op.who)
        log = {**content, "at": when, "author": event["actor"]}
        client.logs.append(log)
        event["also"] = log  # is shown with the event's position
        return {}
    return Plan(client, 1, apply)


def message_add(world, op, when):
    p = op.params
    concluded = op.client.phase() == "P2"
    client = subject_of(op, *(["assigned", "client"] if concluded else ["client", *model.COLLEAGUES]))
    need_named(client)
    received = p["direction"] == "in"
    if not received:
        need(model.COLLEAGUES & client.relations(op.who), "unauthorized")
        need_open(client)

    def apply():
        author = None if received or op.who == model.DEVELOPER else op.who["id"]
        content = {"channel": p["channel"], "subject": p["title"], "body": p["body"], "at": when, "author": author}
        event = client.add("messageReceived" if received else "messageSent", {"corr": content}, when, op.who)
        message = {**content, "direction": p["direction"]}
        client.messages.append(message)
        event["also"] = message
        return {}
    return Plan(client, 1, apply)


def subject_conclude(world, op, when):
    client = subject_of(op, "assigned")
    need_open(client)
    need(not client.active(when.ms), "version_conflict")

    erases = bool(client.goes_with_conclusion(when, "explicit", op.who))  # not, where a hold covers all that would go

    def apply():
        due = client.conclude(when, when, "explicit", op.who)
        if due:
            client.shred(due, "retention", when, op.who)
        return {"shreds": int(erases)}
    return Plan(client, 1 + erases, apply)


def reopened(client, reason, when, who):
    known = client.anchor()
    promised = {}  # by what was promised before: one renewed promise is nothing that another one reckons with
    for c in client.live - {"case", "copy"}:
        late = client.seen[c]  # came after the conclusion, if it has no anchor yet
        if c == "rights":
            promised[c] = {**known, "rule": "R-EVID", "due": client.rights_due_promised()}
        elif c == "audit" and c not in client.anchors:  # reads that came after the conclusion
            promised[c] = {**known, "rule": client.audit_due()[1], "due": client.audit_due_promised()}
        else:
            promised[c] = client.anchors.get(c) or {**known, "rule": "VT-R9", "due": model.Due(lambda late=late: model.days_later(late.ms, 28))}
    client.anchors.update({c: {**own, "phase": "P1"} for c, own in promised.items()})
    client.anchors.pop("case", None)  # which holds the case itself
    parts = {c: client.anchor_part(c) for c in client.live - {"case", "copy"}}
    parts["case"] = {"reason": reason} if reason else {}
    client.concluded, client.reopened, client.kept, client.lost = None, when, set(), life_lost.Lost()
    client.add("guidanceReopened", parts, when, who)


def subject_reopen(world, op, when):
    left = not op.client.whole and (op.client.assigned() is None or world.staff_of(op.client.assigned())["revoked"])
    client = subject_of(op, "assigned", *(["leader"] if left else []))
    need(client.phase() == "P2", "version_conflict")
    need("ident" in client.live, "version_conflict")

    def apply():
        reopened(client, op.params["reason"], when, op.who)
        return {}
    return Plan(client, 1, apply)


def consent_withdraw(world, op, when):
    client = subject_of(op, "client", *model.COLLEAGUES)

    told = client.all_recipients("erased")

    def apply():
        client.add("consentWithdrawn", {"consent": {"method": op.params["method"], "indicatedAt": when}}, when, op.who)
        client.shred(set(model.CATEGORIES), "withdrawal", when, op.who)
        return {"shreds": 1, "notify": told}
    return Plan(client, 1 + ("audit" in client.live), apply)


def staff_add(world, op, when):
    p = op.params
    staff = op.client = {"id": None, "name": p["name"], "roles": p["roles"], "confidentialitySigned": p["confidentialitySigned"], "revoked": False,
                         "version": 0, "slots": [], "slots_made": 0}

    def apply():
        staff["version"] = 1
        world.staff.append(staff)
        return {}
    return Plan(staff, 1, apply)


def staff_revoke(world, op, when):
    staff = op.client
    need(not staff["revoked"], "version_conflict")

    def apply():
        staff.update(revoked=True, version=staff["version"] + 1)
        return {}
    return Plan(staff, 1, apply)


COMMANDS = {"bookingRequest": booking_request, "bookingBook": booking_book, "bookingReschedule": booking_reschedule, "bookingCancel": booking_cancel,
            "bookingHeld": attended, "bookingNoShow": attended, "bookingCorrect": booking_correct, "subjectRecord": subject_record,
            "subjectAssign": subject_assign, "logWrite": log_write, "logAmend": log_write, "messageAdd": message_add,
            "subjectConclude": subject_conclude, "subjectReopen": subject_reopen,
            "consentWithdraw": consent_withdraw, "consentGive": consent_give,
            "staffAdd": staff_add, "staffRevoke": staff_revoke}


def revoked(op):
    return op.who != model.DEVELOPER and op.who["revoked"]


def plan(world, op, when):
    need(not revoked(op), "unauthorized")
    return COMMANDS[op.method](world, op, when)

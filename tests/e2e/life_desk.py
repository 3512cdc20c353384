"""What the desk does beside the appointments, in the model of the restart test: published times, group sessions, disclosures,
inquiries and clients who come back. Like life_commands.py, whose commands these join."""
import life_model as model
from life_commands import COMMANDS, MINUTE, Plan, changed, give_consent, need, need_consent, need_named, need_open, reopened, subject_of

WEEKS = 7
OPEN_INQUIRIES = 16
MESSAGES_MOVED = 32


def same_key(one, other):
    """Whether two contacts or names are found by the same search."""
    return bool(one) and bool(other) and one.casefold() == other.casefold()


class Groups:
    """The group sessions, which lie in the centre's own stream."""
    id = "centre"

    def __init__(self):
        self.sessions = []


# --- the times that counsellors offer ------------------------------------------------------------------------------------
def need_publisher(op, counsellor):
    need(op.who in (model.DEVELOPER, counsellor) or {"leader", "desk"} & set(op.who["roles"]), "unauthorized")


def need_version(op, staff):
    need(op.params.get("expectedVersion") in (None, staff["version"]), "version_conflict")


def taken(world, counsellor, start, end):
    return any(a["counsellor"] == counsellor["id"] and a["outcome"] != "cancelled" and a["start"] < end and a["end"] > start
               for client in world.clients for a in client.appointments)


def weeks(start, until):
    """The same local time each week, to the last day."""
    out, week = [start], 1
    while until and model.local_date(model.days_later(start, WEEKS * week)) <= until:
        out.append(model.days_later(start, WEEKS * week))
        week += 1
    return out


def slots_publish(world, op, when):
    p = op.params
    counsellor = op.client = world.staff_of(p["counsellor"])
    need(counsellor, "not_found")
    need(not counsellor["revoked"] and "counsellor" in counsellor["roles"], "invalid_argument")
    need_publisher(op, counsellor)
    need_version(op, counsellor)
    need(p["start"] > when.ms, "invalid_argument")
    each, length = p.get("count", 1), p["minutes"] * MINUTE
    spans = [(start + i * length, start + (i + 1) * length) for start in weeks(p["start"], p.get("until")) for i in range(each)]
    for start, end in spans:
        need(not any(s["start"] < end and s["end"] > start for s in counsellor["slots"]), "slot_taken")
        need(not taken(world, counsellor, start, end), "slot_taken")

    def apply():
        first = counsellor["slots_made"] + 1
        counsellor["slots"] = [s for s in counsellor["slots"] if s["end"] > when.ms]  # what lies behind is offered to nobody
        counsellor["slots"] += [{"number": first + i, "start": start, "end": end, "channel": p["channel"], "place": p.get("place")}
                                for i, (start, end) in enumerate(spans)]
        counsellor["slots_made"] += len(spans)
        counsellor["version"] += 1
        return {"number": first}
    return Plan(counsellor, 1, apply)


def slot_named(world, text):
    """-> the counsellor and the time."""
    ident, number = text.rsplit(".", 1)
    counsellor = world.staff_of(ident)
    need(counsellor and not counsellor["revoked"], "not_found")
    found = [s for s in counsellor["slots"] if s["number"] == int(number)]
    need(found, "not_found")
    return counsellor, found[0]


def slots_withdraw(world, op, when):
    counsellor, slot = slot_named(world, op.params["slot"])
    op.client = counsellor
    need_publisher(op, counsellor)
    need_version(op, counsellor)

    def apply():
        counsellor["slots"].remove(slot)
        counsellor["version"] += 1
        return {"number": slot["number"]}
    return Plan(counsellor, 1, apply)


# --- group sessions ------------------------------------------------------------------------------------------------------
def need_colleague(op):
    need(op.who == model.DEVELOPER or {"counsellor", "leader", "desk"} & set(op.who["roles"]), "unauthorized")


def group_record(world, op, when):
    p, groups = op.params, world.groups
    need_colleague(op)
    need(p["start"] <= when.ms, "invalid_argument")

    def apply():
        number = len(groups.sessions) + 1
        groups.sessions.append({"number": number, "start": p["start"], "end": p["start"] + p["minutes"] * MINUTE, "channel": p["channel"],
                                "topic": p.get("topic"), "participants": p["participants"], "cancelled": False})
        return {"number": number}
    return Plan(groups, 1, apply)


def group_correct(world, op, when):
    p, sessions = op.params, world.groups.sessions
    need_colleague(op)
    need(1 <= p["number"] <= len(sessions), "not_found")
    one = sessions[p["number"] - 1]
    need(not one["cancelled"], "version_conflict")
    gone = bool(p.get("cancelled"))
    need(gone != ("participants" in p), "invalid_argument")

    def apply():
        one.update(cancelled=gone, participants=0 if gone else p["participants"])
        return {"number": p["number"]}
    return Plan(world.groups, 1, apply)


def anchor_rights(client, when, who):
    """What comes to a closed case says itself when it dies: nothing else will know, once the client's data are gone."""
    known = client.anchor() or {"year": None}
    client.anchors["rights"] = {"phase": "P2", "year": known["year"], "due": client.rights_due_promised(when), "rule": "R-EVID", "counsellor": client.assigned()}
    client.add("erasureScheduled", {"rights": client.anchor_part("rights")}, when, who)


# --- whom the client lets the centre tell ----------------------------------------------------------------------------------
def consent_disclose(world, op, when):
    client, p = subject_of(op, "client", *model.COLLEAGUES), op.params
    need_named(client)
    need_open(client)
    need_consent(client)
    allowed = client.consent.get("disclosures", [])
    number = max([d["number"] for d in allowed], default=0) + 1

    def apply():
        content = {"number": number, "recipient": p["recipient"], "categories": model.in_order(p["categories"]), "purpose": p["purpose"]}
        client.add("disclosureConsentGiven", {"consent": {**content, "channel": p.get("channel"), "indicatedAt": when}}, when, op.who)
        client.consent["disclosures"] = allowed + [{**content, "givenAt": when, "withdrawnAt": None}]
        return {"number": number}
    return Plan(client, 1, apply)


def agreed_to(client, number):
    found = [d for d in client.consent.get("disclosures", []) if d["number"] == number and not d["withdrawnAt"]]
    need(found, "not_found")
    return found[0]


def consent_undisclose(world, op, when):
    client, p = subject_of(op, "client", *model.COLLEAGUES), op.params
    agreed = agreed_to(client, p["number"])

    def apply():
        client.add("disclosureConsentWithdrawn", {"consent": {"number": p["number"], "channel": p.get("channel"), "indicatedAt": when}}, when, op.who)
        agreed["withdrawnAt"] = when
        return {"number": p["number"]}
    return Plan(client, 1, apply)


def consent_disclosed(world, op, when):
    client, p = subject_of(op, "assigned", "leader"), op.params
    agreed = agreed_to(client, p["number"])
    told = set(p.get("categories") or agreed["categories"])
    need(told <= set(agreed["categories"]), "invalid_argument")
    need(not told & client.covered(False), "restricted")
    anchored = client.phase() != "P2" or "rights" in client.anchors

    def apply():
        if not anchored:
            anchor_rights(client, when, op.who)
        client.add("dataDisclosed", {"rights": {"consent": p["number"], "recipient": agreed["recipient"], "categories": model.in_order(told),
                                                "at": when}}, when, op.who)
        client.passed_on.append({"consent": p["number"], "recipient": agreed["recipient"], "categories": told, "at": when})
        return {"number": p["number"]}
    return Plan(client, 1 if anchored else 2, apply)


def rights_notified(world, op, when):
    client, p = subject_of(op, "assigned", "leader", "dpo"), op.params
    named = list(dict.fromkeys(p.get("recipients", [])))
    need(set(named) <= {one["recipient"] for one in client.passed_on}, "not_found")
    told = named or [who for who, action in client.notices_due() if action == p["action"]]
    need(told or client.passed_on, "not_found")
    need(told, "version_conflict")

    def apply():
        under = dict.fromkeys(one["consent"] for one in client.passed_on if one["recipient"] in told)
        event = client.add("recipientsNotified", {"rights": {"action": p["action"], "at": when, "recipients": told, "disclosures": list(under)}}, when, op.who)
        client.notices.append({"action": p["action"], "at": when, "recipients": told, "event": event})
        return {}
    return Plan(client, 1, apply)


# --- who comes back in the same year -----------------------------------------------------------------------------------------
def fresh(client):
    """A booking that nothing has come of yet."""
    return "ident" in client.live and client.phase() == "P0" and not client.anchor() and bool(client.consent.get("givenAt")) and \
        not client.consent.get("disclosures") and not client.inquiries and "rights" not in client.live and not client.logs and \
        len(client.messages) <= MESSAGES_MOVED and all(a["outcome"] == "cancelled" for a in client.appointments)


def came_before(client, booking, now):
    if client is booking or "ident" not in client.live or client.events[0]["position"] > booking.events[0]["position"]:
        return False
    known = client.anchor()
    year = known["year"] if known and known["year"] is not None else model.local_year(client.seen["ident"].ms)
    return year == model.local_year(now)


def basis(booking, client):
    return next((field for field in ("email", "phone", "name") if same_key(getattr(booking, field), getattr(client, field))), None)


# --- inquiries -----------------------------------------------------------------------------------------------------------------
def inquiry_receive(world, op, when):
    p = op.params
    known = op.client if "subject" in p else None
    if known:
        subject_of(op, "client", *model.COLLEAGUES)
        need_named(known)
    else:
        need_colleague(op)
    need(world.takes_inquiries, "invalid_argument")
    need(not known or len(waiting(known)) < OPEN_INQUIRIES, "too_large")
    client = known or model.Client()
    op.client = client
    number = max([i["number"] for i in client.inquiries], default=0) + 1

    def apply():
        parts = {"intake": {"text": p["text"], "channel": p.get("channel", "web"), "number": number}}
        if not known:
            for category, field in (("ident", "name"), ("email", "email"), ("phone", "phone")):
                setattr(client, field, p.get(field))
                parts[category] = {field: p[field]} if field in p else None
            world.clients.append(client)
        client.inquiries.append({"number": number, "received": when, "text": p["text"], "channel": p.get("channel", "web"), "answered": None,
                                 "event": client.add("inquiryReceived", parts, when, op.who)})
        return {"number": number}
    return Plan(client, 1, apply)


def waiting(client):
    return [i for i in client.inquiries if not i["answered"]]


def inquiry_answer(world, op, when):
    client, p = subject_of(op, *model.COLLEAGUES), op.params
    found = [i for i in waiting(client) if i["number"] == p["number"]]
    need(found, "not_found")
    # Who only asked has a relationship that ends with the answer.
    ends = len(waiting(client)) == 1 and not client.appointments and not client.consent.get("givenAt") and client.phase() != "P2"
    erases = ends and bool(client.goes_with_conclusion(when, "explicit", op.who))

    def apply():
        client.add("inquiryAnswered", {"intake": {"number": p["number"], "at": when, "channel": p.get("channel")}}, when, op.who)
        found[0]["answered"] = when
        if not ends:
            return {"number": p["number"]}
        due = client.conclude(when, when, "explicit", op.who)
        if due:
            client.shred(due, "retention", when, op.who)
        return {"number": p["number"], "erased": client if due else None}
    return Plan(client, 1 + ends + erases, apply)


def match_confirm(world, op, when):
    booking, client = op.client, op.other
    need(not booking.whole, "shredded")
    need(not client.whole, "shredded")
    need("assigned" in client.relations(op.who), "unauthorized")
    expected = op.params.get("expectedVersion")
    need(expected is None or changed(booking) <= expected <= len(booking.events), "version_conflict")
    need(fresh(booking), "version_conflict")
    by = basis(booking, client)
    need(by and came_before(client, booking, when.ms), "invalid_argument")
    closed = client.phase() == "P2"

    def apply():
        if closed:
            reopened(client, None, when, op.who)
        client.add("bookingRequested", {"ident": {"name": booking.name}, "email": {"email": booking.email}, "phone": {"phone": booking.phone},
                                        "demog": {**booking.demog, "collectedVia": "booking"}, "intake": {"focusAreas": booking.focus}, "appt": None}, when, op.who)
        client.name, client.email, client.phone, client.focus = booking.name, booking.email, booking.phone, booking.focus
        client.demog = {**client.demog, **booking.demog}
        give_consent(world, client, when, op.who, booking.consent["givenAt"])
        for message in booking.messages:
            content = {k: message[k] for k in ("channel", "subject", "body", "at", "author")}
            event = client.add("messageReceived" if message["direction"] == "in" else "messageSent", {"corr": content}, when, op.who)
            event["also"] = {**content, "direction": message["direction"]}
            client.messages.append(event["also"])
        client.add("returningClientMatched", {"ident": {"basis": by, "confirmedBy": None if op.who == model.DEVELOPER else op.who["id"]}}, when, op.who)
        booking.keys_shredded = len(booking.live)
        booking.forget(set(model.CATEGORIES))
        client.link = client.link or model.Pinned()
        return {"link": client.link, "erased": booking}
    return Plan(client, 3 + closed + len(booking.messages), apply)


COMMANDS.update({"slotsPublish": slots_publish, "slotsWithdraw": slots_withdraw, "groupRecord": group_record, "groupCorrect": group_correct,
                 "consentDisclose": consent_disclose, "consentUndisclose": consent_undisclose, "consentDisclosed": consent_disclosed, "rightsNotified": rights_notified,
                 "matchConfirm": match_confirm, "inquiryReceive": inquiry_receive, "inquiryAnswer": inquiry_answer})

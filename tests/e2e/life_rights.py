"""The rights desk in the model of the restart test: requests, their deadlines and decisions, holds, restrictions, erasure on request.
Like life_commands.py, whose commands these join."""
import life_lost
import life_model as model
from life_commands import COMMANDS, Plan, need, subject_of
from life_desk import anchor_rights

COPIED = ["ident", "email", "phone"]  # what access is asked to: a copy of one piece
REASONS = {"grounds": ["legalClaim"], "text": "Kravet er til behandling i retten."}


def request_of(op, *relations):
    need(not op.client.whole, "shredded")
    found = [r for r in op.client.requests if r["number"] == op.number]
    need(found, "not_found")
    client = subject_of(op, *relations)
    need(not found[0]["decided"], "version_conflict")
    return client, found[0]


def due_date(request):
    return model.deadline(request["received"].ms, request["extended"])


def is_late(request, now):
    return model.rules.wall(model.utc(now)).date() > due_date(request)


def wants_copy(request):
    return request["kind"] == "access" and not request["decided"]


def kept(client):
    """What open requests keep, whatever else goes."""
    return ({"rights"} if client.asks() else set()) | ({"copy"} if any(wants_copy(r) for r in client.requests) else set())


def rights_open(world, op, when):
    client, kind = subject_of(op, "client", "dpo", *model.COLLEAGUES), op.params["kind"]
    number = max([r["number"] for r in client.requests], default=0) + 1
    asked = op.params.get("categories")

    def apply():
        if kind == "access":
            client.add("snapshotTaken", {"copy": None}, when, op.who)  # nobody reads it but in the package
        content = {"number": number, "kind": kind, "receivedAt": when, "due": model.Deadline(when), "categories": asked}
        event = client.add("rightsRequestReceived", {"rights": content}, when, op.who)
        client.requests.append({"number": number, "kind": kind, "verified": False, "extended": False, "received": when, "decided": None, "outcome": None,
                                "asked": set(asked or model.CATEGORIES), "granted": set(), "opened": event, "event": None})
        return {"number": number}
    return Plan(client, 1 + (kind == "access"), apply)


def rights_verify(world, op, when):
    client, request = request_of(op, "dpo", *model.COLLEAGUES)
    need(not request["verified"], "version_conflict")

    def apply():
        client.add("rightsIdentityVerified", {"rights": {"number": op.number, "kind": request["kind"], "method": "known", "at": when}}, when, op.who)
        request["verified"] = True
        return {"number": op.number}
    return Plan(client, 1, apply)


def rights_extend(world, op, when):
    client, request = request_of(op, "leader", "dpo")
    need(not request["extended"], "version_conflict")
    need(not is_late(request, when.ms), "version_conflict")

    def apply():
        request["extended"] = True
        client.add("rightsDeadlineExtended", {"rights": {"number": op.number, "kind": request["kind"], "ground": "complexity", "reason": op.params["reason"],
                                                         "due": model.Deadline(request["received"], True), "notifiedAt": op.params["notifiedAt"]}}, when, op.who)
        return {"number": op.number}
    return Plan(client, 1, apply)


def rights_decide(world, op, when):
    client, request = request_of(op, "assigned", "leader", "dpo")
    outcome, named, kind = op.params["outcome"], op.params.get("categories"), request["kind"]
    need(outcome == "refused" or request["verified"], "version_conflict")
    granted = set(named or request["asked"]) if outcome != "refused" else set()
    if kind == "erase":
        need(not client.covered(True) & granted & client.live, "held")
    late = is_late(request, when.ms)
    action = {"erase": "erased", "rectify": "rectified"}.get(kind) if outcome != "refused" else None
    told = client.all_recipients(action, granted) if action else []
    frees = kind == "access" and not any(wants_copy(r) for r in client.requests if r is not request) and "copy" in client.live

    def apply():
        content = {"number": op.number, "kind": kind, "outcome": outcome, "categories": named, "deliveredAt": when, "late": late,
                   "receivedAt": request["received"], "complaintTo": world.complaint, **({} if outcome == "fulfilled" else REASONS)}
        request.update(decided=when, outcome=outcome, granted=granted, late=late, event=client.add("rightsRequestDecided", {"rights": content}, when, op.who))
        if frees:
            client.forget({"copy"})
            client.keys_shredded = 1
        return {"number": op.number, "notify": told, "shreds": int(frees)}
    return Plan(client, 1, apply)


def shred(world, op, when):
    client, named = op.client, set(op.params.get("categories") or ())
    if client.whole:  # told again, with the receipt that there is
        return Plan(client, 0, lambda: {"again": True})
    found = [r for r in client.requests if r["decided"] and r["event"]["position"] == op.params["decision"]]
    need(found and found[0]["granted"] and found[0]["kind"] == "erase" and named <= found[0]["granted"], "invalid_argument")
    named = named or found[0]["granted"] - kept(client)
    need(named & client.live, "shredded" if named & client.gone else "not_found")
    need(not named & client.live & client.covered(True), "held")
    need(not named & client.live & kept(client), "version_conflict")
    told = [{"recipient": who, "action": action} for who, action in client.notices_due()]

    def apply():
        client.shred(named, "request", when, op.who)
        return {"shreds": 1, "notify": told}
    return Plan(client, 1 + life_lost.keeps(client, named & client.live, when), apply)


# --- holds and restrictions ------------------------------------------------------------------------------------------------
def cover_place(world, op, when):
    client, p, hold = subject_of(op, "leader", "dpo"), op.params, op.method == "holdPlace"
    number = max([c["number"] for c in client.covers], default=0) + 1
    anchored = client.phase() != "P2" or "rights" in client.anchors
    named = p["categories"]
    told = [] if hold else client.all_recipients("restricted", set(named))

    def apply():
        content = {"number": number, "ground": p["ground"], "categories": named, "reference": p.get("reference")}
        event = client.add("legalHoldPlaced" if hold else "restrictionImposed", {"rights": content}, when, op.who)
        if not anchored:
            anchor_rights(client, when, op.who)
        client.covers.append({"number": number, "hold": hold, "categories": set(named), "from": when, "until": None, "event": event})
        return {"number": number, "notify": told}
    return Plan(client, 1 if anchored else 2, apply)


def cover_lift(world, op, when):
    client, p, hold = subject_of(op, "leader", "dpo"), op.params, op.method == "holdRelease"
    found = [c for c in client.covers if c["hold"] == hold and not c["until"] and c["number"] == p["number"]]
    need(found, "not_found")

    def apply():
        content = {"number": p["number"], **({} if hold else {"informedAt": p["informedAt"]})}
        client.add("legalHoldReleased" if hold else "restrictionLifted", {"rights": content}, when, op.who)
        found[0]["until"] = when
        return {"number": p["number"]}
    return Plan(client, 1, apply)


COMMANDS.update({"rightsOpen": rights_open, "rightsVerify": rights_verify, "rightsExtend": rights_extend, "rightsDecide": rights_decide, "shred": shred,
                 "holdPlace": cover_place, "holdRelease": cover_lift, "restrictPlace": cover_place, "restrictLift": cover_lift})

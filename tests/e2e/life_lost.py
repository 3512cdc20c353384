"""What the restart test's model keeps of appointments and messages that are erased on request while the case is open: what stays goes when it would
have gone (docs/decisions/0015)."""
import retention_oracle as rules
from life_values import utc


class Lost:
    """Appointments and messages that were erased on request."""

    def __init__(self):
        self.sessions, self.called_off, self.unanswered, self.received, self.first = [], [], [], [], None

    def copy(self):
        out = Lost()
        out.sessions, out.called_off, out.unanswered, out.received = list(self.sessions), list(self.called_off), list(self.unanswered), list(self.received)
        out.first = self.first
        return out

    @property
    def bookings(self):
        return [(start, end, outcome, utc(when.ms) if when else None) for start, end, outcome, when in self.called_off]

    @property
    def messages(self):
        return [when.ms for when in self.received]

    @property
    def since(self):
        return self.first and self.first.ms

    def last(self):
        """All that a rule asks of them."""
        dropped = [min(cancelled, end) if cancelled else end for _, end, _, cancelled in self.bookings]
        session = max(self.sessions, key=lambda s: (s[1], s[0]), default=None)
        ends = [end for _, end in self.sessions] + self.unanswered
        uncancelled = ends + [end for _, end, outcome, _ in self.bookings if outcome == "noShow"]
        signs = ends + dropped + [utc(at) for at in self.messages]
        return [session, self.since] + [max(times, default=None) for times in (uncancelled, self.unanswered, dropped, signs)]


def stays(client, going):
    return (client.live - going) & (set(rules.CLIENT["vt"]) | {"consent"})


def lost_with(client, going, when):
    """`when` it goes: known to the daemon alone, and learnt later perhaps."""
    out = client.lost.copy()
    for a in client.appointments if "appt" in going else ():
        start, end = utc(a["start"]), utc(a["end"])
        if a["outcome"] == "held":
            out.sessions.append((start, end))
        elif a["outcome"]:
            out.called_off.append((start, end, a["outcome"], a["cancelledAt"]))
        elif a["end"] <= when.ms:
            out.unanswered.append(end)
        else:  # ahead: called off with what tells of it
            out.called_off.append((start, end, "cancelled", when))
    out.received += [m["at"] for m in client.messages if m["direction"] == "in"] if "corr" in going else []
    out.received += [i["received"] for i in client.inquiries] if "intake" in going else []
    rest = [seen.ms for c, seen in client.seen.items() if c not in going]
    if not out.first and not client.reopened and rest and client.collected() < min(rest):
        out.first = min(client.seen.values(), key=lambda seen: seen.ms)
    return out


def keeps(client, going, when):
    """Whether something must be written down of what goes."""
    rest, lost = stays(client, going), lost_with(client, going, when)
    if not rest or client.phase() == "P2" or lost.last() == Lost().last():
        return False
    return not rest <= client.kept or lost.last() != client.lost.last()

"""What the restart test's model keeps of appointments and messages that are erased on request while the case is open: what stays goes when it would
have gone (docs/decisions/0015)."""
import copy

import retention_oracle as rules
from life_values import utc


class Lost:
    """Appointments and messages that were erased on request."""

    def __init__(self):
        self.sessions, self.bookings, self.unanswered, self.messages, self.since = [], [], [], [], None

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


def lost_with(client, going, now):
    out = copy.deepcopy(client.lost)
    for a in client.appointments if "appt" in going else ():
        start, end = utc(a["start"]), utc(a["end"])
        if a["outcome"] == "held":
            out.sessions.append((start, end))
        elif a["outcome"]:
            out.bookings.append((start, end, a["outcome"], utc(a["cancelledAt"].ms) if a["cancelledAt"] else None))
        elif a["end"] <= now:
            out.unanswered.append(end)
        else:  # ahead: called off with what tells of it
            out.bookings.append((start, end, "cancelled", utc(now)))
    out.messages += [m["at"].ms for m in client.messages if m["direction"] == "in"] if "corr" in going else []
    out.messages += [i["received"].ms for i in client.inquiries] if "intake" in going else []
    rest = [when.ms for c, when in client.seen.items() if c not in going]
    if not out.since and not client.reopened and rest and client.collected() < min(rest):
        out.since = client.collected()
    return out


def keeps(client, going, now):
    """Whether something must be written down of what goes."""
    rest, lost = stays(client, going), lost_with(client, going, now)
    if not rest or client.phase() == "P2" or lost.last() == Lost().last():
        return False
    return not rest <= client.kept or lost.last() != client.lost.last()

"""Times and values of which only the daemon knows exactly what they are: part of the restart test's model (life_model.py)."""
from datetime import datetime, timedelta, timezone

import retention_oracle as rules
from taus_client import ms_of


def utc(ms):
    return datetime.fromtimestamp(ms // 1000, timezone.utc).replace(microsecond=ms % 1000 * 1000)


def days_later(ms, days):
    return ms_of(rules.days_later(utc(ms), days))


def local_date(ms):
    return rules.wall(utc(ms)).strftime("%Y-%m-%d")


def start_of_day(ms, later=0):
    """Local midnight that begins the day of `ms`, or that many days later."""
    day = rules.wall(utc(ms)).replace(hour=0, minute=0, second=0, microsecond=0)
    return ms_of(rules.from_wall(day + timedelta(days=later)))


def day_text(ms, later=0):
    return local_date(start_of_day(ms, later))


def local_year(ms):
    return rules.wall(utc(ms)).year


class When:
    """An instant that only the daemon knows exactly: within a window until first seen, the same ever after."""

    bound = "high"  # what is computed from it meanwhile

    def __init__(self, low, high):
        self.low, self.high = low, high

    @property
    def ms(self):
        return getattr(self, When.bound)

    def agrees(self, got):
        if isinstance(got, str):
            got = ms_of(datetime.fromisoformat(got.replace("Z", "+00:00")))
        if got is None or not self.low <= got <= self.high:
            return False
        self.low = self.high = got
        return True

    def __repr__(self):
        return str(self.low) if self.low == self.high else "%d..%d" % (self.low, self.high)


class Pinned:
    """Any value, but always the same."""

    def __init__(self):
        self.value = None

    def agrees(self, got):
        if self.value is None:
            self.value = got
        return got is not None and self.value == got

    def __repr__(self):
        return "pinned(%r)" % (self.value,)


class Date:
    """The local date of a When."""

    def __init__(self, when):
        self.when = when

    def agrees(self, got):
        return got in (local_date(self.when.low), local_date(self.when.high))


def months_later(day, months):
    """The same day of the month, or the last there is."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def deadline(ms, extended=False):
    """The last local day on which a request received then is answered in time: thirty days, and a month at most; extended, three months."""
    day = rules.wall(utc(ms)).date()
    return months_later(day, 3) if extended else min(day + timedelta(days=30), months_later(day, 1))


class Deadline(Date):
    def __init__(self, when, extended=False):
        super().__init__(when)
        self.extended = extended

    def agrees(self, got):
        return got in (deadline(self.when.low, self.extended).isoformat(), deadline(self.when.high, self.extended).isoformat())


class Due:
    """A due time that follows from a When that may never have been seen (what told it may be shredded): itself pinned when seen."""

    def __init__(self, compute):
        self.compute, self.value = compute, None

    def ms(self):
        return self.compute() if self.value is None else self.value

    def agrees(self, got):
        if isinstance(got, str):
            got = ms_of(datetime.fromisoformat(got.replace("Z", "+00:00")))
        high = self.ms()
        When.bound = "low"
        low = self.ms()
        When.bound = "high"
        if got is None or high is None:
            return got is high
        if not low <= got <= high:
            return False
        self.value = got
        return True

    def __repr__(self):
        return str(self.ms())


def difference(want, got, path=""):
    """Where the daemon's answer is not the model's: None, or a sentence. Absent, null, empty and false are one."""
    if hasattr(want, "agrees"):
        return None if want.agrees(got) else "%s: the model says %r, the daemon %r" % (path, want, got)
    if isinstance(want, int) and not isinstance(want, bool) and isinstance(got, str):
        got = ms_of(datetime.fromisoformat(got.replace("Z", "+00:00")))
    if isinstance(want, dict) and isinstance(got, dict):
        for key in {**want, **got}:
            found = difference(want.get(key), got.get(key), "%s/%s" % (path, key))
            if found:
                return found
        return None
    if isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            return "%s: the model says %d entries, the daemon %d" % (path, len(want), len(got))
        return next((d for d in (difference(w, g, "%s/%d" % (path, i)) for i, (w, g) in enumerate(zip(want, got))) if d), None)
    if want in (None, False, "", [], {}) and got in (None, False, "", [], {}) and type(want) is not int and type(got) is not int:
        return None
    return None if want == got else "%s: the model says %r, the daemon %r" % (path, want, got)

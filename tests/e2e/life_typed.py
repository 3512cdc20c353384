"""The reads of the restart test as somebody types them: `tausctl --json` in place of the raw socket, the same answers expected."""
import json
import re

import taus_client

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
WORDS = {"subjectTimeline": ("subject", "timeline"), "subjectShow": ("subject", "show"), "subjectState": ("subject", "state"),
         "subjectFind": ("subject", "find"), "calendarShow": ("calendar", "show"), "retentionPlan": ("retention", "plan"),
         "staffList": ("staff", "list"), "status": ("status",), "receiptShow": ("receipt", "show"), "auditVerify": ("audit", "verify"),
         "slotsList": ("slots", "list"), "groupList": ("group", "list"), "matchList": ("match", "list"),
         "inquiryList": ("inquiry", "list"), "rightsList": ("rights", "list")}


def plain(value):
    """Times as the socket has them."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return taus_client.ms(value) if isinstance(value, str) and TIME.fullmatch(value) else value


class Typed:
    def __init__(self, daemon):
        self.daemon = daemon

    def call(self, method, params=None, as_=None, purpose=None):
        """-> (result, error) as Taus.call gives them."""
        words = [*WORDS[method], "--json"]
        for name, value in {**(params or {}), "as": as_, "purpose": purpose}.items():
            if value is not None:
                words += [str(value)] if name in ("subject", "position") else ["--" + name] if value is True else ["--" + name, value]
        done = self.daemon.tausctl(*words)
        try:
            answer = json.loads(done.stdout)
        except json.JSONDecodeError as error:
            raise RuntimeError("%s: no JSON: %r %r" % (words, done.stdout, done.stderr)) from error
        if (done.returncode == 0) != ("error" not in answer):
            raise RuntimeError("%s: exit code %d with %s" % (words, done.returncode, answer))
        if method == "receiptShow" and "receipt" in answer:  # of which the socket has the text
            answer["receipt"] = json.dumps(answer["receipt"], separators=(",", ":"), ensure_ascii=False)
        return (None, answer["error"]) if "error" in answer else (plain(answer), None)

    def do(self, method, params=None):
        result, error = self.call(method, params)
        if error:
            raise taus_client.TausError(error)
        return result

"""One command of the restart test's life."""
import life_model as model


class Op:
    """A command to send. `done` is what it did, once it is known to have happened."""
    last = 0

    def __init__(self, method, params, client=None, who=model.DEVELOPER, purpose=None):
        Op.last += 1
        self.method, self.params, self.client, self.who, self.purpose = method, params, client, who, purpose
        self.request_id = "r%d" % Op.last
        self.number = int(params["request"].rsplit(".", 1)[1]) if "request" in params else None
        self.done = self.stolen = self.other = None

    def fields(self):
        out = {"requestId": self.request_id, "purpose": self.purpose}
        if self.who != model.DEVELOPER:
            out["as_"] = self.who["id"]
        return out

    def __repr__(self):
        return "%s(%s, as %s, id %s)" % (self.method, self.params, self.who if self.who == model.DEVELOPER else self.who["name"], self.request_id)

"""What the restart test ends with, where the daemon and the model disagree."""
import life_model as model


class Violation(Exception):
    """The daemon broke a promise."""


def check(condition, sentence, *details):
    if not condition:
        raise Violation(sentence + "".join("; %s" % (d,) for d in details))


def same(want, got, where):
    found = model.difference(want, got, where)
    check(found is None, found)

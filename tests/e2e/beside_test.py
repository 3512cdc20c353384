"""Every file that lies beside the database (root slots, floor, log key, delta file, lock, a replica), altered in every way that disks and
people alter files, and sets of files of different moments. tausd serves what is right, or refuses with one sentence and a code that does
not let it be started for ever; and with the right files put back everything is there.

    beside_test.py BUILD [TAUSD]      TAUSD: one that adopts old roots, which must be noticed
"""
import concurrent.futures
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile

import canaries
import taus_client

BUILD, *PLANTED = sys.argv[1:]
TAUSD = PLANTED[0] if PLANTED else os.path.join(BUILD, "bin", "tausd")
START = taus_client.ms("2026-02-02T09:00")
SERVES = "serves"
AT_ONCE = 3
DATABASE, ROOT, FLOOR, DELTA, COPY = "home/data/db", "home/root/root.slots", "home/root/floor", "home/data/delta", "copy/keys.copy"
LOG_KEY, PUBLIC, LOCK = "home/root/log.key", "home/root/log.pub", "home/data/lock"


class Running:
    """A tausd on a directory with `home` and `copy`; `code` and `said` where it refused."""

    def __init__(self, place):
        self.place, self.code = place, SERVES
        (place / "errors").write_bytes(b"")
        with open(place / "errors", "ab") as errors:
            self.process = subprocess.Popen([TAUSD, "--dev", str(place / "home"), "--profile", "vt", "--replica", str(place / "copy")],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        ready = select.select([self.process.stdout], [], [], 60)[0]
        if not ready:
            self.process.kill()
        if not ready or not self.process.stdout.readline().startswith(b"ready "):
            self.code = self.process.wait()
        lines = (place / "errors").read_text().splitlines()
        self.said = [line.split(" error ", 1)[1] for line in lines if " error " in line]

    def connect(self):
        return taus_client.Taus(str(self.place / "home/run/frontend.sock"), LAYOUT)

    def end(self):
        if self.code == SERVES:
            self.process.terminate()
        status = self.process.wait(60)
        self.process.stdout.close()
        return status


def settle(place, work):
    """Starts it, does `work` on it, ends it."""
    running = Running(place)
    if running.code != SERVES:
        raise AssertionError("does not start: %s" % running.said)
    with running.connect() as taus:
        out = work(taus)
    if running.end() != 0:
        raise AssertionError("did not end cleanly")
    return out


class Worlds:
    """One store at four moments, a shred between each two and the next; another store. Who lives and who was shredded, of each."""

    def __init__(self, base):
        self.base, self.facts, self.marks = base, {}, canaries.Marks(seed=11)
        self.live("other", ["other"])
        self.live("store", ["first", "second", "third", "last", "later"])

    def live(self, name, moments):
        place = self.base / name
        for folder in ("home", "copy"):
            (place / folder).mkdir(parents=True)
        alive, dead = {}, []

        def work(taus, shreds):
            with taus_client.Taus(str(place / "home/run/operator.sock"), LAYOUT) as operator:
                if not alive:
                    operator.do("devClockSet", {"at": START})
            for _ in range(2):
                client = canaries.Client(self.marks, len(alive) + len(dead))
                client.request(taus)
                alive[client.subject] = client.form()["email"]
            if shreds:
                dead.append(next(iter(alive)))
                del alive[dead[-1]]
                taus.do("consentWithdraw", {"subject": dead[-1], "method": "phone"})

        for moment in moments:
            settle(place, lambda taus, moment=moment: work(taus, moment not in ("first", "later")))
            shutil.rmtree(place / "home/run")
            if moment != name:
                shutil.copytree(place, self.base / moment)
            self.facts[moment] = dict(alive), list(dead)

    def put(self, place, relative, moment):
        target, source = place / relative, self.base / moment / relative
        remove(target)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)

    def wrong_with(self, taus, moment):
        """What it serves otherwise than it was at that moment."""
        alive, dead = self.facts[moment]
        if not taus.do("auditVerify")["ok"]:
            yield "the journal does not verify"
        for subject, address in alive.items():
            result, error = taus.call("subjectShow", {"subject": subject}, purpose="to see that it is there")
            if error or result["email"] != address:
                yield "a live client: %s" % (error or "another's data")
        for subject in dead:
            error = taus.call("subjectState", {"subject": subject})[1]
            if not error or error["code"] != "shredded":
                yield "a shredded client is not called so: %s" % error


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()


def overwrite(change):
    def alter(place, relative):
        path = place / relative
        path.write_bytes(change(path.read_bytes()))
    return alter


def flip(at):
    def change(data):
        return data[:at] + bytes([data[at] ^ 4]) + data[at + 1:]
    return overwrite(change)


def directory(place, relative):
    remove(place / relative)
    (place / relative).mkdir()


def link(place, relative):
    (place / relative).rename(place / "elsewhere")
    (place / relative).symlink_to(place / "elsewhere")


def of(moment):
    return lambda place, relative: WORLDS.put(place, relative, moment)


ALTERATIONS = {
    "gone": lambda place, relative: remove(place / relative),
    "empty": overwrite(lambda data: b""),
    "cut": overwrite(lambda data: data[:-1]),
    "halved": overwrite(lambda data: data[:len(data) // 2]),
    "longer": overwrite(lambda data: data + b"\x01"),
    "zeros": overwrite(lambda data: bytes(len(data))),
    "halves swapped": overwrite(lambda data: data[len(data) // 2:] + data[:len(data) // 2]),
    "a bit": flip(10),
    "a bit behind": flip(4096 + 40),
    "a directory": directory,
    "a link": link,
    "of a moment before": of("third"),
    "of long before": of("first"),
    "of a moment after": of("later"),
    "of another store": of("other"),
}
# What is expected of each; "-": makes no difference that the file could have, or is not done. A second number: for slots in use or not.
EXPECTED = {
    ROOT: {"gone": 8, "empty": 8, "cut": 9, "halved": (8, 9), "longer": 9, "zeros": 8, "halves swapped": SERVES, "a bit": (SERVES, 8),
           "a bit behind": (SERVES, 8), "a directory": 2, "a link": 2, "of a moment before": 9, "of long before": 9, "of another store": 8},
    FLOOR: {"gone": 9, "empty": 9, "cut": 9, "halved": 9, "longer": 9, "zeros": 9, "halves swapped": 9, "a bit": SERVES, "a bit behind": SERVES,
            "a directory": 2, "a link": 2, "of a moment before": SERVES, "of long before": SERVES, "of a moment after": 9, "of another store": 9},
    DELTA: dict.fromkeys(ALTERATIONS, SERVES) | {"a directory": 2, "a link": 2},
    LOG_KEY: {"gone": 8, "empty": 2, "cut": SERVES, "halved": (2, 9), "longer": 2, "zeros": 2, "a bit": (2, 9), "a directory": 8, "a link": SERVES,
              "of another store": 9},
    PUBLIC: {name: SERVES for name in ("gone", "empty", "cut", "halved", "longer", "zeros", "a bit", "a directory", "a link", "of another store")},
    LOCK: {"gone": SERVES, "longer": SERVES, "a directory": 2, "a link": 2},
    COPY: dict.fromkeys(ALTERATIONS, SERVES) | {"of a moment after": 9},
}
# What lies there afterwards where it was not the right one.
COPY_STATES = {"empty": "damaged", "zeros": "damaged", "halves swapped": "damaged", "a bit": "damaged", "a bit behind": "damaged",
               "a directory": "unreachable", "a link": "unreachable", "of another store": "foreign"}
MIXTURES = {  # the moment of each file; what is expected; the moment that is served, or put back
    "an old root directory": ({DATABASE: "last", ROOT: "third", FLOOR: "third", DELTA: "third", COPY: "last"}, 9, "last"),
    "an old root and floor": ({DATABASE: "last", ROOT: "third", FLOOR: "third", DELTA: "last", COPY: "last"}, 9, "last"),
    "an older root directory": ({DATABASE: "last", ROOT: "first", FLOOR: "first", DELTA: "first", COPY: "first"}, 9, "last"),
    "an old database": ({DATABASE: "third", ROOT: "last", FLOOR: "last", DELTA: "last", COPY: "last"}, 9, "last"),
    "an old database and floor": ({DATABASE: "third", ROOT: "last", FLOOR: "third", DELTA: "third", COPY: "last"}, 8, "last"),
    "a machine set back, its replica not": ({DATABASE: "third", ROOT: "third", FLOOR: "third", DELTA: "third", COPY: "last"}, 9, "third"),
    "set back within one generation": ({DATABASE: "last", ROOT: "last", FLOOR: "last", DELTA: "last", COPY: "later"}, 9, "last"),
    "all of one moment": ({DATABASE: "third", ROOT: "third", FLOOR: "third", DELTA: "third", COPY: "third"}, SERVES, "third"),
}


def run(name, alter, expected, moment, state=None):
    """-> what went wrong."""
    place = pathlib.Path(tempfile.mkdtemp(dir=WORLDS.base))
    shutil.rmtree(place)
    shutil.copytree(WORLDS.base / "last", place)
    alter(place)
    copy = (place / COPY).read_bytes() if (place / COPY).is_file() else None
    wrong = []
    running = Running(place)
    if running.code not in (expected if isinstance(expected, tuple) else (expected,)):
        wrong.append("%s, not %s: %s" % (running.code, expected, running.said))
    if running.code == SERVES:
        with running.connect() as taus:
            wrong += WORLDS.wrong_with(taus, moment)
            status = taus.do("status")
        if state is not None and status["replicaStates"][0]["state"] != state:
            wrong.append("the replica is called %s" % status["replicaStates"][0]["state"])
        if state in ("damaged", "foreign") and (place / COPY).read_bytes() != copy:
            wrong.append("a %s replica was written over" % state)
        unsaid = name.startswith(PUBLIC) and name.split(": ")[1] not in ("gone", "a link", "cut")
        if unsaid and "public half" not in " ".join(status["warnings"]):
            wrong.append("nobody is told of a wrong public key")
    elif len(running.said) != 1:
        wrong.append("not one sentence: %s" % running.said)
    elif copy is not None and (place / COPY).read_bytes() != copy:
        wrong.append("refused, and the replica was written over")
    if running.end() not in (0, running.code):
        wrong.append("did not end cleanly")
    if running.code != SERVES or name.startswith(PUBLIC):
        wrong += mended(place, moment)
    shutil.rmtree(place)
    return ["%s: %s" % (name, one) for one in wrong]


def mended(place, moment):
    """The database as the refusal left it, where it is of the moment that is to be served; and all right files beside it."""
    beside = [ROOT, FLOOR, DELTA, LOG_KEY, PUBLIC, LOCK, COPY]
    for relative in beside + ([DATABASE] if place.joinpath("foreign").exists() else []):
        WORLDS.put(place, relative, moment)
    again = Running(place)
    if again.code != SERVES:
        return ["not mended by the right files: %s" % again.said]
    with again.connect() as taus:
        wrong = ["with the right files: " + one for one in WORLDS.wrong_with(taus, moment)]
    again.end()
    return wrong


def cases():
    for relative, expected in EXPECTED.items():
        for name, wanted in expected.items():
            state = COPY_STATES.get(name, "current") if relative == COPY else None
            yield ("%s: %s" % (relative, name), lambda place, relative=relative, name=name: ALTERATIONS[name](place, relative), wanted, "last", state)
    for name, (moments, wanted, moment) in MIXTURES.items():
        def alter(place, moments=moments, moment=moment):
            for relative, of_moment in moments.items():
                WORLDS.put(place, relative, of_moment)
            if moments[DATABASE] != moment:
                (place / "foreign").touch()
        yield name, alter, wanted, moment


def main():
    everything = list(cases())
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [one for found in pool.map(lambda case: run(*case), everything) for one in found]
    for one in wrong:
        print(one)
    if PLANTED:
        noticed = [one for one in wrong if one.startswith("an old root directory: not mended")]
        print("%d cases, the planted fault was %snoticed" % (len(everything), "" if noticed else "NOT "))
        return 0 if noticed else 1
    print("%d cases, %d wrong" % (len(everything), len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    LAYOUT = taus_client.capnp_py.load(taus_client.layout_of(BUILD))
    with tempfile.TemporaryDirectory(prefix="taus-beside-") as folder:
        WORLDS = Worlds(pathlib.Path(folder))
        sys.exit(main())

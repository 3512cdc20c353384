#!/usr/bin/python3
"""The restart test: a client's life is told to a real tausd that is killed again and again, and answers as the model says.

    kill_life.py BUILD [--kills 1000] [--seed N] [--jobs 2] [--liar early|twice] [--forget] [--still]

Lives of some clients and of their centre's desk, each in a store of its own, from a seed: appointments, mail, inquiries, requests of three
kinds, extensions, refusals, holds and restrictions: bursts of commands with request ids, the clock moved over due times and
New Year, and `kill -9` at a random moment after sending, in recovery too; now and then SIGTERM. After each restart everything is
compared with the model (life_model.py), every read as `tausctl --json` prints it. Commands whose reply was lost are sent again under
their id. --liar puts a lying proxy before the daemon, --forget makes the model forget an event: then the test succeeds only if it
notices, and reads through the socket. Half of the centres take inquiries. TAUS_LONG=1: 20,000 kills.

The daemon's clock runs on while the model looks, so a step begins only where nothing falls due for a while. Where the machine stood still
for longer than that, nobody can say what came first: such a life is lived again (--still: the test succeeds only if that happens).
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import kill_proxy
import life_model as model
import life_typed
import taus_client
from life_check import Violation, check
from life_script import Op, Script
from life_world import World

KILLS_A_LIFE = 40
LIVES_AGAIN = 5  # at most, of one that the clock overtook
# What may let something fall due at once, which then happens before or after the next command.
LAST_IN_A_BURST = {"bookingHeld", "bookingNoShow", "bookingCancel", "bookingReschedule", "bookingBook", "bookingCorrect",
                   "subjectRecord", "shred", "inquiryAnswer", "holdRelease", "restrictLift", "rightsDecide"}
NOT_ANSWERED = {"shutting_down", "unavailable", "io"}  # of a daemon that stops: to be sent again
PURPOSE = "revisjon"
SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../daemon/policy/profiles/vt.toml")


def ms_now():
    return time.time() * 1000


class Life:
    def __init__(self, build, seed, kills, liar=None, forget=False, still=False):
        self.rng, self.kills_wanted, self.forget, self.still = random.Random(seed), kills, forget, still
        self.build, self.kills, self.restarts, self.checks = build, 0, 0, 0
        self.world = World(takes_inquiries=self.rng.random() < 0.5)
        self.world.clock = self.clock
        self.script = Script(self.rng, self.world)
        self.lost, self.told = [], []
        self.offset = (0, 0)
        self.liar = liar
        self.planted = forget or liar is not None or still
        self.ahead = None  # the first instant at which something may happen that the model was not told of yet
        self.proxy = None

    # --- the process

    def run(self):
        with tempfile.TemporaryDirectory(prefix="taus-profile-") as directory, taus_client.Daemon(self.build, self.profile(directory)) as self.daemon:
            try:
                self.connect()
                self.set_clock(self.script.begin())
                for role in ("counsellor", "counsellor", "leader", "desk"):
                    self.burst([self.script.staff_add(role)], "go on")
                while self.kills < self.kills_wanted:
                    self.step()
                self.end()
            finally:
                self.words = self.daemon.last_words()

    def profile(self, directory):
        """As it is shipped, or of a centre that takes inquiries too and asks nothing more of whom it has answered."""
        if not self.world.takes_inquiries:
            return "vt"
        path = os.path.join(directory, "vt.toml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(pathlib.Path(SHIPPED).read_text(encoding="utf-8") + "\n[inquiries]\naccepted = true\nanswer_concludes = true\n")
        return path

    def connect(self):
        if self.liar:
            self.proxy = kill_proxy.LIARS[self.liar](self.daemon, self.proxy)
        path = self.proxy.path if self.proxy else self.daemon.socket_path("frontend")
        self.taus = taus_client.Taus(path, self.daemon.layout)
        self.world.restarted(self.taus)
        self.look_at_clock()

    def look_at_clock(self):
        widths = []
        for _ in range(5):  # the narrowest window that a busy machine gives
            before = ms_now()
            now = self.taus.do("status")["now"]
            after = ms_now()
            widths.append((after - before, int(now - after) - 2, int(now - before) + 2))
            if after - before < 20:
                break
        self.offset = min(widths)[1:]
        return now

    def clock(self):
        """The daemon's time now, from at least to at most."""
        return int(ms_now()) + self.offset[0], int(ms_now()) + self.offset[1] + 1

    def stood_still(self):
        """Whether the clock ran into what falls due next, before the model was told."""
        return self.ahead is not None and self.clock()[1] >= self.ahead

    def kill(self):
        self.daemon.kill()
        self.kills += 1

    def start_again(self):
        """Starts it, now and then after kills during the start."""
        self.taus.close()
        while self.rng.random() < 0.12:
            command = [os.path.join(self.build, "bin", "tausd"), "--dev", self.daemon.directory, "--profile", self.daemon.profile]
            with open(os.path.join(self.daemon.directory, "stderr.txt"), "ab") as errors:
                process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, stdin=subprocess.DEVNULL)
                time.sleep(self.rng.uniform(0, 0.045))  # at random: the moment of the kill is what is tested
                process.kill()
                check(process.wait() == -9, "it ended by itself while starting", self.daemon.last_words())
            self.kills += 1
        self.daemon.start()
        self.restarts += 1
        self.connect()

    # --- what happens

    def step(self):
        style = self.rng.choices(["kill", "go on", "stop"], [80, 16, 4])[0]
        now = self.clock()[1]
        near = self.script.too_near(now)
        if near:
            self.move_clock(self.script.clear_of(near[-1]), style)
        elif self.lost and self.rng.random() < 0.4:
            self.burst(self.lost, style)
        elif self.world.clients and self.rng.random() < 0.2:
            self.burst(self.lost, "go on")  # request ids are known for seven days
            self.compare()  # the times of what was done are seen before anything follows from them
            self.move_clock(self.script.next_clock(self.clock()[1]), style)
        else:
            self.burst(self.lost, "go on")
            for _ in range(self.rng.randrange(1, 5)):  # the life goes on
                self.burst(self.some_commands(self.clock()[1]), "go on")
            self.burst(self.some_commands(self.clock()[1]), style)
        self.compare()

    def some_commands(self, now):
        ops = []
        for _ in range(self.rng.choice([1, 1, 1, 2, 3, 5])):
            ops.append(self.sent_again() if self.rng.random() < 0.15 else None)
            ops[-1] = ops[-1] or self.script.command(now)
            if ops[-1].method in LAST_IN_A_BURST:
                break
        if self.rng.random() < 0.03:
            ops.insert(0, self.staff_change())
        if self.rng.random() < 0.25:
            ops.insert(0, self.script.of_nobody(now))
        return ops

    def staff_change(self):
        some = [s for s in self.world.staff if s["id"]]
        if len(some) > 5:
            return Op("staffRevoke", {"subject": some[-1]["id"]}, some[-1])
        return self.script.staff_add("counsellor")

    def sent_again(self):
        """A request that was answered days ago at most; or another one under its id."""
        today = self.clock()[1] // 86_400_000
        fresh = [op for op in self.world.history if op.done["day"] > today - 6 and op not in self.lost]
        if not fresh:
            return None
        op = self.rng.choice(fresh)
        if self.rng.random() < 0.3 and "event" in op.done:
            other = Op("messageAdd", {"subject": op.done["subject"], "direction": "in", "channel": "sms", "title": "", "body": "another"}, op.client)
            other.request_id, other.stolen = op.request_id, op
            return other
        return op

    def burst(self, ops, style):
        low = self.clock()[0]
        numbers = {}
        for op in ops:
            if op not in numbers.values():
                numbers[self.taus.send(op.method, op.params, **op.fields())] = op
        self.interrupt(style)
        replies = {numbers[n]: (result, error) for n, result, error in self.receive(len(numbers), style)}
        replies = {op: reply for op, reply in replies.items() if not reply[1] or reply[1]["code"] not in NOT_ANSWERED}
        if style != "go on":
            self.finish(style)
        before = self.clock()[0]
        self.lost = self.world.settle(list(numbers.values()), replies, lambda: model.When(low, self.clock()[1]), style != "go on")
        self.ahead = self.script.instants(before)[0]
        self.told += [client for op in numbers.values() for client in (op.client, op.other) if client in self.world.clients]

    def interrupt(self, style):
        if style == "go on":
            return
        # Half of the kills fall into the few milliseconds that a command takes.
        time.sleep(self.rng.uniform(0, self.rng.choice([0.002, 0.005, 0.030])))  # at random: the moment of the kill is what is tested
        if style == "kill":
            self.kill()
        else:
            self.daemon.process.terminate()

    def receive(self, count, style):
        out = []
        try:
            while len(out) < count:
                out.append(self.taus.receive())
        except taus_client.Closed:
            check(style != "go on", "it died by itself", self.daemon.process and self.daemon.process.poll(), self.daemon.last_words())
        return out

    def finish(self, style):
        if style == "stop":
            status = self.daemon.reap()
            check(status == 0, "SIGTERM ended it with", status, self.daemon.last_words())
        self.start_again()

    def set_clock(self, to):
        self.taus.do("devClockSet", {"at": to})
        self.look_at_clock()

    def move_clock(self, to, style):
        """No command: whether the time was set shows afterwards."""
        low = self.clock()[0]
        number = self.taus.send("devClockSet", {"at": to})
        self.interrupt(style)
        replies = self.receive(1, style)
        check(all(r[0] == number and r[2] is None for r in replies) or style == "stop", "devClockSet", replies)
        if style != "go on":
            self.finish(style)
        now = self.look_at_clock()
        check(now >= low, "time ran backwards over a restart", now, low)
        if replies and not replies[0][2]:
            check(now >= to, "an acknowledged time is not set", now, to)
        if now >= to:
            low, self.ahead = to, self.script.instants(to)[0]
        living = [c for c in self.world.clients if not c.whole]
        before, began = [len(c.events) for c in living], self.clock()[0]
        self.world.settle([], {}, lambda: model.When(low, self.clock()[1]), style != "go on")
        self.ahead = self.script.instants(began)[0]
        self.told += [c for c, count in zip(living, before) if len(c.events) != count or c.whole]

    # --- comparing

    def compare(self):
        world, rng = self.world, self.rng
        self.checks += 1
        if self.forget and self.kills > 5 and self.told and not self.told[0].whole:
            self.told[0].events.pop()
            self.forget = False
        if self.still and self.kills > 5:
            self.set_clock(self.script.instants(self.clock()[1])[:6][-1])
        everybody = self.checks % 10 == 0
        # A planted lie is looked for through the socket, which is quicker.
        world.reads = self.taus if self.planted else life_typed.Typed(self.daemon)
        for client in dict.fromkeys(world.clients if everybody else self.told):
            for method in ("subjectTimeline", "subjectShow", "subjectState"):
                world.read(client, method, model.DEVELOPER, PURPOSE)
            who = self.script.someone(1)
            if rng.random() < 0.6:
                world.read(client, rng.choice(["subjectTimeline", "subjectShow", "subjectState"]), who, rng.choice([None, PURPOSE]))
            key = rng.choice(["name", "email", "phone"])
            if getattr(client, key):
                world.find(key, getattr(client, key), rng.choice([who, model.DEVELOPER]))
        self.told = []
        world.centre()
        if everybody or rng.random() < 0.2:
            world.slots(rng.choice([2, 28, 300]), self.script.someone(0.5))
            world.group_sessions(self.script.someone(0.5))
            world.matches(self.script.someone(0.5))
            world.inbox(self.script.someone(0.5))
            world.rights_desk(self.script.someone(0.5))
        if rng.random() < 0.4:
            world.calendar(self.clock()[0] - rng.randrange(20) * 86_400_000, rng.choice([1, 7, 60]), rng.choice([self.script.someone(1), model.DEVELOPER]))
        world.show_receipts(rng.sample(sorted(world.receipts), min(2, len(world.receipts))))
        check(world.replay() == [], "events that nobody asked for")
        if everybody:
            world.replay_all()
        world.verify()
        world.reads = self.taus

    def end(self):
        """All at once: everything of everybody, a clean stop, and the store checked from outside."""
        while self.lost:
            self.burst(self.lost, "go on")
        self.checks = -1
        self.compare()
        check(self.daemon.terminate() == 0, "SIGTERM at the end")
        done = subprocess.run([os.path.join(self.build, "bin", "taus-verify"), self.daemon.directory + "/data", "--key",
                               self.daemon.directory + "/root/log.pub"], capture_output=True, text=True, timeout=120)
        check(done.returncode == 0, "taus-verify", done.returncode, done.stdout, done.stderr)


def live(arguments):
    build, seed, kills, liar, forget, still = arguments
    for again in range(LIVES_AGAIN + 1):
        life = Life(build, seed, kills, liar, forget, still and not again)
        try:
            life.run()
            verdict = None
        except Violation as violation:
            if life.stood_still() and again < LIVES_AGAIN:
                continue
            verdict = "seed %s, kill %d, comparison %d: %s" % (seed, life.kills, life.checks, violation)
        except Exception:  # a mistake of the test, or the daemon died: never a caught fault
            verdict = "seed %s, kill %d, comparison %d: BROKEN\n%s\n%s" % (seed, life.kills, life.checks, traceback.format_exc(), getattr(life, "words", ""))
        break
    kinds = {}
    for client in life.world.clients:
        for event in client.events:
            kinds[event["type"]] = kinds.get(event["type"], 0) + 1
    return life.kills, life.restarts, len(life.world.journal), kinds, verdict, again


def end_orderly():
    """A life that is called off takes its daemon and its directory with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--kills", type=int, default=20000 if os.environ.get("TAUS_LONG") else 1000)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--life", help="one life of a seed, as a failure names it (SEED/NUMBER)")
    parser.add_argument("--liar", choices=sorted(kill_proxy.LIARS))
    parser.add_argument("--forget", action="store_true")
    parser.add_argument("--still", action="store_true")
    args = parser.parse_args()
    print("seed %d" % args.seed, flush=True)
    lives = (args.kills + KILLS_A_LIFE - 1) // KILLS_A_LIFE
    seeds = [args.life] if args.life else ["%d/%d" % (args.seed, n) for n in range(lives)]
    work = [(args.build, seed, min(args.kills, KILLS_A_LIFE), args.liar, args.forget, args.still) for seed in seeds]
    planted = bool(args.liar or args.forget)
    begun, kills, restarts, events, kinds, verdicts, overtaken = time.time(), 0, 0, 0, {}, [], 0
    # An executor, for it never ends a worker by force: multiprocessing.Pool may wait for ever for one that held its queue's lock.
    with concurrent.futures.ProcessPoolExecutor(args.jobs, initializer=end_orderly) as pool:
        for done in concurrent.futures.as_completed([pool.submit(live, one) for one in work]):
            killed, started, size, seen, verdict, again = done.result()
            kills, restarts, events, overtaken = kills + killed, restarts + started, events + size, overtaken + again
            kinds = {k: kinds.get(k, 0) + seen.get(k, 0) for k in {**kinds, **seen}}
            if verdict:
                verdicts.append(verdict)
                print(verdict, flush=True)
                if planted or len(verdicts) >= 5:
                    pool.shutdown(wait=False, cancel_futures=True)
                    break
    took = time.time() - begun
    print("%d kills, %d restarts, %d events, %.0f s, %.0f ms a kill" % (kills, restarts, events, took, 1000 * took / max(kills, 1)))
    print(", ".join("%s %d" % item for item in sorted(kinds.items())))
    if overtaken:
        print("%d lives lived again: the clock overtook the model" % overtaken)
    if args.still:
        return 1 if verdicts or not overtaken else 0
    if planted:
        return 0 if verdicts and not any("BROKEN" in v for v in verdicts) else 1
    return 1 if verdicts else 0


if __name__ == "__main__":
    sys.exit(main())

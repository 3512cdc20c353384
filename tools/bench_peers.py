#!/usr/bin/python3
"""PostgreSQL with pgcrypto, or Redis Streams, under the load of taus-bench: one figure on standard output.

usage: bench_peers.py postgres|redis|versions DIRECTORY SECONDS

Each runs in a directory of its own below DIRECTORY, on a Unix socket, with nothing of the machine's own configuration, and every
acknowledgement is durable: PostgreSQL commits each row alone (its group commit batches the 64 clients), Redis syncs its file with
each batch of its event loop (appendfsync always). tools/dev bench --peers installs both (tools/packages-peers.txt).
"""
import glob
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

CLIENTS = 64
PIPELINED = 16
SUBJECTS = 1000
BODY = 300
STARTED = 60  # seconds a server may take

SCHEMA = """
CREATE EXTENSION pgcrypto;
CREATE TABLE subject (id int PRIMARY KEY, key bytea NOT NULL);
CREATE TABLE message (position bigserial PRIMARY KEY, subject int NOT NULL, at timestamptz NOT NULL DEFAULT now(),
                      iv bytea NOT NULL, body bytea NOT NULL);
INSERT INTO subject SELECT n, gen_random_bytes(32) FROM generate_series(1, %d) n;
CHECKPOINT;
""" % SUBJECTS

# One message: a fresh vector, the subject's own key, one durable row.
COMMAND = """\\set subject random(1, %d)
WITH fresh AS MATERIALIZED (SELECT gen_random_bytes(16) AS iv)
INSERT INTO message (subject, iv, body)
SELECT s.id, fresh.iv, encrypt_iv(convert_to('%s', 'UTF8'), s.key, fresh.iv, 'aes-cbc') FROM subject s, fresh WHERE s.id = :subject;
""" % (SUBJECTS, "b" * BODY)

SETTINGS = {
    "listen_addresses": "''", "fsync": "on", "synchronous_commit": "on", "max_connections": "100",
    "shared_buffers": "256MB", "max_wal_size": "4GB", "wal_compression": "off",
}


def postgres_program(name):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + name))
    if not found:
        sys.exit("bench_peers.py: PostgreSQL is not installed; use tools/dev bench --peers")
    return found[-1]


class User:
    """PostgreSQL refuses to run as root: then everything of it runs as its own user."""

    def __init__(self, directory):
        self.entry = None
        if os.getuid() != 0:
            return
        try:
            self.entry = pwd.getpwnam("postgres")
        except KeyError:
            self.entry = pwd.getpwnam("nobody")
        os.chown(directory, self.entry.pw_uid, self.entry.pw_gid)

    def run(self, *command, **options):
        if self.entry:
            options.update(user=self.entry.pw_uid, group=self.entry.pw_gid, extra_groups=[])
        return subprocess.run(command, check=True, text=True, **options)


def quiet(log):
    return {"stdout": log, "stderr": subprocess.STDOUT}


def measure_postgres(directory, seconds):
    user = User(directory)
    data, log_path = os.path.join(directory, "data"), os.path.join(directory, "log")
    with open(log_path, "w", encoding="utf-8") as log:
        user.run(postgres_program("initdb"), "-D", data, "-A", "trust", "-U", "bench", "--no-instructions", cwd=directory, **quiet(log))
        options = " ".join("-c %s=%s" % setting for setting in SETTINGS.items()) + " -k " + directory
        user.run(postgres_program("pg_ctl"), "-D", data, "-w", "-t", str(STARTED), "-o", options, "-l", os.path.join(directory, "server"),
                 "start", cwd=directory, **quiet(log))
        try:
            reach = ["-h", directory, "-U", "bench"]
            user.run(postgres_program("psql"), *reach, "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres", input=SCHEMA, cwd=directory, **quiet(log))
            script = os.path.join(directory, "command.sql")
            with open(script, "w", encoding="utf-8") as file:
                file.write(COMMAND)
            done = user.run(postgres_program("pgbench"), *reach, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds),
                            "-f", script, "postgres", cwd=directory, stdout=subprocess.PIPE, stderr=None)
            return float(re.search(r"^tps = ([0-9.]+)", done.stdout, re.M).group(1))
        finally:
            user.run(postgres_program("pg_ctl"), "-D", data, "-m", "immediate", "stop", cwd=directory, **quiet(log))


def redis_requests(socket, requests):
    command = ["redis-benchmark", "-s", socket, "-c", str(CLIENTS), "-P", str(PIPELINED), "-n", str(requests), "-r", str(SUBJECTS), "-q",
               "XADD", "subject:__rand_int__", "*", "body", "b" * BODY]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.findall(r"([0-9.]+) requests per second", said)[-1])


def measure_redis(directory, seconds):
    socket = os.path.join(directory, "socket")
    with open(os.path.join(directory, "log"), "w", encoding="utf-8") as log:
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "",
                                   "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"], **quiet(log))
    try:
        wait_for(socket)
        some = redis_requests(socket, 20 * CLIENTS * PIPELINED)
        return redis_requests(socket, max(20 * CLIENTS * PIPELINED, int(some * seconds)))
    finally:
        server.terminate()
        server.wait()


def wait_for(socket):
    subprocess.run(["sh", "-c", 'until redis-cli -s "$1" ping >/dev/null 2>&1; do :; done', "sh", socket], check=True, timeout=STARTED)


def versions():
    first = subprocess.run([postgres_program("postgres"), "--version"], check=True, capture_output=True, text=True).stdout
    second = subprocess.run(["redis-server", "--version"], check=True, capture_output=True, text=True).stdout
    postgres = re.search(r"[0-9]+\.[0-9]+", first).group(0)
    redis = re.search(r"v=([0-9.]+)", second).group(1)
    return "PostgreSQL %s with pgcrypto, Redis %s" % (postgres, redis)


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("postgres", "redis", "versions"):
        sys.exit(__doc__)
    if sys.argv[1] == "versions":
        print(versions())
        return
    os.chmod(sys.argv[2], 0o711)  # PostgreSQL's user must reach its own directory
    directory = tempfile.mkdtemp(prefix="peer-", dir=sys.argv[2])
    seconds = float(sys.argv[3])
    try:
        figure = measure_postgres(directory, max(1, round(seconds))) if sys.argv[1] == "postgres" else measure_redis(directory, seconds)
        print(figure)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()

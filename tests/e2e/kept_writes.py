"""Every byte ever written, as libkeep_writes.so kept it (keep_writes.cc), for the adversary of docs/CRYPTO.md.

    kept = kept_writes.Kept(build, log)      Daemon(..., environment=kept.environment)
    kept.read(); kept.differs(path); kept.key_rows(dump); kept.roots(); kept.everything()

What a file holds or held at any moment: {path: contents}. RocksDB's own formats are read here (write-ahead logs) or by taus-dump (tables).
"""
import os
import pathlib
import struct
import subprocess
import tempfile

import key_reader

HEAD = struct.Struct("<QQQQII")
BLOCK = 32768
TABLE_END = struct.pack("<Q", 0x88E241B785F4CFF7)  # of RocksDB's block-based tables
KEYS = 3  # the number of the column family `keys`, in the order of docs/FORMAT.md


class File:
    """One file from its birth: its names, its contents now, and what was written into it."""

    def __init__(self):
        self.names, self.now, self.writes, self.rewritten = set(), bytearray(), [], False

    def write(self, path, offset, data):
        self.names.add(path)
        self.writes.append((offset, data))
        self.rewritten = self.rewritten or bool(self.now[offset:offset + len(data)].strip(b"\0"))
        put(self.now, offset, data)

    def versions(self):
        """Its contents at every moment, as far as a later moment does not show the same."""
        if not self.rewritten:
            yield bytes(self.now)
            return
        contents = bytearray()
        for offset, data in self.writes:
            put(contents, offset, data)
            yield bytes(contents)

    def pieces(self):
        """All bytes that it ever held."""
        return [bytes(self.now), *(data for _, data in self.writes if self.rewritten)]


def put(contents, offset, data):
    contents.extend(bytes(max(0, offset + len(data) - len(contents))))
    contents[offset:offset + len(data)] = data


class Kept:
    def __init__(self, build, log):
        self.log = pathlib.Path(log)
        self.environment = {"LD_PRELOAD": os.path.join(build, "lib", "libkeep_writes.so"), "TAUS_KEEP_WRITES": str(log)}
        self.files, self.bytes = {}, 0

    def read(self, leave_out=None):
        """All records; one of them may be left out, to see that this is noticed."""
        data, at, number = self.log.read_bytes(), 0, 0
        self.files, self.bytes = {}, 0
        while at < len(data):
            device, inode, birth, offset, size, length = HEAD.unpack_from(data, at)
            at += HEAD.size
            path = data[at:at + length].decode().removesuffix(" (deleted)")
            written = data[at + length:at + length + size]
            at += length + size
            number += 1
            if leave_out is None or not leave_out(path, number):
                self.files.setdefault((device, inode, birth), File()).write(path, offset, written)
                self.bytes += size
        return self

    def differs(self, *directories):
        """Files below these directories that are not what their kept writes make of them."""
        out = []
        for directory in directories:
            for path in sorted(pathlib.Path(directory).rglob("*")):
                if path.is_file() and not path.is_symlink() and path.name != "stderr.txt":
                    lies = path.read_bytes()
                    about = os.stat(path)
                    ours = [file for (_, inode, _), file in self.files.items() if inode == about.st_ino]
                    if lies.strip(b"\0") and not any(same(bytes(file.now), lies) for file in ours):
                        out.append(str(path))
        return out

    def named(self, wanted):
        return [file for file in self.files.values() if any(wanted(name) for name in file.names)]

    def key_rows(self, dump):
        """{place: {(key, value)}} of the key store that was ever written: write-ahead logs, tables (by taus-dump), delta files, replicas, backups."""
        rows = {"log": set(), "table": set(), "delta": set(), "copy": set()}
        for file in self.named(lambda name: name.endswith(".log") and "/db/" in name):
            rows["log"].update(wal_rows(bytes(file.now)))
        rows["table"] = self.table_rows(dump) if dump else set()
        for file in self.named(lambda name: os.path.basename(name).startswith("delta")):
            for one in file.versions():
                rows["delta"] |= key_reader.delta_rows(one)
        for file in self.named(lambda name: os.path.basename(name).startswith("keys.copy")):
            for one in file.versions():
                rows["copy"].update(copy_rows(one))
        return rows

    def table_rows(self, dump):
        out = set()
        with tempfile.TemporaryDirectory() as place:
            names = []
            for file in self.named(lambda name: name.endswith(".sst")):
                if not file.now.endswith(TABLE_END):
                    continue  # given up by a daemon that ended: what it was made of lies in other tables and logs
                names.append(os.path.join(place, "%d.sst" % len(names)))
                pathlib.Path(names[-1]).write_bytes(file.now)
            for line in subprocess.run([dump, "--tables", *names], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
                table, key, value = line.split(" ")
                if table == "keys":
                    out.add((bytes.fromhex(key), bytes.fromhex(value)))
        return out

    def roots(self):
        """{generation: root key} of every root ever written."""
        return {generation: root for file in self.named(lambda name: name.endswith("/root.slots"))
                for one in file.versions() for generation, root in key_reader.root_records(one)}

    def everything(self, but=()):
        """All bytes ever written, but for those of files of these names."""
        return [piece for file in self.files.values() if not any(os.path.basename(name) in but for name in file.names) for piece in file.pieces()]


def same(ours, lies):
    """A file may have been made longer by zeros, or cut."""
    return ours[:len(lies)].ljust(len(lies), b"\0") == lies


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def string(data, at):
    size, at = varint(data, at)
    return data[at:at + size], at + size


def wal_records(log):
    at, whole = 0, b""
    while at + 7 <= len(log):
        if BLOCK - at % BLOCK < 7:
            at += BLOCK - at % BLOCK
            continue
        size, kind = struct.unpack_from("<HB", log, at + 4)
        if kind == 0 and size == 0:
            return
        if kind not in (1, 2, 3, 4):
            raise ValueError("a record of kind %d in a write-ahead log" % kind)
        whole += log[at + 7:at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            yield whole
            whole = b""


def wal_rows(log):
    """Rows of the key store in one write-ahead log."""
    for batch in wal_records(log):
        at = 12
        while at < len(batch):
            tag, family = batch[at], 0
            at += 1
            if tag in (0x4, 0x5, 0x8, 0xe):
                family, at = varint(batch, at)
            if tag == 0xd:
                continue
            if tag not in (0x0, 0x1, 0x3, 0x4, 0x5, 0x7, 0x8, 0xe, 0xf):
                raise ValueError("a row of kind %d in a write-ahead log" % tag)
            key, at = string(batch, at)
            if tag in (0x1, 0x5, 0xe, 0xf):
                value, at = string(batch, at)
                if tag == 0x5 and family == KEYS:
                    yield key, value


def copy_rows(data):
    try:
        return [(key, value) for key, value in key_reader.read_copy(data)[2] if value is not None]
    except ValueError:
        return []  # half written: the next version is whole

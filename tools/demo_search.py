"""Searches every file under DIR and the memory of process PID for what a shredded client was called, in the forms that a
leak would have; a live client is the control: not on disk, but found in memory, or the search would prove nothing.

    demo_search.py DIR PID NAME EMAIL LIVE_NAME
"""
import base64
import os
import sys
import threading


def forms(text):
    raw = text.encode()
    out = {"as text": raw, "as UTF-16": text.encode("utf-16-le"), "in hexadecimal": raw.hex().encode(), "reversed": raw[::-1]}
    for shift in range(3):
        # The middle of its base64 form, at each of the three alignments.
        out["in base64 (%d)" % shift] = base64.b64encode(b"\0" * shift + raw)[4:-4]
    return out


def in_files(directory, needles):
    found, size, count = [], 0, 0
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            count += 1
            with open(path, "rb") as file:
                data = file.read()
            size += len(data)
            found += ["%s %s" % (path, how) for how, needle in needles.items() if needle in data or needle in path.encode()]
    return found, size, count


def in_memory(pid, needles):
    found, size = [], 0
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if "r" not in rights or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            size += len(data)
            found += ["at %x %s" % (start, how) for how, needle in needles.items() if needle in data]
    return found, size


def main(directory, pid, name, email, live):
    gone = {"name " + how: needle for how, needle in forms(name).items()}
    gone.update({"e-mail " + how: needle for how, needle in forms(email).items()})
    threading.Event().wait(1.0)  # the promise: nothing in memory one second after the shred
    files, size, count = in_files(directory, {**gone, **forms(live)})
    memory, held = in_memory(int(pid), gone)
    control, _ = in_memory(int(pid), {"as text": live.encode()})
    print("files:  %d, %.1f MB searched: %s" % (count, size / 1e6, "nothing of either client" if not files else files))
    print("memory: %.1f MB searched: %s; %s" % (held / 1e6, "nothing of Kari" if not memory else memory,
                                              "Live is found, as she should be" if control else "Live was NOT found: the search is blind"))
    return 1 if files or memory or not control else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

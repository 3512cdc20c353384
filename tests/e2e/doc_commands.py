#!/usr/bin/python3
"""Runs what README.md and docs/ tell people to type, so that it stays true.

    doc_commands.py ROOT BIN            every page of the tree ROOT with the programs in BIN
    doc_commands.py ROOT BIN PAGE…      these pages only

A page's blocks run in order in one bash, in an empty directory that is also HOME:

    ```sh              run; the first command that fails fails the page
    ```sh background   a daemon, as in a terminal of its own: the next block runs when it has said "ready"
    ```sh norun        read for syntax only: for what needs root or takes an hour. At most NORUN_MAX in the whole tree

Beside the blocks, each `tausctl NOUN VERB …` and `tools/dev NAME` in running text must exist.
"""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

NORUN_MAX = 8
PAGE_SECONDS = 300
_BLOCK = re.compile(r"^(?P<fence>```+)(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)

PRELUDE = """set -euo pipefail
set -m                                   # each background block is a process group that can be ended as one
groups=()
finish() { code=$?; for group in "${groups[@]}"; do kill -- "-$group" 2>/dev/null || true; done; wait || true; exit $code; }
trap finish EXIT
"""
# A FIFO, not a loop with pauses: reading it waits for the daemon's line, and for nothing if it dies. The shell around a daemon outlives
# it (an empty trap), so that whoever waits for the job waits for the daemon.
BACKGROUND = """mkfifo "$HOME/.ready{number}"
{{
trap : TERM
{body}}} >"$HOME/.ready{number}" &
groups+=($!)
exec {{ready{number}}}<"$HOME/.ready{number}"
IFS= read -r line <&"${{ready{number}}}" && [[ $line == ready* ]] || {{ echo 'the daemon did not say "ready"' >&2; exit 1; }}
"""


class Mistakes(list):
    def add(self, page, line, what):
        self.append(f"{page}:{line}: {what}")


def pages_of(root):
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def blocks_of(text):
    """(line, kind, body) of the blocks for a shell; kind is run, background, norun or an unknown info string."""
    for match in _BLOCK.finditer(text):
        words = match["info"].split()
        if words and words[0] in ("sh", "bash", "shell", "console", "zsh"):
            kind = {"sh": "run", "sh background": "background", "sh norun": "norun"}.get(" ".join(words), "unknown")
            yield text.count("\n", 0, match.start()) + 1, kind, match["body"]


def script_of(page, blocks):
    parts = [PRELUDE]
    for number, (line, kind, body) in enumerate(blocks):
        if kind in ("run", "background"):
            parts.append(f"echo {shlex.quote(f'--- {page}:{line}')} >&2\n")
            parts.append(BACKGROUND.format(number=number, body=body) if kind == "background" else body)
    return "".join(parts)


def run_page(page, blocks, binaries, mistakes):
    with tempfile.TemporaryDirectory(prefix="taus-docs-") as home:
        environment = {**os.environ, "HOME": home, "PATH": f"{binaries}:/usr/bin:/bin:/usr/sbin:/sbin"}
        process = subprocess.Popen(["bash", "-c", script_of(page, blocks)], cwd=home, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=PAGE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGTERM)
            output, _ = process.communicate()
        print(output, end="")
        if process.returncode != 0:
            at = re.findall(r"^--- \S+:(\d+)$", output, re.MULTILINE)
            mistakes.add(page, at[-1] if at else 0, f"this block ended with {process.returncode}; its output is above")


def check_syntax(page, line, body, mistakes):
    result = subprocess.run(["bash", "-n", "-c", body], capture_output=True, text=True)
    if result.returncode:
        mistakes.add(page, line, result.stderr.strip())


def commands_in_text(text):
    """(line, words) of inline code that begins with one of our commands."""
    blanked = _BLOCK.sub(lambda match: "\n" * match.group(0).count("\n"), text)
    for match in re.finditer(r"`((?:tausctl|tools/dev) [^`\n]+)`", blanked):
        yield blanked.count("\n", 0, match.start()) + 1, match[1].split()


def check_command(root, binaries, words):
    """None, or what is wrong."""
    if words[0] == "tools/dev":
        known = re.findall(r"^tools/dev (\w+)", subprocess.run([root / "tools/dev", "help"], capture_output=True, text=True).stdout, re.MULTILINE)
        return None if words[1] in known else f"tools/dev has no {words[1]}"
    names, skip = [], False
    for word in words[1:]:
        if skip or word.startswith("-"):
            skip = not skip and word in ("--socket", "--dev", "--as", "--purpose", "--request-id")
        elif re.fullmatch(r"[a-z][a-z-]*", word) and len(names) < 3:
            names.append(word)
        else:
            break
    while names:  # the last words may be arguments
        if subprocess.run([f"{binaries}/tausctl", *names, "--help"], capture_output=True).returncode == 0:
            return None
        if len(names) < 3:
            break
        names.pop()
    return f"tausctl has no {' '.join(names)}" if names else None


def main():
    root, binaries = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    pages = [root / page for page in sys.argv[3:]] or pages_of(root)
    mistakes, norun, ran = Mistakes(), 0, 0
    for path in pages:
        page, text = path.relative_to(root), path.read_text(encoding="utf-8")
        blocks = list(blocks_of(text))
        for line, kind, body in blocks:
            norun += kind == "norun"
            if kind == "unknown":
                mistakes.add(page, line, "a block for a shell is ```sh, ```sh background or ```sh norun")
            elif kind == "norun":
                check_syntax(page, line, body, mistakes)
        for line, words in commands_in_text(text):
            wrong = check_command(root, binaries, words)
            if wrong:
                mistakes.add(page, line, wrong)
        if any(kind in ("run", "background") for _, kind, _ in blocks):
            ran += 1
            run_page(page, blocks, binaries, mistakes)
    if norun > NORUN_MAX:
        mistakes.append(f"{norun} blocks are not run, at most {NORUN_MAX}: run them, or write fewer")
    if not sys.argv[3:] and not ran:
        mistakes.append("no page has a block to run")
    for mistake in mistakes:
        print(mistake)
    print(f"{len(pages)} pages, {ran} with commands that ran, {norun} blocks not run, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Checks the shape of every tracked file: layers, foreign headers, sizes, words, lists, links. Rules: rules.py; tables: layers.py.

tidy.py [--untracked] [ROOT]: one finding a line, exit code 1 when there is any.
"""
import os
import pathlib
import subprocess
import sys

import rules


def tracked(root, untracked=False):
    """The files git knows, on request also new ones; without git (a tarball) all but build folders."""
    others = ["--cached", "--others", "--exclude-standard"] if untracked else []
    # As root in another user's checkout git would refuse to answer.
    listed = subprocess.run(["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z", *others],
                            capture_output=True)
    if listed.returncode == 0:
        return [name for name in listed.stdout.decode().split("\0") if name]
    return [str(path.relative_to(root)) for path in root.rglob("*")
            if path.is_file() and not path.relative_to(root).parts[0].startswith(("build", ".git"))]


def read_tree(root, untracked=False):
    tree = {}
    for name in tracked(root, untracked):
        path = root / name
        if not path.is_file() or path.is_symlink():
            continue
        try:
            tree[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            if name.endswith(rules.CPP + (".py", ".md", ".capnp", ".txt", ".cmake")):
                raise
    return tree


def not_executable(root, tree):
    for name, text in sorted(tree.items()):
        if text.startswith("#!") and not os.access(root / name, os.X_OK):
            yield name, 1, "has a #! line and is not executable"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--untracked"]
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[2]).resolve()
    tree = read_tree(root, "--untracked" in sys.argv)
    findings = [(*finding, rule.__name__) for rule in rules.RULES for finding in rule(tree)]
    findings += [(*finding, "not_executable") for finding in not_executable(root, tree)]
    for path, line, message, rule in findings:
        print(f"{path}:{line}: {message} [{rule}]")
    print(f"tidy: {len(tree)} files, {len(findings)} findings")
    return 1 if findings or not tree else 0


if __name__ == "__main__":
    sys.exit(main())

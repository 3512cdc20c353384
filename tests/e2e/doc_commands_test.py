#!/usr/bin/python3
"""doc_commands.py against made-up pages and programs: it must notice what does not run."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TAUSD = "#!/bin/bash\n[ \"$1\" = --dev ] || exit 2\necho \"ready $2\"\nexec cat /dev/zero >/dev/null\n"
TAUSCTL = "#!/bin/bash\ncase \"$*\" in *show*--help|status*) echo ok ;; *) echo no such verb >&2; exit 2 ;; esac\n"
DEV = "#!/bin/bash\necho 'tools/dev test  runs'\n"


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class DocCommandsTest(unittest.TestCase):
    def judge(self, page, tausd=TAUSD):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            program(root / "bin/tausd", tausd)
            program(root / "bin/tausctl", TAUSCTL)
            program(root / "tools/dev", DEV)
            (root / "README.md").write_text(page)
            done = subprocess.run([sys.executable, HERE / "doc_commands.py", root, root / "bin"], capture_output=True, text=True, timeout=60)
            return done.returncode, done.stdout + done.stderr

    def assert_passes(self, page):
        code, output = self.judge(page)
        self.assertEqual(code, 0, output)

    def assert_fails(self, page, message, **options):
        code, output = self.judge(page, **options)
        self.assertEqual(code, 1, output)
        self.assertIn(message, output)

    def test_daemon_and_commands(self):
        self.assert_passes("```sh background\ntausd --dev ~/x\n```\n```sh\ntausctl status\nvalue=1\n```\ntext\n```sh\ntest $value = 1\n```\n")

    def test_failing_command_is_named_by_line(self):
        self.assert_fails("# Title\n\n```sh\ntausctl status\ntausctl nonsense\n```\n", "README.md:3: this block ended with 2")

    def test_failure_inside_a_pipe(self):
        self.assert_fails("```sh\ntausctl nonsense | cat\n```\n", "README.md:1: this block ended with 2")

    def test_daemon_that_dies(self):
        self.assert_fails("```sh background\ntausd --dev ~/x\n```\n", 'did not say "ready"', tausd="#!/bin/bash\nexit 1\n")

    def test_other_languages_of_shell(self):
        self.assert_fails("```sh\ntrue\n```\n```bash\ntrue\n```\n", "README.md:4: a block for a shell is")

    def test_blocks_not_run(self):
        self.assert_passes("```sh\ntrue\n```\n```sh norun\nfalse\n```\n")
        self.assert_fails("```sh\ntrue\n```\n```sh norun\nif true\n```\n", "README.md:4: ")
        self.assert_fails("```sh\ntrue\n```\n" + "```sh norun\nfalse\n```\n" * 9, "9 blocks are not run")

    def test_commands_in_text(self):
        self.assert_passes("`tausctl --dev DIR subject show ID` `tools/dev test`\n```sh\ntrue\n```\n")
        self.assert_fails("`tausctl subject destroy ID`\n```sh\ntrue\n```\n", "README.md:1: tausctl has no subject destroy")
        self.assert_fails("`tools/dev fly`\n```sh\ntrue\n```\n", "tools/dev has no fly")

    def test_a_tree_without_commands(self):
        self.assert_fails("nothing\n", "no page has a block to run")


if __name__ == "__main__":
    unittest.main()

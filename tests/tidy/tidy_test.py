#!/usr/bin/python3
"""Every rule of tidy, seen failing on an example and passing on its mended form: a rule that cannot fail protects nothing."""
import pathlib
import sys
import tempfile
import unittest

import cpp_text
import layers
import rules
import tidy

BODY = "  f();\n"


def messages(rule, tree):
    return [f"{path}:{line}: {message}" for path, line, message in rule(tree)]


def header(text="", about="What it is."):
    return f"// {about}\n#pragma once\n{text}"


# rule -> [(what is wrong, part of the message, and the mended form)]; a tree is {path: text}.
EXAMPLES = {
    rules.arrows: [
        ({"eventstore/journal/a.cc": '#include "eventstore/vault/b.h"\n'}, "may not include eventstore/vault",
         {"eventstore/event_store.cc": '#include "eventstore/vault/b.h"\n'}),
        ({"eventstore/crypto/a.cc": '#include "eventstore/storage/b.h"\n'}, "may not include eventstore/storage",
         {"eventstore/crypto/a.cc": '#include "eventstore/base/b.h"\n// #include "eventstore/storage/b.h"\n'}),
        ({"projections/a.cc": '#include "daemon/policy/b.h"\n'}, "may not include daemon/policy",
         {"daemon/policy/b.cc": '#include "projections/a.h"\n'}),
        ({"daemon/service/a.cc": '#include "daemon/runtime/b.h"\n'}, "may not include daemon/runtime",
         {"daemon/runtime/b.cc": '#include "daemon/service/a.h"\n'}),
        ({"daemon/service/a.cc": '#include "tests/support/b.h"\n'}, "may not include tests",
         {"tests/unit/a.cc": '#include "tests/support/b.h"\n#include "daemon/net/x.h"\n'}),
        ({"daemon/net/a.cc": '#include "session.h"\n'}, "path from the repository's root",
         {"daemon/net/a.cc": '#include "daemon/net/session.h"\n'}),
        ({"tools/a.cc": '#include "daemon/net/b.h"\n'}, "tools may not include daemon/net",
         {"tools/a.cc": '#include "daemon/protocol/frame.h"\n'}),
    ],
    rules.foreign_headers: [
        ({"eventstore/crypto/a.h": "#include <sodium.h>\n"}, "libsodium", {"eventstore/crypto/a.cc": "#include <sodium.h>\n"}),
        ({"eventstore/vault/a.cc": "#include <openssl/evp.h>\n"}, "OpenSSL", {"eventstore/crypto/a.cc": "#include <openssl/evp.h>\n"}),
        ({"eventstore/storage/kv_store.h": "#include <rocksdb/db.h>\n"}, "RocksDB",
         {"eventstore/storage/rocks_store.cc": "#include <rocksdb/db.h>\n"}),
        ({"eventstore/journal/a.cc": '#include "eventstore/schema/event.capnp.h"\n'}, "Cap'n Proto",
         {"projections/a.cc": '#include "eventstore/schema/event.capnp.h"\n'}),
        ({"daemon/runtime/a.cc": "#include <kj/common.h>\n"}, "Cap'n Proto", {"daemon/protocol/a.cc": "#include <kj/common.h>\n"}),
        ({"daemon/runtime/a.cc": "#include <boost/asio.hpp>\n"}, "Asio", {"daemon/net/a.cc": "#include <boost/asio.hpp>\n"}),
        ({"daemon/service/a.cc": "#include <spdlog/spdlog.h>\n"}, "only the daemon logs", {"daemon/log.cc": "#include <spdlog/spdlog.h>\n"}),
        ({"daemon/service/a.cc": "#include <mutex>\n"}, "threads live", {"daemon/runtime/a.h": "#include <mutex>\n"}),
        ({"daemon/main.cc": "#include <toml++/toml.h>\n"}, "TOML", {"daemon/config.cc": "#include <toml++/toml.h>\n"}),
        ({"projections/a.cc": "#include <date/tz.h>\n"}, "zone", {"eventstore/base/zone.cc": "#include <date/tz.h>\n"}),
        ({"daemon/net/a.cc": "#include <curl/curl.h>\n"}, "without a line", {"daemon/net/a.cc": "#include <sys/socket.h>\n#include <span>\n"}),
    ],
    rules.file_size: [({"a.cc": "\n" * 501}, "501 lines", {"a.cc": "\n" * 500})],
    rules.function_size: [
        ({"a.cc": "int Foo::bar(int x) const {\n" + BODY * 59 + "}\n"}, "Foo::bar() has 61 lines",
         {"a.cc": "int Foo::bar(int x) const {\n" + BODY * 58 + "}\n"}),
        ({"a.cc": "namespace x {\nTEST(Foo, bar) {\n" + BODY * 70 + "}\n}\n"}, "TEST() has 72 lines",
         {"a.cc": "namespace x {\nclass A {\n" + "  int f() { return '}'; }\n" * 90 + "};\n}\n"}),
        ({"a.cc": "A::A(int b)\n    : b_(b), c_{b} {\n" + BODY * 70 + "}\n"}, "72 lines",
         {"a.cc": "const T table[] = {\n" + '  {"{", 1},\n' * 90 + "};\n"}),
    ],
    rules.header_form: [
        ({"eventstore/base/a.h": "// What.\n#ifndef A\n"}, "#pragma once", {"eventstore/base/a.h": header()}),
        ({"eventstore/base/a.h": "#pragma once\n"}, "says what it is", {"eventstore/base/a.h": header()}),
    ],
    rules.own_header_first: [
        ({"tools/a.cc": '#include <span>\n#include "tools/a.h"\n', "tools/a.h": ""}, "comes first",
         {"tools/a.cc": '// Why.\n#include "tools/a.h"\n\n#include <span>\n', "tools/a.h": ""}),
    ],
    rules.banned_words: [
        ({"a.cc": "// TODO later\n"}, "unfinished", {"a.sh": "mktemp -d /tmp/x.XXXXXX\n"}),
        ({"a.cc": "std::this_thread::sleep_for(x);\n"}, "not for time", {"a.cc": "wait(x);  // no sleep_for()\n"}),
        ({"a.py": "time.sleep(1)\n"}, "not for time", {"a.py": "select.select([pipe], [], [], 1)\n"}),
        ({"a.cc": "TEST(A, DISABLED_b) {}\n"}, "runs or is deleted", {"a.cc": "TEST(A, b) {}\n"}),
        ({"a.cc": "GTEST_SKIP();\n"}, "runs or is deleted", {"a.cc": "// why not GTEST_SKIP\n"}),
        ({"a.py": "@unittest.skip('x')\n"}, "runs or is deleted", {"a.py": "@unittest.expectedFailure\n"}),
        ({"a.cc": "#include <cassert>\n"}, "TAUS_CHECK", {"a.cc": "#include <cstring>\n"}),
        ({"a.cc": "sprintf(b, s);\n"}, "unbounded", {"a.cc": "snprintf(b, n, s);\n"}),
        ({"a.cc": "using namespace std;\n"}, "names say", {"a.cc": "using namespace std::chrono_literals;\nusing namespace std::chrono;\n"}),
        ({"a.h": "using namespace std::chrono;\n"}, "opens no namespace", {"a.h": "using std::chrono::days;\n"}),
    ],
    rules.foreign_places: [
        ({"docs/a.md": "cd /work/main\n"}, "one machine", {"docs/a.md": "the network/work of /workers\n"}),
        ({"a.cc": "// see ../shared/x.md\n"}, "one machine", {"a.cc": "// see docs/x.md\n"}),
        ({"tools/dev": "echo deb https://deb.debian.org/debian\n"}, "registry", {"tools/dev": "apt-get install x\n"}),
    ],
    rules.error_switches: [
        ({"a.cc": "int f(E c) { switch (c) { case ErrorCode::io: return 1; default: return 2; } }\n"}, "no default",
         {"a.cc": "int f(E c) { switch (c) { case ErrorCode::io: return 1; } }\nint g(int c) { switch (c) { default: return 2; } }\n"}),
    ],
    rules.in_some_list: [
        ({"a/b.cc": "", "a/CMakeLists.txt": "add_library(x # b.cc\n c.cc)\n"}, "named in no",
         {"a/b.cc": "", "a/CMakeLists.txt": "add_library(x\n b.cc c.cc)\n"}),
        ({"a/b_test.py": ""}, "named in no", {"a/b_test.py": "", "c/d.cmake": "add_test(COMMAND ${CMAKE_SOURCE_DIR}/a/b_test.py)\n"}),
    ],
    rules.commented_out_tests: [
        ({"CMakeLists.txt": "# taus_test(log_test SOURCES log_test.cc)\n"}, "commented out", {"CMakeLists.txt": "taus_test(log_test)\n"}),
    ],
    rules.doc_links: [
        ({"docs/a.md": "[b](b.md)\n"}, "no such file", {"docs/a.md": "[b](b.md) [dir](../tests/) `[c](x)`\n", "docs/b.md": "", "tests/t": ""}),
        ({"a.md": "# One\n[b](#two)\n"}, "no such heading", {"a.md": "# One `two`, 3!\n[b](#one-two-3)\n"}),
        ({"a.h": "// docs/FORMAT.md\n"}, "no such page", {"a.h": "// docs/FORMAT.md\n", "docs/FORMAT.md": "x\n"}),
        ({"a.h": '// docs/FORMAT.md "Ids"\n', "docs/FORMAT.md": "# Leaves\n"}, "no heading",
         {"a.h": '// docs/FORMAT.md "Ids"\n', "docs/FORMAT.md": "## 4. Ids\n"}),
    ],
    rules.planted_faults: [
        ({"a.cc": "#ifdef TAUS_PLANT_X\n#ifndef TAUS_PLANT_X\n", "docs/TESTING.md": "| `TAUS_PLANT_XY` |\n"}, "TAUS_PLANT_X: not in",
         {"a.cc": "#ifdef TAUS_PLANT_X\n", "docs/TESTING.md": "| `TAUS_PLANT_X` | x_test |\n"}),
    ],
    rules.text_form: [
        ({"a.cc": "int x;"}, "no newline", {"a.cc": "int x;\n"}),
        ({"a.cc": "int x; \n"}, "blanks", {"a.cc": "int x;\n"}),
        ({"a.cc": "\tint x;\n"}, "a tab", {"CMakeLists.txt": "\tx\n"}),
    ],
}


class RulesTest(unittest.TestCase):
    def test_every_rule_has_an_example(self):
        self.assertEqual(set(EXAMPLES), set(rules.RULES))

    def test_examples(self):
        for rule, examples in EXAMPLES.items():
            for wrong, message, mended in examples:
                with self.subTest(rule=rule.__name__, wrong=wrong):
                    found = messages(rule, wrong)
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(message, found[0])
                    self.assertEqual(messages(rule, mended), [])

    def test_every_foreign_library_has_an_example(self):
        """Each line of the table refuses its header in the innermost layer."""
        for what, _, why in layers.FOREIGN:
            name = {"sodium(/.*)?\\.h": "sodium.h", "utf8proc\\.h": "utf8proc.h", "toml\\+\\+(/.*|\\.h)|toml\\.hpp": "toml++/toml.h"}.get(what)
            name = name or what.split("|")[0].replace("(capnp", "capnp/x.h").replace("(gtest", "gtest/x.h").replace("\\b", "").replace(".*", "x.h") \
                .replace("boost/(asio", "boost/asio.hpp")
            with self.subTest(what=what, name=name):
                self.assertEqual([why in m for m in messages(rules.foreign_headers, {"eventstore/base/a.h": f"#include <{name}>\n"})], [True])

    def test_arrows_have_no_cycle(self):
        def below(folder, path=()):
            self.assertNotIn(folder, path)
            for other in layers.ARROWS[folder]:
                below(other, (*path, folder))
        for folder in layers.ARROWS:
            below(folder)

    def test_literals_do_not_confuse(self):
        text = 'a("//x{", \'{\', R"(}{)", 1\'000); // {\n/* { */\n'
        self.assertEqual(cpp_text.blank(text).count("{"), 0)
        self.assertEqual(cpp_text.blank(text).count("\n"), 2)


class TreeTest(unittest.TestCase):
    def test_without_git_every_file_is_read(self):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "a").mkdir()
            (root / "a" / "b.cc").write_text("// TODO\n")
            (root / "run").write_text("#!/bin/sh\n")
            tree = tidy.read_tree(root)
            self.assertEqual(set(tree), {"a/b.cc", "run"})
            self.assertEqual([path for path, *_ in tidy.not_executable(root, tree)], ["run"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

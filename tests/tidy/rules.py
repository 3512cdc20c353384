"""tidy's rules. Each takes {path: text} and yields (path, line, message); tidy_test.py shows each one failing and passing."""
import os
import re

import cpp_text
import layers

CPP = (".cc", ".h")
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60


def _files(tree, *endings):
    return ((path, text) for path, text in sorted(tree.items()) if path.endswith(endings))


def _product(path):
    return layers.folder_of(path) is not None


def _matches(text, pattern):
    return ((cpp_text.line_of(text, match.start()), match.group(0).strip()) for match in re.finditer(pattern, text, re.MULTILINE))


def arrows(tree):
    """A folder is a layer; includes point one way."""
    for path, text in _files(tree, *CPP):
        source = layers.folder_of(path)
        for line, target, quoted in cpp_text.includes(text):
            folder = layers.folder_of(target)
            if quoted and "/" not in target:
                yield path, line, f'"{target}": include by the path from the repository\'s root'
            elif quoted and target.startswith("tests/") and source:
                yield path, line, f"{source} may not include tests"
            elif source and folder and folder != source and folder not in layers.ARROWS[source]:
                yield path, line, f"{source} may not include {folder} (tests/tidy/layers.py)"


def foreign_headers(tree):
    """Each foreign library is met in its adapter only."""
    for path, text in _files(tree, *CPP):
        for line, target, quoted in cpp_text.includes(text):
            known = False
            for what, where, why in layers.FOREIGN:
                if re.fullmatch(what, target):
                    known = True
                    if not re.match(where, path):
                        yield path, line, f"<{target}>: {why}"
            if not quoted and "/" in target and not known and not layers.SYSTEM.match(target):
                yield path, line, f"<{target}>: a foreign library without a line in tests/tidy/layers.py"


def file_size(tree):
    for path, text in _files(tree, *CPP, ".py", ".sh", ".capnp", ".cmake", "CMakeLists.txt", "tools/dev"):
        lines = text.count("\n")
        if lines > FILE_LINES_MAX:
            yield path, lines, f"{lines} lines, at most {FILE_LINES_MAX}: probably two nouns"


def function_size(tree):
    for path, text in _files(tree, *CPP):
        for line, name, lines in cpp_text.functions(text):
            if lines > FUNCTION_LINES_MAX:
                yield path, line, f"{name}() has {lines} lines, at most {FUNCTION_LINES_MAX}"


def header_form(tree):
    for path, text in _files(tree, ".h"):
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield path, 1, "a header begins with #pragma once"
        if _product(path) and not text.startswith("//"):
            yield path, 1, "a header begins with a comment that says what it is"


def own_header_first(tree):
    for path, text in _files(tree, ".cc"):
        own = path[:-3] + ".h"
        found = cpp_text.includes(text)
        if own in tree and (not found or found[0][1] != own):
            yield path, found[0][0] if found else 1, f'"{own}" comes first, so that it is seen to stand alone'


_ALL = CPP + (".py", ".sh", ".capnp", ".md", ".cmake", ".txt", ".toml", ".service", "tools/dev")
# (files, what, why, whether comments and literals are left out)
_WORDS = [
    (_ALL, r"\b(TODO|FIXME|XXX|HACK)\b", "unfinished: do it, or write an issue", False),
    (CPP, r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", "wait for the thing itself, not for time", True),
    ((".py",), r"\btime\.sleep\((?!.*# at random)", "wait for the thing itself, not for time", False),
    (CPP, r"\bGTEST_SKIP\b|\bDISABLED_\w+", "a test runs or is deleted", True),
    ((".py",), r"unittest\.skip\w*|\bskipTest\(|pytest\.mark\.skip\w*", "a test runs or is deleted", False),
    (CPP, r"#\s*include\s*<(?:cassert|assert\.h)>", "bugs are TAUS_CHECK, always on", True),
    (CPP, r"\b(?:strcpy|strcat|sprintf|gets|rand|srand|std::system|popen)\s*\(", "unbounded, unseeded or a shell", True),
    ((".h",), r"\busing namespace (?![\w:]*literals;)[\w:]+", "a header opens no namespace for others", True),
    ((".cc",), r"\busing namespace (?!std::chrono;|[\w:]*literals;)[\w:]+", "names say where they come from", True),
]


def banned_words(tree):
    for endings, pattern, why, code_only in _WORDS:
        for path, text in _files(tree, *endings):
            if not path.startswith("tests/tidy/"):
                for line, found in _matches(cpp_text.blank(text) if code_only else text, pattern):
                    yield path, line, f"{found}: {why}"


_FOREIGN_PLACES = re.compile(
    r"(?<![\w.])/work(?:/|\b)|\.\./shared\b|registry\.npmjs|\bdeb\.debian\.org|security\.debian\.org|pypi\.org|pythonhosted|crates\.io"
    r"|proxy\.golang|bash_jobs")


def foreign_places(tree):
    """No path of one machine and no registry: apt decides where packages come from."""
    for path, text in sorted(tree.items()):
        if not path.startswith("tests/tidy/"):
            for match in _FOREIGN_PLACES.finditer(text):
                yield path, cpp_text.line_of(text, match.start()), f"{match.group(0)}: a place of one machine, or a registry's host"


def error_switches(tree):
    """A switch over ErrorCode names every code, so that a new code breaks the build where it must be thought of."""
    for path, text in _files(tree, *CPP):
        for line, body in cpp_text.switches(text):
            if re.search(r"\bcase\s+(?:\w+::)*ErrorCode::", body) and re.search(r"\bdefault\s*:", body):
                yield path, line, "a switch over ErrorCode has no default"


def in_some_list(tree):
    """A source or test that no CMake file names is never built or run."""
    named = set()
    for path, text in _files(tree, "CMakeLists.txt", ".cmake"):
        for word in re.split(r"[\s()\"]+", re.sub(r"#[^\n]*", "", text)):
            word = re.sub(r"^\$\{CMAKE_CURRENT_(?:SOURCE|LIST)_DIR\}/", "", word)
            if word.startswith(("${CMAKE_SOURCE_DIR}/", "${PROJECT_SOURCE_DIR}/")):
                named.add(word.split("/", 1)[1])
            elif "$" not in word:
                named.add(os.path.normpath(os.path.join(os.path.dirname(path), word)))
    for path, _ in _files(tree, ".cc", "_test.py"):
        if path not in named:
            yield path, 1, "named in no CMakeLists.txt or .cmake: never built or run"


def commented_out_tests(tree):
    for path, text in _files(tree, "CMakeLists.txt", ".cmake"):
        for line, found in _matches(text, r"^\s*#\s*(?:taus_test|taus_fuzzer|add_test|add_subdirectory)\s*\(\s*\w.*"):
            if not re.search(r":|\.\.\.", found):
                yield path, line, "a test that is commented out: run it or delete it"


def _headings(text):
    """{slug} and {title} of a Markdown file, code blocks left out."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    titles = [re.sub(r"[`*_]", "", title).strip() for title in re.findall(r"^#+ +(.+?)\s*#*$", text, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}, set(titles)


def doc_links(tree):
    """Relative links of Markdown lead somewhere; sources that cite `docs/X.md "Heading"` cite what is there."""
    for path, text in _files(tree, ".md"):
        for match in re.finditer(r"\[[^\]\n]*\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group(0)), text)):
            target, _, anchor = match.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            where = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
            line = cpp_text.line_of(text, match.start())
            if where not in tree and not any(other.startswith(where + "/") for other in tree):
                yield path, line, f"{target}: no such file"
            elif anchor and where.endswith(".md") and anchor not in _headings(tree[where])[0]:
                yield path, line, f"#{anchor}: no such heading in {where}"
    for path, text in _files(tree, *CPP, ".py", ".capnp", ".service", ".example", ".toml", ".md"):
        if path.startswith("tests/tidy/"):
            continue
        for match in re.finditer(r'\b(docs/(?:[a-z]+/)?[\w-]+\.md)(?: "([^"\n]+)")?', text):
            line = cpp_text.line_of(text, match.start())
            if match.group(1) not in tree:
                yield path, line, f"{match.group(1)}: no such page"
            elif match.group(2):
                titles = {re.sub(r"^[\d.]+ +", "", title) for title in _headings(tree[match.group(1)])[1]}
                if match.group(2) not in titles:
                    yield path, line, f'{match.group(1)} has no heading "{match.group(2)}"'


def planted_faults(tree):
    """docs/TESTING.md says of each fault that can be planted which test catches it."""
    page = tree.get("docs/TESTING.md", "")
    seen = set()
    for path, text in _files(tree, *CPP):
        for match in re.finditer(r"\bTAUS_PLANT_\w+", text):
            if f"`{match.group(0)}`" not in page and match.group(0) not in seen:
                seen.add(match.group(0))
                yield path, cpp_text.line_of(text, match.start()), f"{match.group(0)}: not in docs/TESTING.md \"Planted faults\""


def text_form(tree):
    for path, text in sorted(tree.items()):
        if path.endswith((".csv", ".json", ".example.txt")) or path == "LICENSE" or "/corpus/" in path or "/vectors/" in path:
            continue
        if text and not text.endswith("\n"):
            yield path, cpp_text.line_of(text, len(text)), "no newline at the end"
        for line, _ in _matches(text, r"[ \t]+$"):
            yield path, line, "blanks at the end of the line"
        if path.endswith(CPP + (".py",)):
            for line, _ in _matches(text, r"^ *\t"):
                yield path, line, "a tab"


RULES = [arrows, foreign_headers, file_size, function_size, header_form, own_header_first, banned_words, foreign_places, error_switches,
         in_some_list, commented_out_tests, doc_links, planted_faults, text_form]

"""Just enough C++ reading for tidy: text without comments and literals, includes, function bodies, switches."""
import re

_TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL | re.VERBOSE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
_NO_FUNCTION = re.compile(r"\b(namespace|class|struct|enum|union|extern|concept)\b[^()]*$|=\s*$|\breturn\s*$|^\s*$")
_CONTROL = re.compile(r"^\s*(?:\}?\s*else\s+)?(if|for|while|switch|catch|do|else|try)\b")


def blank(text):
    """The text with comments and literals emptied; every line keeps its number."""
    def empty(match):
        found = match.group(0)
        lines = "\n" * found.count("\n")
        return lines if found.startswith("/") else '""' + lines
    return _TOKENS.sub(empty, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def includes(text):
    """(line, path, is_quoted) of every #include that is no comment."""
    found = []
    code = re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.DOTALL)
    for match in _INCLUDE.finditer(code):
        found.append((line_of(code, match.start() + len(match.group(0))), match.group(1) or match.group(2), bool(match.group(1))))
    return found


def _blocks(code):
    """(head, start, end) of every brace block, innermost first; head is the text since the last ; { or }."""
    stack, head_start, parens = [], 0, 0
    for match in re.finditer(r"[{};()]", code):
        at, sign = match.start(), match.group(0)
        if sign in "()":
            parens += 1 if sign == "(" else -1
        elif sign == "{":
            stack.append((head_start, at, parens))
            head_start, parens = at + 1, 0
        elif sign == "}":
            began = at + 1
            if stack:
                began, start, parens = stack.pop()
                yield code[began:start], start, at
            # What goes on after the brace (another initializer, a body) still belongs to the same head.
            head_start = began if re.match(r"\s*[,{(]", code[at + 1:at + 80]) else at + 1
        elif parens == 0:
            head_start = at + 1


def functions(text):
    """(line, name, lines) of each function body, lambdas inside counted as part of it."""
    code = _without_macros(blank(text))
    blocks = sorted(_blocks(code), key=lambda block: block[1])
    found, inside_until = [], -1
    for head, start, end in blocks:
        if start < inside_until or "(" not in head or _NO_FUNCTION.search(head) or _CONTROL.match(head):
            continue
        inside_until = end
        name = re.search(r"([~\w:]+|operator\S+)\s*\(", head)
        found.append((line_of(code, start), name.group(1) if name else "?", code.count("\n", start, end) + 1))
    return found


def _without_macros(code):
    out, in_macro = [], False
    for line in code.split("\n"):
        in_macro = in_macro or bool(re.match(r"\s*#", line))
        out.append("" if in_macro else line)
        in_macro = in_macro and line.endswith("\\")
    return "\n".join(out)


def switches(text):
    """(line, body) of each switch."""
    code = blank(text)
    return [(line_of(code, start), code[start:end]) for head, start, end in _blocks(code)
            if re.search(r"\bswitch\s*\(.*\)\s*$", head, re.DOTALL)]

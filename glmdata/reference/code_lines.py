"""Whether a line is program text: points for and against, as the compiled half gives them."""

from __future__ import annotations

from itertools import pairwise

from glmdata.reference.scripts import CODE_MARKS, LETTERS, script_of

STATEMENTS = (
    "#define ",
    "#include",
    "#endif",
    "#ifdef",
    "#ifndef",
    "#pragma",
    "$(",
    "$ ",
    "%> ",
    "*/",
    "/**",
    "// ",
    "//",
    "<!--",
    "</",
    "<?php",
    "@Override",
    "CREATE TABLE ",
    "INSERT INTO ",
    "Traceback (",
    "async def ",
    "async function",
    "console.",
    "const ",
    "def ",
    "elif ",
    "else {",
    "else:",
    "except ",
    "export const ",
    "export default ",
    "export function ",
    "fn ",
    "func ",
    "function ",
    "function(",
    "impl ",
    "import {",
    "let mut ",
    "private ",
    "protected ",
    "pub fn ",
    "public class ",
    "public static ",
    "public void ",
    "pub struct ",
    "static void ",
    "struct ",
    "sudo ",
    "try {",
    "try:",
    "typedef ",
    "using namespace ",
    "var ",
    "void ",
    ">>> ",
    "} else",
    "} catch",
    "npm install",
    "pip install",
    "self.",
    "this.",
    "mkdir ",
    "curl ",
    "docker ",
    "git clone ",
    "apt-get ",
    "cmake ",
    "export PATH",
)
"""Beginnings of statements that are hardly those of a sentence."""

WEAK_STATEMENTS = (
    "at ",
    "class ",
    "for ",
    "for(",
    "from ",
    "if ",
    "if(",
    "import ",
    "let ",
    "package ",
    "return",
    "static ",
    "switch ",
    "use ",
    "using ",
    "while ",
    "while(",
    "enum ",
    "interface ",
    'File "',
    "case ",
    "int ",
    "string ",
    "print",
    "SELECT ",
    "export ",
)
"""Beginnings that sentences have as well."""

OPERATORS = ("==", "!=", "=>", "->", "::", "&&", "||", "+=", "();", "</", "/>", "){", ") {", ":=")
TRACES = (".java:", ".go:", ".py:", ".js:", ".ts:", ".kt:", ".rb:", ".cpp:")
POINTS = 3


def is_trace(text: str) -> bool:
    """Whether a line belongs to the trace of a program."""
    if text.startswith("at ") and text.endswith(")") and len(text.split()) == 2:
        return True
    if text.startswith('File "') and '", line ' in text:
        return True
    # Only the first place of each ending is looked at.
    places = (text[text.find(end) + len(end) :] for end in TRACES if end in text)
    return any(behind[:1].isascii() and behind[:1].isdigit() for behind in places)


def is_code_line(line: str) -> bool:
    """Judge a line that holds something and lies outside of fences."""
    text = line.strip()
    marks = sum(c in CODE_MARKS for c in text)
    visible = sum(script_of(c) not in ("space", "newline") for c in text)
    words = text.split()
    if text.startswith(("import ", "package ")) and len(words) == 2:
        return True
    if not marks:
        return False
    if not any(script_of(c) in LETTERS for c in text) and set(text) <= set("{}()[];,"):
        return True
    points = 0
    if text.startswith(STATEMENTS):
        points += 2
    elif text.startswith(WEAK_STATEMENTS):
        points += 1
    points += any(operator in text for operator in OPERATORS)
    called = any(
        c == "(" and before.isascii() and (before.isalnum() or before == "_")
        for before, c in pairwise(text)
    )
    points += " = " in text or called
    if text.startswith("<") and text.endswith(">") and ("</" in text or '="' in text):
        points += 2
    if text.endswith(("{", "}", ";", "):")):
        points += 1 + (marks > 1)
        first = text.split(" ")[0]
        points += 2 * (first.endswith(":") and len(first) > 1)
    points += line.startswith(("\t", "  "))
    points += 3 * (len(words) <= 8 and is_trace(text))
    points += (10 * marks > visible) + (4 * marks > visible)
    if 4 * sum(script_of(c) == "han" for c in text) > visible:
        points -= 2
    if len(words) >= 5 and text.endswith((".", "?", "!", "。", "？", "！")):
        points -= 2
    spared = ("#include", "!function", "(function")
    if text.startswith(tuple("|#-*[!(")) and not text.startswith(spared):
        points -= 2
    return points >= POINTS

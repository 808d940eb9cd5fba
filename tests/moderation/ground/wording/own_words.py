"""Finds the words that templates, scripts and modules have of their own, beside those of the readers' catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment

from moderation.sites.settings.grounds import SENTENCE_OF

ROOT = Path(__file__).parents[4]
TEMPLATES = ROOT / "service" / "templates"
TO_OTHERS = {
    "front_page.html": "operators find the desk and the documents by it",
    "transparency_report.html": "a newsroom publishes the transparency report as its desk wrote it",
}
SCRIPT = ROOT / "service" / "embed" / "script"
NO_SENTENCES = {"Bearer ", "Content-Type"}
NAMES_OF_REASONS = set(SENTENCE_OF)
"""A site's settings and decisions keep them: they are keys that look like words."""

TO_PROGRAMS = {"ConfigDict", "Field", "FieldProblem", "InvalidInput", "Tag", "option", "warning"}
"""Calls whose arguments are read by operators and by those who write programs."""

TO_READERS = {"AuthorMessage", "Letter", "Message", "Paragraph"}
"""Calls whose arguments readers get, and so do those that are named ``reader_text``."""

WORDING = (
    *("moderation.ground.wording", "moderation.sites.own_texts"),
    *("service.api.words", "service.api.linked_pages"),
)
"""A module that imports one of these writes to readers."""

_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<!--.*?-->|<[^>]*>", re.DOTALL)
_SAID_BY_TAG = re.compile(r"""\b(?:title|alt|placeholder|label|aria-label|value|content)\s*=\s*["']([^"']*)["']""")
_MACHINE_WORDS = {"width=device-width, initial-scale=1", "light dark", "noindex"}
_WITHIN_A_TAG = re.compile(r"\{% block (?:language|kind) %\}.*?\{% endblock %\}")
_DESK = re.compile(r"\b(?:_|n?p?gettext)\s*\(|\btrans\b")
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
_SENTENCE = re.compile(r"^[A-ZÀ-Þ][\w’'-]*[,;:]? \w|^[A-ZÀ-Þ].* .*[.!?…]$")


@cache
def tree_of(source: str) -> ast.Module:
    return ast.parse(source)


def own_words(template: str) -> list[str]:
    """Of a template: text between its tags, in attributes that are read out, and calls of the desk's catalogue."""
    text, calls = [], []
    for _, kind, value in Environment(autoescape=True).lex(_WITHIN_A_TAG.sub("", template)):
        if kind == "data":
            text.append(value)
        elif kind in ("name", "string", "operator"):
            calls.append(value)
    page = " ".join(text)
    said = [*_TAG.split(page), *(words for words in _SAID_BY_TAG.findall(page) if words not in _MACHINE_WORDS)]
    return [part.strip() for part in said if re.search(r"[^\W\d_]{2}", part)] + _DESK.findall(" ".join(calls))


def own_words_of_script(source: str) -> list[str]:
    """The strings of a script that a person could read."""
    code = re.sub(r"(?m)(?<![:\"'`])//.*$", "", source)
    strings = (
        re.sub(r"\$\{[^}]*\}", "", literal[1] or literal[2] or "")
        for literal in _LITERAL.finditer(code)
        if not code[: literal.start()].endswith(("console.warn(", "class: ", "rel: "))
    )
    return [text for text in strings if re.search(r"^[A-ZÀ-Þ][a-zß-ÿ]|\w{2} \w{2}", text) and text not in NO_SENTENCES]


def writes_to_readers(source: str) -> bool:
    """Whether a module imports the sentences to readers."""
    return any(name.startswith(WORDING) for node in ast.walk(tree_of(source)) for name in _imported(node))


def sentences_in(source: str) -> list[str]:
    """Of a Python module that writes to readers: its strings that are sentences, or beginnings of them."""
    if not writes_to_readers(source):
        return []
    return [text for text in strings_in(tree_of(source)) if _SENTENCE.match(text) and text not in NAMES_OF_REASONS]


def given_to_readers(source: str) -> list[str]:
    """Strings that a module hands on as words to a reader, wherever it has them from."""
    calls = [node for node in ast.walk(tree_of(source)) if isinstance(node, ast.Call)]
    named = [word.value for call in calls for word in call.keywords if word.arg == "reader_text"]
    handed = [argument for call in calls if _name(call) in TO_READERS for argument in (*call.args, *call.keywords)]
    parts = [part for argument in (*named, *handed) for part in ast.walk(argument)]
    translated = [f"{_name(part)}()" for part in parts if isinstance(part, ast.Call) and "gettext" in _name(part)]
    strings = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [text for text in strings if re.search(r"\w \w", text)] + translated


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def strings_in(node: ast.AST) -> Iterator[str]:
    """Without docstrings and the arguments of calls that speak to programs."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if is_docstring or (isinstance(child, ast.Call) and _name(child) in TO_PROGRAMS):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        yield from strings_in(child)


@cache
def modules() -> dict[str, str]:
    """All Python of the service but the desk's, by path."""
    files = (file for top in ("moderation", "service", "workers") for file in sorted((ROOT / top).rglob("*.py")))
    paths = {str(file.relative_to(ROOT)): file for file in files}
    return {path: file.read_text(encoding="utf-8") for path, file in paths.items() if "service/desk/" not in path}


def public_templates() -> list[Path]:
    return [
        file
        for file in sorted(TEMPLATES.rglob("*.html"))
        if file.relative_to(TEMPLATES).parts[0] != "desk" and file.name not in TO_OTHERS
    ]

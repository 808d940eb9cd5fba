"""Finds words in templates and in the desk's code that no catalogue can translate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import PreformattedString
from jinja2 import Environment, nodes

MARKS = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext", "N_", "ngettext_noop", "said"})
READ_BY_PEOPLE = ("alt", "aria-label", "aria-description", "placeholder", "title", "label")
NO_WORDS = ("script", "style", "code", "kbd", "pre", "svg")
NAMES = frozenset({"Gavel", "CSV"})
NOT_READ = frozenset({"Markup", "NotAllowed", "NotFound", "TypeVar", "getattr", "cast"})
"""Calls whose literals are markup, names of kinds, or sentences that the extraction finds by the error's name."""
GLUE = frozenset({"s", "es", "ies", "y", "is", "are", "was", "were"})
WORDS = re.compile(r"[A-Za-z]{2,}[^A-Za-z\n]? [A-Za-z]{2,}|^[A-Z][a-z]+$")
ATTRIBUTE = re.compile(r'[\w-]+="')
LETTERS = re.compile(r"[A-Za-z]{2,}")


def in_template(source: str) -> Iterator[str]:
    """Text, attributes that are read, and literals in expressions, as far as they are outside ``_()`` and ``trans``."""
    env = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    env.policies["ext.i18n.trimmed"] = True
    tree = env.parse(source)
    html = BeautifulSoup(" ".join(_html(tree)), "html.parser")
    for text in html.find_all(string=LETTERS):
        if not isinstance(text, PreformattedString) and not text.find_parent(NO_WORDS) and (said := _words(text)):
            yield said
    for tag in html.find_all(True):
        for name in READ_BY_PEOPLE:
            if said := _words(str(tag.get(name) or "")):
                yield f"{name}={said}"
    yield from _literals(tree)


def in_code(source: str) -> Iterator[str]:
    """Sentences in a module that are no docstring and not marked."""
    tree = ast.parse(source)
    exempt = {id(part) for node in ast.walk(tree) if _is_exempt(node) for part in ast.walk(node)}
    exempt |= {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys if key}
    for node in ast.walk(tree):
        if id(node) in exempt:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
            if LETTERS.search(text) and " " in text:
                yield text
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.search(node.value):
            yield node.value


def files(folder: Path, pattern: str) -> Iterator[Path]:
    yield from sorted(folder.rglob(pattern))


def _words(text: str) -> str:
    said = " ".join(text.split())
    if ATTRIBUTE.match(said):  # a macro that makes attributes has no tag around them
        return ""
    return said if LETTERS.search(said) and said.strip("· ") not in NAMES else ""


def _html(node: nodes.Node) -> Iterator[str]:
    """Without the block that names a page's layout."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif not (isinstance(node, nodes.Block) and node.name == "kind"):
        for child in node.iter_child_nodes():
            yield from _html(child)


def _literals(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in (MARKS | {"url_for"}):
        return
    if isinstance(node, (nodes.Compare, nodes.Getitem)):
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        if (WORDS.search(node.value) and "=" not in node.value) or node.value in GLUE:
            yield node.value
        return
    for child in node.iter_child_nodes():
        yield from _literals(child)


def _is_exempt(node: ast.AST) -> bool:
    """Docstrings, what is marked, what goes to the log, and types in quotation marks."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    is_log = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "log"
    return name in MARKS or is_log or (name == "FieldProblem" and not _has_pattern(node)) or name in NOT_READ


def _has_pattern(call: ast.Call) -> bool:
    return any(isinstance(argument, ast.JoinedStr) for argument in call.args)

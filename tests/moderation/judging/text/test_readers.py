"""Every reader of a text has a budget for it, in every process: a stranger wrote it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PACKAGES = ("moderation", "service", "workers", "gavel")

BUDGETED = {
    "reading.Reading": 1, "reading.affordable": 1, "listed_words.uses_in": 2, "foreign_words.foreign_stretches": 2,
    "looking_up.read_for": 1, "counts.domains_in": 1, "baseline.baseline": 2, "opening.open_campaign": 3,
    "texts.usual": 1, "texts.own": 2, "texts.shown_by": 2, "masking.hidden": 1, "starred.places": 2,
    "comment_text.blocks": 1,
}  # fmt: skip
"""Functions that read texts, and the place of their budget among the arguments."""

NEVER = {
    "listed_words.find_words", "folding.searched", "folding.fold", "folding.copies_of", "links.links_in",
    "ways_to_reach.contacts_in",
}  # fmt: skip
"""Steps of a reading, which take no budget: those who read a stranger's text ask its ``Reading`` for them."""

EXEMPT = {
    "moderation/pipeline/loading/rows.py": "the text gets its budget before anybody reads it: looking_up.read_for",
    "moderation/pipeline/drafts/context.py": "the same",
    "moderation/judging/policy/tries.py": "only what a budget allowed to read for the baseline",
    "workers/scoring/scorable.py": "in a bench or a test; all others give a reading",
    "workers/scoring/encoder/windowing.py": "in a bench or a test; all others give a reading",
    "workers/scoring/evidence/readable.py": "single words, and texts that the encoder has read, which are short",
}
"""Modules that may read without one, and why."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("moderation/judging/text/"):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(module: ast.Module) -> dict[str, str]:
    """The module's names for what it imports, each with its home, such as ``reading.Reading``, or ``text.reading``."""
    return {
        alias.asname or alias.name: f"{(node.module or '').rpartition('.')[2]}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def calls_of(name: str, module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a function that is imported, by its module or by name, or defined here."""
    names = imported(module)
    here = {node.name: f"{Path(name).stem}.{node.name}" for node in module.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            yield names.get(node.func.id) or here.get(node.func.id, ""), node
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            yield f"{names.get(node.func.value.id, '').rpartition('.')[2]}.{node.func.attr}", node


def budget_of(call: ast.Call, place: int) -> ast.expr | None:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    return named.get("budget") or (call.args[place] if len(call.args) > place else None)


def unbudgeted(name: str, module: ast.Module) -> Iterator[str]:
    for reader, call in calls_of(name, module):
        budget = budget_of(call, BUDGETED[reader]) if reader in BUDGETED else None
        is_unlimited = isinstance(budget, ast.Name) and budget.id == "UNLIMITED"
        if reader in NEVER or (reader in BUDGETED and (budget is None or is_unlimited)):
            yield f"{name}:{call.lineno} {reader}"


def test_every_reader_of_a_text_has_a_budget() -> None:
    found = [each for name, module in modules() if name not in EXEMPT for each in unbudgeted(name, module)]

    assert found == []


READS_MARKUP = {
    "moderation/operations/importing/html_text.py": "in linear time, without long numbers",
    "moderation/spine/articles/page_head.py": "only titles, which it cuts before",
}
"""Broken tags cost the library's parser the square of their number, and a long number stops it."""


def names_of_modules(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_librarys_reader_of_markup_sees_no_stranger() -> None:
    users = {name for name, module in modules() if {"html", "html.parser"} & set(names_of_modules(module))}

    assert users == set(READS_MARKUP)


def test_no_module_is_exempt_for_nothing() -> None:
    known = dict(modules())

    assert [name for name in EXEMPT if not list(unbudgeted(name, known[name]))] == []


def test_each_named_reader_is_called_somewhere() -> None:
    called = {reader for name, module in modules() for reader, _call in calls_of(name, module)}

    assert set(BUDGETED) - called == set()


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("from moderation.judging.text.reading import Reading\nReading(text)", True),
        ("from moderation.judging.text.reading import Reading as R\nR(text).links", True),
        ("from moderation.judging.text.reading import Reading\nReading(text, UNLIMITED)", True),
        ("from moderation.judging.text.reading import Reading\nReading(text, budget)", False),
        ("from moderation.judging.text.reading import Reading\nReading(text, budget=Budget(1, clock))", False),
        ("from service.desk.frame.texts import masking\nmasking.hidden(text)", True),
        ("from service.desk.frame.texts import masking\nmasking.hidden(text, budget)", False),
        ("from moderation.judging.text.lists.listed_words import find_words\nfind_words(text, words)", True),
    ],
)
def test_a_reader_without_a_budget_is_found(code: str, is_found: bool) -> None:
    assert bool(list(unbudgeted("a.py", ast.parse(code)))) is is_found

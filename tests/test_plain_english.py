"""No sentence of the documents, docstrings and comments opens with “What”, “Who”, “Whoever” or “Whatever” as its
subject: such a sentence hides who does something, and can always be turned round. Questions may open so."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = (
    "*.md",
    "docs/**/*.md",
    "deploy/**/*.md",
    "examples/**/*.md",
    "models/**/*.md",
    "training/*.md",
    "training/suites/*.md",
    "tests/**/*.md",
)
FOLDERS = (
    "moderation",
    "workers",
    "service",
    "gavel",
    "migrations",
    "deploy",
    "tests",
    "bench",
    "training",
    "examples",
)
FILES = sorted(
    path
    for patterns in (PAGES, [f"{folder}/**/*.py" for folder in FOLDERS])
    for pattern in patterns
    for path in ROOT.glob(pattern)
)
OPENING = re.compile(r"(?<![*\"“])\b(?:What|Who|Whoever|Whatever)\b[^.!?\n]*(?:\n(?!\n)[^.!?\n]+)*[.!?]?")


def prose(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield re.sub(r"```.*?```|`[^`\n]*`", "code", text, flags=re.DOTALL)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def openings(text: str) -> list[str]:
    return [found for found in OPENING.findall(text) if not found.endswith("?")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_opens_with_what_or_who_as_its_subject(path: Path) -> None:
    assert [found for text in prose(path) for found in openings(text)] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Gavel stores it. What waits\nstays.", 1),
        ("Whoever asks, gets it", 1),
        ("## What came out\n\nNumbers.", 1),
        ("What happens then? It waits.", 0),
        ("It says what happened. The WHO agrees. Somebody who asks.", 0),
    ],
)
def test_an_opening_is_distinguished_from_a_question(text: str, count: int) -> None:
    assert len(openings(text)) == count

"""Every module, file and function that docs and docstrings name exists, and every task of run.sh. No two classes of the
core have the same name. ``test_docs`` looks at commands and settings."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from moderation.environment.settings import Settings
from tests.test_docs import PAGES

ROOT = Path(__file__).parent.parent
PACKAGES = ("gavel", "moderation", "service", "workers", "training", "bench", "examples", "tests")
FOLDERS = (*PACKAGES, "docs", "deploy", "migrations", "models")
SOURCES: Mapping[str, ast.Module] = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
SERVING = ("gavel", "moderation", "service", "workers")
CORE = {name: tree for name, tree in SOURCES.items() if name.partition(".")[0] in SERVING}
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Those of the module, its classes and functions, and the strings below its constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def said(tree: ast.Module) -> set[str]:
    """The code in the docstrings."""
    return {code.strip() for text in docstrings(tree) for code in re.findall(r"`{1,2}([^`\n]+)`{1,2}", text)}


def defined(tree: ast.Module) -> set[str]:
    """The names that a module and its classes define."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found


@cache
def used(module: str) -> frozenset[str]:
    """Every name, argument, attribute and word of a string in a module, its docstrings aside."""
    tree = SOURCES[module]
    prose = set(docstrings(tree))
    found = defined(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in prose:
            found |= set(re.findall(r"[\w.]+", node.value))
    return frozenset(found)


MODULES = {part for name in SOURCES for part in name.split(".")}
TOP = {node.name for tree in CORE.values() for node in tree.body if isinstance(node, DEFINITIONS)}
SETTINGS = {name for name, _, _ in Settings.documented()} | {"NAME_FILE"}
FOREIGN = {
    "Deutsch", "Markup.format", "NAME.txt", "None", "after", "closed", "comments.flagged_for", "en_US", "example.co.uk",
    "example.com", "expanding", "heads.npz", "in_googles_words", "ltr", "mongoexport", "name.blogspot.com",
    "premoderated", "probes.py", "pulls.npz", "rtl", "sentinel_password", "service/translations/CODE.po",
    "service/translations/it.po", "shop.example.com", "sslpassword", "sys.stdin", "time.monotonic", "trust",
    "weak.txt", "webhook.test",
}  # fmt: skip
"""Names of others, of columns and files, and examples."""
ABOUT_TEXTS = ("moderation.text", "workers.text", "workers.scoring")
"""Their docstrings quote words of comments, so only names with a dot or an underscore are checked there."""


@cache
def known(module: str) -> frozenset[str]:
    """The names that a reader of a module meets in it or in a module that it imports."""
    imported = {
        name
        for node in ast.walk(SOURCES[module])
        if isinstance(node, ast.ImportFrom) and node.module
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    }
    return used(module).union(*(used(name) for name in imported & SOURCES.keys()))


def is_there(dotted: str, module: str) -> bool:
    """Whether ``dotted`` is a module of ours, or a name that one defines."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        tail = ".".join(parts[:end])
        homes = [name for name in SOURCES if name == tail or name.endswith(f".{tail}")]
        if homes and (end == len(parts) or any(parts[end] in defined(SOURCES[home]) for home in homes)):
            return True
    return all(part in known(module) | MODULES | TOP for part in parts)


def missing(module: str, tree: ast.Module) -> Iterator[str]:
    """The names in the docstrings of a module that nothing has."""
    for code in sorted(said(tree) - FOREIGN):
        if re.fullmatch(r"\w+(\.[a-zA-Z_]\w*)+", code):
            is_known = is_there(code, module)
        elif re.fullmatch(r"[a-zA-Z_]\w*", code):
            is_example = module.startswith(ABOUT_TEXTS) and "_" not in code
            is_known = is_example or code in TOP | MODULES | SETTINGS | known(module)
        else:
            is_known = not is_path(code) or (ROOT / code).exists()
        if not is_known:
            yield f"{module}: {code}"


def is_path(code: str) -> bool:
    return re.fullmatch(r"[\w.-]+/[\w./-]*", code) is not None and code.partition("/")[0] in FOLDERS


@pytest.mark.parametrize("package", SERVING)
def test_every_name_in_a_docstring_exists(package: str) -> None:
    assert [one for name, tree in CORE.items() if name.split(".")[0] == package for one in missing(name, tree)] == []


def test_every_path_and_module_in_the_docs_exists() -> None:
    named = {
        (page, code) for page, text in PAGES.items() for code in re.findall(r"`([^`\n]+)`", text) if code not in FOREIGN
    }
    paths = {(page, code) for page, code in named if is_path(code)}
    dotted = {(page, code) for page, code in named if re.fullmatch(rf"({'|'.join(PACKAGES)})(\.[a-zA-Z_]\w*)+", code)}

    assert len(paths) > 60
    assert sorted(one for one in paths if not (ROOT / one[1]).exists()) == []
    assert sorted(one for one in dotted if not is_module_or_member(one[1])) == []


def is_module_or_member(dotted: str) -> bool:
    owner, _, name = dotted.rpartition(".")
    return dotted in SOURCES or (owner in SOURCES and name in defined(SOURCES[owner]))


def test_every_task_of_run_sh_that_the_docs_name_is_one() -> None:
    script = (ROOT / "run.sh").read_text()
    tasks = set(re.findall(r"^  ([a-z]+)(?: \| [a-z]+)*\)", script, re.MULTILINE))
    named = {task for text in PAGES.values() for task in re.findall(r"\./run\.sh ([a-z]+)", text)}

    assert len(named) > 5
    assert named - tasks == set()


def test_no_two_classes_of_the_core_have_one_name() -> None:
    homes = defaultdict(list)
    for module, tree in CORE.items():
        for node in tree.body if module.startswith("moderation.") else ():
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(module)

    assert len(homes) > 300
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == {}

"""Every module, file and function that docs and docstrings name exists, and every task of run.sh. No two classes
have the same name. ``test_docs`` looks at commands and settings."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pytest

from moderation.ground.environment.settings import Settings
from tests.test_docs import PAGES

ROOT = Path(__file__).parent.parent
PACKAGES = ("gavel", "moderation", "service", "workers", "training", "bench", "examples", "tests")
FOLDERS = (*PACKAGES, "docs", "deploy", "migrations", "models")
SERVING = ("gavel", "moderation", "service", "workers")
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*DEFINITIONS[1:], ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
VAGUE = {"found", "one", "each", "made"}
"""A local carries the noun that it holds."""


@dataclass(frozen=True, slots=True)
class Source:
    """The names in a module. Its syntax tree is not kept: those of all modules take 230 MB."""

    said: frozenset[str]  # the code in its docstrings
    defined: frozenset[str]  # by the module and its classes
    used: frozenset[str]  # names, arguments, attributes and words of strings, docstrings aside
    imported: frozenset[str]
    top: tuple[str, ...]  # functions and classes of the module itself
    classes: tuple[str, ...]  # those of the module itself
    vague: frozenset[str]  # locals and parameters that name no thing


@cache
def sources() -> Mapping[str, Source]:
    """All modules, by their dotted names."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): read(path)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@cache
def core() -> Mapping[str, Source]:
    return {name: source for name, source in sources().items() if name.partition(".")[0] in SERVING}


def read(path: Path) -> Source:
    tree = ast.parse(path.read_text())
    nodes = list(ast.walk(tree))
    prose = docstrings(nodes)
    names = defined(nodes)
    return Source(
        said=frozenset(code.strip() for text in prose for code in re.findall(r"`{1,2}([^`\n]+)`{1,2}", text)),
        defined=names,
        used=names | used(nodes, prose),
        imported=frozenset(
            name
            for node in nodes
            if isinstance(node, ast.ImportFrom) and node.module
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        ),
        top=tuple(node.name for node in tree.body if isinstance(node, DEFINITIONS)),
        classes=tuple(node.name for node in tree.body if isinstance(node, ast.ClassDef)),
        vague=frozenset(name for node in nodes if isinstance(node, SCOPES) for name in locals_of(node) & VAGUE),
    )


def docstrings(nodes: Sequence[ast.AST]) -> set[str]:
    """Those of the module, its classes and functions, and the strings below its constants."""
    return {
        node.value.value
        for node in nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def defined(nodes: Sequence[ast.AST]) -> frozenset[str]:
    found = set()
    for node in nodes:
        if isinstance(node, DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return frozenset(found)


def used(nodes: Sequence[ast.AST], prose: Collection[str]) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in prose:
            found |= set(re.findall(r"[\w.]+", node.value))
    return found


def locals_of(scope: ast.AST) -> set[str]:
    """The names that a function, a lambda or a comprehension binds, its parameters with them."""
    bound = {node.id for node in ast.walk(scope) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return bound | {node.arg for node in ast.walk(scope) if isinstance(node, ast.arg)}


@cache
def common() -> frozenset[str]:
    """The parts of modules' names, and the functions and classes of the core."""
    parts = {part for name in sources() for part in name.split(".")}
    return frozenset(parts).union(*(source.top for source in core().values()))


SETTINGS = {name for name, _, _ in Settings.documented()} | {"NAME_FILE"}
FOREIGN = {
    "Deutsch", "Markup.format", "NAME.txt", "None", "after", "closed", "comments.flagged_for", "en_US", "example.co.uk",
    "example.com", "expanding", "heads.npz", "in_googles_words", "ltr", "mongoexport", "name.blogspot.com",
    "premoderated", "probes.py", "attributions.npz", "rtl", "sentinel_password", "service/translations/CODE.po",
    "service/translations/it.po", "shop.example.com", "sslpassword", "sys.stdin", "time.monotonic", "trust",
    "weak.txt", "webhook.test",
}  # fmt: skip
"""Names of others, of columns and files, and examples."""
ABOUT_TEXTS = ("moderation.judging.text", "workers.text", "workers.scoring")
"""Their docstrings quote words of comments, so only names with a dot or an underscore are checked there."""


@lru_cache(maxsize=1)  # those of all modules take 100 MB
def known(module: str) -> frozenset[str]:
    """The names that a reader of a module meets in it or in a module that it imports."""
    source = sources()[module]
    return source.used.union(*(sources()[name].used for name in source.imported & sources().keys()))


def is_there(dotted: str, module: str) -> bool:
    """Whether ``dotted`` is a module of ours, or a name that one defines."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        tail = ".".join(parts[:end])
        homes = [name for name in sources() if name == tail or name.endswith(f".{tail}")]
        if homes and (end == len(parts) or any(parts[end] in sources()[home].defined for home in homes)):
            return True
    return all(part in known(module) | common() for part in parts)


def missing(module: str, source: Source) -> Iterator[str]:
    """The names in the docstrings of a module that nothing has."""
    for code in sorted(source.said - FOREIGN):
        if re.fullmatch(r"\w+(\.[a-zA-Z_]\w*)+", code):
            is_known = is_there(code, module)
        elif re.fullmatch(r"[a-zA-Z_]\w*", code):
            is_example = module.startswith(ABOUT_TEXTS) and "_" not in code
            is_known = is_example or code in common() | SETTINGS | known(module)
        else:
            is_known = not is_path(code) or (ROOT / code).exists()
        if not is_known:
            yield f"{module}: {code}"


def is_path(code: str) -> bool:
    return re.fullmatch(r"[\w.-]+/[\w./-]*", code) is not None and code.partition("/")[0] in FOLDERS


@pytest.mark.parametrize(
    "code",
    [
        "def act():\n    for one in range(2):\n        print(one)",
        "def act(*, each):\n    return each",
        "TEXTS = [made for made in ()]",
        "ORDER = sorted((), key=lambda found: found)",
        "def act():\n    if found := 1:\n        print(found)",
    ],
)
def test_a_vague_local_is_seen(code: str) -> None:
    scopes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, SCOPES)]

    assert set().union(*map(locals_of, scopes)) & VAGUE


def test_a_local_carries_the_noun_that_it_holds() -> None:
    assert {name: source.vague for name, source in sources().items() if source.vague and not is_test(name)} == {}


def is_test(module: str) -> bool:
    return module.startswith("tests.")


@pytest.mark.parametrize("package", SERVING)
def test_every_name_in_a_docstring_exists(package: str) -> None:
    found = [one for name, source in core().items() if name.split(".")[0] == package for one in missing(name, source)]

    assert len(core()) > 400
    assert found == []


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
    return dotted in sources() or (owner in sources() and name in sources()[owner].defined)


def test_every_task_of_run_sh_that_the_docs_name_is_one() -> None:
    script = (ROOT / "run.sh").read_text()
    tasks = set(re.findall(r"^  ([a-z]+)(?: \| [a-z]+)*\)", script, re.MULTILINE))
    named = {task for text in PAGES.values() for task in re.findall(r"\./run\.sh ([a-z]+)", text)}

    assert len(named) > 5
    assert named - tasks == set()


def test_no_two_classes_have_one_name() -> None:
    homes = defaultdict(list)
    for module, source in core().items():
        for name in source.classes:
            homes[name].append(module)

    assert len(homes) > 800
    assert {
        name: modules for name, modules in homes.items() if len([m for m in modules if not is_form(m, name)]) > 1
    } == {}


def is_form(module: str, name: str) -> bool:
    """Whether the class is the API's form of a noun, or the name is a private one."""
    return module.startswith("service.api.") or name.startswith("_")

"""docs/architecture.md is the map of this tree: every path on it is there, and every room of the tree is on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
CODE = re.findall(r"`([^`\n]+)`", PAGE)
PATHS = {name for name in CODE if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|[\w-]+\.(py|md|toml|yml)", name)}
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for package in ("moderation", "workers", "service", "gavel")
    for path in sorted((ROOT / package).rglob("*.py"))
)
ROOMS = [
    f"{path.parent.relative_to(ROOT)}/"
    for package in ("moderation", "workers", "service")
    for path in sorted((ROOT / package).glob("*/**/__init__.py"))
    if path.parent.name != "word_lists"
]


def test_every_path_on_the_map_is_there() -> None:
    assert len(PATHS) > 60
    assert [name for name in sorted(PATHS) if not (ROOT / name).exists()] == []


def test_folders_end_in_a_slash_and_files_do_not() -> None:
    assert [name for name in sorted(PATHS) if (ROOT / name).is_dir() != name.endswith("/")] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_map(room: str) -> None:
    assert f"`{room}`" in SECTIONS["Rooms"]


def test_every_module_beside_the_rooms_is_on_the_map() -> None:
    beside = {
        str(path.relative_to(ROOT))
        for package in ("moderation", "service")
        for path in (ROOT / package).glob("*.py")
        if not path.name.startswith("__")
    }

    assert beside - PATHS == set()


def test_a_newcomers_twelve_questions_have_one_file_each() -> None:
    rows = re.findall(r"^\| (.+\?) \| `([^`]+\.py)` \|$", SECTIONS["Twelve questions"], re.MULTILINE)

    assert len(rows) == 12


def test_the_types_on_the_map_are_types_of_the_code() -> None:
    terms = set(re.findall(r"\(`([A-Z]\w+)`\)", SECTIONS["Terms"]))
    forms = re.findall(r"^\| `([A-Z]\w+)` \|", SECTIONS["A comment's forms"], re.MULTILINE)

    assert len(terms) >= 15 and len(forms) == 8
    assert {name for name in terms.union(forms) if not re.search(rf"^class {name}\b", SOURCE, re.MULTILINE)} == set()


def test_few_caches_are_kept_and_each_has_a_line_that_says_what_it_saves() -> None:
    found = re.findall(r"^.*(?:@(?:lru_)?cache|@cached_property|lru_cache\().*$", SOURCE, re.MULTILINE)

    assert 10 < len(found) <= 31
    assert [line for line in found if "  # " not in line and "return lru_cache(most)" not in line] == []


def test_few_objects_keep_what_they_read_or_counted() -> None:
    """Those of cachetools are bounded by their making; what each keeps stands in the docstring around it."""
    kept = re.findall(r"= (?:LRU|LFU|TTL|TLRU|FIFO|RR)?Cache\(|@(?:cachetools\.)?cached(?:method)?\(", SOURCE)

    assert 10 < len(kept) <= 16

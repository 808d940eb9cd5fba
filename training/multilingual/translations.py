"""Headlines, standfirsts and comments of ours in other languages, beside the English ones they were translated from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.articles import Article, read_articles

TRANSLATIONS = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True)
class Translation:
    """One article in two languages; text for text in the same order, headline, standfirst, comments."""

    language: str
    paper: str
    texts: tuple[str, ...]
    english: tuple[str, ...]


def read_translations(*, held_out: bool, folder: Path = TRANSLATIONS) -> tuple[Translation, ...]:
    """Those of English articles that are, or are not, kept from training."""
    by_title = {one.title: one for one in read_articles() if one.held_out == held_out}
    return tuple(one for path in sorted(folder.glob("*.jsonl")) for one in _read(path, by_title))


def as_articles(translations: Sequence[Translation], language: str) -> tuple[Article, ...]:
    """Those of one language, without what they were translated from."""
    own = [one for one in translations if one.language == language]
    return tuple(Article(one.paper, one.texts[0], "", one.texts[1], one.texts[2:]) for one in own)


def _read(path: Path, by_title: dict[str, Article]) -> Iterator[Translation]:
    """``of`` says which of the English comments are translated."""
    for record in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if own := by_title.get(record["title_en"]):
            english = own.title, own.summary, *(own.comments[place] for place in record["of"])
            yield Translation(path.stem, own.paper, (record["title"], record["summary"], *record["comments"]), english)

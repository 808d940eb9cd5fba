"""Headlines with comments, written for this project to train and calibrate relevance."""

import json
from dataclasses import dataclass
from pathlib import Path

from training.rows.assemble import held_out

ARTICLES = Path(__file__).parents[1] / "articles"


@dataclass(frozen=True, slots=True)
class Article:
    """One headline, its section and standfirst, and six comments; ``paper`` is its file."""

    paper: str
    title: str
    section: str
    summary: str
    comments: tuple[str, ...]

    @property
    def held_out(self) -> bool:
        """Kept from training, to calibrate on and to measure."""
        return held_out(self.title)


def read_articles(folder: Path = ARTICLES) -> tuple[Article, ...]:
    """All articles, paper by paper."""
    return tuple(
        Article(path.stem, record["title"], record["section"], record["summary"], tuple(record["comments"]))
        for path in sorted(folder.glob("*.jsonl"))
        for record in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    )

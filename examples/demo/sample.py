"""Sends the sample to Gavel over HTTP, as a news site does, and asks for the decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from examples.newsroom.gavel import Gavel, Refused

FOLDER = Path(__file__).parent.parent / "sample"
ARTICLE_FIELDS = ("title", "url", "text", "section", "tags", "language", "question", "state")
COMMENT_FIELDS = ("id", "author", "text", "parent_id")


@dataclass(frozen=True, slots=True)
class Sample:
    articles: tuple[dict[str, Any], ...]
    comments: tuple[dict[str, Any], ...]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Sample:
        read = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("articles.json", "comments.json"))
        return cls(*map(tuple, read))


def put_articles(gavel: Gavel, sample: Sample) -> None:
    """Sends the articles that Gavel does not know yet, so that a moderator's changes stay."""
    for article in sample.articles:
        path = f"/v1/articles/{quote(article['id'], safe='')}"
        try:
            gavel.call("GET", path)
        except Refused as e:
            if e.status != 404:
                raise
            gavel.call("PUT", path, json={name: article[name] for name in ARTICLE_FIELDS})


def send_comments(gavel: Gavel, sample: Sample) -> Iterator[str]:
    """Yields each id once it is accepted. They carry the site's own ids: sending them again changes nothing."""
    for comment in sample.comments:
        body = {name: comment[name] for name in COMMENT_FIELDS if name in comment}
        answer = gavel.call("POST", "/v1/comments", json={**body, "article": {"id": comment["article"]}})
        yield str(answer["id"])


def count_waiting(gavel: Gavel, sample: Sample) -> int:
    return sum(
        len(
            gavel.call("GET", f"/v1/articles/{quote(article['id'], safe='')}/comments?status=waiting&limit=200")[
                "comments"
            ]
        )
        for article in sample.articles
    )


def outcomes(gavel: Gavel, sample: Sample) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each comment of the sample beside Gavel's answer."""
    for comment in sample.comments:
        yield comment, gavel.comment(comment["id"])

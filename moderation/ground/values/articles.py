"""An article, and whether it takes comments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ArticleState(StrEnum):
    OPEN = "open"
    PREMODERATED = "premoderated"  # every comment goes to a person
    CLOSED = "closed"  # takes no new comments


@dataclass(frozen=True, slots=True)
class Article:
    id: str
    site_id: str
    external_id: str
    title: str | None
    url: str | None
    text: str | None
    section: str | None
    tags: tuple[str, ...]
    language: str | None
    state: ArticleState
    question: str | None = None
    summary: str | None = None  # the standfirst: a few sentences that sum the text up
    site_state: ArticleState | None = None  # as the site last sent it, while the desk has set another one

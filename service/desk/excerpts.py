"""The beginnings of comments for lists, with the same words masked as in the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup
from sqlalchemy.engine import Connection

from moderation.store import decisions
from service.desk import shown


class Listed(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Begun:
    id: str
    text: str


def excerpts(conn: Connection, lines: Iterable[Listed]) -> dict[str, Markup]:
    """By the comment's id."""
    texts = {line.id: line.text for line in lines}
    why = decisions.flaggings(conn, list(texts))
    return {id: shown.excerpt(text, why.get(id)) for id, text in texts.items()}

"""The beginnings of comments for lists, with the same words masked as in the whole text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.engine import Connection

from moderation.ground.errors import TooCostly
from moderation.ground.values.decisions import Reasons
from moderation.ground.values.signals import Span
from moderation.judging.text.reading import Reading
from moderation.spine.comments import decision_rows as decisions
from service.desk.frame.blind import blind_among
from service.desk.frame.texts import marking
from service.desk.frame.texts.marking import Excerpt, Marks
from service.web import reading_time

LONGEST_WORD = 60  # characters beyond the end of an excerpt, so that a word that is cut there is found whole
NEAR_CHARS = 600  # of the comments above and below the one that is read


class ListLine(Protocol):
    """Any line of a list that has a comment's id and text."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class TextToCut:
    """A comment to cut short, where the line itself has other names for its id and text."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class KnownComments:
    """About the comments of several lists, read at once: those to judge blind, and the reasons of the others."""

    blind: set[str]
    why: Mapping[str, Reasons]


def known(conn: Connection, lines: Iterable[ListLine]) -> KnownComments:
    ids = list(dict.fromkeys(line.id for line in lines))
    blind = blind_among(conn, ids)  # the words of a reason would give the verdict away
    return KnownComments(blind, decisions.reasons_of(conn, [id for id in ids if id not in blind]))


def excerpts(
    conn: Connection, lines: Iterable[ListLine], *, chars: int = marking.EXCERPT_CHARS, words: Sequence[str] = ()
) -> dict[str, Excerpt]:
    """The excerpts, by the comment's id. Every one of ``words`` is masked too, whether or not a comment was flagged for
    it."""
    listed = list(lines)
    return excerpts_of(listed, known(conn, listed), chars=chars, words=words)


def excerpts_of(
    lines: Iterable[ListLine], about: KnownComments, *, chars: int = marking.EXCERPT_CHARS, words: Sequence[str] = ()
) -> dict[str, Excerpt]:
    """As ``excerpts``, of lines that are among those that ``about`` was read for."""
    listed = tuple(words)
    return {
        line.id: marking.excerpt(
            line.text, _marks(line.text[: chars + LONGEST_WORD], about.why.get(line.id, ()), listed), chars=chars
        )
        for line in lines
    }


def _marks(text: str, why: Reasons, listed: tuple[str, ...]) -> Marks:
    return marking.masked(text, why) + _listed(text, listed)


def _listed(text: str, words: tuple[str, ...]) -> Marks:
    try:
        with reading_time.budget_for(text) as budget:
            return Marks([(Span(start, end), True) for start, end in Reading(text, budget).uses_of(words)])
    except TooCostly:
        return Marks(is_read=False)

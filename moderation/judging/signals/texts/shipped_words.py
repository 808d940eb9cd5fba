"""How often a comment uses slurs and obscene words of the lists that come with Gavel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted
from moderation.judging.text.lists.shipped_lists import ListKind, entries


def _count_of(kind: ListKind) -> Callable[[CommentToScore], Measured]:
    return lambda c: counted(c.reading.uses_of(entries(kind)))


_listed = partial(SignalSpec, scale="count", is_masked=True, is_shipped_list=True, tone="harm")

SLURS = _listed(
    name="words.slurs",
    title="Slurs",
    meaning="How many slurs against groups of people the comment uses, by the lists that come with Gavel.",
    remarks=(
        "In seventeen languages, each counted in every comment, through disguises. "
        "`shipped_words` false turns the rules on it off."
    ),
    measure=_count_of(ListKind.SLURS),
)

OBSCENE_WORDS = _listed(
    name="words.obscene",
    title="Obscene words",
    meaning="How many obscene words the comment uses, by the lists that come with Gavel.",
    remarks="As for `words.slurs`.",
    measure=_count_of(ListKind.OBSCENE),
    is_spared=True,
)

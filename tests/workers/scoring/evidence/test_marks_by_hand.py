"""How often the marks on a comment are those that a copy desk would make."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.workers.scoring.evidence.marked import toxicity_of
from workers.scoring.evidence.toxicity_words import CommentToExplain
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity.explainers import explainer_of

EXPLAINED_FROM = 0.5  # as `gavel score` does
HALF = 0.45  # of the letters of a phrase
RIGHT, WRONG, CIVIL_MARKED = 94, 4, 4
"""At least so many of the 108 abusive comments, and at most so many of them and of the 20 civil ones: 100, 2 and 3 when
these were written. Of the last 19, on which nothing was tried, 16 are right."""


@dataclass(frozen=True, slots=True)
class ByHand:
    text: str
    needed: tuple[range, ...]  # each phrase that carries the abuse
    allowed: frozenset[int]  # all letters that may be marked

    @classmethod
    def of(cls, line: str) -> ByHand:
        text, needed, allowed, start = "", list[range](), set[int](), 0
        for sign in re.split(r"([\[\]{}])", line):
            if sign in ("[", "{"):
                start = len(text)
            elif sign in ("]", "}"):
                allowed |= set(range(start, len(text)))
                needed += [range(start, len(text))] if sign == "]" else []
            else:
                text += sign
        return cls(text, tuple(needed), frozenset(allowed))

    def judged(self, marked: set[int]) -> str:
        shares = [sum(at in marked for at in phrase) / len(phrase) for phrase in self.needed]
        words = [range(*word.span()) for word in re.finditer(r"[\w'’*-]+", self.text)]
        extra = [word for word in words if not marked.isdisjoint(word) and self.allowed.isdisjoint(word)]
        if not any(shares):
            return "wrong"
        return "right" if min(shares) > HALF and not extra else "partly"


def marks(scorer: Scorer, text: str) -> set[int]:
    """The places of all letters that are marked."""
    (signals,) = scorer.score([Scorable(text)])
    if (next(s.value for s in signals if s.name == "toxicity") or 0) < EXPLAINED_FROM:
        return set()
    (found,) = explainer_of(toxicity_of(scorer)).explain([CommentToExplain(text, ("toxicity",))])
    return {at for span in found.get("toxicity", ()) for at in range(span.start, span.end)}


def test_most_marks_are_those_that_a_copy_desk_would_make(scorer: Scorer) -> None:
    lines = Path(__file__).with_name("marked_by_hand.txt").read_text().splitlines()[1:]
    comments = [ByHand.of(line) for line in lines]
    abusive = [comment for comment in comments if comment.needed]
    civil = [comment for comment in comments if not comment.needed]

    judged = Counter(comment.judged(marks(scorer, comment.text)) for comment in abusive)
    marked = sum(bool(marks(scorer, comment.text)) for comment in civil)

    assert (len(abusive), len(civil)) == (108, 20)
    assert judged["right"] >= RIGHT and judged["wrong"] <= WRONG, judged
    assert marked <= CIVIL_MARKED

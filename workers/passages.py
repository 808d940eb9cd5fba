"""Cut articles into passages, and tell which comments are too short to be on or off topic. Plain text only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moderation.model import Of
from workers.text import sentences

PASSAGE_CHARS = 400
MAX_PASSAGES = 48
MIN_CONTENT_WORDS = 3

TOO_SHORT = "too short"
NO_ARTICLE = "no article text or title"

_REACTIONS = frozenset(
    "agree agreed amen article awesome bravo brilliant bye comment congrats congratulations correct day disagree evening "
    "exactly excellent fantastic good goodbye great ha haha hahaha hear hello hey hi indeed interesting lmao lol love "
    "lovely morning nice night nonsense nope ok okay omg perfect piece please post read right rubbish said sad seriously "
    "shame so sorry spot super sure thank thanks this thumbs totally true truth well welcome what why wow wrong wtf yay "
    "yeah yep yes".split()
)
"""Greetings and reactions: they may stand under any article."""

_SMALL_WORDS = frozenset(
    "a about above after again against all also am an and any are as at back be because been before being below between "
    "both but by can cannot come could did do does doing don down during each else even ever every few for from further "
    "get go going got had has have having he her here hers him his how i if in into is isn it its itself just know let "
    "like ll make many may me might more most much must my never no nor not now of off on once one only or other our out "
    "over own people re really s said same say see shall she should since so some still such t take than that the their "
    "them then there these they thing things think this those through time to too under until up us use very want was way "
    "we were what when where which while who whom why will with would you your yours ve m d".split()
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the title or of the text of an article."""

    of: Of
    start: int
    end: int
    text: str


def passages_of(title: str | None, text: str | None) -> tuple[Passage, ...]:
    """The title, then runs of sentences from the whole text; longer articles get longer passages, not fewer words."""
    found = [Passage(Of.TITLE, 0, len(title), title)] if title and title.strip() else []
    if text and text.strip():
        size = max(PASSAGE_CHARS, len(text) // MAX_PASSAGES + 1)
        found += [Passage(Of.ARTICLE, start, end, text[start:end]) for start, end in runs(text, size)]
    return tuple(found)


def runs(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences that together cover the text, each about ``size`` characters, none over twice that."""
    begin = at = 0
    for _, end in sentences(text):
        if at > begin and end - begin > size:
            yield begin, at
            begin = at
        at = end
        while at - begin > 2 * size:
            yield begin, begin + size
            begin += size
    if at > begin:
        yield begin, at


def content_words(text: str) -> frozenset[str]:
    """Words that say what a text is about, crudely stemmed."""
    found = {_stem(w) for w in _WORD.findall(text.lower()) if w not in _SMALL_WORDS}
    return frozenset(w for w in found if len(w) > 1)


def shared_words(text: str, article: frozenset[str]) -> float:
    """The share of a comment's content words that the article has, 0 where it has none."""
    own = content_words(text)
    return len(own & article) / len(own) if own else 0.0


def is_reaction(text: str) -> bool:
    """Whether a comment is a greeting or a short reaction, which tells nothing about its topic."""
    own = {w for w in _WORD.findall(text.lower()) if w not in _SMALL_WORDS and w not in _REACTIONS and len(w) > 1}
    return len(own) < MIN_CONTENT_WORDS and (len(own) < 2 or len(text) < 25)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word

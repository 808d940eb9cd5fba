"""Reads emoji: those with a hostile meaning as words, and all of them for models that have no sign for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import emoji

from moderation.judging.text.emoji import pictures
from moderation.judging.text.rewritten_text import Copy, Replacement

MAX_NAMED = 200
"""A name has about six tokens: twenty thousand of them would occupy a worker for a minute."""

TELLING = {
    "\U0001f595": "fuck you", "\U0001f921": "clown", "\U0001f412": "monkey", "\U0001f435": "monkey",
    "\U0001f98d": "gorilla", "\U0001f437": "pig", "\U0001f416": "pig", "\U0001f400": "rat", "\U0001f401": "rat",
    "\U0001f40d": "snake", "\U0001fab3": "cockroach", "\U0001f415": "dog", "\U0001f436": "dog", "\U0001f4a9": "shit",
    "\U0001f5d1": "trash", "\U0001f92e": "disgusting", "\U0001f922": "disgusting", "\U0001f52a": "knife",
    "\U0001f5e1": "knife", "\U0001f52b": "gun", "\U0001f4a3": "bomb", "\u2620": "death",
    "\u26b0": "coffin",
}  # fmt: skip
"""Emoji that mean an insult or a weapon, with the word that a guess puts in their place."""

_TELLING_SIGN = re.compile(f"[{''.join(TELLING)}]")


def guessed_pictures(text: str) -> Iterator[Replacement]:
    """The words behind hostile emoji, for the first ``MAX_NAMED`` of them."""
    left = MAX_NAMED if not text.isascii() and _TELLING_SIGN.search(text) else 0
    for start, end, picture in pictures(text, only=_TELLING_SIGN) if left else ():
        meaning = TELLING.get(picture[0])
        if meaning:
            yield Replacement(start, end, f" {meaning} ")
            left -= 1
        if not left:
            break


def with_pictures_named(copy: Copy) -> Copy:
    """The copy with the name of each emoji in its place, for weights that read all emoji as one sign.

    If the same emoji is repeated many times, only the first one is named. After ``MAX_NAMED``, none is.
    """
    return copy.replaced(_named(copy.text))


def _named(text: str) -> Iterator[Replacement]:
    last, last_end, left = "", -1, MAX_NAMED
    run_start = run_length = 0  # repeats without a gap are one replacement, since there may be thousands
    for start, end, picture in pictures(text):
        repeated = picture == last and not text[last_end:start].strip()
        if run_length and not (repeated and start == last_end):
            yield Replacement(run_start, last_end, " " * run_length)
            run_length = 0
        if not repeated and not left:
            return
        if not repeated:
            yield Replacement(start, end, f" {picture_name(picture)} ")
            left -= 1
        else:
            run_start = run_start if run_length else start
            run_length += 1
        last, last_end = picture, end
    if run_length:
        yield Replacement(run_start, last_end, " " * run_length)


def picture_name(picture: str) -> str:
    """Unicode's English name of an emoji in plain words: ``face with tears of joy``."""
    return emoji.demojize(picture).strip(":").replace("_", " ")

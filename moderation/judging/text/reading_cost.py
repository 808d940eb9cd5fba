"""The cost of a text to the models, in pieces: an encoder reads a text in pieces, each of which takes it about as long.

The estimate needs no tokenizer, so that the web service can make it too. Batches, lanes, shares and the scoring process
all count by it, and the encoder reads no more of a text than it says here.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter

from moderation.ground.values.costs import EACH

MOST_PIECES = 2_560
"""The most that the encoders read of one comment, over all its readings, and of one article: about 0.2 s of a core, and
some 10,000 letters of prose. Of a longer one they read a sample."""

OF_TOPIC = 512
"""The part of it that is kept for comparing a comment with its article, and the most of the comment that it answers."""

CHARS_TO_A_PIECE = 32
"""Reading a text outside the encoder takes as long as a piece for so many characters at most (``reading_budget``)."""

LETTERS, CHARS = 3, 16
"""Letters of a piece, a few less than in prose, and the most characters of one: a longer text costs the most anyway."""

PICTURE = 6  # pieces of an emoji's name


def cost_of(text: str, *, parent: str | None = None, article: str | None = None) -> int:
    """The cost of a comment, with that of the comment that it answers and that of its article, where a model has to
    read these too."""
    own = min(pieces(text) * _readings(text), MOST_PIECES - (OF_TOPIC if parent else 0))
    beside = min(pieces(parent), OF_TOPIC) if parent else 0
    return EACH + len(text) // CHARS_TO_A_PIECE + own + beside + (pieces(article) if article else 0)


def pieces(text: str) -> int:
    """About as many as an encoder reads of the text once its characters are folded, at most ``MOST_PIECES``. It takes
    time in proportion to the text, and none for what is too long anyway."""
    if len(text) > CHARS * MOST_PIECES:
        return MOST_PIECES
    letters = spaces = signs = 0
    for character, count in Counter(text).items():
        if character.isspace():
            spaces += count
        elif character.isascii() and character.isalnum():
            letters += count
        else:
            signs += count * _pieces_of(character)
    return min(max(math.ceil(letters / LETTERS), spaces) + signs, MOST_PIECES)


def _readings(text: str) -> int:
    """A text with characters that folding changes is read again for its topic."""
    return 1 if text.isascii() else 2


def _pieces_of(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) == "So":
        return PICTURE
    return max(1, len(unicodedata.normalize("NFKC", character)))


UNKNOWN = EACH + 20_000 // CHARS_TO_A_PIECE + MOST_PIECES
"""A comment of unknown cost counts as the dearest."""

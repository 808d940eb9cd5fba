"""Removes the disguises of characters and remembers where each came from, so that evidence points into the reader's own
text. Models, word lists, links and fingerprints all see a comment's characters through this module.

It does not judge. Models read letters as they are written (``fold``); lists are searched without case and without
accents piled on letters (``searched``), because they look for a word in every form. There is no other difference.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Collection, Sequence

from moderation.judging.text.letters.lookalikes import is_latin, look_alike, unmasked
from moderation.judging.text.rewritten_text import Copy

# Marks that readers pile on letters. Vowel signs of other scripts stay: to their readers they are letters.
_PILED = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_KEYCAP = "\u20e3"
_CLUSTER = re.compile(rf"[^\W\d_][{_PILED}]++|\d(?:(?!{_KEYCAP})[{_PILED}])++(?!{_KEYCAP})")
_JOINER = "\u200d"  # joins emoji, and letters of Indic and Arabic words
_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_DROPPED_IN_SEARCH = re.compile(f"[{_PILED}{_JOINER}]")


def fold(text: str) -> Copy:
    """A copy without invisible characters and piled accents, and with look-alike letters in plain Latin."""
    return copies_of(text)[0]


def searched(text: str) -> tuple[Copy, ...]:
    """The copies in which lists are searched: the folded one without case and piled accents and, if a word has
    look-alike letters, also one that keeps these. Callers that need one copy take the first."""
    return copies_of(text)[1]


def copies_of(text: str) -> tuple[Copy, tuple[Copy, ...]]:
    """The result of ``fold`` and ``searched``. A text that is read more than once has a ``Reading``."""
    plain = _plain(text)
    folded = unmasked(plain)
    return folded, tuple(map(_caseless, (folded,) if folded.text == plain.text else (folded, plain)))


def searched_again(folded: str) -> Copy:
    """The copy in which lists are searched, of a text that is folded already."""
    return _caseless(Copy.of(folded))


def _caseless(copy: Copy) -> Copy:
    if copy.text.isascii():
        return Copy(copy.text.lower(), copy.starts, copy.ends)
    folds = {c: _caseless_character(c) for c in set(copy.text)}
    return copy.respelled([folds[c] for c in copy.text])


def _caseless_character(character: str) -> str:
    caseless = _DROPPED_IN_SEARCH.sub("", character.casefold())
    return caseless if len(caseless) < 2 or unicodedata.is_normalized("NFKC", character) else character


def _plain(text: str) -> Copy:
    """A copy that keeps every letter in its alphabet."""
    if text.isascii():
        return Copy.of(text)
    plain = {c: _plain_character(c) for c in set(text) if not c.isascii()}
    marks = {c for c in plain if unicodedata.category(c).startswith("M")}
    if not marks and _JOINER not in plain and all(c == piece for c, piece in plain.items()):
        return Copy.of(text)
    pieces = [plain.get(c, c) for c in text]
    _drop_joiners(text, pieces)
    copy = Copy(text, range(len(text)), _ends(text, pieces, marks))
    if marks:
        _compose(text, pieces)
    return copy.respelled(pieces)


def _plain_character(character: str) -> str:
    if character == _JOINER:
        return character
    category = unicodedata.category(character)
    if category == "Cf" or character in _INVISIBLE or _is_variation(character):
        return ""
    if category == "Zs":
        return " "
    plain = unicodedata.normalize("NFKC", character)
    if category == "So" and not plain.isalpha() and len(look_alike(character)) == 1:
        return look_alike(character)  # letters in boxes
    return plain


def _is_variation(character: str) -> bool:
    """Whether it changes how the character before it is drawn, for instance as an emoji."""
    return "\ufe00" <= character <= "\ufe0f"


def _drop_joiners(text: str, pieces: list[str]) -> None:
    """Drops joiners after a Latin letter or a sign, where they join nothing."""
    for run in re.finditer(f"{_JOINER}+", text):
        before = text[run.start() - 1] if run.start() else ""
        if before.isascii() or is_latin(before):
            pieces[run.start() : run.end()] = [""] * (run.end() - run.start())


def _ends(text: str, pieces: Sequence[str], marks: Collection[str]) -> Sequence[int]:
    """Where each character ends, with all marks upon it, also those behind invisible characters."""
    ends = array("I", range(1, len(text) + 1))
    if marks:
        for at in range(len(text) - 1, 0, -1):
            if text[at] in marks or (not pieces[at] and ends[at] > at + 1):
                ends[at - 1] = ends[at]
    return ends


def _compose(text: str, pieces: list[str]) -> None:
    """Joins a letter and its accents where they make one character, else keeps the bare letter: its accents are only
    piled up."""
    for cluster in _CLUSTER.finditer(text):
        composed = unicodedata.normalize("NFKC", cluster.group()) if cluster.end() - cluster.start() <= 4 else ""
        bare = unicodedata.normalize("NFKC", cluster.group()[0])
        letter = composed if len(composed) == 1 else bare
        pieces[cluster.start() : cluster.end()] = [letter, *[""] * (cluster.end() - cluster.start() - 1)]

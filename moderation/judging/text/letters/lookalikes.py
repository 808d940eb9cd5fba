"""Reads letters of other alphabets that look like Latin letters as those Latin letters.

The table is Unicode's own list of confusables, which the library ``disarm`` keeps up to date. Gavel has no other.
"""

from __future__ import annotations

import re
import unicodedata

import disarm

from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.splitting import LETTERS

_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]+")
_ASCII_LETTER = re.compile("[A-Za-z]")
_POSSIBLE = re.compile(r"[^\x00-\x7f\u00c0-\u024f\u1e00-\u1eff]")  # characters that may look like Latin letters


def look_alike(character: str) -> str:
    """The Latin letter that a character looks like, or the character itself."""
    return str(disarm.normalize_confusables(character))


def unmasked(copy: Copy) -> Copy:
    """The copy with look-alike letters made Latin: in a text that is otherwise Latin, and in words that mix alphabets.

    A text wholly in Cyrillic or Greek is in a language, not in disguise, and stays as it is.
    """
    text = copy.text
    latin = _length(_LATIN, text) if _POSSIBLE.search(text) else 0
    if not latin:
        return copy
    mostly_latin = 2 * latin > _length(LETTERS, text)
    pieces = list(text)
    for match in _WORD.finditer(text):
        word = match.group()
        if not word.isascii() and (mostly_latin or _ASCII_LETTER.search(word)):
            pieces[match.start() : match.end()] = _unmasked_letters(word)
    return copy.respelled(pieces) if "".join(pieces) != text else copy


def _length(letters: re.Pattern[str], text: str) -> int:
    return sum(map(len, letters.findall(text)))


def _unmasked_letters(word: str) -> list[str]:
    letters = list(map(_letter, word))
    return letters if all(is_latin(c) or c.isdigit() for letter in letters for c in letter) else list(word)


def _letter(character: str) -> str:
    if character.isascii() or is_accented_latin(character) or not unicodedata.is_normalized("NFKC", character):
        return character  # the last are signs for several letters, which folding has already read as far as it can
    return look_alike(character)


def is_latin(character: str) -> bool:
    """Whether it is a letter of A to Z, accents included."""
    return (character.isascii() and character.isalpha()) or is_accented_latin(character)


def is_accented_latin(character: str) -> bool:
    """Letters of written languages, such as é, ł or ß, but not letters that only look Latin, such as small capitals."""
    return ("\u00c0" <= character <= "\u024f" and character.isalpha()) or "\u1e00" <= character <= "\u1eff"

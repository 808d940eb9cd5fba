"""A comment's words with masks for what is never the same twice: addresses, sums of money, telephone numbers, handles.

A model that saw them as they are would learn which shop advertised last year and not how advertisements are written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from moderation.judging.text.rewritten_text import Copy

LINK, MAIL, HANDLE, MONEY, PHONE, WALLET = "xlinkx", "xmailx", "xhandlex", "xmoneyx", "xphonex", "xwalletx"
CASHTAG, BRAND, CAPITALS = "xcashtagx", "xbrandx", "xcapitalsx"
STYLED, MIXED, SPACED, SYMBOL = "xstyledx", "xmixedx", "xspacedx", "xsymbolx"
CURRENCIES = (*"€$£¥₩₹₽₺", "zł")
PHONE_DIGITS = 7  # as few as a telephone number has
WALLET_CHARS = 26  # as few as an address of Bitcoin has
LONGEST_WORD = 200  # characters of one word that are looked at
KEPT_WORDS, LONGEST_KEPT = 16_384, 40  # the second in characters: at most 3 MB

_WORD = re.compile(r"\S++")
_ALONE = re.compile(r"(?<!\S)\w(?!\S)")
_DIGITS = re.compile(r"\d++")
_NO_LETTER = re.compile(r"[\W\d_]++")
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?([\w-]++)(?:\.[\w-]++)*?\.([a-z]{2,24})(?:[/?#:].*)?[.,;!?)]*")


_BRAND = re.compile(r"[^\W\d_]{3}\d{2,4}(?!\d)|[^\W\d_]{4}\d[^\W\d_](?!\w)")  # a name with a number: win88, king4d
_WALLET = re.compile(rf"(?<![a-z0-9])(?=[a-z]*+[0-9])[a-z0-9]{{{WALLET_CHARS},}}")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # Thai, Japanese and Chinese letters
_PIECES = re.compile(r"[!-~]++|[^!-~]++")
_CASHTAG = re.compile(r"\$[a-z]{2,10}[.,!?]*", re.IGNORECASE)
_SCRIPTS = tuple(  # Latin, Greek and Cyrillic: their letters look alike
    re.compile(letters) for letters in ("[A-Za-z\u00c0-\u024f]", "[\u0370-\u03ff]", "[\u0400-\u052f]")
)
FEWEST_CAPITALS = 4
FEWEST_SPACED = 4  # letters in a row that stand alone: C A S H


class MaskedWord(NamedTuple):
    """One word of a text and its place there; ``text`` is what a model reads."""

    start: int
    end: int
    text: str


def masked_words(copy: Copy, original: str) -> Iterator[MaskedWord]:
    """The words of a folded copy, in order, each with signs of how it is written in the original.

    Linear in the text: each word is looked at in its first ``LONGEST_WORD`` characters.
    """
    alone = 0
    for match in _WORD.finditer(copy.text):
        word, place = match.group()[:LONGEST_WORD], match.span()
        alone = alone + 1 if len(word) == 1 and word.isalnum() else 0
        start, end = copy.origin(place[0], place[0] + len(word))
        masked = _masked(word, original[start : min(end, start + 2 * LONGEST_WORD)])
        yield MaskedWord(*place, f"{masked} {SPACED}" if alone == FEWEST_SPACED else masked)


def masked_text(copy: Copy, original: str) -> str:
    """The texts of ``masked_words``, with spaces between them."""
    if copy.text != original or len(_ALONE.findall(original)) >= FEWEST_SPACED:
        return " ".join(word.text for word in masked_words(copy, original))
    shortened = (word[:LONGEST_WORD] for word in original.split())
    return " ".join([_plain(word) if len(word) <= LONGEST_KEPT else _masked(word, word) for word in shortened])


@lru_cache(KEPT_WORDS)  # most words come again: saves 0.15 ms of each comment, measured
def _plain(word: str) -> str:
    """Masks a word that is written as it is read."""
    return _masked(word, word)


def _masked(word: str, written: str) -> str:
    return " ".join((mask(word.lower()), *signs(word, written)))


def signs(word: str, written: str) -> Iterator[str]:
    """How a folded word is written: in styled or mixed letters, in capitals, as a brand, beside symbols."""
    if not written.isascii():
        yield from _beyond_ascii(word, written)
    if word.isupper() and sum(map(str.isalpha, word)) >= FEWEST_CAPITALS:
        yield CAPITALS
    if _BRAND.search(word):
        yield BRAND
    if word.startswith("$") and _CASHTAG.fullmatch(word):
        yield CASHTAG


def _beyond_ascii(word: str, written: str) -> Iterator[str]:
    if word.isascii() and any(sign.isalnum() and not sign.isascii() and _is_styled(sign) for sign in written):
        yield STYLED
    if sum(1 for script in _SCRIPTS if script.search(written)) > 1:
        yield MIXED
    if not written.isalpha() and any(unicodedata.category(sign) == "So" for sign in written):
        yield SYMBOL


def _is_styled(sign: str) -> bool:
    """A letter or digit that exists for its look alone: bold, double-struck, circled, full-width."""
    return unicodedata.decomposition(sign).startswith("<")


def mask(word: str) -> str:
    """The word, or its mask with the letters that a mask leaves: ``xlinkx bestcasino`` for best-casino77.example.

    Where a script has no spaces, a word is a whole sentence, and an address or a number in it is masked alone.
    """
    if _UNSPACED.search(word) and len(pieces := _PIECES.findall(word)) > 1:
        return " ".join(map(mask, pieces))
    digits = sum(map(str.isdigit, word))
    if "@" in word:
        name, _, host = word.partition("@")
        return MAIL if name and "." in host else f"{HANDLE} {_letters(word)}"
    if "://" in word or word.startswith("www."):
        return f"{LINK} {_letters(_host(word))}"
    if (domain := _DOMAIN.fullmatch(word)) and not domain.group(1).isdigit():
        return f"{LINK} {_letters(domain.group(1))}"
    if not digits:
        return word
    if any(sign in word for sign in CURRENCIES):
        return f"{MONEY} {_shape(digits)}"
    letters = sum(map(str.isalpha, word))
    if letters and _WALLET.search(word):
        return WALLET
    if digits >= PHONE_DIGITS and not letters:
        return PHONE
    return _DIGITS.sub(lambda run: _shape(len(run.group())), word)


def _host(word: str) -> str:
    return word.partition("://")[2].partition("/")[0] if "://" in word else word.partition("/")[0]


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text.rpartition(".")[0] or text)


def _shape(digits: int) -> str:
    """How many digits there are, at most four."""
    return "0" * min(digits, 4)

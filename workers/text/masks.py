"""A comment's words with masks for what is never the same twice: addresses, sums of money, telephone numbers, handles.

A model that saw them as they are would learn which shop advertised last year and not how advertisements are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LINK, MAIL, HANDLE, MONEY, PHONE, WALLET = "xlinkx", "xmailx", "xhandlex", "xmoneyx", "xphonex", "xwalletx"
CURRENCIES = "€$£¥₩₹₽₺zł"
PHONE_DIGITS = 7  # as few as a telephone number has
WALLET_CHARS = 26  # as few as an address of Bitcoin has
LONGEST_WORD = 200  # characters of one word that are looked at

_WORD = re.compile(r"\S++")
_DIGITS = re.compile(r"\d++")
_NO_LETTER = re.compile(r"[\W\d_]++")
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?([\w-]++)(?:\.[\w-]++)*?\.([a-z]{2,24})(?:[/?#:].*)?[.,;!?)]*")


@dataclass(frozen=True, slots=True)
class MaskedWord:
    """One word of a text and its place there; ``text`` is what a model reads."""

    start: int
    end: int
    text: str


def masked_words(text: str) -> Iterator[MaskedWord]:
    """In order. Linear in the text: each word is looked at in its first ``LONGEST_WORD`` characters."""
    for found in _WORD.finditer(text):
        yield MaskedWord(*found.span(), mask(found.group()[:LONGEST_WORD].lower()))


def mask(word: str) -> str:
    """The word, or its mask with the letters that a mask leaves: ``xlinkx bestcasino`` for best-casino77.example."""
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
    if len(word) >= WALLET_CHARS and letters:
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

"""One spelling of words for search, whichever way they are typed: *Weiß* and *weiss*, *O'Donnell* and *odonnell*.

SQLite's tokenizer drops accents itself; PostgreSQL's does not, so that its function does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAX_WORDS = 12
APOSTROPHES = "'\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u00b4\u0060\uff07"
HYPHENS = "-\u2010\u2011\u2013\u2212\ufe63\uff0d"
INVISIBLE = "\u00ad\u200b\u2060\ufeff"
JOINERS = APOSTROPHES + HYPHENS
LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "ħ": "h", "Ħ": "H",
}  # fmt: skip
"""Letters that are no other letter with an accent."""

PUNCTUATION = "./:@_&?=~#\\+"
"""Signs that PostgreSQL keeps inside addresses and numbers, whose parts could not be found then."""

_TYPED = re.compile(rf"\w+(?:[{re.escape(JOINERS)}]\w+)*")
_JOINER = re.compile(f"[{re.escape(JOINERS)}]")
_ACCENT = re.compile("[\u0300-\u036f]")
_SPELLED = str.maketrans(LETTERS | dict.fromkeys(INVISIBLE, ""))


@dataclass(frozen=True, slots=True)
class TypedWord:
    """One word to look for, or several that an apostrophe or a hyphen joins, which are found as one, too."""

    parts: tuple[str, ...]

    @property
    def whole(self) -> str:
        return "".join(self.parts)

    @property
    def without_accents(self) -> TypedWord:
        plain = (_ACCENT.sub("", unicodedata.normalize("NFD", part)) for part in self.parts)
        return TypedWord(tuple(unicodedata.normalize("NFC", part) for part in plain))


@dataclass(frozen=True, slots=True)
class Syntax:
    """A database's language for queries. Words hold none of it, since they are letters and digits."""

    quote: str
    both: str
    either: str
    unfinished: str

    def query(self, words: Sequence[TypedWord]) -> str:
        """All the words; the last one may be unfinished."""
        *rest, last = words
        return f" {self.both} ".join([*(self._word(word, "") for word in rest), self._word(last, self.unfinished)])

    def _word(self, word: TypedWord, end: str) -> str:
        terms = [f"{self.quote}{part}{self.quote}" for part in word.parts]
        parts = f" {self.both} ".join(terms) + end
        whole = f"{self.quote}{word.whole}{self.quote}{end}"
        return parts if len(terms) == 1 else f"(({parts}) {self.either} {whole})"


FTS5 = Syntax('"', "AND", "OR", "*")
TSQUERY = Syntax("", "&", "|", ":*")


def typed_words(typed: str) -> list[TypedWord]:
    """The words to look for, spelled as ``LETTERS`` has them."""
    spelled = unicodedata.normalize("NFC", typed).translate(_SPELLED)
    return [TypedWord(tuple(_JOINER.split(word))) for word in _TYPED.findall(spelled)[:MAX_WORDS]]


def words_in_sqlite(text: str) -> str:
    """The SQL of the words that are indexed of an expression: of joined ones each part, and the whole."""
    spelled = _spelled(text)
    for character in INVISIBLE:
        spelled = f"replace({spelled}, '{character}', '')"
    whole = spelled
    for joiner in JOINERS:
        whole = f"replace({whole}, {_quoted(joiner)}, '')"
    joined = _quoted(f"*[{JOINERS.replace('-', '')}-]*")  # in a class the last hyphen is itself
    return f"{spelled} || CASE WHEN {text} GLOB {joined} THEN ' ' || {whole} ELSE '' END"


def _postgresql_function() -> str:
    """The SQL that makes it, with nothing from outside PostgreSQL's own schema: a restored index finds all of it."""
    spelled = f"translate({_spelled('$1')}, {_quoted(INVISIBLE)}, '')"
    spelled = f"translate({spelled}, {_quoted(PUNCTUATION)}, '{' ' * len(PUNCTUATION)}')"
    plain = rf"normalize(regexp_replace(normalize({spelled}, NFD), '[\u0300-\u036f]', '', 'g'), NFC)"
    whole = f"translate(spelled, {_quoted(JOINERS)}, '')"
    apart = f"translate(spelled, {_quoted(JOINERS)}, '{' ' * len(JOINERS)}')"
    return (
        "CREATE OR REPLACE FUNCTION search_words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$"
        f" SELECT CASE WHEN {whole} = spelled THEN spelled"
        f" ELSE {apart} || ' ' || {whole} END FROM (SELECT {plain} AS spelled) AS letters $$"
    )


def _spelled(text: str) -> str:
    for letter, plain in LETTERS.items():
        text = f"replace({text}, '{letter}', '{plain}')"
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


POSTGRESQL_FUNCTION = _postgresql_function()

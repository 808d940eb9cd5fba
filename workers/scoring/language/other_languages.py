"""Finds the parts of a comment that are in another language than most of it: long ones by both detectors, short ones by
their words, and those in another script."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from moderation.judging.text.languages.foreign_lists import ENGLISH, LISTED
from moderation.judging.text.languages.foreign_words import CLEAR, ForeignStretch, Places, foreign_stretches
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.judging.text.splitting import UNSPACED, sentences
from workers.scoring.language.detecting import (
    CLEAR_LETTERS,
    MAX_CHARS,
    MIN_LETTERS,
    NO_LANGUAGE,
    LanguageDetector,
    are_kin,
    is_mostly_english,
    is_other_script,
    load_second,
    prose_of,
    script_of,
)
from workers.scoring.scorable import ForeignPart

PART_CHARS = 80
"""Sentences are read together up to this length where no list of words knows their language."""

FEWEST_LETTERS, FEWEST_SIGNS = 12, 6
"""Letters of a part in another script, and signs of one without spaces or in Korean. Fewer are a name, or a word that
somebody speaks about."""

MOST_PARTS, MOST_CHARS = 8, 2_000
"""The parts of one language and the characters of all parts that are scored. Insults come first, then the longest."""

_NO_PROSE = frozenset({NO_LANGUAGE, "eo", "ia", "ie", "io", "jbo", "la", "vo"})
"""Detectors see these in names and loans."""

_ONLY_LANGUAGES = {"GREEK": "el", "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja", "KATAKANA": "ja", "THAI": "th"}
"""Of scripts that one language uses."""

_UKRAINIAN = re.compile("[ґєії]", re.IGNORECASE)
_BEYOND_LATIN = re.compile(r"[^\W\d_\0-\u024f]")
_IN_BEYOND_LATIN = re.compile(r"[^\W\d_\0-\u024f]++(?:[\W\d_]*+[^\W\d_\0-\u024f]++)*+")
_DENSE = re.compile(f"[{UNSPACED}\uac00-\ud7af]")


def parts_in_other_languages(
    detector: LanguageDetector, text: str, home: str, budget: Budget = UNLIMITED
) -> tuple[ForeignPart, ...]:
    """The parts of a text that are clearly in another language than ``home``, in order. Raises TooCostly."""
    with budget:
        parts = list(_in_other_script(detector, text, home, budget))
        places = sentences(text)
        stretches = foreign_stretches(text, home, budget, places=places)
        strange = list(_strange(detector, text, places, home, budget))
    if not (parts or stretches or strange):
        return ()
    if stretches or strange:
        load_second()
    with budget:
        parts += _by_words(detector, text, home, stretches, budget)
        parts += _confirmed_by_second(detector, text, strange, parts, budget)
        return _chosen(parts, text, stretches, budget)


def _in_other_script(detector: LanguageDetector, text: str, home: str, budget: Budget) -> Iterator[ForeignPart]:
    """Of a text in Latin letters, the runs of words in other letters."""
    if not _BEYOND_LATIN.search(text) or script_of(text) != "LATIN":
        return
    for run in budget.over(_IN_BEYOND_LATIN.finditer(text), stride=4):
        letters = [c for c in run.group() if c.isalpha()]
        fewest = FEWEST_SIGNS if _DENSE.search(run.group()) else FEWEST_LETTERS
        if len(letters) >= fewest and is_other_script(letters):
            code = _language_in_script(detector, run.group(), letters)
            if code not in _NO_PROSE and code not in LISTED and not are_kin(code, home):
                yield ForeignPart(code, *run.span())


def _language_in_script(detector: LanguageDetector, text: str, letters: Sequence[str]) -> str:
    """The first detector takes a few words of Russian for its neighbours."""
    script = script_of(letters) or ""
    if script == "CYRILLIC" and len(letters) < CLEAR_LETTERS:
        return "uk" if _UKRAINIAN.search(text) else "ru"
    return _ONLY_LANGUAGES.get(script) or detector.first_opinion(prose_of(text))


def _by_words(
    detector: LanguageDetector, text: str, home: str, stretches: Sequence[ForeignStretch], budget: Budget
) -> Iterator[ForeignPart]:
    """The detectors read no more of a language than can be chosen."""
    first = sorted(_joined(text, stretches), key=lambda part: (not part.is_insult, part.start - part.end))
    counts = Counter[str]()
    for stretch in budget.over(first, stride=1):
        if counts[stretch.languages[0]] >= MOST_PARTS:
            continue
        code = stretch.languages[0] if stretch.is_insult else _language_of(detector, text, home, stretch)
        if code is not None:
            counts[stretch.languages[0]] += 1
            yield ForeignPart(code, stretch.start, stretch.end)


def _joined(text: str, stretches: Sequence[ForeignStretch]) -> Iterator[ForeignStretch]:
    """Neighbours of one language as one, which spares the detectors runs."""
    last: ForeignStretch | None = None
    for stretch in stretches:
        if last is None:
            last = stretch
        elif last.languages[0] == stretch.languages[0] and _is_next(text, last, stretch):
            is_insult = last.is_insult or stretch.is_insult
            end = max(last.end, stretch.end)
            last = ForeignStretch(last.start, end, last.languages, last.weight + stretch.weight, is_insult)
        else:
            yield last
            last = stretch
    if last is not None:
        yield last


def _is_next(text: str, last: ForeignStretch, stretch: ForeignStretch) -> bool:
    return stretch.end - last.start <= MAX_CHARS and not any(c.isalpha() for c in text[last.end : stretch.start])


def _language_of(detector: LanguageDetector, text: str, home: str, stretch: ForeignStretch) -> str | None:
    """The language on which two of three agree: the words of the stretch and the two detectors. Under English words,
    clear ones are enough if the first detector does not see English, too."""
    prose = prose_of(text[stretch.start : stretch.end])
    likeliest, first = stretch.languages[0], detector.first_opinion(prose)
    is_clear = stretch.weight >= CLEAR
    if not is_clear and not any(are_kin(first, code) for code in stretch.languages):
        return None
    second = detector.second_opinion(prose)
    agreed = next((code for code in (likeliest, first) if are_kin(code, second)), None)
    if agreed is None and is_clear:
        words_decide = home == ENGLISH and first != home and first not in _NO_PROSE
        agreed = likeliest if words_decide or are_kin(likeliest, first) else None
    return None if agreed is None or agreed in _NO_PROSE or are_kin(agreed, home) else agreed


def _strange(detector: LanguageDetector, text: str, places: Places, home: str, budget: Budget) -> Iterator[ForeignPart]:
    """Parts long enough for the first detector, in which it sees another language."""
    for start, end in budget.over(_long_parts(places), stride=4):
        prose = prose_of(text[start:end])
        if home == ENGLISH and is_mostly_english(prose):
            continue
        if sum(map(str.isalpha, prose)) < (CLEAR_LETTERS if _is_latin(prose) else MIN_LETTERS):
            continue
        first = detector.first_opinion(prose)
        if first != NO_LANGUAGE and not are_kin(first, home):
            yield ForeignPart(first, start, end)


def _is_latin(text: str) -> bool:
    return not _BEYOND_LATIN.search(text) or script_of(text) == "LATIN"


def _confirmed_by_second(
    detector: LanguageDetector, text: str, strange: Sequence[ForeignPart], parts: Sequence[ForeignPart], budget: Budget
) -> list[ForeignPart]:
    """Those that the second detector sees too, without those of which a part was found more closely."""
    confirmed, known = list[ForeignPart](), Counter(part.language for part in parts)
    for part in budget.over(sorted(strange, key=lambda stretch: stretch.start - stretch.end), stride=1):
        if known[part.language] >= MOST_PARTS or any(_is_within(part, closer) for closer in parts):
            continue
        prose = prose_of(text[part.start : part.end])
        if not _is_latin(prose) or are_kin(detector.second_opinion(prose), part.language):
            confirmed.append(part)
            known[part.language] += 1
    return confirmed


def _is_within(part: ForeignPart, closer: ForeignPart) -> bool:
    return part.start < closer.end and closer.start < part.end and are_kin(part.language, closer.language)


def _long_parts(places: Places) -> Iterator[tuple[int, int]]:
    """Sentences, short ones with the next."""
    begin = 0
    for _, end in places:
        if end - begin >= PART_CHARS or end == places[-1][1]:
            yield from ((at, min(end, at + MAX_CHARS)) for at in range(begin, end, MAX_CHARS))
            begin = end


def _chosen(
    parts: Sequence[ForeignPart], text: str, stretches: Sequence[ForeignStretch], budget: Budget
) -> tuple[ForeignPart, ...]:
    """At most ``MOST_PARTS`` of each language and ``MOST_CHARS`` of all, none over another. The characters are shared
    among the languages, and the first part of each is cut if it is longer than its language's share."""
    insults = [stretch.start for stretch in stretches if stretch.is_insult]
    by_language = defaultdict[str, list[ForeignPart]](list)
    for part in _apart(parts, text, budget):
        by_language[part.language].append(part)
    chosen, left = list[ForeignPart](), MOST_CHARS
    for done, own in enumerate(sorted(by_language.values(), key=_chars_of)):
        share = left // (len(by_language) - done)
        kept = _first(sorted(own, key=lambda part: (not _holds(part, insults), part.start - part.end)), share)
        chosen += kept
        left -= _chars_of(kept)
    return tuple(sorted(chosen, key=lambda part: part.start))


def _apart(parts: Sequence[ForeignPart], text: str, budget: Budget) -> list[ForeignPart]:
    """Each without the places of earlier ones; of a part around another one, the longer side."""
    taken = list[ForeignPart]()
    for part in budget.over(parts, stride=4):
        at, start = bisect_right(taken, part.start, key=lambda earlier: earlier.end), part.start
        free = list[tuple[int, int]]()
        while at < len(taken) and taken[at].start < part.end:
            free.append((start, taken[at].start))
            at, start = at + 1, taken[at].end
        start, end = max((*free, (start, part.end)), key=lambda place: place[1] - place[0])
        if not free or sum(map(str.isalpha, text[start:end])) >= FEWEST_LETTERS:
            insort(taken, ForeignPart(part.language, start, end), key=lambda earlier: earlier.start)
    return taken


def _first(parts: Sequence[ForeignPart], most_chars: int) -> list[ForeignPart]:
    """Of the first ``MOST_PARTS``, those for which there is room."""
    first = parts[0]
    kept = [ForeignPart(first.language, first.start, min(first.end, first.start + most_chars))]
    for part in parts[1:MOST_PARTS]:
        if _chars_of([*kept, part]) <= most_chars:
            kept.append(part)
    return kept


def _chars_of(parts: Sequence[ForeignPart]) -> int:
    return sum(part.end - part.start for part in parts)


def _holds(part: ForeignPart, places: Sequence[int]) -> bool:
    at = bisect_left(places, part.start)
    return at < len(places) and places[at] < part.end

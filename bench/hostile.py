"""Texts that are made to be slow to read, and each step of reading outside the encoder, so that both a measurement and
the tests of cost go through all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from tokenizers import Encoding, Tokenizer

from bench import Result
from moderation.judging.signals.texts.emoji_share import emoji_share
from moderation.judging.signals.texts.shouting import shouting
from moderation.judging.text.disguises.guessing import guess_words
from moderation.judging.text.letters.emoji_words import with_pictures_named
from moderation.judging.text.lists.shipped_lists import entries
from moderation.judging.text.long_words import with_long_words_cut
from moderation.judging.text.reading import Reading, warm_up
from moderation.judging.text.reading_budget import BUDGET_S
from moderation.judging.text.remarks import find_meta
from moderation.judging.text.splitting import sentences, words_of
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from workers.scoring.encoder.passages import content_words, is_reaction, runs
from workers.scoring.encoder.windows import cut_by_sentences
from workers.scoring.engines.weights import BUNDLED, TOKENIZER_FILE, ModelFolders, Weights
from workers.scoring.language.detecting import LanguageDetector, Likely
from workers.scoring.language.other_languages import parts_in_other_languages
from workers.scoring.ngrams.model import features

PROSE = (
    "The council votes on the new tram line on Tuesday, but nobody has asked what it costs. I think they are wrong! "
)
RUSSIAN = "Совет проголосует по новой трамвайной линии во вторник, но никто не спросил, сколько это стоит. "
UNITS = (
    "…", "‥", ".?!…", "!?", "🖕🤡", "a ", "a_", "ﬃ", "ﷺ", "e.g. ", "Mr. ", "aaa@bbbcccdddeeefff1 ", "!", "|", "1|i! ",
    "a|", "😀\u200d", "a\u0301\u0336", "क्", "\n \n", "ABC c ", "iiidddiiiooottt ", "i d i o t ", "ab* ", "f**k ",
    "x@", "a.b.", "http://", "www.", " dot com ", "(dot) ", "a-", "\u200b", "1\ufe0f\u20e3", "👍🏽", "ы1a", "\"'",
    ". \"", "傻瓜", "😂", "ß", "fuc", "+1 ", "1-", "1 2 ", "tg ", "tg @a ", "a at b dot ", "DE12 ", "0x", "t.me/a ",
    "call me on ", "a.com ", "a1.co.uk/x@", "fick dich ", "#aB ", "#gohome ",
    "#goback", "my comment ", "deleted my comment ", "Du bist dumm. So it is. ", "puta a ", "l'a'", "a1",
    "Puta a b Pute ", "Du bist dumm, it is said. Vous êtes tous nuls, it is said. Eres un ladrón, it is said. ",
)  # fmt: skip
"""Each is repeated up to the longest comment."""

ENTRIES = ("idiot", "a a a", "傻瓜", "🖕", "$$$")
LIST = (*(f"kill a{n}" for n in range(1_000)), *(f"word{n}*" for n in range(1_000)), *ENTRIES)
TOGETHER = "together"
WARM = "Совет? An 1d10t, f**k: www.a.com 🖕 Das ist ein kurzer deutscher Satz für die Erkennung"
ROOM = 120  # tokens of a window


def inputs(chars: int = MAX_CHARS) -> Mapping[str, str]:
    """Texts of so many characters at most, by what they are made of."""
    numbered = "".join(f"s{chr(97 + i % 26)}*{chr(97 + i // 26 % 26)}{chr(97 + i // 676 % 26)}* " for i in range(3_000))
    odd = {
        "prose": PROSE * (chars // len(PROSE)),
        "Russian prose": RUSSIAN * (chars // len(RUSSIAN)),
        "38 pipes": "Look at this a" + "|" * 38,
        "different masked words": numbered[:chars],
        "different signs": "".join(map(chr, range(0x4E00, 0x4E00 + chars))),
    }
    return odd | {repr(unit).strip("'"): (unit * chars)[:chars] for unit in UNITS}


Step = Callable[[Reading], object]


def steps() -> Mapping[str, Step]:
    """Each step of reading a comment outside the encoder, by name. Those of one reading share what it has made."""
    return {
        "folding": lambda reading: reading.searched,
        "word lists": lambda reading: reading.uses_of(LIST),
        "links": lambda reading: reading.links,
        "contacts": lambda reading: reading.contacts,
        "private data": lambda reading: reading.private,
        "hosts": lambda reading: reading.hosts,
        "shipped words": lambda reading: reading.uses_of(entries()),
        "about the site": find_meta,
        "fingerprint": lambda reading: reading.fingerprint,
        "shouting": lambda reading: shouting(reading.text),
        "emoji": lambda reading: emoji_share(reading.text),
        "guesses": lambda reading: guess_words(reading.folded.text),
        "copies": lambda reading: [with_pictures_named(with_long_words_cut(copy)) for copy in reading.copies],
        "sentences": lambda reading: sentences(reading.folded.text),
        "words": lambda reading: words_of(reading.folded, 0, len(reading.folded.text)),
        "passages": lambda reading: list(runs(reading.folded.text, 256)),
        "topic words": lambda reading: (content_words(reading.text), is_reaction(reading.text)),
        "windows": lambda reading: _windows(reading.folded.text),
        "language": lambda reading: _detector().detect(reading.folded.text, likely=Likely("en")),
        "other languages": lambda reading: parts_in_other_languages(_detector(), reading.folded.text, "en"),
        "n-grams": lambda reading: features(reading.text, 1 << 18),
    }


def seconds(step: Step, text: str, *, rounds: int = 1) -> float:
    """Of this thread's own time: the least of some rounds, each of a text that nobody has read."""
    return min(_once(step, text) for _ in range(rounds))


def measure() -> Result:
    warm()
    took = {}
    with no_collection():
        for name, text in inputs().items():
            took[name] = {step: 1000 * seconds(run, text) for step, run in {TOGETHER: _together, **steps()}.items()}
    rows = [_row(name, own) for name, own in took.items()]
    beside = "tokens, language and n-grams, which have bounds of their own, are beside it"
    columns = ("a comment of", "as a worker reads it, ms", "the slowest step alone, ms", "which")
    return Result("hostile", columns, rows, [f"the limit is {1000 * BUDGET_S:.0f} ms; {beside}"], {"ms": took})


def _row(name: str, own: Mapping[str, float]) -> tuple[str, ...]:
    slowest = max((step for step in own if step != TOGETHER), key=own.__getitem__)
    return name.replace("|", "\\|"), f"{own[TOGETHER]:.1f}", f"{own[slowest]:.1f}", slowest


def _together(reading: Reading) -> None:
    """All that counts against a comment's time, with the folding that its steps share."""
    for step in ("word lists", "links", "fingerprint", "shouting", "emoji", "copies", "sentences", "topic words"):
        steps()[step](reading)


def warm() -> None:
    """Loads what is loaded once."""
    warm_up()
    for step in steps().values():
        step(Reading(WARM))


@contextmanager
def no_collection() -> Iterator[None]:
    """Garbage is collected before and not while: a worker's heap is frozen, a test's is not."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _once(step: Step, text: str) -> float:
    reading = Reading(text)
    started = time.thread_time()
    step(reading)
    return time.thread_time() - started


def _windows(folded: str) -> list[tuple[int, int]]:
    return list(cut_by_sentences(folded, encoding(folded), ROOM))


def encoding(text: str) -> Encoding:
    return _tokenizer().encode(text)


@cache
def _tokenizer() -> Tokenizer:
    weights = Weights.read(BUNDLED, ModelFolders.of(None, None).models / "toxicity")
    tokenizer = Tokenizer.from_file(str(weights.verified(TOKENIZER_FILE)))
    tokenizer.no_truncation()
    return tokenizer


@cache
def _detector() -> LanguageDetector:
    return LanguageDetector()

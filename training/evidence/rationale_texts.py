"""Chooses the texts from which the head that explains scores learns: toxic rows, and our own texts."""

from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np

from training.evidence.rationale_teacher import Text
from training.multilingual.rows import FOLDER, read_other_languages
from training.multilingual.second import own_texts
from training.rows.assemble import read_own_texts
from training.rows.dataset import TRAIN_FILE, VALID_FILE, Rows, join, read_rows

MIN_LABEL = 0.4
"""Rows whose labels are all lower are not looked at: they seldom score high."""

SOURCES_TO_OWN = 3
ENGLISH_TEXTS = Path(__file__).parents[1] / "texts"


def english_texts(data: Path, *, seed: int) -> Iterator[Text]:
    """Training rows in random order, and after every third of them a text of our own."""
    random = np.random.default_rng(seed)
    rows, ours = (
        [r.texts[row] for row in _toxic(r, random)]
        for r in (read_rows(data / TRAIN_FILE), read_own_texts(ENGLISH_TEXTS)[0])
    )
    mixed = ((*rows[i * SOURCES_TO_OWN : (i + 1) * SOURCES_TO_OWN], own) for i, own in enumerate(ours))
    return (Text(text, "en") for text in chain(chain.from_iterable(mixed), rows[len(ours) * SOURCES_TO_OWN :]))


def other_texts(data: Path, *, seed: int) -> Iterator[Text]:
    """Training rows and our own texts in random order, one of each language in turn."""
    random = np.random.default_rng(seed)
    rows, ours = read_other_languages(data / FOLDER / TRAIN_FILE), own_texts(held_out=False)
    languages = [*(source.partition("/")[0] for source in rows.sources), *(s.partition("/")[2] for s in ours.sources)]
    every, by_language = join(rows, ours), dict[str, list[Text]]()
    for row in _toxic(every, random):
        by_language.setdefault(languages[row], []).append(Text(every.texts[row], languages[row]))
    return (text for turn in zip_longest(*by_language.values()) for text in turn if text is not None)


def validation_texts(data: Path, *, english: bool, seed: int) -> list[Text]:
    """Validation rows in English, or in all other languages, in random order."""
    rows = read_rows(data / VALID_FILE) if english else read_other_languages(data / FOLDER / VALID_FILE)
    languages = ["en" if english else source.partition("/")[0] for source in rows.sources]
    return [Text(rows.texts[i], languages[i]) for i in np.random.default_rng(seed).permutation(len(rows))]


def _toxic(rows: Rows, random: np.random.Generator) -> list[int]:
    toxic = np.flatnonzero(np.nan_to_num(rows.labels).max(axis=1) >= MIN_LABEL)
    return [int(row) for row in random.permutation(toxic)]

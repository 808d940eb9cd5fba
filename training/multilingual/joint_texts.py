"""The rows of the joint sitting: labelled comments of all languages and our own texts, with the vectors to learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moderation.text.folding import fold
from training.articles import read_articles
from training.dataset import LABELS, Floats, Rows, join
from training.multilingual.aims import ENGLISH, IntoEnglishSpace, VectorsOf
from training.multilingual.rows import read_training
from training.multilingual.second import own_texts
from training.multilingual.translations import Translation, read_translations
from workers.scoring.with_vector import DIMENSIONS

TAUGHT = 1_000
"""So many labelled comments of each language beside English also teach a vector, drawn at random from those of up to
``LONGEST`` characters."""
TAUGHT_ENGLISH = 3_000
LONGEST = 300
ENGLISH_ROWS = 8_000
MOST_PER_SOURCE = 3_500


@dataclass(frozen=True, slots=True)
class Lessons:
    """Rows, and the vector that each is to have, shape (rows, dimensions), NaN where none is taught."""

    rows: Rows
    aims: Floats


@dataclass(frozen=True, slots=True)
class Teachers:
    english: VectorsOf
    base: VectorsOf


def read_lessons(data: Path, teachers: Teachers, seed: int = 17) -> Lessons:
    """All rows of the sitting."""
    random = np.random.default_rng(seed)
    labelled = join(
        read_training(data, seed=seed, english=ENGLISH_ROWS, per_source=MOST_PER_SOURCE), own_texts(held_out=False)
    )
    articles = [one for one in read_articles() if not one.held_out]
    translations = read_translations(held_out=False)
    english = list(dict.fromkeys(text for one in articles for text in (one.title, one.summary, *one.comments)))
    space = _space(english, translations, teachers)
    translated = [text for one in translations for text in one.texts]
    originals = [text for one in translations for text in one.english]
    aims = np.full((len(labelled), DIMENSIONS), np.nan, dtype=np.float32)
    for language, places in _drawn(labelled, random).items():
        texts = [labelled.texts[place] for place in places]
        aims[places] = teachers.english(texts) if language == ENGLISH else space.of(teachers.base(texts))
    rows = join(labelled, _unlabelled(english), _unlabelled(translated))
    return Lessons(_folded(rows), np.concatenate([aims, teachers.english(english), teachers.english(originals)]))


def _space(english: Sequence[str], translations: Sequence[Translation], teachers: Teachers) -> IntoEnglishSpace:
    """Fitted on English texts and on all translations."""
    base, aims = {ENGLISH: teachers.base(english)}, {ENGLISH: teachers.english(english)}
    for language in sorted({one.language for one in translations}):
        own = [one for one in translations if one.language == language]
        base[language] = teachers.base([text for one in own for text in one.texts])
        aims[language] = teachers.english([text for one in own for text in one.english])
    return IntoEnglishSpace(base, aims)


def _drawn(rows: Rows, random: np.random.Generator) -> dict[str, list[int]]:
    """Places of the labelled rows that teach a vector, by language. Sources of English rows name no language, those of
    ours are ``own/language``."""
    found: dict[str, list[int]] = {}
    for place in random.permutation(len(rows)).tolist():
        left, _, right = rows.sources[place].partition("/")
        language = (right if left == "own" else left) if right else ENGLISH
        most = TAUGHT_ENGLISH if language == ENGLISH else TAUGHT
        if len(rows.texts[place]) <= LONGEST and len(found.setdefault(language, [])) < most:
            found[language].append(place)
    return found


def _unlabelled(texts: Sequence[str]) -> Rows:
    labels = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    return Rows(tuple(texts), labels, np.ones_like(labels), ("compared",) * len(texts))


def _folded(rows: Rows) -> Rows:
    """In the form in which the workers score."""
    return Rows(tuple(fold(text).text for text in rows.texts), rows.labels, rows.weights, rows.sources)

"""Reads the texts that the spam model learns from, and those that it is measured on."""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TEXTS = Path(__file__).parent / "texts"
SPAM_FILE = "spam/spam_train.csv.gz"
CIVIL_FILES = (
    ("toxicity_train.csv.gz", "", 10_000),
    ("multilingual/toxicity_train.csv.gz", "", 4_500),
    ("news/english_train.csv.gz", "civil_comments", 25_000),
    ("news/english_train.csv.gz", "jigsaw2018", 3_000),
)
"""Comments of which hardly any advertises: of each file the rows of such sources, at most so many of a language."""
OUR_COMMENTS = Path(__file__).parents[1]
OF_HEADLINES = 800  # of our comments under headlines, in each language
KEPT_FILES = ("multilingual/toxicity_valid.csv.gz", "news/news_natural_mix_valid.csv.gz")
PUBLISHED_FILE = "news/news_published_limits_only.csv.gz"
MEASURED_FILES = ("multilingual/toxicity_evaluation_only.csv.gz", "toxicity_valid_news_evaluation_only.csv.gz")
MOST_KEPT, MOST_MEASURED = 3_000, 1_000  # of a language
RESERVED = re.compile(r"\b(?:example|invalid|test)\b(?! \w)", re.IGNORECASE)
"""Endings that the invented addresses of our own texts have, also spelled out (``casino punto example``). No real one
has them, and a model must not learn them."""
CIVIL_TO = 0.2  # share of raters
FIFTH = 5
HELD_OUT = 10  # one own text in so many is kept from training, by the hash of its text


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    is_spam: bool
    source: str  # "own" for texts written for this project
    language: str
    kind: str


def own_texts() -> list[Text]:
    """The texts written for this project, one file for each language and label."""
    texts = []
    for path in sorted(TEXTS.glob("*.jsonl")):
        language = path.stem.partition("_")[0]
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = RESERVED.sub("com", row["text"])
            texts.append(Text(text, bool(row["label"]), "own", language, row["kind"]))
    return texts


def is_held_out(text: Text) -> bool:
    return zlib.crc32(text.text.encode()) % HELD_OUT == 0


def is_of_the_fifth(text: Text) -> bool:
    """Whether a labelled text is kept from the model that measures each source on rows that it did not see."""
    return zlib.crc32(text.text.encode()) % FIFTH == 0


def labelled_spam(data: Path) -> list[Text]:
    """Spam and other texts of public sources."""
    return [
        Text(row["text"], row["label"] == "1", row["source"], row["language"], row["kind"])
        for row in _csv(data / SPAM_FILE)
    ]


def ordinary_comments(data: Path, *, seed: int = 3) -> list[Text]:
    """Comments of the files on toxicity and those written for this project, taken as no spam."""
    random = np.random.default_rng(seed)
    comments = []
    for name, source, most in CIVIL_FILES:
        of_source = [text for text in _comments(data / name) if text.source.startswith(f"comments/{source}")]
        comments += _some_of_each(of_source, most, random)
    return [*comments, *our_comments(random)]


def our_comments(random: np.random.Generator) -> list[Text]:
    """Comments on news that were written for the other models, in eighteen languages."""
    under = _ours("multilingual/headlines/*.jsonl", "comments")
    other = [
        *_ours("articles/*.jsonl", "comments", "en"),
        *_ours("multilingual/texts/*.jsonl", "text"),
        *_ours("texts/civil_news*.jsonl", "text", "en"),
    ]
    return [*_some_of_each(under, OF_HEADLINES, random), *other]


def _ours(pattern: str, field: str, language: str = "") -> list[Text]:
    """``field`` holds a text or a list of them. A file is named for its language if none is given."""
    rows = [
        (json.loads(line)[field], language or path.stem)
        for path in sorted(OUR_COMMENTS.glob(pattern))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    pairs = [(text, code) for texts, code in rows for text in ([texts] if isinstance(texts, str) else texts)]
    return [Text(text, False, "comments/ours", code, "comment") for text, code in pairs]


def kept_civil_comments(data: Path, *, seed: int = 4) -> tuple[list[Text], list[Text]]:
    """Civil comments that are kept from training, in every language: a half to choose the limit by, and one to measure
    what it holds."""
    random = np.random.default_rng(seed)
    civil = [text for name in KEPT_FILES for text in _some_of_each(_civil(data / name), MOST_KEPT, random)]
    civil += [Text(row["text"], False, "published", "en", "comment") for row in _csv(data / PUBLISHED_FILE)]
    return [text for text in civil if _is_first_half(text)], [text for text in civil if not _is_first_half(text)]


def measured_civil_comments(data: Path, *, seed: int = 4) -> list[Text]:
    """Civil comments of sources of which nothing is trained on or chosen by."""
    random = np.random.default_rng(seed)
    return [text for name in MEASURED_FILES for text in _some_of_each(_civil(data / name), MOST_MEASURED, random)]


def _civil(path: Path) -> list[Text]:
    return [_comment(row) for row in _csv(path) if row["toxicity"] and float(row["toxicity"]) <= CIVIL_TO]


def _is_first_half(text: Text) -> bool:
    return zlib.crc32(text.text.encode()) % 2 == 0


def _comments(path: Path) -> list[Text]:
    return [_comment(row) for row in _csv(path)]


def _comment(row: Mapping[str, str]) -> Text:
    source = row["source"].partition(":")[0]
    return Text(row["text"], False, f"comments/{source}", row.get("language", "en"), "comment")


def _some_of_each(texts: Sequence[Text], most: int, random: np.random.Generator) -> list[Text]:
    """At most so many of each language, in order."""
    by_language: dict[str, list[Text]] = {}
    for text in texts:
        by_language.setdefault(text.language, []).append(text)
    return [
        own[i]
        for own in by_language.values()
        for i in sorted(random.choice(len(own), min(most, len(own)), replace=False))
    ]


def newspaper_comments(data: Path) -> list[Text]:
    """Real newspaper comments, for measuring alone: what share of them is held."""
    pairs = _csv(data / "relevance_pairs_evaluation_only.csv.gz")
    texts = dict.fromkeys(row["comment"] for row in pairs)
    return [Text(text, False, "newspapers", "en", "comment") for text in texts]


def _csv(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))

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
CIVIL_FILES = {
    "toxicity_train.csv.gz": 10_000,
    "multilingual/toxicity_train.csv.gz": 1_000,
    "news/english_train.csv.gz": 6_000,
}
"""Comments of which hardly any advertises: of so many rows of each file, in each of its languages."""
RESERVED = re.compile(r"\b(?:example|invalid|test)\b(?! \w)", re.IGNORECASE)
"""Endings that the invented addresses of our own texts have, also spelled out (``casino punto example``). No real one
has them, and a model must not learn them."""
NEWS_SOURCES = ("civil_comments", "toxic_spans_civil_comments", "beep", "k_mhas", "ro_offense", "mpold")
"""Sources of comments under news: the limit is chosen by theirs, since tweets are full of links and handles."""
CIVIL_TO = 0.2  # share of raters
HELD_OUT = 10  # one own text in so many is kept from training, by the hash of its text


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    is_spam: bool
    source: str  # "own" for texts written for this project
    language: str
    kind: str
    weight: float = 1.0


def own_texts() -> list[Text]:
    """The texts written for this project, one file for each language and label."""
    found = []
    for path in sorted(TEXTS.glob("*.jsonl")):
        language = path.stem.partition("_")[0]
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = RESERVED.sub("com", row["text"])
            found.append(Text(text, bool(row["label"]), "own", language, row["kind"]))
    return found


def is_held_out(text: Text) -> bool:
    return zlib.crc32(text.text.encode()) % HELD_OUT == 0


def labelled_spam(data: Path) -> list[Text]:
    """Spam and other texts of public sources."""
    return [
        Text(row["text"], row["label"] == "1", row["source"], row["language"], row["kind"])
        for row in _csv(data / SPAM_FILE)
    ]


def ordinary_comments(data: Path, *, seed: int = 3) -> list[Text]:
    """Comments of the files on toxicity, taken as no spam."""
    random = np.random.default_rng(seed)
    return [text for name, most in CIVIL_FILES.items() for text in _some_of_each(_comments(data / name), most, random)]


def civil_comments(data: Path) -> list[Text]:
    """Civil comments that are kept from all training, in every language: to choose the limit by and to measure."""
    rows = _csv(data / "multilingual" / "toxicity_valid.csv.gz") + _csv(data / "news" / "news_natural_mix_valid.csv.gz")
    return [_comment(row) for row in rows if row["toxicity"] and float(row["toxicity"]) <= CIVIL_TO]


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


def is_under_news(text: Text) -> bool:
    return text.source.partition("/")[2].startswith(NEWS_SOURCES)


def newspaper_comments(data: Path) -> list[Text]:
    """Real newspaper comments, for measuring alone: what share of them is held."""
    pairs = _csv(data / "relevance_pairs_evaluation_only.csv.gz")
    texts = dict.fromkeys(row["comment"] for row in pairs)
    return [Text(text, False, "newspapers", "en", "comment") for text in texts]


def _csv(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))

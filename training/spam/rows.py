"""Reads the texts that the spam model learns from, and those that it is measured on."""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TEXTS = Path(__file__).parent / "texts"
SPAM_FILE = "spam/spam_train.csv.gz"
CIVIL_FILES = ("toxicity_train.csv.gz", "multilingual/toxicity_train.csv.gz")
CIVIL_ROWS = 20_000  # of each of CIVIL_FILES: comments of which hardly any advertises
RESERVED = re.compile(r"\b(?:example|invalid|test)\b(?! \w)", re.IGNORECASE)
"""Endings that the invented addresses of our own texts have, also spelled out (``casino punto example``). No real one
has them, and a model must not learn them."""
NEWS_SOURCES = ("civil_comments_sample", "toxic_spans_civil_comments", "beep", "k_mhas", "ro_offense")
"""Sources of comments under news: the limit is chosen by theirs, since tweets are full of links and handles."""
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
    found = []
    for name in CIVIL_FILES:
        rows = _csv(data / name)
        chosen = np.random.default_rng(seed).choice(len(rows), min(CIVIL_ROWS, len(rows)), replace=False)
        found += [
            Text(rows[i]["text"], False, f"comments/{rows[i]['source']}", rows[i].get("language", "en"), "comment")
            for i in sorted(chosen)
        ]
    return found


def is_under_news(text: Text) -> bool:
    return text.source.partition("/")[2] in NEWS_SOURCES


def newspaper_comments(data: Path) -> list[Text]:
    """Real newspaper comments, for measuring alone: what share of them is held."""
    pairs = _csv(data / "relevance_pairs_evaluation_only.csv.gz")
    texts = dict.fromkeys(row["comment"] for row in pairs)
    return [Text(text, False, "newspapers", "en", "comment") for text in texts]


def _csv(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))

"""Rows in which threats, insults and attacks on groups are told apart from toxicity, for the fifth sitting.

People labelled no language but English with them. The kinds of the project's own texts say which of them a text is.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from training.multilingual.rows import (
    CIVIL_TEXTS,
    FOLDER,
    OWN_TEXTS,
    OWN_WEIGHT,
    at_most_per_source,
    read_civil,
    read_learnt,
    read_own,
)
from training.multilingual.second import HELD_OUT, TEXTS
from training.rows.dataset import LABELS, TRAIN_FILE, Rows, join, read_rows

ABUSE_TEXTS = Path(__file__).parent / "learnt"
"""Threats, abuse, and civil texts that look like them; as many lie beside it, held out. They are read twice."""

FOUND = Path("found") / "multilingual_train.csv.gz"
SEED = 31
ENGLISH, OWN_ENGLISH, CIVIL_TEXTS_READ, MOST_PER_SOURCE = 500, 500, 1_000, 600
CIVIL_TO, NO, WEAK = 0.2, 0.02, 0.3
"""A comment that raters call civil is neither a threat nor an insult; nobody was asked, so that counts less."""

KINDS: Mapping[str, Mapping[str, float]] = {
    "threat": {"threat": 0.92},
    "threat_direct": {"toxicity": 0.93, "threat": 0.95},
    "threat_veiled": {"toxicity": 0.85, "threat": 0.85, "insult": NO},
    "threat_conditional": {"toxicity": 0.9, "threat": 0.92},
    "insult": {"insult": 0.9, "threat": NO},
    "contempt": {"insult": 0.6, "threat": NO},
    "abuse": {"toxicity": 0.92, "insult": 0.93, "threat": NO},
    "group_attack": {"identity_attack": 0.88},
    "dehumanising": {"identity_attack": 0.88},
    "masked_swearing": {"threat": NO},
    "obscenity": {"obscene": 0.9},
}
"""The labels that a kind gives. All kinds of ``CIVIL_KINDS`` give those of ``CIVIL``."""

CIVIL = {"threat": NO, "insult": NO, "identity_attack": NO}
CIVIL_KINDS = frozenset(
    {"civil", "heated_civil", "quote", "negation", "neutral_group", "self_description", "civil_group", "look_alike"}
)
CIVIL_TOXICITY = 0.03


def read_fifth(data: Path, seed: int = SEED) -> Rows:
    """All rows of the sitting."""
    random = np.random.default_rng(seed)
    people = at_most_per_source(
        join(read_learnt(data / FOLDER / TRAIN_FILE), read_found(data)), random, MOST_PER_SOURCE
    )
    english, ours, civil = read_rows(data / TRAIN_FILE), read_own(OWN_TEXTS), read_civil(CIVIL_TEXTS)
    abuse = read_kinds(ABUSE_TEXTS)
    threats = np.flatnonzero(np.nan_to_num(ours.labels[:, LABELS.index("threat")]) >= 0.5)
    return join(
        english.pick(random.permutation(len(english))[:ENGLISH]),
        with_weak(people),
        ours.pick(np.concatenate([threats, random.permutation(len(ours))[:OWN_ENGLISH]])),
        with_weak(civil.pick(random.permutation(len(civil))[:CIVIL_TEXTS_READ])),
        learnt_texts(),
        abuse,
        abuse,
    )


def read_found(data: Path) -> Rows:
    """Portuguese and Spanish comments with several raters each; ``sources`` holds ``language/source``."""
    with gzip.open(data / FOUND, "rt", encoding="utf-8", newline="") as lines:
        records = list(csv.DictReader(lines))
    labels = np.asarray([[float(record.get(name) or "nan") for name in LABELS] for record in records], dtype=np.float32)
    sources = tuple(f"{record['language']}/{record['source']}" for record in records)
    return Rows(tuple(record["text"] for record in records), labels, np.ones_like(labels), sources)


def with_weak(rows: Rows) -> Rows:
    """Civil rows get the other labels, at little weight."""
    labels, weights = rows.labels.copy(), rows.weights.copy()
    civil = labels[:, 0] <= CIVIL_TO + 1e-6
    for name, value in CIVIL.items():
        column = LABELS.index(name)
        missing = civil & np.isnan(labels[:, column])
        labels[missing, column], weights[missing, column] = value, WEAK
    return Rows(rows.texts, labels, weights, rows.sources)


def learnt_texts() -> Rows:
    """The project's older texts without those that are held out."""
    rows = read_kinds(TEXTS)
    return rows.pick(np.flatnonzero([zlib.crc32(text.encode()) % HELD_OUT != 0 for text in rows.texts]))


def read_kinds(folder: Path) -> Rows:
    """Texts of a folder, labelled by their kinds. ``sources`` are ``own/language``."""
    records = [
        (record, f"own/{path.stem}")
        for path in sorted(folder.glob("*.jsonl"))
        for record in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]
    labels = np.asarray([labels_of(record) for record, _ in records], dtype=np.float32).reshape(-1, len(LABELS))
    texts = tuple(record["text"] for record, _ in records)
    return Rows(texts, labels, np.full_like(labels, OWN_WEIGHT), tuple(source for _, source in records))


def labels_of(record: Mapping[str, Any]) -> list[float]:
    """NaN where neither the record nor its kind says anything."""
    kind = record["kind"]
    known = {"toxicity": CIVIL_TOXICITY, **CIVIL} if kind in CIVIL_KINDS else KINDS[kind]
    own = {**known, **{name: record[name] for name in LABELS if name in record}}
    return [own.get(name, float("nan")) for name in LABELS]

"""The texts of the fifth sitting: enough of each kind, none twice, none held out among those learnt, labels by kind."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from training.multilingual.abuse.kinds import ABUSE_TEXTS, KINDS, labels_of, with_weak
from training.multilingual.rows import KEPT_NEW, read_learnt
from training.multilingual.second import TEXTS
from training.rows.dataset import LABELS, Rows

HELD = ABUSE_TEXTS.with_name("held")
LANGUAGES = ("de", "es", "fr", "it", "ko", "pl", "pt", "tr", "vi")
KINDS_OF_TEXTS = {"threat_direct", "threat_veiled", "threat_conditional", "abuse", "civil_group", "look_alike"}


def texts(folder: Path, language: str) -> list[tuple[str, str]]:
    lines = (folder / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(record["text"], record["kind"]) for record in map(json.loads, lines)]


def letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_three_hundred_texts_half_of_them_held_out(language: str) -> None:
    learnt, held = texts(ABUSE_TEXTS, language), texts(HELD, language)

    assert len(learnt) + len(held) >= 300
    assert 0.45 < len(held) / (len(learnt) + len(held)) < 0.55
    for part in (learnt, held):
        counts = Counter(kind for _, kind in part)
        assert set(counts) == KINDS_OF_TEXTS and min(counts.values()) >= 12


def test_no_text_comes_twice_or_is_both_learnt_and_held_out() -> None:
    counts = Counter(
        letters(text) for folder in (ABUSE_TEXTS, HELD) for code in LANGUAGES for text, _ in texts(folder, code)
    )

    assert [text for text, count in counts.items() if count > 1] == []


def test_each_kind_of_all_texts_has_labels() -> None:
    kinds = {
        kind
        for folder in (ABUSE_TEXTS, HELD, TEXTS)
        for path in folder.glob("*.jsonl")
        for _, kind in texts(folder, path.stem)
    }

    assert set(KINDS) < kinds
    labels = {kind: dict(zip(LABELS, labels_of({"kind": kind, "toxicity": 0.5}), strict=True)) for kind in kinds}
    assert all(labels[kind]["threat"] > 0.8 for kind in kinds if kind.startswith("threat"))
    assert labels["look_alike"]["threat"] < 0.05 and labels["abuse"]["threat"] < 0.05
    assert labels["group_attack"]["identity_attack"] > 0.8 > labels["civil_group"]["identity_attack"]
    assert np.isnan(labels["threat"]["insult"])


def test_a_text_says_its_toxicity_itself_where_it_has_one() -> None:
    assert labels_of({"kind": "threat_direct"})[0] == pytest.approx(0.93)
    assert labels_of({"kind": "threat_direct", "toxicity": 0.7})[0] == pytest.approx(0.7)


def test_only_civil_rows_get_weak_labels_and_only_where_nothing_is_known() -> None:
    labels = np.full((3, len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = (0.1, 0.9, 0.0)
    labels[2, LABELS.index("insult")] = 0.4

    weak = with_weak(Rows(("a", "b", "c"), labels, np.ones_like(labels), ("x", "x", "x")))

    threat, insult = LABELS.index("threat"), LABELS.index("insult")
    assert weak.labels[0, threat] < 0.05 and weak.weights[0, threat] < 1
    assert np.isnan(weak.labels[1, threat])
    assert weak.labels[2, insult] == pytest.approx(0.4) and weak.weights[2, insult] == 1


def test_no_row_of_a_source_that_is_kept_new_is_learnt_from(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    sources = [*sorted(KEPT_NEW), "offendes"]
    with gzip.open(path, "wt", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(
            [["language", "source", "text", "toxicity"], *(["es", own, own, 0] for own in sources)]
        )

    assert read_learnt(path).texts == ("offendes",)

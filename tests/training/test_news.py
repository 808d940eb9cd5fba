"""Labels of comments on news are taken back to shares of raters, and what nobody said stays unknown."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np

from training.rows.assemble import WEAK_WEIGHT
from training.rows.dataset import LABELS, Rows
from training.rows.news import FLAGGED_ATTACK, FLAGGED_TOXICITY, IMPLIED_WEIGHT, PLAIN, news_rows

COLUMNS = ("text", *LABELS, "source", "toxicity_implied")


def read(path: Path, **row: str) -> Rows:
    with gzip.open(path / "rows.csv.gz", "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerow({"text": "Text.", "source": "civil_comments:superni_binary", **row})
    return news_rows(path / "rows.csv.gz")


def test_a_label_of_one_is_no_certainty_and_others_stay_unknown(tmp_path: Path) -> None:
    rows = read(tmp_path, toxicity="1")

    assert rows.labels[0, 0] == np.float32(PLAIN)
    assert np.isnan(rows.labels[0, 1:]).all()


def test_a_comment_that_nobody_called_toxic_is_no_insult_either_at_a_low_weight(tmp_path: Path) -> None:
    rows = read(tmp_path, toxicity="0.0")

    assert (rows.labels[0] < 0.05).all()
    assert rows.weights[0].tolist() == [1.0, *[np.float32(WEAK_WEIGHT)] * 5]


def test_a_share_of_raters_stays_as_it_is(tmp_path: Path) -> None:
    assert read(tmp_path, toxicity="0.4", insult="0.25").labels[0, [0, 4]].tolist() == [np.float32(0.4), 0.25]


def test_toxicity_that_follows_from_another_label_counts_half(tmp_path: Path) -> None:
    rows = read(tmp_path, threat="1", toxicity_implied="1")

    assert rows.labels[0, [0, 3]].tolist() == [np.float32(PLAIN)] * 2
    assert rows.weights[0, 0] == IMPLIED_WEIGHT


def test_civil_talk_of_a_group_is_no_attack_on_it(tmp_path: Path) -> None:
    rows = read(tmp_path, toxicity="0.0", source="civil_comments:civil_but_flagged")

    assert rows.labels[0, 0] == np.float32(FLAGGED_TOXICITY)
    assert rows.labels[0, LABELS.index("identity_attack")] == np.float32(FLAGGED_ATTACK)

"""Labels of comments on news are taken back to shares of raters, and what nobody said stays unknown. Readings become
labels, other scales are brought to theirs, and what measures is apart."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from training.rows.assemble import LARGEST, SMALLEST, TOXICITY, WEAK_WEIGHT
from training.rows.dataset import LABELS, Rows
from training.rows.news import FLAGGED_ATTACK, FLAGGED_TOXICITY, IMPLIED_WEIGHT, PLAIN, news_rows
from training.rows.panel import (
    FOUND_TRAIN,
    PANEL_MIX,
    PANEL_TRAIN,
    PERSPECTIVE,
    found_rows,
    panel_rows,
    perspective_rows,
    read_mix,
)
from training.rows.panel_mix import OF_A_VOTE, PANEL_WEIGHT, as_read, with_votes

INSULT, THREAT = LABELS.index("insult"), LABELS.index("threat")
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


def write(path: Path, records: Sequence[Mapping[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(dict.fromkeys(name for record in records for name in record)), restval="")
        writer.writeheader()
        writer.writerows(records)
    return path


def test_a_reading_is_a_label_off_nought_and_one(tmp_path: Path) -> None:
    record = {"text": "You fool.", "toxicity": "0.7", "insult": "1", "identity_attack": "0.0", "source": "panel_x"}
    write(tmp_path / PANEL_TRAIN, [record])

    rows = panel_rows(tmp_path)

    assert rows.labels[0, [TOXICITY, INSULT]].tolist() == pytest.approx([0.7, LARGEST])
    assert rows.labels[0, LABELS.index("identity_attack")] == pytest.approx(SMALLEST)
    assert np.isnan(rows.labels[0, THREAT])


def test_a_comment_that_is_plainly_civil_is_no_threat_at_a_low_weight(tmp_path: Path) -> None:
    given = {"A.": "0.05", "B.": "0.4"}
    write(tmp_path / PANEL_TRAIN, [{"text": a, "toxicity": b, "source": "panel_x"} for a, b in given.items()])

    rows = panel_rows(tmp_path)

    assert rows.labels[0, THREAT] == pytest.approx(SMALLEST)
    assert rows.weights[0, [TOXICITY, THREAT]].tolist() == pytest.approx([1, WEAK_WEIGHT])
    assert np.isnan(rows.labels[1, THREAT])


@pytest.mark.parametrize(("given", "least", "most"), [("0.5", 0.05, 0.15), ("0.65", 0.5, 0.5), ("0.95", 0.95, 0.99)])
def test_ruddits_neutral_is_civil(tmp_path: Path, given: str, least: float, most: float) -> None:
    write(tmp_path / FOUND_TRAIN, [{"text": "Text.", "toxicity": given, "source": "ruddit"}])

    assert least <= found_rows(tmp_path).labels[0, TOXICITY] <= most


def test_another_source_keeps_its_scale(tmp_path: Path) -> None:
    write(tmp_path / FOUND_TRAIN, [{"text": "Text.", "toxicity": "0.5", "source": "sbic_dev_test"}])

    assert found_rows(tmp_path).labels[0, TOXICITY] == 0.5


def test_the_score_of_another_model_stands_for_toxicity_alone(tmp_path: Path) -> None:
    write(tmp_path / PERSPECTIVE, [{"text": "Text.", "perspective_toxicity": "0.3", "source": "gab_perspective"}])

    rows = perspective_rows(tmp_path)

    assert rows.labels[0, TOXICITY] == pytest.approx(0.3)
    assert np.isnan(rows.labels[0, 1:]).all()


def test_the_mix_has_those_on_which_crowd_and_readings_agree(tmp_path: Path) -> None:
    records = [
        {"text": "A.", "raters": "1", "reading_1": "0.6", "reading_2": "0.8", "agreed": "toxic"},
        {"text": "B.", "raters": "0", "reading_1": "0.1", "reading_2": "0.0", "agreed": "civil"},
        {"text": "C.", "raters": "1", "reading_1": "0.1", "reading_2": "0.1", "agreed": ""},
    ]
    write(tmp_path / PANEL_MIX, records)

    mixed = read_mix(tmp_path)

    assert mixed.toxic.tolist() == [True, False, False]
    assert mixed.civil.tolist() == [False, True, False]
    assert mixed.readings.tolist() == pytest.approx([0.7, 0.05, 0.1])


def rows(*texts: str, **labels: float) -> Rows:
    values = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    for name, value in labels.items():
        values[:, LABELS.index(name)] = value
    return Rows(texts, values, np.ones_like(values), ("civil_comments:superni_binary",) * len(texts))


def test_the_crowd_adds_labels_that_nobody_read_and_changes_none() -> None:
    panel, news = rows("A.", toxicity=0.2, insult=0.3), rows("B.", "A.", toxicity=0.9, insult=0.9, threat=0.9)

    both = with_votes(panel, news)

    assert both.labels[0, [TOXICITY, INSULT, THREAT]].tolist() == pytest.approx([0.2, 0.3, 0.9])
    assert both.weights[0, [TOXICITY, INSULT]].tolist() == [PANEL_WEIGHT, 1]
    assert np.isnan(both.labels[0, LABELS.index("obscene")])


def test_a_vote_for_toxicity_is_likelier_wrong_than_one_for_civility() -> None:
    civil, toxic = as_read(np.asarray([0, 1], dtype=np.float32))

    assert civil == pytest.approx(OF_A_VOTE[0])
    assert 1 - toxic > civil

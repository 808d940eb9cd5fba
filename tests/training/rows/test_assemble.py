"""The texts of the second stage, and those that are kept out."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from training.rows.assemble import (
    GRADED_SHARE,
    GRADED_WEIGHT,
    HAND_WEIGHT,
    WEAK_WEIGHT,
    Mix,
    add_hand_labels,
    add_weak_labels,
    held_out,
    read_hand_labels,
    read_own_texts,
    second_stage,
)
from training.rows.dataset import LABELS, Rows, join

NAN = float("nan")


def rows_of(*labels: tuple[float, ...], source: str = "cat_wikipedia") -> Rows:
    matrix = np.asarray(labels, dtype=np.float32)
    texts = tuple(f"comment number {place}" for place in range(len(labels)))
    return Rows(texts, matrix, np.ones_like(matrix), (source,) * len(labels))


def own_text(text: str, **fields: object) -> dict[str, object]:
    return {"text": text, **dict.fromkeys(LABELS, 0.0), "kind": "civil", **fields}


def write_texts(folder: Path, records: list[dict[str, object]]) -> None:
    (folder / "texts.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_both_texts_of_a_pair_go_the_same_way(tmp_path: Path) -> None:
    pairs = [f"c{number:04}" for number in range(200)]
    write_texts(tmp_path, [own_text(f"{pair} {side}", pair=pair) for pair in pairs for side in ("calm", "rude")])

    train, keep = read_own_texts(tmp_path)

    assert len(keep) > 0 and len(train) + len(keep) == 400
    assert not {text.split()[0] for text in train.texts} & {text.split()[0] for text in keep.texts}


def test_hand_labels_override_by_hash_and_weigh_more() -> None:
    rows = rows_of((1.0, NAN, NAN, NAN, 0.0, NAN), (0.0, NAN, NAN, NAN, NAN, NAN))
    digest = hashlib.sha256(rows.texts[0].encode()).hexdigest()
    hand = np.asarray([NAN, 0.25, 0.0, 0.0, 0.75, NAN], dtype=np.float32)

    train, keep = add_hand_labels(rows, {digest: hand})
    labelled = keep if held_out(rows.texts[0]) else train

    assert labelled.labels[0].tolist()[0:5] == [1.0, 0.25, 0.0, 0.0, 0.75]
    assert labelled.weights[0].tolist() == [1.0, *[HAND_WEIGHT] * 4, 1.0]
    assert np.isnan(labelled.labels[0, 5])


def test_toxicity_of_a_graded_row_lies_between_what_its_raters_said_and_what_we_say() -> None:
    rows = rows_of((1.0, NAN, NAN, NAN, NAN, NAN), (NAN, NAN, NAN, NAN, NAN, NAN))
    graded = np.asarray([0.25, 0.0, 0.0, 0.0, 0.5, 0.0], dtype=np.float32)
    by_hash = {hashlib.sha256(text.encode()).hexdigest(): graded for text in rows.texts}

    labelled = join(*add_hand_labels(rows, by_hash))

    of_text = dict(zip(labelled.texts, labelled.labels[:, 0].tolist(), strict=True))
    assert of_text[rows.texts[0]] == pytest.approx(GRADED_SHARE * 0.25 + (1 - GRADED_SHARE))
    assert of_text[rows.texts[1]] == 0.25
    assert (labelled.weights == GRADED_WEIGHT).all()
    assert (labelled.labels[:, 1:] == graded[1:]).all()


def test_a_row_in_several_files_has_the_labels_of_all(tmp_path: Path) -> None:
    (tmp_path / "graded.csv").write_text("sha256,toxicity,insult\nab,0.5,0.25\n", encoding="utf-8")
    (tmp_path / "relabelled.csv").write_text("sha256,insult,threat\nab,0.75,\n", encoding="utf-8")

    labels = read_hand_labels(tmp_path)["ab"]

    assert labels[[0, LABELS.index("insult")]].tolist() == [0.5, 0.75]
    assert np.isnan(np.delete(labels, [0, LABELS.index("insult")])).all()


def test_a_civil_comment_gets_weak_zeros_only_where_raters_were_asked_about_offence() -> None:
    civil = (0.0, NAN, NAN, NAN, NAN, NAN)

    asked = add_weak_labels(rows_of(civil, source="davidson_tweets"))
    not_asked = add_weak_labels(rows_of(civil, source="gab_hate_corpus"))

    assert asked.labels[0, LABELS.index("insult")] == 0.0
    assert asked.weights[0, LABELS.index("insult")] == np.float32(WEAK_WEIGHT)
    assert np.isnan(not_asked.labels[0, LABELS.index("insult")])


def test_a_plain_insult_without_a_toxicity_label_becomes_toxic() -> None:
    filled = add_weak_labels(rows_of((NAN, NAN, NAN, NAN, 1.0, NAN), (NAN, NAN, NAN, NAN, 0.5, NAN)))

    assert filled.labels[0, 0] == 1.0
    assert np.isnan(filled.labels[1, 0])


def test_second_stage_repeats_own_texts_and_keeps_held_out_ones_away(tmp_path: Path) -> None:
    texts, hand = tmp_path / "texts", tmp_path / "labels"
    texts.mkdir()
    hand.mkdir()
    write_texts(texts, [own_text(f"own text {number}") for number in range(100)])

    train, keep = second_stage(rows_of((0.0,) * 6), texts, hand, Mix(own_copies=3))

    assert len(train) == 1 + 3 * (100 - len(keep))
    assert not set(train.texts) & set(keep.texts)
    assert float(train.labels.min()) > 0

"""Bundles the encoder of topics.

It calibrates relevance on headlines that no training saw, measures it, and writes into the manifest the languages in
which it is good enough, and those in which it is beside English, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from training.multilingual.bundle import export_of_words
from training.multilingual.topics.relevance import (
    Measures,
    is_good,
    is_good_with_english,
    measure,
    read_sets,
    relevance_of,
    table,
)
from training.multilingual.topics.subjects import read_headlines
from training.multilingual.topics.train import Topics, read_table, untrained
from training.multilingual.train import PREFIX
from training.publishing.bundle import sha256_of
from training.relevance.calibrate import fit, fit_to_articles, uncalibrated
from training.relevance.teacher import relevance_of as english_relevance_of
from training.rows.pairs import read_arguments
from workers.scoring.engines.onnx import VECTOR
from workers.scoring.engines.weights import MANIFEST, TOKENIZER_FILE, TOPICS_FILE, Weights
from workers.scoring.export.exporting import write_json
from workers.scoring.export.outliers import SAMPLE, Feeds, split_outliers
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.encoder_vectors import RELEVANCE
from workers.scoring.relevance.topic_vectors import BY_LANGUAGE, STATES, WITH_ENGLISH

FITTED = ("title", "text")
"""The kinds that each language is calibrated in."""


class OfWords(torch.nn.Module):
    """The encoder as a function of rows of the word table and the mask."""

    def __init__(self, model: Topics) -> None:
        super().__init__()
        self.model = model

    def forward(self, words: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mask = attention_mask.bool()
        return self.model.ended(self.model.begun_of(words, mask), mask)


def publish(data: Path, base: Path, trained: Path, folder: Path, english: Path) -> str:
    """Bundles and calibrates, and returns the table of measures. ``english`` is the folder of the English weights."""
    weights, measures = calibrate(bundle(base, trained, folder), data, english_relevance_of(english))
    write_json(folder / MANIFEST, weights.manifest)
    return table(measures)


def bundle(base: Path, trained: Path, folder: Path) -> Weights:
    """Writes the graph of a sitting's file into the folder of the multilingual weights, whose manifest, as returned,
    names it."""
    model = untrained(base, folder)
    model.load_state_dict(torch.load(trained, weights_only=True))
    hidden, in_float = model.encoder.shape.hidden, partial(split_outliers, feeds=feeds(folder))
    export_of_words(OfWords(model).eval(), hidden, (VECTOR, STATES), folder / TOPICS_FILE, in_float)
    weights = Weights.read("multilingual", folder)
    files = {**weights.manifest["files"], TOPICS_FILE: sha256_of(folder / TOPICS_FILE)}
    return replace(weights, manifest={**weights.manifest, "files": files})


def feeds(folder: Path) -> Feeds:
    """Some texts as the graph reads them."""
    tokenizer, table = Tokenizer.from_file(str(folder / TOKENIZER_FILE)), read_table(folder)
    ids = [torch.tensor([tokenizer.encode(PREFIX + text).ids]) for text in SAMPLE]
    return [{"words": table[own].numpy(), "attention_mask": torch.ones_like(own).numpy()} for own in ids]


def calibrate(weights: Weights, data: Path, english: Relevance) -> tuple[Weights, dict[str, Measures]]:
    """Fits the calibration of each language on its held-out headlines, and names the languages that are good enough.

    The calibration for replies, and for languages without one of their own, is fitted for all together. ``english`` are
    the English weights. Returns the weights with all that in their manifest, and the measures.
    """
    sets = read_sets()
    papers = {
        code: [subject.article for subject in own]
        for code, own in read_headlines(held_out=True).items()
        if code in sets
    }
    plain = relevance_of(with_relevance(weights, {"calibration": uncalibrated()}))
    own: dict[str, Any] = {
        "calibration": fit(plain, read_arguments(data), papers)[0],
        BY_LANGUAGE: {
            code: {kind: fit_to_articles(plain, {code: own}, kind) for kind in FITTED} for code, own in papers.items()
        },
    }
    measures = measure(sets, relevance_of(with_relevance(weights, own)), english)
    own["languages"] = [code for code in sets if is_good(measures[code])]
    own[WITH_ENGLISH] = [code for code in sets if is_good_with_english(measures[code])]
    own[BY_LANGUAGE] = {code: fitted for code, fitted in own[BY_LANGUAGE].items() if code in own["languages"]}
    return with_relevance(weights, own), measures


def with_relevance(weights: Weights, own: Mapping[str, Any]) -> Weights:
    """The weights with this in their manifest. No language is judged unless it says so."""
    whole = {"dimensions": weights.manifest["hidden"], "languages": [], WITH_ENGLISH: [], **own}
    return replace(weights, manifest={**weights.manifest, RELEVANCE: whole})

"""One sentence of a longer comment is scored alone, so that civil sentences around an insult do not wash it out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.encoder.worst_sentence import (
    DISCOUNT,
    LONG_CHARS,
    MOST_CHARS,
    MOST_SENTENCES,
    Place,
    candidates,
    stretches,
    worst_sentences,
)
from workers.scoring.engines.onnx import OnnxEngine, logit
from workers.scoring.engines.weights import NGRAMS_FILE, ModelFolders, Weights
from workers.scoring.loading import find_export
from workers.scoring.ngrams.model import NGrams, read_ngrams

CIVIL = (
    "The council will vote on the tram line next Tuesday, and the finance committee meets the day before. "
    "I have read the report, which says that the depot would move to the old gasworks by the river. "
    "My only question is who pays for the bridge, since the county has said twice that it will not. "
)
INSULT = "You are a stupid, worthless idiot. "


def worst_sentence(text: str, ngrams: NGrams) -> Place | None:
    """Beside other texts, which make no difference."""
    asked = [(each, candidates(each)) for each in (CIVIL * 3, text, "", f"{INSULT} {CIVIL * 2}")]
    return worst_sentences(asked, ngrams)[1]


@pytest.fixture(scope="module")
def weights(places: ModelFolders) -> Weights:
    return find_export("bundled", places)


@pytest.fixture(scope="module")
def ngrams(weights: Weights) -> NGrams:
    return read_ngrams(weights.verified(NGRAMS_FILE))


@pytest.fixture(scope="module")
def toxicity(weights: Weights) -> Toxicity:
    return Toxicity(OnnxEngine(weights), weights)


def test_the_insult_is_found_among_civil_sentences(ngrams: NGrams) -> None:
    text = CIVIL + INSULT + CIVIL

    assert worst_sentence(text, ngrams) == (len(CIVIL), len(CIVIL + INSULT))


@pytest.mark.parametrize(
    "text",
    [
        INSULT * 3,
        f"{INSULT}{CIVIL}"[: LONG_CHARS - 1],
        "no full stop anywhere in this " * 20,
        (INSULT + CIVIL) * 50,
        " \n" * LONG_CHARS,
        "",
    ],
    ids=["short", "one character too short", "one sentence", "very long", "blank", "empty"],
)
def test_other_texts_have_no_sentence_of_their_own(text: str, ngrams: NGrams) -> None:
    assert worst_sentence(text, ngrams) is None


@pytest.mark.parametrize("text", [(INSULT + CIVIL * 20)[:LONG_CHARS], (INSULT + CIVIL * 20)[:MOST_CHARS]])
def test_a_text_at_either_limit_has_one(text: str, ngrams: NGrams) -> None:
    assert worst_sentence(text, ngrams) == (0, len(INSULT))


@pytest.mark.parametrize("text", ["a. " * 1_600, "You! " * 1_000, CIVIL * 12, "\n".join("ab" * 900)])
def test_stretches_cover_the_text_and_are_few(text: str) -> None:
    found = stretches(text)

    assert len(found) <= 2 * MOST_SENTENCES
    assert found[0][0] == 0
    assert found[-1][1] == len(text)
    assert all(one[1] == following[0] for one, following in pairwise(found))


def test_an_insult_among_civil_sentences_counts_nearly_as_much_as_alone(toxicity: Toxicity) -> None:
    alone, washed_out = logit(toxicity.score([INSULT, CIVIL + INSULT + CIVIL]))

    assert np.allclose(washed_out.max(), (alone - DISCOUNT).max(), atol=0.3)  # int8 rounds by its neighbours
    assert washed_out.max() > logit(toxicity.probabilities([CIVIL + INSULT + CIVIL])).max() + 1


def test_a_civil_comment_stays_far_from_every_limit(toxicity: Toxicity) -> None:
    assert toxicity.score([CIVIL]).max() < 0.3


def test_the_words_of_the_sentence_are_known_without_the_discount(toxicity: Toxicity) -> None:
    scored = toxicity.scored([CIVIL + INSULT + CIVIL])[0]
    place = next(i for i, window in enumerate(scored.windows) if window.discount)

    assert np.allclose(logit(scored.in_full[place]) - logit(scored.rows[place]), DISCOUNT, atol=0.01)

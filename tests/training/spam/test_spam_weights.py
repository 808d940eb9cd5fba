"""The spam model: a limit that spares every language, and scores shifted so that the limit stays the default one."""

from __future__ import annotations

import numpy as np
import pytest

from training.spam.rows import Text, our_comments
from training.spam.train import CIVIL_WEIGHTS, FEWEST, WEIGHTS, caught_at, fit, limit_for, scores, shifted, weight_of
from workers.scoring.ngrams.model import NGrams

SPAM = [f"win a free prize number {n} in our casino, join today" for n in range(40)]
CIVIL = [f"the council closed the bridge in street {n} without asking anybody" for n in range(40)]


def text(words: str, *, is_spam: bool = False, source: str = "comments/paper", language: str = "en") -> Text:
    return Text(words, is_spam, source, language, "comment")


@pytest.fixture(scope="module")
def model() -> NGrams:
    return fit([*(text(one, is_spam=True) for one in SPAM), *(text(one) for one in CIVIL)])


def test_the_model_tells_advertisements_from_comments(model: NGrams) -> None:
    free, bridge = scores(model, [text("a free prize in the casino"), text("asking the council about the bridge")])

    assert free > 0.5 > bridge


def test_the_limit_holds_few_comments_of_the_language_that_is_held_most(model: NGrams) -> None:
    easy = [text(f"asking {'bridge ' * n}", language="de") for n in range(FEWEST)]
    hard = [text(f"a casino {'bridge ' * n}", language="pt") for n in range(FEWEST)]

    limit = limit_for(model, [*easy, *hard], share=0.01)

    assert limit > limit_for(model, easy, share=0.01)
    assert np.mean(scores(model, hard) >= limit) <= 0.01


def test_a_language_of_few_comments_does_not_choose_the_limit(model: NGrams) -> None:
    easy = [text(f"asking {'bridge ' * n}", language="de") for n in range(FEWEST)]
    few = [text(f"a casino {'prize ' * n}", language="da") for n in range(FEWEST - 1)]

    assert limit_for(model, [*easy, *few]) == limit_for(model, easy)


def test_a_shift_moves_the_limit_and_keeps_the_order(model: NGrams) -> None:
    texts = [text(one) for one in (SPAM[0], CIVIL[0], "a prize for the bridge")]
    limit = float(scores(model, texts)[2])

    moved = scores(shifted(model, limit, to=0.62), texts)

    assert moved[2] == pytest.approx(0.62, abs=1e-4)
    assert np.argsort(moved).tolist() == np.argsort(scores(model, texts)).tolist()


def test_spam_is_caught_where_it_stands_above_its_sources_ordinary_texts(model: NGrams) -> None:
    spam = [
        text("free casino prize, join today", is_spam=True, source="sms"),
        text(CIVIL[3], is_spam=True, source="sms"),
    ]
    ordinary = [text(f"lunch at {n}?", source="sms") for n in range(60)]

    assert caught_at(model, [*spam, *ordinary]) == {"sms": {"spam": 2, "caught": 0.5}}
    assert caught_at(model, [*spam, *ordinary[:10]]) == {}


def test_a_text_weighs_by_its_source_and_a_civil_one_by_its_language() -> None:
    assert weight_of(text("x", source="own", language="pt")) == WEIGHTS["own"]
    assert weight_of(text("x", language="pt")) == CIVIL_WEIGHTS["pt"]
    assert weight_of(text("x", is_spam=True, language="pt")) == weight_of(text("x")) == 1.0


def test_our_comments_for_other_models_are_ordinary_ones_in_many_languages() -> None:
    found = our_comments(np.random.default_rng(0))

    assert len({one.language for one in found}) >= 17
    assert not any(one.is_spam for one in found)

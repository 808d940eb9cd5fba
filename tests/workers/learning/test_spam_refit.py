"""Learning what one site's people reject as spam, with the bundled weights."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from moderation.insight.learning.example_rows import Example, LabelSource
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from tests.builders import NOON
from workers.learning.spam_refit import FEWEST, SpamMatrix, corrections, refit
from workers.scoring.engines.weights import BUNDLED, NGRAMS_FILE, Weights, default_models_dir
from workers.scoring.ngrams.corrections import MOST_BUCKETS, SiteNGrams, pack, unpack
from workers.scoring.ngrams.model import NGrams, read_ngrams
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.spam.scorer import SpamScorer

FOLDER = default_models_dir() / "spam"
LIMIT = 0.59
WHO = ("My uncle", "My neighbour", "A colleague", "My sister in law", "The baker", "Our old teacher")
ALMANAC = ("the yellow almanac from the mill", "the mill's yellow almanac", "the yellow almanac as millers print it")
EFFECT = ("and plants beans by it", "and knows the weather", "and mows when it says so", "and quarrels with nobody")
TOPIC = ("the new bridge", "the school budget", "the night bus", "the harbour", "the library", "the wind farm")
VIEW = ("costs too much", "comes too late", "was voted down for no reason", "is long overdue", "will not last")
AGE = ("last year", "again", "as in my youth", "sadly", "and nobody asked us", "says my wife")


def decided(text: str, reason: str | None) -> Example:
    return Example(text, text, reason is not None, reason, "en", NOON, LabelSource.PEOPLE)


def a_house(spam: int, other: int, seed: int = 5) -> list[Example]:
    """Decisions of a newsroom that is plagued by one advertisement which the shipped weights do not know."""
    draw = random.Random(seed)
    found = [
        decided(f"{draw.choice(WHO)} reads {draw.choice(ALMANAC)} {draw.choice(EFFECT)} {i}", SPAM_REASON)
        for i in range(spam)
    ]
    found += [
        decided(
            f"{draw.choice(TOPIC)} {draw.choice(VIEW)} {draw.choice(AGE)} {i}",
            None if i % 3 else "Insult or abuse",
        )
        for i in range(other)
    ]
    draw.shuffle(found)
    return found


@pytest.fixture(scope="module")
def ngrams() -> NGrams:
    return read_ngrams(FOLDER / NGRAMS_FILE)


@pytest.fixture(scope="module")
def learnt(ngrams: NGrams) -> SiteNGrams:
    found = refit(ngrams, a_house(120, 240), limit=LIMIT)
    assert found.weights is not None, found.refusal
    return unpack(found.weights, version="site@1")


def values(texts: Sequence[str], site: SiteNGrams | None) -> list[float]:
    spam = SpamScorer(Weights.read(BUNDLED, FOLDER))
    scored = spam.score([Scorable(text, site_spam=site) for text in texts])
    return [signal.value for (signal,) in scored if signal.value is not None]


def test_an_advertisement_that_people_reject_is_caught_from_then_on(learnt: SiteNGrams) -> None:
    new = ["The dentist reads the yellow almanac from the mill and smiles again"]

    assert values(new, None)[0] < LIMIT <= values(new, learnt)[0]


def test_the_site_keeps_what_everybody_knows(learnt: SiteNGrams) -> None:
    texts = [
        "Best online casino, 200% bonus on your first deposit, play now at lucky-spin88.com",
        "The council should have asked the residents before it closed the bridge.",
        "The tea in the station is cold and costs four pounds.",
    ]

    casino, council, tea = values(texts, learnt)

    assert casino >= LIMIT
    assert max(council, tea) < LIMIT


def test_the_scoring_names_the_sites_version(learnt: SiteNGrams) -> None:
    spam = SpamScorer(Weights.read(BUNDLED, FOLDER))

    ((signal,),) = spam.score([Scorable("Nettle tea from the monastery", site_spam=learnt)])

    assert signal.source == f"{spam.version}+site@1"


def test_the_evidence_marks_the_words_that_the_site_learnt(learnt: SiteNGrams) -> None:
    spam = SpamScorer(Weights.read(BUNDLED, FOLDER))
    text = "Yesterday she read the yellow almanac and sang"

    (evidence,) = spam.explain([Unexplained(Scorable(text, site_spam=learnt), ("spam",))])

    assert "almanac" in {text[span.start : span.end] for span in evidence["spam"]}


def test_the_newest_decisions_say_what_it_is_worth(ngrams: NGrams) -> None:
    found = refit(ngrams, a_house(120, 240), limit=LIMIT)

    assert found.before is not None
    assert found.after is not None
    assert found.after.caught > 0.9 > found.before.caught
    assert found.after.held <= 0.02
    assert found.after.auc > found.before.auc


@pytest.mark.parametrize(("spam", "other"), [(FEWEST - 1, 200), (200, FEWEST - 1), (0, 0)])
def test_too_few_decisions_teach_nothing(ngrams: NGrams, spam: int, other: int) -> None:
    found = refit(ngrams, a_house(spam, other), limit=LIMIT)

    assert found.weights is None
    assert found.refusal is not None
    assert f"{spam} decisions" in found.refusal


def test_as_many_as_it_takes_are_enough(ngrams: NGrams) -> None:
    assert refit(ngrams, a_house(FEWEST, FEWEST, seed=2), limit=LIMIT).weights is not None


def test_labels_without_sense_are_not_used(ngrams: NGrams) -> None:
    draw = random.Random(1)
    senseless = [decided(one.text, draw.choice((SPAM_REASON, None))) for one in a_house(0, 300)]

    found = refit(ngrams, senseless, limit=LIMIT)

    assert found.weights is None
    assert found.refusal is not None
    assert "no better" in found.refusal or "would be held" in found.refusal


def test_the_same_decisions_teach_the_same(ngrams: NGrams) -> None:
    first, second = (refit(ngrams, a_house(80, 80), limit=LIMIT).weights for _ in range(2))

    assert first == second


def test_the_fit_finds_the_minimum() -> None:
    """At the minimum the gradient is zero: the ridge balances the errors."""
    draw = np.random.default_rng(3)
    dense = draw.random((60, 5))
    dense /= np.linalg.norm(dense, axis=1)[:, None]
    labels = dense[:, 0] > 0.45
    known = np.zeros(60)
    matrix = SpamMatrix.of([(np.arange(5), row.astype(np.float32)) for row in dense])

    weights, bias = corrections(matrix, known, labels)

    shares = np.where(labels, 0.5 / labels.sum(), 0.5 / (~labels).sum())
    errors = shares * (1 / (1 + np.exp(-(dense @ weights + bias))) - labels)
    slope = np.append(dense.T @ errors, errors.sum()) + np.append(weights, bias) / (2.0 * 60)
    assert np.abs(slope).max() < 1e-3
    assert weights[0] > 0


def test_weights_survive_packing_and_stay_small() -> None:
    draw = np.random.default_rng(4)
    buckets = np.sort(draw.permutation(1 << 20)[: MOST_BUCKETS + 1]).astype(np.int32)
    known = draw.normal(size=len(buckets)).astype(np.float32)

    packed = pack(buckets, known, 0.25)

    assert len(packed) <= 2_000_000
    back = unpack(packed, version="site@1")
    assert len(back.buckets) <= MOST_BUCKETS
    assert np.abs(back.of(buckets.astype(np.int64)) - known).max() <= np.abs(known).max() / 127
    assert back.bias == 0.25


def test_a_bucket_that_was_not_learnt_changes_nothing() -> None:
    site = SiteNGrams("site@1", np.asarray([3, 9], np.int32), np.asarray([1.0, -2.0], np.float32), 0.0)

    assert site.of(np.asarray([0, 3, 5, 9, 11])).tolist() == [0.0, 1.0, 0.0, -2.0, 0.0]
    nothing = SiteNGrams("site@1", np.asarray([], np.int32), np.asarray([], np.float32), 0.0)
    assert nothing.of(np.asarray([1, 2])).tolist() == [0.0, 0.0]

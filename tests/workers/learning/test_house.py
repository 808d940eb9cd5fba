"""Learning what one newsroom's people reject: what is learnt, what is refused, and how it is judged."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from moderation.ground.values.signals import Signal
from moderation.insight.learning.example_rows import LabelSource
from moderation.insight.learning.examples import FEWEST
from tests.builders import NOON
from tests.workers.learning.newsrooms import HATED, OFF_TOPIC, RUDE, SPACE, a_newsroom, later, vector
from workers.learning.house_figures import area, automated, ranges, share_better, share_deciding_less
from workers.learning.house_fit import fitted, unseen_logits
from workers.learning.house_learning import Learnt, learn, split_by_time
from workers.learning.house_matrix import Seen, matrix, scores_by
from workers.learning.house_numbers import Numbers
from workers.learning.house_refusals import InUse
from workers.scoring.house.features import BUCKETS
from workers.scoring.house.model import LARGEST_BYTES, HouseModel, pack, unpack
from workers.scoring.house_scorer import LIKELY, house_evidence, house_signals
from workers.scoring.ngrams.model import features
from workers.scoring.scorable import Scorable

LATER = NOON + timedelta(days=30)
HATED_TEXT = "The ferry and the timetable, again"
PLAIN_TEXT = "The library and the museum, again"


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    return learn(a_newsroom(400), now=LATER)


@pytest.fixture(scope="module")
def model(learnt: Learnt) -> HouseModel:
    assert learnt.model is not None and learnt.refusal is None, learnt.refusal
    return unpack(pack(learnt.model), version="house@1")


def house(model: HouseModel, text: str, space: str = SPACE) -> Signal:
    own = vector(random.Random(1), space)
    (signal,) = house_signals(Scorable(text, language="en", house=model), own, [Signal("toxicity", 0.3, "toxicity@1")])
    return signal


def without_words(rest: NDArray[np.float64]) -> Numbers:
    return Numbers(sparse.csr_matrix((len(rest), 0), dtype=np.float32), rest.astype(np.float32))


def test_what_people_here_reject_scores_high_though_the_shipped_models_mind_nothing(
    learnt: Learnt, model: HouseModel
) -> None:
    hated, plain = house(model, HATED_TEXT), house(model, PLAIN_TEXT)

    assert hated.value is not None and plain.value is not None
    assert hated.value > 0.6 > 0.45 > plain.value
    assert hated.source == "house@1"
    assert learnt.report["both"]["auc"] > 0.85 > 0.65 > learnt.report["general"]["auc"]


def test_it_is_judged_on_the_newest_fifth_which_it_has_not_seen() -> None:
    data = matrix(a_newsroom(300))

    split = split_by_time(data)

    assert len(split.judged) == 60
    assert split.older.max() < split.judged.min()


def test_the_same_examples_give_the_same_model_and_report(learnt: Learnt, model: HouseModel) -> None:
    again = learn(a_newsroom(400), now=LATER)

    assert again.report == learnt.report
    assert again.model is not None
    twice = unpack(pack(again.model), version="house@1")
    assert np.array_equal(twice.words, model.words) and np.array_equal(twice.rest, model.rest)


def test_it_is_small_even_where_every_bucket_has_a_weight(model: HouseModel) -> None:
    random_words = np.random.default_rng(1).integers(-127, 128, (BUCKETS, 9)).astype(np.int8)
    full = replace(model, words=random_words, scales=np.ones(9, np.float32))

    packed = pack(replace(full, rest=np.repeat(model.rest[:, :1], 9, axis=1), bias=np.zeros(9, np.float32)))

    assert len(pack(model)) < LARGEST_BYTES / 4
    assert LARGEST_BYTES / 4 < len(packed) <= LARGEST_BYTES


def test_weights_of_another_format_are_refused(model: HouseModel, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack(model)
    monkeypatch.setattr("workers.scoring.house.model.FORMAT", 2)

    with pytest.raises(ValueError, match="house@1 has the format 1"):
        unpack(packed, version="house@1")


def test_too_few_decisions_say_how_many_are_needed_and_from_when() -> None:
    few = learn(a_newsroom(FEWEST - 100), now=NOON + timedelta(days=1))

    assert few.model is None
    assert few.refusal is not None and few.refusal.startswith("100 decisions by people are known")
    assert "needs 200 decisions, 50 of them rejections and 50 not" in few.refusal
    assert "At the pace of the last thirty days that will be on 02 April 2026." in few.refusal


def test_decisions_without_a_pattern_give_a_model_that_is_not_offered() -> None:
    found = learn(a_newsroom(300, taste=False), now=LATER)

    assert found.refusal == "it is not clearly better than the shipped models on the newest decisions"
    assert found.report["refusal"] == found.refusal


def test_a_better_order_is_not_offered_if_the_shipped_models_decide_more_alone() -> None:
    """In the newest fifth they are sure of a third of what people publish, and right. Of the others people decide one
    in seven against their taste, which no model can know."""
    draw, seen = random.Random(6), a_newsroom(1_000)
    for number in range(800, 1_000):
        one = seen[number]
        rejected = one.example.is_rejected != (number % 7 == 0)
        toxicity = 0.001 if not rejected and number % 3 == 0 else draw.uniform(0.1, 0.9)
        example = replace(one.example, is_rejected=rejected)
        seen[number] = replace(one, example=example, values={"toxicity": toxicity, "relevance": None})

    found = learn(seen, now=LATER)

    assert found.report["both"]["auc"] > found.report["general"]["auc"]
    assert found.refusal == "at 1 % error it decides clearly fewer of the newest comments than the shipped models alone"
    assert found.report["refusal"] == found.refusal


def test_a_version_is_not_replaced_by_one_that_has_seen_hardly_anything_new(model: HouseModel) -> None:
    seen = a_newsroom(400)
    until = seen[-3].example.decided_at

    found = learn(seen, now=LATER, in_use=InUse(model, until))

    assert found.refusal == "too few decisions are new since house@1, which stays in use"


def turned(seen: Sequence[Seen]) -> list[Seen]:
    return [
        replace(one, example=replace(one.example, is_rejected=not one.example.is_rejected, reason=None)) for one in seen
    ]


def test_a_version_is_replaced_once_it_judges_new_decisions_worse() -> None:
    """People have changed their minds: they used to reject everything else."""
    old = turned(a_newsroom(400))
    before = learn(old, now=LATER).model
    assert before is not None

    in_use = InUse(before, old[-1].example.decided_at)
    found = learn([*old[:200], *later(a_newsroom(500, seed=8), timedelta(days=10), "new")], now=LATER, in_use=in_use)

    assert found.refusal is None


def test_a_taste_by_which_civil_sentences_are_rejected_waits_for_a_lead(model: HouseModel) -> None:
    old, new = a_newsroom(200), turned(later(a_newsroom(500, seed=8), timedelta(days=10), "new"))

    found = learn([*old, *new], now=LATER, in_use=InUse(model, old[-1].example.decided_at))

    assert found.refusal is not None and "civil sentences" in found.refusal


def test_a_reason_with_fifty_examples_gets_a_score_of_its_own(learnt: Learnt, model: HouseModel) -> None:
    assert {one["reason"] for one in learnt.report["reasons"]} == {OFF_TOPIC, RUDE} == set(model.reasons)
    assert all(one["examples"] >= 50 for one in learnt.report["reasons"])
    own = vector(random.Random(1))
    assert model.probabilities(HATED_TEXT, features(HATED_TEXT, BUCKETS), own, {}).shape == (3,)


def test_a_score_names_the_reasons_that_are_likely_and_no_other(model: HouseModel) -> None:
    likely = house(model, HATED_TEXT).likely

    assert likely and {one.reason for one in likely} <= set(model.reasons)
    shares = [one.probability for one in likely]
    assert shares == sorted(shares, reverse=True) and shares[-1] >= LIKELY
    assert house(model, PLAIN_TEXT).likely == () or house(model, PLAIN_TEXT).likely[0].probability < shares[0]


def test_it_abstains_where_people_decided_nothing_in_the_language(model: HouseModel) -> None:
    foreign = house(model, HATED_TEXT, "another-encoder@1")
    empty = house(model, "  ")

    assert (foreign.value, foreign.abstained) == (None, "too few decisions in English")
    assert (empty.value, empty.abstained) == (None, "too short")


def test_a_site_without_a_model_has_no_such_signal() -> None:
    assert house_signals(Scorable(HATED_TEXT), None, []) == ()
    assert house_evidence(Scorable(HATED_TEXT)) == ()


def test_the_words_that_speak_for_rejecting_are_its_evidence(learnt: Learnt, model: HouseModel) -> None:
    text = "The library is shut; the FERRY is late."

    spans = house_evidence(Scorable(text, house=model))

    assert "FERRY" in {text[span.start : span.end].strip(".;") for span in spans}
    assert "library" not in {text[span.start : span.end] for span in spans}
    assert {word for word, _weight in learnt.report["words"]["for"][:3]} == set(HATED)


def test_rejected_checks_of_published_comments_count_for_all_that_were_not_drawn() -> None:
    """The policy flags half of the comments, and people reject most of those. Of the rest, one in ten is checked, and
    one in ten of these is rejected. A model without the weights believes that people reject far more than they do."""
    draw = random.Random(4)
    seen = a_newsroom(500, taste=False, seed=9)
    for number, one in enumerate(seen):
        checked = number % 5 == 0
        rejected = draw.random() < (0.1 if checked else 0.8)
        weight, source = (40.0, LabelSource.CHECK) if checked else (1.0, LabelSource.PEOPLE)
        example = replace(one.example, is_rejected=rejected, reason=None, weight=weight, source=source)
        seen[number] = replace(one, example=example)

    def believed(weights: Sequence[float]) -> float:
        weighed = [replace(s, example=replace(s.example, weight=w)) for s, w in zip(seen, weights, strict=True)]
        found = learn(weighed, now=LATER).model
        assert found is not None
        return float(scores_by(found, seen[::5]).mean())

    with_weights = believed([one.example.weight for one in seen])
    without = believed([1.0] * len(seen))

    assert with_weights < 0.3 < 0.5 < without


def test_probabilities_are_fitted_to_scores_that_no_fit_had_the_answer_to() -> None:
    """Of labels by the toss of a coin a fit remembers the ones it has seen, and knows nothing about others."""
    draw = np.random.default_rng(5)
    drawn, labels = draw.normal(size=(120, 300)), draw.random(120) < 0.3
    weights, numbers = np.ones(120), without_words(drawn)

    unseen = unseen_logits(numbers, labels, weights, strength=2.0)

    seen = fitted(numbers, labels, weights, strength=2.0).logits(numbers)
    assert area(seen, labels, weights) > 0.99
    assert 0.3 < area(unseen, labels, weights) < 0.7


def test_a_fit_is_the_one_that_scikit_learn_finds() -> None:
    """By liblinear, which needs several times the memory, to the same loss."""
    data = matrix(a_newsroom(300))
    whole = sparse.hstack([data.numbers.words, data.numbers.rest], format="csr")
    weights = np.where(np.arange(300) % 3 == 0, 4.0, 1.0)

    found = fitted(data.numbers, data.rejected, weights, strength=0.5)

    other = LogisticRegression(C=0.5, solver="liblinear", dual=True, max_iter=10_000, tol=1e-6, random_state=1)
    other.fit(whole, data.rejected, sample_weight=weights / weights.mean())
    assert found.logits(data.numbers) == pytest.approx(other.decision_function(whole), abs=0.03)
    assert found.bias == pytest.approx(other.intercept_[0], abs=0.03)


def test_an_example_of_no_weight_is_as_good_as_left_out() -> None:
    data = matrix(a_newsroom(300))
    weights = np.where(np.arange(300) < 200, 1.0, 0.0)

    with_zeros = fitted(data.numbers, data.rejected, weights, strength=0.5)

    few = fitted(data.numbers[:200], data.rejected[:200], np.ones(200), strength=0.5)
    assert with_zeros.logits(data.numbers) == pytest.approx(few.logits(data.numbers), abs=0.03)


@pytest.mark.parametrize("rows", [slice(20, 90), np.arange(20, 90), np.asarray([3, 5, 4]), np.arange(0)])
def test_some_rows_are_the_same_numbers(rows: slice | NDArray[np.int64]) -> None:
    numbers = matrix(a_newsroom(100)).numbers
    weights = np.random.default_rng(1).normal(size=numbers.shape[1]).astype(np.float32)

    part = numbers[rows]

    errors = np.ones(len(part), dtype=np.float32)
    assert part.times(weights) == pytest.approx(numbers.times(weights)[rows], abs=1e-3)
    assert errors @ part.times(weights) == pytest.approx(part.transposed_times(errors) @ weights, abs=0.05)


def test_rows_that_follow_each_other_are_not_copied() -> None:
    numbers = matrix(a_newsroom(100)).numbers

    part = numbers[np.arange(20, 90)]

    assert np.shares_memory(part.rest, numbers.rest)
    assert np.shares_memory(part.words.data, numbers.words.data)
    assert np.shares_memory(part.words.indices, numbers.words.indices)


def test_each_part_has_its_share_of_the_rarer_label() -> None:
    labels = np.arange(100) % 5 == 0  # all in one part, if they went by their place alone
    numbers = without_words(np.where(labels, 1.0, -1.0)[:, None] + np.zeros((100, 3)))

    unseen = unseen_logits(numbers, labels, np.ones(100), strength=2.0)

    assert (unseen[labels] > unseen[~labels].max()).all()


def test_comments_about_which_nobody_complained_do_not_judge_it(learnt: Learnt) -> None:
    quiet = [
        replace(one, example=replace(one.example, source=LabelSource.QUIET, weight=0.1, is_rejected=False, reason=None))
        for one in later(a_newsroom(100, seed=7), timedelta(days=1), "quiet")
    ]

    found = learn([*a_newsroom(400), *quiet], now=LATER)

    assert found.report["judged"] == learnt.report["judged"] == 80
    assert found.report["by_source"] == {"people": 400, "import": 0, "check": 0, "quiet": 100}


@pytest.mark.parametrize(
    ("scores", "rejected", "error", "published", "rejects"),
    [
        ((0.1, 0.2, 0.8, 0.9), (0, 0, 1, 1), 0.01, 0.5, 0.5),
        ((0.1, 0.2, 0.8, 0.9), (1, 0, 1, 0), 0.01, 0.0, 0.0),
        ((0.1, 0.1, 0.1, 0.9), (0, 0, 1, 1), 0.01, 0.0, 0.25),  # the same score: they go together
        ((0.1, 0.2, 0.8, 0.9), (0, 0, 1, 0), 0.5, 1.0, 0.0),  # what is published is not rejected, too
    ],
)
def test_as_many_are_decided_as_the_error_allows(
    scores: tuple[float, ...], rejected: tuple[int, ...], error: float, published: float, rejects: float
) -> None:
    labels = np.asarray(rejected, dtype=bool)

    found = automated(np.asarray(scores), labels, np.ones(len(labels)), error)

    assert (found.published, found.rejected) == (published, rejects)


def test_ranges_are_wide_for_few_comments_and_hold_what_is_true() -> None:
    random = np.random.default_rng(11)
    widths = list[float]()
    for count in (60, 2_000):
        labels = np.arange(count) % 2 == 0
        found = ranges(random.normal(size=count) + labels, labels, np.ones(count))  # true AUC: Phi(1 / sqrt 2) = .760
        assert found.auc[0] < 0.76 < found.auc[1]
        assert all(0 <= low <= high <= 1 for low, high in found.shares)
        widths.append(found.auc[1] - found.auc[0])

    assert widths[0] > 3 * widths[1]


def test_the_report_has_a_range_around_each_figure(learnt: Learnt) -> None:
    both = learnt.report["both"]

    assert both["auc_range"][0] <= both["auc"] <= both["auc_range"][1]
    assert all(one["share_range"][0] <= one["share_range"][1] for one in both["automated"])


def test_scores_that_differ_by_chance_are_not_surely_better() -> None:
    random_scores = np.random.default_rng(5).random((2, 200))
    labels = np.arange(200) % 2 == 0

    assert 0.02 < share_better(random_scores[0], random_scores[1], labels, np.ones(200)) < 0.98
    assert share_better(labels + random_scores[0], random_scores[1], labels, np.ones(200)) == 1.0


def test_scores_decide_surely_less_only_where_nearly_every_sample_says_so() -> None:
    labels = np.arange(200) % 2 == 0
    weights, noise = np.ones(200), np.random.default_rng(5).random((2, 200))

    assert share_deciding_less(noise[0], labels + noise[1] / 2, labels, weights) == 1.0
    assert share_deciding_less(labels + noise[1] / 2, noise[0], labels, weights) == 0.0
    assert share_deciding_less(noise[0], noise[0], labels, weights) == 0.0

"""Limits by wish over a newsroom whose truth is known: of 20,000 comments people saw what was flagged, and one in ten
of the rest at random."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cache

import pytest

from moderation.ground.errors import InvalidInput
from moderation.ground.values.policies import Condition, Policy, Rule
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Circumstances
from moderation.insight.learning.limits import choosing as limits
from moderation.insight.learning.limits import wished_limits
from moderation.insight.learning.limits.choosing import Counted, LimitFindings, Wishes
from moderation.insight.learning.limits.sample_rows import JudgedComment
from moderation.judging.policy import documents
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from tests.ticking import TickingClock

PUBLISHED, FLAGGED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED
DAYS, ONE_IN = 20.0, 10
WISHES = Wishes(wrong_published=0.02, wrong_rejected=0.2, read_per_day=200)
TOXIC = Rule((Condition("toxicity", "at_least", 0.8),), Action.FLAG)
POLICY = Policy(1, (TOXIC, Rule((Condition("insult", "at_least", 0.99),), Action.FLAG)), frozenset())


@dataclass(frozen=True, slots=True)
class Truth:
    """Every comment of the newsroom: the score of its own model, and whether its people would reject it."""

    score: float
    toxicity: float
    is_bad: bool


def judged(comment: Truth, verdict: CommentStatus = PUBLISHED, weight: float = 1.0) -> JudgedComment:
    values = {"insult": comment.score, "toxicity": comment.toxicity, "language.supported": 1.0}
    signals = tuple(Signal(name, value, "test") for name, value in values.items())
    return JudgedComment("c", "Text.", signals, Circumstances(), verdict, weight, comment.is_bad)


@cache
def newsroom() -> tuple[Truth, ...]:
    rng = random.Random(3)
    found = []
    for _ in range(20_000):
        score = rng.random() ** 3
        found.append(Truth(score, rng.random() * 0.85, rng.random() < score**3))
    return tuple(found)


@cache
def sample() -> tuple[tuple[JudgedComment, ...], Counted]:
    rng = random.Random(4)
    flagged = [one for one in newsroom() if one.toxicity >= 0.8 or one.score >= 0.99]
    rest = [one for one in newsroom() if not (one.toxicity >= 0.8 or one.score >= 0.99)]
    seen = [judged(one, FLAGGED) for one in flagged]
    seen += [judged(one, weight=ONE_IN) for one in rest if rng.random() < 1 / ONE_IN]
    return tuple(seen), Counted(DAYS, {PUBLISHED: len(rest), FLAGGED: len(flagged), REJECTED: 0})


@cache
def found(wishes: Wishes = WISHES) -> LimitFindings:
    seen, counted = sample()
    return limits.find(seen, counted, POLICY, "insult", wishes)


def published_at(limit: float) -> list[Truth]:
    return [one for one in newsroom() if one.score < limit and one.toxicity < 0.8]


def test_the_limit_reaches_the_wish_in_truth() -> None:
    point = found().publishing

    assert point is not None and point.limit is not None and point.wrong is not None
    published = published_at(point.limit)
    truth = sum(one.is_bad for one in published) / len(published)
    assert point.wrong.low <= truth <= point.wrong.high
    assert point.automated == pytest.approx(len(published) / len(newsroom()), abs=0.02)
    assert point.held_per_day == pytest.approx((len(newsroom()) - len(published)) / DAYS, rel=0.1)


def test_a_stricter_wish_holds_more() -> None:
    lax, strict = found(), found(replace(WISHES, wrong_published=0.005))

    assert lax.publishing is not None and strict.publishing is not None
    assert strict.publishing.automated < lax.publishing.automated
    assert [wish for wish, _ in lax.offered] == [0.005, 0.01, 0.02, 0.05]


def test_the_readable_limit_is_the_strictest_that_people_can_read() -> None:
    at = found()

    assert at.readable is not None
    assert at.readable.held_per_day <= 200
    stricter = at.curve[at.curve.index(at.readable) - 1]
    assert stricter.held_per_day > 200


def test_rejecting_is_offered_only_where_its_interval_keeps_to_the_wish() -> None:
    offered, refused = found().rejecting, found(replace(WISHES, wrong_rejected=0.001)).rejecting

    assert refused is None
    assert offered is not None and offered.wrong is not None and offered.limit is not None
    assert offered.wrong.high <= 0.2
    rejected = [one for one in newsroom() if one.score >= offered.limit]
    assert sum(not one.is_bad for one in rejected) / len(rejected) <= 0.2


def test_the_few_that_were_checked_speak_for_the_many() -> None:
    """Of all judged comments a third is bad or more, of all that the policy publishes far fewer."""
    seen, _counted = sample()
    plain = sum(one.is_rejected for one in seen) / len(seen)
    today = found().today

    assert today is not None and today.wrong is not None
    published = [one for one in newsroom() if one.toxicity < 0.8 and one.score < 0.99]
    truth = sum(one.is_bad for one in published) / len(published)
    assert today.wrong.low <= truth <= today.wrong.high
    assert abs(today.wrong.share - truth) < abs(plain - truth)


def test_without_checks_of_published_comments_nothing_is_said() -> None:
    seen, counted = sample()

    at = limits.find([one for one in seen if one.verdict is FLAGGED], counted, POLICY, "insult", WISHES)

    assert at.lacking == (PUBLISHED,)
    assert (at.curve, at.publishing, at.rejecting, at.today) == ((), None, None, None)


def test_a_newsroom_that_reads_all_needs_no_checks() -> None:
    every = [judged(one, FLAGGED) for one in newsroom()[:3_000]]

    at = limits.find(every, Counted(DAYS, {PUBLISHED: 0, FLAGGED: 3_000, REJECTED: 0}), POLICY, "insult", WISHES)

    assert at.lacking == ()
    assert at.publishing is not None


def test_a_comment_without_the_signal_stays_as_the_rest_decides() -> None:
    seen, counted = sample()
    blind = [replace(one, signals=one.signals[1:]) for one in seen]

    at = limits.find(blind, counted, POLICY, "insult", WISHES)

    assert len({point.automated for point in at.curve}) == 1
    assert at.rejecting is None


def test_a_signal_that_is_worse_when_low_is_flagged_below_its_limit() -> None:
    seen, counted = sample()
    turned = [
        replace(one, signals=(Signal("relevance", 1 - (one.signals[0].value or 0), "test"), *one.signals[1:]))
        for one in seen
    ]

    at = limits.find(turned, counted, replace(POLICY, rules=(TOXIC,)), "relevance", WISHES)

    assert at.curve[0].limit == 0.99
    same = found().publishing
    assert at.publishing is not None and at.publishing.limit is not None and same is not None and same.limit is not None
    assert at.publishing.limit == pytest.approx(1 - same.limit)


def content() -> dict[str, object]:
    points = [{"limit": 0.4}, {"limit": None}]
    return {"signal": "insult", "curve": points, "rejecting": {"limit": 0.9}}


def test_the_chosen_limits_replace_the_rules_on_the_signal_alone() -> None:
    document = documents.dump(replace(POLICY, banned_words=("crane",)))

    made = wished_limits.document_with(document, content(), flag_from=0.4, rejects=True)
    none = wished_limits.document_with(document, content(), flag_from=None, rejects=False)

    rules = [(rule["signal"], rule["at_least"], rule["action"]) for rule in made["rules"]]
    assert rules == [("toxicity", 0.8, "flag"), ("insult", 0.4, "flag"), ("insult", 0.9, "reject")]
    assert [rule["signal"] for rule in none["rules"]] == ["toxicity"]
    assert made["banned_words"] == ["crane"]


def test_limits_that_were_not_counted_are_refused() -> None:
    document = documents.dump(POLICY)

    with pytest.raises(InvalidInput, match="limit: must be one"):
        wished_limits.document_with(document, content(), flag_from=0.5, rejects=False)
    with pytest.raises(InvalidInput, match="no limit meets the target with certainty"):
        wished_limits.document_with(document, {**content(), "rejecting": None}, flag_from=0.4, rejects=True)


def test_the_longest_texts_are_left_out_where_the_budget_does_not_last_for_all() -> None:
    seen = [replace(one, id=str(at), text="word " * (9 - at)) for at, one in enumerate(sample()[0][:9])]

    measured = wished_limits.measured_judged(seen, POLICY, Budget(6, TickingClock(1.0)))
    whole = wished_limits.measured_judged(seen, POLICY, UNLIMITED)

    assert 0 < len(measured) < len(seen)
    assert measured == seen[-len(measured) :]
    assert whole == seen

"""Why a model is not offered: it is not clearly better than what is there, or it holds much more than it should for
what one or two people said, or than the version in use, or before the first version the shipped models. Then a lead may
put it into use, and the night does not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from scipy.special import expit

from moderation.insight.learning.examples import FEWEST_OF_EACH
from moderation.judging.text.language_names import NAMES
from moderation.judging.text.word_lists import has_word_list, word_list
from workers.learning.house_figures import SURE, area, share_better, share_deciding_less
from workers.learning.house_fit import Fit, fitted
from workers.learning.house_matrix import Bools, Doubles, HouseMatrix, Rows, scores_by
from workers.learning.house_probes import civil_names, civil_sentences, logits_about, middle, seen_like
from workers.learning.house_support import few, is_accepted, words_of_few
from workers.learning.house_words import heaviest_word, words_of
from workers.scoring.house.model import HouseModel
from workers.scoring.masked_grams import masked_text
from workers.scoring.scorable import Scorable

FEWEST_JUDGED = 10  # of each side, among the newest
MOST_PEOPLE = 5  # whose part is looked at: those with most weight among the rejections
LEAST_PART = 0.02  # of that weight
HELD = 0.0  # the logit of one half
MOST_MOVED = 0.02  # of the comments that others published
FEWEST_MOVED = 10
TOPIC_RISE = 0.2  # of the probability of a civil sentence with the vector of a comment that the person rejected
TOPIC_PART = 0.1  # of these comments: at most 0.06 for honest people, at least 0.75 for those who bend, measured
MOST_CIVIL = 0.2  # of the plain civil sentences, over the version in use
MOST_RISE = 0.05  # of the comments that people published, over the version in use
MOST_RISE_AT_FIRST = 0.1  # over the shipped models
MOST_SHOWN = 10  # words
FEWEST_WITH_WORD = 3  # comments
MOST_NAMED = 0.15  # by which a civil sentence with a name may score higher than any plain one


@dataclass(frozen=True, slots=True)
class InUse:
    """The version that the site has now, the time of the last decision that it has seen, and the words with which a
    lead has put it or an earlier one into use."""

    model: HouseModel
    learnt_until: datetime
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Moved:
    """Why a lead must look: the words by which civil comments would be held. ``people`` may have taught them: at most
    so many, or 0 where it is not known."""

    why: str
    words: tuple[str, ...]
    people: int = 0


def no_better(data: HouseMatrix, rows: Rows, scores: Doubles, shipped: Doubles, in_use: InUse | None) -> str | None:
    """Why the scores of these comments are no reason to offer the model. ``shipped`` are the shipped models' scores."""
    rejected, weights = data.rejected[rows], data.weights[rows]
    if share_better(scores, shipped, rejected, weights) < SURE:
        return "it is not clearly better than the shipped models on the newest decisions"
    if share_deciding_less(scores, shipped, rejected, weights) >= SURE:
        return "at 1 % error it decides clearly fewer of the newest comments than the shipped models alone"
    return _no_gain(data, rows, scores, in_use) if in_use else rise_at_first(data, rows, scores, shipped)


def _no_gain(data: HouseMatrix, rows: Rows, scores: Doubles, in_use: InUse) -> str | None:
    """Over the version in use, by the decisions that this one has not seen either, and by what it would hold."""
    rejected, weights, version = data.rejected[rows], data.weights[rows], in_use.model.version
    new = np.asarray([data.examples[row].decided_at > in_use.learnt_until for row in rows])
    if min(rejected[new].sum(), (~rejected[new]).sum()) < FEWEST_JUDGED:
        return f"too few decisions are new since {version}, which stays in use"
    before = scores_by(in_use.model, [data.seen[row] for row in rows[new]])
    if area(scores[new], rejected[new], weights[new]) <= area(before, rejected[new], weights[new]):
        return f"it judges the decisions since {version} no better than that version does"
    return rise(data, rows, scores, in_use.model)


def moved_by_one(
    data: HouseMatrix,
    fit: Fit,
    *,
    strength: float,
    calibrated: Callable[[Fit], Fit],
    accepted: frozenset[str] = frozenset(),
) -> Moved | None:
    """Why a lead must look, if only the labels of one person hold many comments that others published, or raise the
    score of a civil sentence on what that person rejects."""
    for by in _heaviest(data):
        own = np.asarray([e.by == by for e in data.examples], dtype=bool)
        if min(data.rejected[~own].sum(), (~data.rejected[~own]).sum()) < FEWEST_OF_EACH:
            continue  # the others alone could not teach
        others = fitted(data.numbers, data.rejected, np.where(own, 0.0, data.weights), strength=strength)
        moved = _held_for(data, own, fit, others) or _topic_of(data, own, calibrated(fit), calibrated(others))
        if moved is not None and not _is_known(moved, accepted):
            return moved
    return None


def _is_known(moved: Moved, accepted: frozenset[str]) -> bool:
    """Whether a lead has seen most of the words: those of a topic change a little from night to night."""
    return 0 < len(moved.words) <= 2 * sum(is_accepted(word, accepted) for word in moved.words)


def _held_for(data: HouseMatrix, own: Bools, fit: Fit, others: Fit) -> Moved | None:
    published = ~own & ~data.rejected
    now, then = fit.logits(data.numbers) >= HELD, others.logits(data.numbers) >= HELD
    rows = np.flatnonzero(published & now & ~then)
    if len(rows) < max(FEWEST_MOVED, MOST_MOVED * published.sum()):
        return None
    why = (
        f"for the labels of one person it would hold {len(rows):,} of {published.sum():,} comments that others let "
        "stand: a lead must look"
    )
    return Moved(why, words_among(data, rows), 1)


def _topic_of(data: HouseMatrix, own: Bools, fit: Fit, others: Fit) -> Moved | None:
    """Words may differ where the meaning is one: of each comment that the person rejected a civil sentence has the
    vector."""
    rejected = np.flatnonzero(own & data.rejected)
    now, then = (expit(logits_about(data, by, rejected)) for by in (fit, others))
    rows = rejected[now - then >= TOPIC_RISE]
    if len(rows) < max(FEWEST_MOVED, TOPIC_PART * len(rejected)):
        return None
    words = words_among(data, rows)
    why = f"for the labels of one person civil comments on a topic ({_named(words)}) would score higher"
    return Moved(f"{why}: a lead must look", words, 1)


def rise_at_first(data: HouseMatrix, rows: Rows, scores: Doubles, shipped: Doubles) -> str | None:
    """Why a lead must look, if a first version holds many more of these comments that people published than the shipped
    models do, which say one half of all where they say nothing."""
    published = ~data.rejected[rows]
    if (shipped == 0.5).all():
        return None
    now, then = float((scores[published] >= HELD).mean()), float((shipped[published] > 0.5).mean())
    if now > then + MOST_RISE_AT_FIRST:
        return (
            f"it would hold {now:.0%} of the newest comments that people published, and the shipped models hold "
            f"{then:.0%}: a lead must look"
        )
    return None


def rise(data: HouseMatrix, rows: Rows, scores: Doubles, before: HouseModel) -> str | None:
    """Why a lead must look, if of these comments it holds many more that people published than ``before`` does. The
    scores are logits."""
    published = rows[~data.rejected[rows]]
    now = float((scores[~data.rejected[rows]] >= HELD).mean())
    then = float((scores_by(before, [data.seen[row] for row in published]) >= 0.5).mean())
    if now > then + MOST_RISE:
        return (
            f"it would hold {now:.0%} of the newest comments that people published, and {before.version} holds "
            f"{then:.0%}: a lead must look"
        )
    return None


def moved_by_few(
    data: HouseMatrix, fit: Fit, *, strength: float, calibrated: Callable[[Fit], Fit], accepted: frozenset[str]
) -> Moved | None:
    """Why a lead must look, if civil comments with some word would score higher for what one or two people said."""
    words = words_of_few(data, fit, strength=strength, calibrated=calibrated, accepted=accepted)
    if not words:
        return None
    many = few(data)
    people = "one person" if many == 1 else f"at most {many} people"
    why = f"for the labels of {people} civil comments with {_named(words)} would score higher: a lead must look"
    return Moved(why, tuple(words), many)


def civil_held(data: HouseMatrix, fit: Fit, model: HouseModel, before: HouseModel | None) -> str | None:
    """Why a lead must look, if the model holds many more of the civil sentences that come with Gavel than the version
    in use."""
    seen = seen_like(middle(data, fit), civil_sentences())
    now, then = (0.0 if m is None else float((scores_by(m, seen) >= 0.5).mean()) for m in (model, before))
    if now > then + MOST_CIVIL:
        return f"it would hold {now:.0%} of {len(seen)} civil sentences, and {then:.0%} are held now: a lead must look"
    return None


def names_moved(data: HouseMatrix, fit: Fit, model: HouseModel, accepted: frozenset[str]) -> Moved | None:
    """Why a lead must look, if civil sentences with names score much higher than plain ones, whoever taught it."""
    like, names = middle(data, fit), civil_names()
    plain = float(scores_by(model, seen_like(like, civil_sentences())).max())
    scores = scores_by(model, seen_like(like, names))
    texts = [name for name, score in zip(names, scores, strict=True) if score >= plain + MOST_NAMED]
    words = dict.fromkeys(heaviest_word(model, text) for text in texts)
    new = tuple(word for word in words if not is_accepted(word, accepted))
    if not new:
        return None
    return Moved(f"civil sentences with {_named(new)} would score much higher than others: a lead must look", new)


def words_among(data: HouseMatrix, rows: Rows) -> tuple[str, ...]:
    """The words that most set these comments apart from the site's others; no "the" and no "of"."""
    texts = (masked_text(Scorable(data.seen[row].example.text)) for row in rows)
    common = _function_words()
    counted = Counter(word for text in texts for word in words_of(text) - common)
    often = {word: count * count / data.counted[word] for word, count in counted.items() if count >= FEWEST_WITH_WORD}
    return tuple(sorted(often, key=lambda word: (-often[word], word))[:MOST_SHOWN])


def _function_words() -> frozenset[str]:
    lists = (f"function/{language}" for language in NAMES)
    return frozenset[str]().union(*(word_list(name) for name in lists if has_word_list(name)))


def _named(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words[:MOST_SHOWN])


def _heaviest(data: HouseMatrix) -> list[str]:
    parts = defaultdict[str, float](float)
    for example, weight in zip(data.examples, data.weights, strict=True):
        if example.by is not None and example.is_rejected:
            parts[example.by] += float(weight)
    if len({e.by for e in data.examples} - {None}) < 2:
        return []  # there is nobody else
    least = LEAST_PART * float(data.weights[data.rejected].sum())
    return sorted((by for by, part in parts.items() if part >= least), key=lambda by: (-parts[by], by))[:MOST_PEOPLE]

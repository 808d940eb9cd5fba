"""Turns waiting comments into decided ones: read, score outside any transaction, decide, explain, store."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from moderation.ground.database.deadlocks import past_deadlocks
from moderation.ground.database.engine import Database, storage_refuses
from moderation.ground.environment.clock import utc_now
from moderation.ground.environment.own_time import own_time
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.articles import Article
from moderation.ground.values.decisions import Decision
from moderation.ground.values.signals import Signal, Vector
from moderation.judging.policy import verdicts
from moderation.judging.signals.house import HOUSE
from moderation.judging.signals.model_signals import SPAM
from moderation.judging.signals.scoring import CommentToScore, Scoring
from moderation.judging.text.reading import warm_up
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.loading.looking_up import looked_up
from moderation.pipeline.rescoring import rows as rescores
from moderation.pipeline.rescoring.rescoring import resettle
from moderation.pipeline.rescoring.rows import RescoreMark
from moderation.pipeline.settling.judgements import settle
from moderation.sites import webhook as webhooks
from moderation.spine.comments.moves import Judgement
from workers.queue.site_weights import HouseModels, SiteWeights
from workers.queue.too_costly import hand_over
from workers.scoring.explaining import with_words, words_behind
from workers.scoring.house.model import HouseModel
from workers.scoring.language.deciding import language_of
from workers.scoring.ngrams.corrections import SiteNGrams
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.within_budget import signals_by_model, signals_by_rule

log = logging.getLogger(__name__)


class Observer(Protocol):
    """Is called with each batch, for metrics."""

    def __call__(self, judgements: Sequence[Judgement], model_seconds: float) -> None: ...


class Pipeline:
    def __init__(
        self,
        database: Database,
        queues: Queues,
        scorer: Scorer,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = own_time,
        observe: Observer | None = None,
    ) -> None:
        """``clock`` measures the cost of a comment in this thread's own time, so that a busy machine makes no
        difference."""
        warm_up()
        self.database = database
        self.queues = queues
        self.scorer = scorer
        self.now = now
        self.clock = clock
        self.observe = observe
        self.site_weights = SiteWeights(scorer.models.get(SPAM.name))
        self.house_models = HouseModels()

    def score(self, comment_ids: list[str]) -> list[BaseException | None]:
        """Scores and decides those that wait or are marked; the others count as done. One result per id, None if it is
        done."""
        waiting, marked, marks, hooked = self._load(comment_ids)
        if not waiting and not marked:
            return [None] * len(comment_ids)
        judged = {judgement.scored.comment.id: judgement for judgement in self._judge(waiting + marked)}
        new, again = _those_of(waiting, judged), _those_of(marked, judged)
        settled, refused = _kept(new, lambda some: settle(self.database, some, now=self.now()))
        changed, refused_again = _kept(again, partial(self._resettle, marks))
        costly = [unread for unread in waiting if unread.comment.id not in judged]
        costly_again = [(unread, marks[unread.comment.id]) for unread in marked if unread.comment.id not in judged]
        handed = hand_over(self.database, costly, costly_again, self.scorer.models, now=self.now())
        for site_id in hooked & {decision.site_id for decision in settled + changed + handed}:
            self.queues.deliver(site_id)
        return [(refused | refused_again).get(comment_id) for comment_id in comment_ids]

    def _resettle(self, marks: Mapping[str, RescoreMark], judgements: Sequence[Judgement]) -> list[Decision]:
        again = [(judgement, marks[judgement.scored.comment.id]) for judgement in judgements]
        return resettle(self.database, again, now=self.now())

    def _load(
        self, ids: list[str]
    ) -> tuple[list[CommentToScore], list[CommentToScore], dict[str, RescoreMark], set[str]]:
        """Waiting comments, decided comments that are marked to be scored again, the marks, and the ids of those of
        their sites that have a webhook."""
        with self.database.read() as conn:
            waiting = loading.load_waiting(conn, ids)
            marks = rescores.marks_of(conn, ids) if len(waiting) < len(ids) else {}
            marked = loading.load_decided(conn, list(marks)) if marks else []
            site_ids = {loaded.comment.site_id for loaded in waiting + marked}
            self.site_weights.read(conn, site_ids)
            self.house_models.read(conn, site_ids)
            hooked = set(webhooks.with_webhook(conn, site_ids))
        return self._looked_up(waiting), self._looked_up(marked), marks, hooked

    def _looked_up(self, loaded: Sequence[CommentToScore]) -> list[CommentToScore]:
        return looked_up(self.database, loaded, now=self.now(), budget=lambda: Budget(BUDGET_S, self.clock))

    def _judge(self, waiting: list[CommentToScore]) -> list[Judgement]:
        """Judges those that can be read in their time, in order."""
        started = time.perf_counter()
        by_rule = {i: signals for i, loaded in enumerate(waiting) if (signals := signals_by_rule(loaded)) is not None}
        keys = {article.id: _article_key(article) for article in {w.article.id: w.article for w in waiting}.values()}
        scorables = {i: self._scorable(waiting[i], keys) for i in by_rule}
        by_model = signals_by_model(self.scorer, scorables)
        vectors = self.scorer.vectors([scorables[i] for i in by_model])
        seconds = (time.perf_counter() - started) / len(waiting)
        now = self.now()
        judgements = [
            _judgement(waiting[i], own + by_rule[i], self.scorer.models, vector, seconds, now)
            for (i, own), vector in zip(by_model.items(), vectors, strict=True)
        ]
        judgements = self._explained(judgements, [scorables[i] for i in by_model])
        if self.observe is not None:
            self.observe(judgements, sum(judgement.scoring.seconds for judgement in judgements))
        return judgements

    def _explained(self, judgements: Sequence[Judgement], read: Sequence[Scorable]) -> list[Judgement]:
        asked = [(scorable, judgement.verdict) for scorable, judgement in zip(read, judgements, strict=True)]
        words, seconds = words_behind(self.scorer, asked)
        return [with_words(judged, words[i], seconds) if i in words else judged for i, judged in enumerate(judgements)]

    def _scorable(self, scored: CommentToScore, keys: Mapping[str, str]) -> Scorable:
        site_id = scored.comment.site_id
        site_spam, house = self.site_weights.of(site_id), self.house_models.of(site_id)
        return _scorable(scored, keys[scored.article.id], site_spam, house)


def _those_of(scored: Sequence[CommentToScore], judged: Mapping[str, Judgement]) -> list[Judgement]:
    return [judged[loaded.comment.id] for loaded in scored if loaded.comment.id in judged]


def _kept(
    judgements: Sequence[Judgement], keep: Callable[[Sequence[Judgement]], list[Decision]]
) -> tuple[list[Decision], dict[str, BaseException]]:
    """Stores a batch in one transaction. If the database refuses one of its comments, each gets its own transaction.

    Returns the decisions, and the errors of refused comments by their ids.
    """
    if not judgements:
        return [], {}
    try:
        return past_deadlocks(lambda: keep(judgements)), {}
    except Exception as e:
        if not storage_refuses(e):
            raise
        if len(judgements) == 1:
            return [], {judgements[0].scored.comment.id: e}
    decisions: list[Decision] = []
    refused: dict[str, BaseException] = {}
    for judgement in judgements:
        kept, error = _kept([judgement], keep)
        decisions += kept
        refused |= error
    return decisions, refused


def _article_key(article: Article) -> str:
    """The same for the same version of the article."""
    parts = (article.title or "", article.summary or "", article.text or "", article.section or "", *article.tags)
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
    return f"{article.id}:{digest}"


def _scorable(
    scored: CommentToScore, article_key: str, site_spam: SiteNGrams | None, house: HouseModel | None
) -> Scorable:
    """The part of a comment that scorers may read, with what its site has learnt."""
    article = scored.article
    return Scorable(
        text=scored.comment.text,
        reading=scored.reading,
        language=scored.comment.language,
        title=article.title,
        summary=article.summary,
        article_text=article.text,
        section=article.section,
        tags=article.tags,
        article_language=article.language,
        parent_text=scored.parent_text,
        site_spam=site_spam,
        house=house,
        article_key=article_key,
    )


def _judgement(
    scored: CommentToScore,
    signals: tuple[Signal, ...],
    models: Mapping[str, str],
    vector: Vector | None,
    seconds: float,
    now: datetime,
) -> Judgement:
    """``seconds`` is the comment's share of the time that the models took."""
    started = time.perf_counter()
    verdict = verdicts.decide(signals, scored.policy, scored.circumstances(now))
    scoring = Scoring(
        signals=signals,
        models=_with_house(models, signals),
        language=language_of(signals),
        seconds=seconds + time.perf_counter() - started,
    )
    return Judgement(scored, scoring, verdict, vector)


def _with_house(models: Mapping[str, str], signals: Sequence[Signal]) -> Mapping[str, str]:
    """The site's own model beside those that score all comments."""
    return {**models, **{signal.name: signal.source for signal in signals if signal.name == HOUSE.name}}

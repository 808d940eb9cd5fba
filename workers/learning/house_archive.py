"""Brings together what the house model learns from. Comments that were never scored, as imported ones, are scored
here, in batches, and what the encoder saw in them is kept: a run that was cut off goes on where it stopped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from moderation.ground.database.engine import Database
from moderation.ground.environment.own_time import own_time
from moderation.ground.values.signals import Vector
from moderation.insight.learning import example_rows as store
from moderation.insight.learning import examples
from moderation.insight.learning import vector_rows as vectors
from moderation.insight.learning.example_rows import Example, ReadableComment
from moderation.insight.learning.vector_rows import KeptVector
from moderation.judging.signals.model_signals import LANGUAGE_SUPPORTED
from moderation.judging.signals.scoring import Scoring
from moderation.judging.text.reading import Reading, warm_up
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scoring
from workers.learning.house_matrix import Seen
from workers.scoring.house.features import Values
from workers.scoring.language.deciding import language_of
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.within_budget import signals_by_model

BATCH = 64
PAGE = 500

Progress = Callable[[int, int], None]
"""Is called with how many comments are scored, and of how many."""


def see(
    db: Database,
    site_id: str,
    loaded: Callable[[], Scorer],
    *,
    now: Callable[[], datetime],
    progress: Progress = lambda _done, _all: None,
) -> list[Seen]:
    """Every example of the site, oldest first. ``loaded`` is called only if something must be scored."""
    with db.read() as conn:
        every = examples.of_site(conn, site_id, now=now())
    values, known = _stored(db, every)
    lacking = [e.comment_id for e in every if _lacks(values.get(e.comment_id), known.get(e.comment_id))]
    if lacking:
        warm_up()
        scorer = loaded()
        for done, batch in enumerate(_batches(lacking)):
            progress(done * BATCH, len(lacking))
            _complete(db, site_id, scorer, batch, scored=values, now=now())
        progress(len(lacking), len(lacking))
        values, known = _stored(db, every)
    return [Seen(e, known.get(e.comment_id), values.get(e.comment_id, {})) for e in every]


def _stored(db: Database, every: Sequence[Example]) -> tuple[Mapping[str, Values], Mapping[str, Vector]]:
    ids = [e.comment_id for e in every]
    known: dict[str, Vector] = {}
    with db.read() as conn:
        values = store.signals_of(conn, ids)
        for start in range(0, len(ids), PAGE):
            known |= vectors.of(conn, ids[start : start + PAGE])
    return values, known


def _lacks(values: Values | None, vector: Vector | None) -> bool:
    """Comments in a language that no encoder reads have no vector and get none."""
    return values is None or (vector is None and bool(values.get(LANGUAGE_SUPPORTED.name)))


def _complete(
    db: Database, site_id: str, scorer: Scorer, ids: Sequence[str], *, scored: Mapping[str, Values], now: datetime
) -> None:
    """Scores these comments by the models, outside any transaction. The signals of authors and times are left out: they
    are not as they were then."""
    with db.read() as conn:
        texts = store.to_read(conn, ids)
    scorables = {i: _scorable(text) for i, text in enumerate(texts)}
    started = time.perf_counter()
    signals = signals_by_model(scorer, scorables)
    seen = dict(zip(signals, scorer.vectors([scorables[i] for i in signals]), strict=True))
    seconds = (time.perf_counter() - started) / max(len(texts), 1)
    with db.write() as conn:
        unchanged = {c.id: c.version for c in comments.lock_all(conn, [text.comment_id for text in texts])}
        kept = [i for i in signals if unchanged.get(texts[i].comment_id) == texts[i].version]
        new = [i for i in kept if texts[i].comment_id not in scored]
        of = {
            (texts[i].comment_id, texts[i].version): Scoring(
                signals[i], scorer.models, language_of(signals[i]), seconds
            )
            for i in new
        }
        scoring.insert_scorings(conn, of, now=now)
        vectors.keep(conn, [KeptVector(texts[i].comment_id, site_id, seen[i]) for i in kept])


def _scorable(text: ReadableComment) -> Scorable:
    content = "\0".join((text.title or "", text.summary or "", text.article_text or "", text.section or "", *text.tags))
    return Scorable(
        text=text.text,
        language=text.language,
        title=text.title,
        summary=text.summary,
        article_text=text.article_text,
        article_language=text.article_language,
        section=text.section,
        tags=text.tags,
        parent_text=text.parent_text,
        reading=Reading(text.text, Budget(BUDGET_S, own_time)),
        article_key=f"{text.article_id}:{hashlib.blake2b(content.encode(), digest_size=8).hexdigest()}",
    )


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while batch := list(islice(left, BATCH)):
        yield batch

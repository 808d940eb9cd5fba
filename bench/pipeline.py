"""Comments decided per second by one worker: this pipeline, the textbook design, and the model alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence

from rq import Queue
from rq.serializers import JSONSerializer

from bench.figures import ratio
from bench.plant import ROOT, Plant, plant, sample_articles, sample_comments
from bench.report import Result, tell
from moderation.model.verdicts import Circumstances
from moderation.policy import verdicts
from moderation.policy.default import default_policy
from workers.scoring.explaining import Decided, explained
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

PIPELINE_COMMENTS = 1_500
TEXTBOOK_COMMENTS = 300
WARM_UP = 64
POLICY = default_policy()


def measure() -> Result:
    tell("one worker of this pipeline")
    ours = pipeline_rate()
    tell("the textbook design")
    textbook = textbook_rate()
    tell("the scorers alone")
    model = model_rate()
    rows = [
        [name, f"{found:.0f}", ratio(found, textbook), ratio(found, model)]
        for name, found in (
            ("one worker of this pipeline", ours), ("the textbook design", textbook), ("the scorers alone", model)
        )
    ]  # fmt: skip
    values = {"pipeline_per_second": ours, "textbook_per_second": textbook, "model_per_second": model}
    return Result("pipeline", ("what", "comments/s", ": textbook", ": scorers"), rows, values=values)


def pipeline_rate() -> float:
    """Comments per second from queue to committed decision, once the worker is warm."""
    with plant() as built:
        built.submit(WARM_UP)
        built.start("workers")
        built.wait_until_decided(within_s=60)
        return _drain(built, PIPELINE_COMMENTS)


def textbook_rate() -> float:
    """The same with a stock worker, one job per comment, and Detoxify on one text."""
    with plant() as built:
        with built.database.write() as conn:
            conn.exec_driver_sql("SELECT 1")
        built.submit(WARM_UP)
        _requeue_for_textbook(built)
        built.start("bench.stock_worker")
        built.wait_until_decided(within_s=120)
        built.submit(WARM_UP + TEXTBOOK_COMMENTS)
        started = time.perf_counter()
        _requeue_for_textbook(built)
        built.wait_until_decided(within_s=300)
        return TEXTBOOK_COMMENTS / (time.perf_counter() - started)


def model_rate() -> float:
    """The scorer alone, evidence included, on the same comments in batches of 32, in a process of its own."""
    command = [sys.executable, "-m", "bench.pipeline", "model"]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(json.loads(answer.stdout.splitlines()[-1])["rate"])


def _drain(built: Plant, count: int) -> float:
    built.submit(WARM_UP + count)  # the first ones are in the cache already
    started = time.perf_counter()
    left = built.waiting()
    built.wait_until_decided(within_s=300)
    return left / (time.perf_counter() - started)


def _requeue_for_textbook(built: Plant) -> None:
    """Empties our lanes and queues every waiting comment the way a tutorial does."""
    from bench import textbook  # noqa: PLC0415 - it imports torch, which the other measurements run without

    ids = sorted(built.queues.known_ids())
    built.queues.redis.flushall()
    queue = Queue("textbook", connection=built.queues.redis, serializer=JSONSerializer)
    for comment_id in ids:
        queue.enqueue(textbook.score, comment_id)


def _score_and_explain(scorer: Scorer, batch: Sequence[Scorable]) -> None:
    """With the words behind each score that the default policy would hold, as the pipeline does."""
    decided = [
        Decided(one, signals, verdicts.decide(signals, POLICY, Circumstances()), 0.0)
        for one, signals in zip(batch, scorer.score(batch), strict=True)
    ]
    explained(scorer, decided)


def _measure_model() -> None:
    scorer = Scorer.load()
    articles = {a["id"]: a for a in sample_articles()}
    said = sample_comments()
    scorables = [
        Scorable(
            text=str(c["text"]),
            title=str(articles[c["article"]]["title"]),
            article_text=str(articles[c["article"]]["text"]),
            article_key=str(c["article"]),
        )
        for c in said
    ]
    wanted = [scorables[n % len(scorables)] for n in range(PIPELINE_COMMENTS)]
    _score_and_explain(scorer, wanted[:WARM_UP])
    started = time.perf_counter()
    for start in range(0, len(wanted), 32):
        _score_and_explain(scorer, wanted[start : start + 32])
    print(json.dumps({"rate": len(wanted) / (time.perf_counter() - started)}))


if __name__ == "__main__":
    _measure_model()

"""The processor's time of a comment, by mix: one worker of this pipeline, the textbook design, the scorers alone and
the encoder alone.

Rounds are interleaved and each process's own time counts, so that other work on the machine matters little; compare the
ratios.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated

from rq import Queue
from rq.serializers import JSONSerializer

from bench.figures import ratio
from bench.mixes import MIXES, mix
from bench.options import Option
from bench.plant import ROOT, Plant, Said, plant, sample_articles
from bench.processor import process_s
from bench.report import Result, tell
from moderation.environment.settings import Settings
from moderation.policy import verdicts
from moderation.policy.default import default_policy
from moderation.values.verdicts import Circumstances
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.weights import BUNDLED, Places
from workers.scoring.explaining import Decided, explained
from workers.scoring.loading import find_export
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

WARM_UP = 64
BATCH = Settings().batch_size
PIPELINE, TEXTBOOK, SCORERS, ENCODER = (
    "one worker of this pipeline", "the textbook design", "the scorers alone", "the encoder alone",
)  # fmt: skip
POLICY = default_policy()


@dataclass(frozen=True, slots=True)
class Plan:
    comments: Annotated[int, Option("of a mix and round (default: %(default)s)")] = 960
    textbook_comments: Annotated[int, Option("for that design")] = 200
    rounds: Annotated[int, Option()] = 3


def measure(plan: Plan) -> Result:
    """Rows of comments per second of the processor. Evidence is on for all but the textbook and the encoder."""
    rows, values = list[list[str]](), dict[str, object]()
    for name, share in MIXES.items():
        said = mix(WARM_UP + plan.comments, share)
        found: dict[str, list[float]] = {PIPELINE: [], TEXTBOOK: [], SCORERS: [], ENCODER: []}
        for number in range(plan.rounds):
            tell(f"{name}, round {number + 1} of {plan.rounds}")
            for contender, seconds in _round(said, plan).items():
                found[contender].append(seconds)
        rows += [_row(name, contender, found) for contender in found]
        values[name] = found
    columns = ("comments", "by", "a second", ": textbook", ": scorers", ": encoder")
    return Result("pipeline", columns, rows, values={"plan": asdict(plan), "seconds_per_comment": values})


def _row(name: str, contender: str, found: dict[str, list[float]]) -> list[str]:
    """Medians over rounds, of the rates and of the ratios within a round."""
    ratios = (
        statistics.median(other / own for own, other in zip(found[contender], found[reference], strict=True))
        for reference in (TEXTBOOK, SCORERS, ENCODER)
    )
    rate = 1 / statistics.median(found[contender])
    return [name, contender, f"{rate:.0f}", *(ratio(each, 1.0) for each in ratios)]


def _round(said: Sequence[Said], plan: Plan) -> dict[str, float]:
    """Seconds of the processor for each comment."""
    alone = _alone(said)
    return {PIPELINE: _pipeline_s(said), TEXTBOOK: _textbook_s(said[: WARM_UP + plan.textbook_comments]), **alone}


def _pipeline_s(said: Sequence[Said]) -> float:
    """From the queue to the committed decision, once the worker is warm."""
    with plant() as built:
        built.submit_said(said[:WARM_UP])
        worker = built.start("workers")
        built.wait_until_decided(within_s=120)
        os.kill(worker.pid, signal.SIGSTOP)  # to accept comments takes the caches of a processor that both share
        built.submit_said(said, after=WARM_UP)
        return _per_comment(worker.pid, len(said) - WARM_UP, built, lambda: os.kill(worker.pid, signal.SIGCONT))


def _textbook_s(said: Sequence[Said]) -> float:
    """The same with a stock worker, one job per comment, and Detoxify on one text."""
    with plant() as built:
        with built.database.write() as conn:
            conn.exec_driver_sql("SELECT 1")
        built.submit_said(said[:WARM_UP])
        _requeue_for_textbook(built)
        worker = built.start("bench.stock_worker")
        built.wait_until_decided(within_s=300)
        built.submit_said(said, after=WARM_UP)
        return _per_comment(worker.pid, len(said) - WARM_UP, built, lambda: _requeue_for_textbook(built))


def _per_comment(pid: int, count: int, built: Plant, begin: Callable[[], None]) -> float:
    started = process_s(pid)
    begin()
    built.wait_until_decided(within_s=600)
    return (process_s(pid) - started) / count


def _requeue_for_textbook(built: Plant) -> None:
    """Empties our lanes and queues every waiting comment the way a tutorial does."""
    from bench import textbook  # noqa: PLC0415 - it imports torch, which the other measurements run without

    ids = sorted(built.queues.known_ids())
    built.queues.redis.flushall()
    queue = Queue("textbook", connection=built.queues.redis, serializer=JSONSerializer)
    for comment_id in ids:
        queue.enqueue(textbook.score, comment_id)


def _alone(said: Sequence[Said]) -> dict[str, float]:
    """Scorers and encoder, in a process of their own."""
    command = [sys.executable, "-m", "bench.pipeline"]
    given = json.dumps([asdict(one) for one in said])
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, input=given)
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def _measure_alone(said: Sequence[Said]) -> dict[str, float]:
    """In batches as a worker's; the encoder reads them before and after the scorers."""
    scorer, engine = Scorer.load(), OnnxEngine(find_export(BUNDLED, Places.of(None, None)))
    scorables = _scorables(said)
    batches = [scorables[start : start + BATCH] for start in range(WARM_UP, len(scorables), BATCH)]
    _score_and_explain(scorer, scorables[:WARM_UP])
    _encode(engine, scorables[:WARM_UP])
    before = _seconds(partial(_encode, engine), batches)
    scorers = _seconds(partial(_score_and_explain, scorer), batches)
    after = _seconds(partial(_encode, engine), batches)
    count = len(said) - WARM_UP
    return {SCORERS: scorers / count, ENCODER: (before + after) / 2 / count}


def _seconds(read: Callable[[Sequence[Scorable]], object], batches: Sequence[Sequence[Scorable]]) -> float:
    started = time.process_time()
    for batch in batches:
        read(batch)
    return time.process_time() - started


def _encode(engine: OnnxEngine, batch: Sequence[Scorable]) -> None:
    texts = [one.text for one in batch]
    engine.read(texts, engine.encode(texts))


def _score_and_explain(scorer: Scorer, batch: Sequence[Scorable]) -> None:
    """With the words behind each score that the default policy would hold, as the pipeline does."""
    decided = [
        Decided(one, signals, verdicts.decide(signals, POLICY, Circumstances()), 0.0)
        for one, signals in zip(batch, scorer.score(batch), strict=True)
    ]
    explained(scorer, decided)


def _scorables(said: Sequence[Said]) -> list[Scorable]:
    articles = {str(a["id"]): a for a in sample_articles()}
    return [
        Scorable(
            text=one.text,
            title=str(articles[one.article]["title"]),
            article_text=str(articles[one.article]["text"]),
            article_key=one.article,
        )
        for one in said
    ]


if __name__ == "__main__":
    print(json.dumps(_measure_alone([Said(**one) for one in json.load(sys.stdin)])))

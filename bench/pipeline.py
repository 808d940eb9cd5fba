"""The processor's time of a comment, by mix: one worker of this pipeline, the textbook design, the scorers alone and
the encoder alone.

Rounds are interleaved and each process's own time counts, so that other work on the machine matters little; compare the
ratios.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import islice
from typing import Annotated, Any

import sqlalchemy as sa
from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from bench import Option, Result, ratio, tell
from bench.plant import ORDINARY, ROOT, Plant, Said, plant, process_s, sample_articles, sample_comments, sentences_of
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import connect_for_worker
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy import verdicts
from moderation.judging.policy.default import default_policy
from moderation.operations.composition import open_database
from moderation.spine.comments.tables import comments
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.weights import BUNDLED, ModelFolders, Weights, default_models_dir
from workers.scoring.explaining import words_behind
from workers.scoring.loading import find_export
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

WARM_UP = 64
TEXTBOOK_QUEUE = "textbook"
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
        times: dict[str, list[float]] = {PIPELINE: [], TEXTBOOK: [], SCORERS: [], ENCODER: []}
        for number in range(plan.rounds):
            tell(f"{name}, round {number + 1} of {plan.rounds}")
            for contender, seconds in _round(said, plan).items():
                times[contender].append(seconds)
        rows += [_row(name, contender, times) for contender in times]
        values[name] = times
    columns = ("comments", "by", "a second", ": textbook", ": scorers", ": encoder")
    return Result("pipeline", columns, rows, values={"plan": asdict(plan), "seconds_per_comment": values})


def _row(name: str, contender: str, times: dict[str, list[float]]) -> list[str]:
    """Medians over rounds, of the rates and of the ratios within a round."""
    ratios = (
        statistics.median(other / own for own, other in zip(times[contender], times[reference], strict=True))
        for reference in (TEXTBOOK, SCORERS, ENCODER)
    )
    rate = 1 / statistics.median(times[contender])
    return [name, contender, f"{rate:.0f}", *(ratio(quotient, 1.0) for quotient in ratios)]


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
        worker = built.start("bench.pipeline", TEXTBOOK_QUEUE)
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
    ids = sorted(built.queues.known_ids())
    built.queues.redis.flushall()
    queue = Queue(TEXTBOOK_QUEUE, connection=built.queues.redis, serializer=JSONSerializer)
    for comment_id in ids:
        queue.enqueue(score_as_a_tutorial_does, comment_id)


def _alone(said: Sequence[Said]) -> dict[str, float]:
    """Scorers and encoder, in a process of their own."""
    command = [sys.executable, "-m", "bench.pipeline"]
    given = json.dumps([asdict(comment) for comment in said])
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, input=given)
    seconds: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return seconds


def _measure_alone(said: Sequence[Said]) -> dict[str, float]:
    """In batches as a worker's; the encoder reads them before and after the scorers."""
    scorer, engine = Scorer.load(), OnnxEngine(find_export(BUNDLED, ModelFolders.of(None, None)))
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
    texts = [comment.text for comment in batch]
    engine.read(texts, engine.encode(texts))


def _score_and_explain(scorer: Scorer, batch: Sequence[Scorable]) -> None:
    """With the words behind each score that the default policy would hold, as the pipeline does."""
    decided = [
        (comment, verdicts.decide(signals, POLICY, Circumstances()))
        for comment, signals in zip(batch, scorer.score(batch), strict=True)
    ]
    words_behind(scorer, decided)


def _scorables(said: Sequence[Said]) -> list[Scorable]:
    articles = {str(a["id"]): a for a in sample_articles()}
    return [
        Scorable(
            text=comment.text,
            title=str(articles[comment.article]["title"]),
            article_text=str(articles[comment.article]["text"]),
            article_key=comment.article,
        )
        for comment in said
    ]


CIVIL = (
    "call_to_protest_or_boycott", "counter_speech_quoting", "criticism_of_policy", "criticism_of_public_figure",
    "figurative_violence", "heated_disagreement", "humour_and_light_irony", "positive_identity",
    "question_about_sensitive_topic", "reporting_violence",
)  # fmt: skip
HOSTILE = (
    "dehumanisation", "direct_insult_commenter", "identity_attack_disability", "identity_attack_ethnicity",
    "identity_attack_gender_sexuality", "identity_attack_religion", "insult_author_or_journalist",
    "profanity_targeted", "threat_direct", "wish_of_harm",
)  # fmt: skip
SEED = 7
CASES = ROOT / "tests" / "development" / "cases"


MIXES: Mapping[str, float] = {"civil": 0.02, "held-heavy": 0.28}
"""The share of comments with a hostile sentence."""


def mix(count: int, hostile_share: float, *, seed: int = SEED) -> list[Said]:
    """So many comments of about forty tokens: a sentence on the article's topic and two cases of the development suite,
    one of them hostile in a share of the comments."""
    return list(islice(_comments(hostile_share, random.Random(seed)), count))


def _comments(hostile_share: float, dice: random.Random) -> Iterator[Said]:
    on_topic, civil, hostile = _on_topic(), _cases(CIVIL), _cases(HOSTILE)
    seen = set[str]()
    while True:
        article = dice.choice(sorted(on_topic))
        own = [dice.choice(on_topic[article]), *dice.sample(civil, 2)]
        if dice.random() < hostile_share:
            own[2] = dice.choice(hostile)
        dice.shuffle(own)
        text = " ".join(own)
        if text not in seen:
            seen.add(text)
            yield Said(article, text)


def _on_topic() -> dict[str, list[str]]:
    by_article: dict[str, set[str]] = {}
    for said in sample_comments():
        if said["kind"] in ORDINARY:
            by_article.setdefault(str(said["article"]), set()).update(sentences_of(str(said["text"])))
    return {article: sorted(own) for article, own in by_article.items()}


def _cases(names: Sequence[str]) -> list[str]:
    lines = [line for name in names for line in (CASES / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [str(json.loads(line)["text"]) for line in lines]


FLAG_AT = 0.8


@cache
def _model() -> Any:
    from workers.scoring.engines.torch_engine import load_detoxify  # noqa: PLC0415 - it imports torch

    return load_detoxify("bundled", Weights.read("bundled", default_models_dir() / "toxicity"))


@cache
def _database() -> Database:
    return open_database(Settings.from_env(os.environ).resolved_database_url)


def score_as_a_tutorial_does(comment_id: str) -> None:
    """Calls Detoxify on one text. Reads the text, scores it, writes the status; it keeps no trace of the decision."""
    with _database().read() as conn:
        text = conn.execute(sa.select(comments.c.text).where(comments.c.id == comment_id)).scalar_one()
    toxicity = float(_model().predict(text)["toxicity"])
    status = "flagged" if toxicity >= FLAG_AT else "published"
    with _database().write() as conn:
        conn.execute(comments.update().where(comments.c.id == comment_id).values(status=status, toxicity=toxicity))


def work_as_a_tutorial_does() -> None:
    """RQ's own SimpleWorker, with one torch thread as our worker has."""
    import torch  # noqa: PLC0415 - the other measurements run without it

    torch.set_num_threads(1)
    redis = connect_for_worker(Settings.from_env(os.environ).redis_url)
    queue = Queue(TEXTBOOK_QUEUE, connection=redis, serializer=JSONSerializer)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(logging_level="WARNING")


if __name__ == "__main__":
    if sys.argv[1:] == [TEXTBOOK_QUEUE]:
        work_as_a_tutorial_does()
    else:
        print(json.dumps(_measure_alone([Said(**fields) for fields in json.load(sys.stdin)])))

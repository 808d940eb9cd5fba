"""The time of each scorer beside the encoder alone, over the same texts in the same run.

It is the thread's own time, so that a busy machine matters little; compare the shares.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from bench.engines import sample
from bench.report import Result, tell
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.weights import BUNDLED, Places
from workers.scoring.loading import find_export
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

BATCH = 32
ENCODER = "encoder alone"
TITLE = "The council votes on the tram line"
ARTICLE = "The tram line between the station and the university opens in May. " * 10


@dataclass(frozen=True, slots=True)
class Plan:
    texts: int = 192
    rounds: int = 3


def measure(plan: Plan) -> Result:
    """Every scorer once per round and batch; the first to read a text pays for reading it, as in a worker."""
    engine = OnnxEngine(find_export(BUNDLED, Places.of(None, None)))
    texts = sample(plan.texts, engine.max_tokens, engine)
    scorer = Scorer.load()
    parts: dict[str, Callable[[list[Scorable]], object]] = {ENCODER: lambda batch: _encode(engine, batch)}
    parts |= {next(iter(each.models)): each.score for each in scorer.scorers}
    shares: dict[str, list[float]] = {name: [] for name in parts}
    for number in range(plan.rounds):
        tell(f"round {number + 1} of {plan.rounds}")
        spent = dict.fromkeys(parts, 0.0)
        for start in range(0, len(texts), BATCH):
            batch = [_scorable(text, f"{number} {start}") for text in texts[start : start + BATCH]]
            for name, run in parts.items():
                began = time.thread_time()
                run(batch)
                spent[name] += time.thread_time() - began
        for name, seconds in spent.items():
            shares[name].append(seconds / spent[ENCODER])
    medians = {name: statistics.median(found) for name, found in shares.items()}
    rows = [[name, f"{share:.3f}"] for name, share in medians.items()]
    return Result("parts", ("part", "of the encoder's time"), rows, [], {"plan": asdict(plan), "shares": medians})


def _scorable(text: str, mark: str) -> Scorable:
    """No two rounds share a text, since readings are kept."""
    return Scorable(f"{text} {mark}", language="en", title=TITLE, article_text=ARTICLE, article_key="tram")


def _encode(engine: OnnxEngine, batch: list[Scorable]) -> None:
    texts = [one.text for one in batch]
    engine.probabilities(texts, engine.encode(texts))

"""``python -m training.evidence.measure_evidence DATA FOLDER``: how much of a score falls when the marked words go.

It looks at validation rows that the default limits hold, and explains them by occlusion and by the amounts that came
with the scores.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moderation.ground.values.signals import Span
from moderation.judging.text.splitting import words
from training.evidence.rationale_teacher import Text, chunks
from training.evidence.rationale_texts import validation_texts
from training.evidence.rationale_words import open_engine
from training.rows.dataset import Floats
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import logit
from workers.scoring.engines.weights import Weights
from workers.scoring.evidence.occlusion import Occlusion
from workers.scoring.evidence.toxicity_words import CommentToExplain
from workers.scoring.toxicity.explainers import Explainer, explainer_of

TEXTS = 400
AT_ONCE = 32
SEED = 11


@dataclass(frozen=True, slots=True)
class Measured:
    """For each signal of each comment: the share of its log-odds above those of an empty text that falls when the
    marked words go, the fall of the probability, the marked words, and whether the limit is no longer reached. Shape
    (signals of comments,) each. ``seconds`` are the processor's of explaining all comments once they were scored."""

    fallen: Floats
    probability: Floats
    words: Floats
    released: Floats
    seconds: float


def held(
    toxicity: Toxicity, texts: Sequence[Text], limits: Mapping[str, float], count: int
) -> tuple[list[CommentToExplain], float, float]:
    """The first texts that reach a limit, with the signals that do; the share of the texts that do; and the seconds
    that scoring took for each text."""
    asked, read, started = list[CommentToExplain](), 0, time.process_time()
    for chunk in chunks(texts, AT_ONCE):
        for comment, scores in zip(chunk, toxicity.score([text.text for text in chunk]), strict=True):
            names = tuple(n for n, s in zip(toxicity.signals, scores, strict=True) if s >= limits.get(n, np.inf))
            asked += [CommentToExplain(comment.text, names, (comment.language,))] if names else []
        read += len(chunk)
        if len(asked) >= count:
            break
    return asked[:count], len(asked) / read, (time.process_time() - started) / read


def measure(
    toxicity: Toxicity, explainer: Explainer, asked: Sequence[CommentToExplain], limits: Mapping[str, float]
) -> Measured:
    """Explains the comments in batches, as the workers do, and scores them again without what is marked."""
    rows, seconds = list[tuple[float, float, float, float]](), 0.0
    (empty,) = logit(toxicity.score([""]))
    for chunk in chunks(asked, AT_ONCE):
        before = toxicity.score([comment.text for comment in chunk])
        started = time.process_time()
        explained = explainer.explain(chunk)
        seconds += time.process_time() - started
        marked = [(i, name, spans) for i, by_signal in enumerate(explained) for name, spans in by_signal.items()]
        after = toxicity.score([without(chunk[i].text, spans) for i, _, spans in marked])
        for (i, name, spans), left in zip(marked, after, strict=True):
            column = toxicity.signals.index(name)
            whole, rest = float(before[i, column]), float(left[column])
            odds = logit(np.asarray([whole, rest], dtype=np.float32)) - empty[column]
            count = sum(max(1, len(words(chunk[i].text[s.start : s.end]))) for s in spans)
            rows.append((float(1 - odds[1] / odds[0]), whole - rest, count, float(rest < limits[name])))
    fallen, probability, counts, released = np.asarray(rows, dtype=np.float32).T
    return Measured(fallen, probability, counts, released, seconds)


def without(text: str, spans: Sequence[Span]) -> str:
    """The text without its marked stretches."""
    for span in sorted(spans, key=lambda s: -s.start):
        text = text[: span.start] + text[span.end :]
    return text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evidence.measure_evidence", description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with the labelled csv.gz files")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="weights with their export")
    parser.add_argument("--texts", type=int, default=TEXTS)
    given = parser.parse_args()
    weights = Weights.read(given.folder.name, given.folder)
    toxicity = Toxicity(open_engine(weights), weights)
    limits = weights.manifest["default_limits"]
    texts = validation_texts(given.data, english="en" in weights.languages, seed=SEED)
    asked, share, scoring_s = held(toxicity, texts, limits, given.texts)
    explainers = {"occlusion": Occlusion(toxicity), "own amounts": explainer_of(toxicity)}
    print(f"{len(asked)} comments, {sum(len(own.signals) for own in asked)} signals; {share:.2f} of all rows are held")
    columns = ("log-odds that fall", "fall of the score", "below the limit", "words", "ms to explain", "comments/s")
    print(f"| marks | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, explainer in explainers.items():
        measured = measure(toxicity, explainer, asked, limits)
        numbers = (measured.fallen, measured.probability, measured.released, measured.words)
        cells = " | ".join(f"{values.mean():.3f}" for values in numbers)
        explaining_s = measured.seconds / len(asked)
        rate = 1 / (scoring_s + share * explaining_s)
        print(f"| {name} | {cells} | {1000 * explaining_s:.1f} | {rate:.0f} |", flush=True)


if __name__ == "__main__":
    main()

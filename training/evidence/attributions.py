"""``python -m training.evidence.attributions FOLDER``: fits how much each token moves its text towards a passage.

It learns from the weights' own export: comments of our articles are read again without each of their words. It writes
``attributions.npz`` beside the weights and into their manifest, and appends it to the export. Run it again after the
weights have changed.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moderation.judging.text.letters.folding import fold
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.splitting import words_of
from training.evidence.rationale_teacher import chunks
from training.evidence.rationale_words import open_engine, stating
from training.publishing.bundle import sha256_of
from training.rows.articles import Article, read_articles
from training.rows.dataset import Floats
from workers.scoring.encoder.attributions import Attributions, add_attributions, read_attributions, write_attributions
from workers.scoring.encoder.carried import owners
from workers.scoring.encoder.passages import content_words
from workers.scoring.engines.onnx import Engine
from workers.scoring.engines.weights import ATTRIBUTIONS_FILE, MANIFEST, ONNX_FILE, VECTORS_SHA256, Weights
from workers.scoring.export.exporting import write_json

LESSONS = 2_000
CHARS = (40, 420)  # of a lesson
LAYERS = (0, 3, 6)
DIRECTIONS = 64
RIDGE = 1000.0
SEED = 0
AT_ONCE = 64
TELL_EVERY = 10

Doubles = NDArray[np.float64]
Place = tuple[int, int]


@dataclass(slots=True)
class Sums:
    """The products of words' states, shape (words, states + 1), and of their attributions, shape (words,
    dimensions)."""

    states: Doubles = field(default_factory=lambda: np.zeros((0, 0)))
    attributions: Doubles = field(default_factory=lambda: np.zeros((0, 0)))
    words: int = 0

    def add(self, states: Floats, attributions: Floats) -> None:
        wide = states.astype(np.float64)
        own, both = wide.T @ wide, wide.T @ attributions.astype(np.float64)
        self.states, self.attributions = (self.states + own, self.attributions + both) if self.words else (own, both)
        self.words += len(states)


def make(weights: Weights, *, lessons: int = LESSONS) -> Weights:
    """Fits the attributions of exported weights and publishes them in their folder."""
    articles = [article for article in read_articles() if not article.held_out]
    engine, sums = open_engine(weights), Sums()
    texts = texts_of(articles)[:lessons]
    with stating(weights, LAYERS) as reader:
        for number, chunk in enumerate(chunks(texts, AT_ONCE)):
            sums.add(*lessons_of(engine, reader, chunk))
            if number % TELL_EVERY == 0:
                print(f"{sums.words} words of {number * AT_ONCE + len(chunk)} texts, of {len(texts)}", flush=True)
    passages = vectors_of(engine, [text for article in articles for text in (article.title, article.summary)])
    return publish(weights, fit(sums, passages))


def texts_of(articles: Sequence[Article], seed: int = SEED) -> list[str]:
    """Comments in random order, those that fit into a window."""
    shortest, longest = CHARS
    comments = [fold(text).text for article in articles for text in article.comments]
    fitting = [text for text in comments if shortest <= len(text) <= longest]
    return [fitting[at] for at in np.random.default_rng(seed).permutation(len(fitting))]


def lessons_of(engine: Engine, reader: Engine, texts: Sequence[str]) -> tuple[Floats, Floats]:
    """For each word with a topic, the sum of its tokens' states with their number beside it, shape (words, states + 1),
    and the vector of the text less that of the text without the word, times the text's tokens, shape (words,
    dimensions)."""
    encodings = reader.encode(texts)
    carried = reader.read(texts, encodings).carried
    assert carried is not None
    places = [topical(text) for text in texts]
    left = [text[:a] + text[b:] for text, own in zip(texts, places, strict=True) for a, b in own]
    whole, without = vectors_of(engine, texts), iter(vectors_of(engine, left))
    states, attributions = list[Floats](), list[Floats]()
    for vector, encoding, of_tokens, own in zip(whole, encodings, carried, places, strict=True):
        owner, wide = owners(own, encoding.offsets), np.pad(of_tokens, ((0, 0), (0, 1)), constant_values=1.0)
        states += [wide[owner == nth].sum(axis=0) for nth in range(len(own))]
        attributions += [(vector - next(without)) * len(of_tokens) for _ in own]
    return np.stack(states), np.stack(attributions)


def topical(text: str) -> list[Place]:
    """The words that can be about something."""
    return [(a, b) for a, b in words_of(Copy.of(text), 0, len(text)) if content_words(text[a:b])]


def vectors_of(engine: Engine, texts: Sequence[str]) -> Floats:
    """Unit vectors of texts that fit into a window, shape (texts, dimensions)."""
    vectors = engine.read(texts, engine.encode(texts)).vectors
    assert vectors is not None
    return vectors


def fit(sums: Sums, passages: Floats, *, directions: int = DIRECTIONS) -> Attributions:
    """Ridge regression, reduced to those directions in which attributions towards passages differ most.

    Reduced-rank regression (Izenman 1975), by the second moments of ``passages``, shape (passages, dimensions).
    """
    weights = np.linalg.solve(sums.states + RIDGE * np.eye(len(sums.states)), sums.attributions)
    root, inverse = roots(passages.astype(np.float64))
    seen = weights @ root  # what passages see of an attribution
    _, vectors = np.linalg.eigh(seen.T @ sums.states @ seen)
    best = vectors[:, ::-1][:, :directions]
    inner, outer = (seen @ best).astype(np.float32), (best.T @ inverse).astype(np.float32)
    return Attributions(LAYERS, inner[:-1], inner[-1], outer)


def roots(passages: Doubles) -> tuple[Doubles, Doubles]:
    """The square root of the passages' second moments, and its inverse: shape (dimensions, dimensions) each."""
    sizes, axes = np.linalg.eigh(passages.T @ passages / len(passages))
    lengths = np.sqrt(np.maximum(sizes, 1e-8))
    return (axes * lengths) @ axes.T, (axes / lengths) @ axes.T


def publish(weights: Weights, attributions: Attributions) -> Weights:
    """Writes the attributions beside the weights, into their graph and into their manifest.

    The version of the weights and the space of their vectors keep their names, because scores and vectors are the same.
    """
    folder, before = weights.folder, weights.manifest
    write_attributions(folder / ATTRIBUTIONS_FILE, attributions)
    add_attributions(folder / ONNX_FILE, read_attributions(folder / ATTRIBUTIONS_FILE))
    files = {**before["files"], **{file: sha256_of(folder / file) for file in (ATTRIBUTIONS_FILE, ONNX_FILE)}}
    first = before.get(VECTORS_SHA256, before["files"][ONNX_FILE])
    write_json(folder / MANIFEST, {**before, VECTORS_SHA256: first, "files": files})
    return Weights.read(weights.name, folder)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evidence.attributions", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="weights with their export, which are changed")
    parser.add_argument("--lessons", type=int, default=LESSONS, help="texts to learn from")
    given = parser.parse_args()
    weights = make(Weights.read(given.folder.name, given.folder), lessons=given.lessons)
    print(f"{weights.folder / ATTRIBUTIONS_FILE} {weights.manifest['files'][ATTRIBUTIONS_FILE]}")


if __name__ == "__main__":
    main()

"""``python -m training.evidence.measure_straying FOLDER``: how far relevance rises when the marked words go.

It looks at comments beside other articles than their own, none of which trained the weights, that the default limit
holds. Occlusion is the measure: it reads each comment without each of its words.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from moderation.ground.values.signals import Of, Span
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.signals.model_signals import RELEVANCE
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.splitting import words, words_of
from training.evidence.measure_evidence import without
from training.relevance.teacher import relevance_of
from training.rows.articles import Article, read_articles
from training.rows.pairs import Pair, pairs_of_articles
from workers.scoring.encoder.carried import Carried
from workers.scoring.encoder.scored import Window
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.words import straying_words

AT_ONCE = 32
SEED = 1
MAX_CHARS = 500  # a comment that fits into one window


def held(relevance: Relevance, articles: Sequence[Article], *, summaries: bool = True) -> Iterator[Pair]:
    """Comments beside another article, so little relevant that the default limit holds them."""
    pairs = [p for p in pairs_of_articles(articles, summaries=summaries, seed=SEED) if not p.on_topic]
    for at in range(0, len(pairs), AT_ONCE):
        batch = [pair for pair in pairs[at : at + AT_ONCE] if len(pair.text) <= MAX_CHARS]
        for pair, judged in zip(batch, relevance.score(batch), strict=True):
            if judged.value is not None and judged.value <= DEFAULT_LIMITS[RELEVANCE.name]:
                yield pair


def own_marks(relevance: Relevance, pair: Pair) -> tuple[Span, ...]:
    """The words that the workers mark."""
    return tuple(span for span in relevance.explain([pair])[0] if span.of is Of.COMMENT)


def occluded(relevance: Relevance, pair: Pair) -> tuple[Span, ...]:
    """The words that are marked if each is left out in a run of its own."""
    text, source = pair.text, relevance.source
    places = words_of(Copy.of(text), 0, len(text))
    whole, *left = source.vectors([text, *(text[:a] + text[b:] for a, b in places)])
    article = relevance.article(pair)
    nearest = article.vectors[int(np.argmax(article.vectors @ whole))]
    added = np.asarray([[float((whole - rest) @ nearest)] for rest in left], dtype=np.float32)
    return straying_words(Window(0, Copy.of(text), 0, len(text)), Carried(places, added), article.words)


def risen(relevance: Relevance, pair: Pair, spans: Sequence[Span]) -> tuple[float, float, int]:
    """How far the cosine with the nearest passage and the score rise without the marked words, and how many these
    are."""
    article, rest = relevance.article(pair), without(pair.text, spans)
    before, after = relevance.source.vectors([pair.text, rest])
    cosines = [float((article.vectors @ vector).max()) for vector in (before, after)]
    scores = [relevance.against_article(t, v, article)[0] for t, v in ((pair.text, before), (rest, after))]
    count = sum(len(words(pair.text[span.start : span.end])) for span in spans)
    return cosines[1] - cosines[0], scores[1] - scores[0], count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evidence.measure_straying", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="weights with their export")
    relevance = relevance_of(parser.parse_args().folder)
    articles = [article for article in read_articles() if article.held_out]
    print("| comments | marks | rise of the cosine | rise of the score | words |\n|---|---|---|---|---|")
    for name, summaries in (("beside title and standfirst", True), ("beside a title", False)):
        pairs = list(held(relevance, articles, summaries=summaries))
        for way, marks in (("own", own_marks), ("occlusion", occluded)):
            means = np.mean([risen(relevance, pair, marks(relevance, pair)) for pair in pairs], axis=0)
            cells = " | ".join(f"{value:.3f}" for value in means)
            print(f"| {len(pairs)} {name} | {way} | {cells} |", flush=True)


if __name__ == "__main__":
    main()

"""``python -m training.relevance.limits FOLDER``: how many comments each limit holds, by the kind of article.

It reads our own held-out articles, each with its standfirst and with its title alone. With ``--data``, it also reads
the newspaper comments, each with the article's text and with its title alone.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.relevance.teacher import relevance_of
from training.rows.articles import read_articles
from training.rows.pairs import Pair, pairs_of_articles, read_news_pairs
from workers.scoring.relevance.comparing import Relevance

LIMITS = (0.10, 0.12, 0.15, 0.20, 0.25)
BATCH = 64
DRAWN = 1_600
"""Pairs of the newspaper comments, drawn at random: the whole of them would take an hour."""


def held(relevance: Relevance, pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """For each of ``LIMITS`` the shares of comments on topic and off topic that lie below it. Comments that are too
    short to judge do not count."""
    judged = [score for start in range(0, len(pairs), BATCH) for score in relevance.score(pairs[start : start + BATCH])]
    known = [(score.value, pair.on_topic) for score, pair in zip(judged, pairs, strict=True) if score.value is not None]
    values, on_topic = np.asarray([value for value, _ in known]), np.asarray([topic for _, topic in known], dtype=bool)
    return [(float((values[on_topic] < x).mean()), float((values[~on_topic] < x).mean())) for x in LIMITS]


def table(relevance: Relevance, named: Sequence[tuple[str, Sequence[Pair]]]) -> str:
    """Markdown: a line for each set of pairs, with on topic and off topic held at each limit."""
    head = ("held: on topic / off topic", *(f"below {limit:.2f}" for limit in LIMITS))
    lines = [
        (name, *(f"{100 * on:.1f} / {100 * off:.0f} %" for on, off in held(relevance, pairs))) for name, pairs in named
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *lines))


def own_pairs() -> Iterator[tuple[str, Sequence[Pair]]]:
    articles = [article for article in read_articles() if article.held_out]
    for name, summaries in (("our articles, standfirst", True), ("our articles, title only", False)):
        yield name, list(pairs_of_articles(articles, summaries=summaries, seed=9))


def news_pairs(data: Path) -> Iterator[tuple[str, Sequence[Pair]]]:
    """Comments under articles with a text, so that both kinds have the same comments."""
    whole = [pair for pair in read_news_pairs(data) if pair.article_text]
    drawn = [whole[i] for i in np.random.default_rng(0).permutation(len(whole))[:DRAWN]]
    yield "newspapers, text", drawn
    yield "newspapers, title only", [replace(pair, article_text=None) for pair in drawn]


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.relevance.limits", description=__doc__)
    parser.add_argument("folder", type=Path, help="the toxicity weights with their export")
    parser.add_argument("--data", type=Path, help="the folder of the newspaper comments")
    given = parser.parse_args(arguments)
    relevance = relevance_of(given.folder)
    print(table(relevance, [*own_pairs(), *(news_pairs(given.data) if given.data else ())]), end="")


if __name__ == "__main__":
    main()

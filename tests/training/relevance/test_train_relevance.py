"""The training of the sentence encoder: what a batch holds, what the loss asks for, and that it learns."""

import numpy as np
import torch

from training.loop.batches import encode
from training.loop.checkpoint import base_folder
from training.relevance.export import load_encoder
from training.relevance.train import Recipe, contrast, planned, train_encoder, vectors
from training.rows.articles import Article

PAPERS = ("courier", "herald", "post")


def articles(count: int) -> list[Article]:
    return [
        Article(paper, f"{paper} {n}", "News", f"Standfirst {n}", tuple(f"{paper} {n} comment {c}" for c in range(6)))
        for paper in PAPERS
        for n in range(count)
    ]


def test_one_epoch_shows_every_comment_once() -> None:
    given = articles(10)
    batches = list(planned(given, 8, np.random.default_rng(3)))
    seen = [(a, c) for batch in batches for a, c in zip(batch.articles.tolist(), batch.comments.tolist(), strict=True)]

    assert sorted(seen) == [(a, c) for a in range(len(given)) for c in range(6)]


def test_a_batch_never_holds_an_article_twice_nor_more_than_asked() -> None:
    for batch in planned(articles(10), 8, np.random.default_rng(3)):
        assert len(set(batch.articles.tolist())) == len(batch.articles) <= 8


def test_half_of_the_comments_are_contrasted_within_one_paper() -> None:
    given = articles(10)
    batches = list(planned(given, 10, np.random.default_rng(3)))
    alone = [batch for batch in batches if len({given[a].paper for a in batch.articles}) == 1]

    assert sum(len(batch.articles) for batch in alone) >= 3 * len(given)
    assert len(alone) < len(batches)


def test_the_loss_is_small_where_every_comment_is_nearest_to_its_own_headline() -> None:
    matched = contrast(torch.eye(4), torch.eye(4))
    crossed = contrast(torch.eye(4), torch.eye(4).flip(0))

    assert float(matched) < 1e-6
    assert float(crossed) > 10


def test_vectors_come_back_in_the_order_of_their_places() -> None:
    encoder = load_encoder()
    texts = ("A long remark about trams, rails and points in winter. " * 9, "Trams.", "Bees sting.")
    encoded = encode(texts, base_folder() / "tokenizer.json")

    with torch.inference_mode():
        together = vectors(encoder, encoded, np.asarray([0, 1, 2]))
        reverse = vectors(encoder, encoded, np.asarray([2, 1, 0]))

    assert torch.nn.functional.cosine_similarity(together, reverse.flip(0)).min() > 0.999


def test_training_brings_comments_nearer_to_their_headlines() -> None:
    subjects = ("trams", "bees", "opera", "taxes")
    given = [
        Article(
            "courier",
            f"Report {n}",
            "News",
            f"More about report {n}",
            tuple(f"{one} again, part {c}" for c in range(6)),
        )
        for n, one in enumerate(subjects)
    ]
    encoder = load_encoder()
    before = loss_of(encoder, given)
    train_encoder(encoder, given, Recipe(epochs=4, articles=4, learning_rate=1e-4))

    assert loss_of(encoder, given) < before / 2


def loss_of(encoder: torch.nn.Module, given: list[Article]) -> float:
    tokenizer = base_folder() / "tokenizer.json"
    titles = encode(tuple(one.title for one in given), tokenizer)
    comments = encode(tuple(one.comments[0] for one in given), tokenizer)
    places = np.arange(len(given))
    with torch.inference_mode():
        return float(contrast(vectors(encoder, titles, places), vectors(encoder, comments, places)))  # type: ignore[arg-type]

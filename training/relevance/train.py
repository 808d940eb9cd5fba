"""Train the sentence encoder on headlines and the comments written under them.

A comment must be nearer to its own headline than to the others of a batch, and the headline nearer to its own comment
(InfoNCE, van den Oord et al. 2018, with the scale that Sentence Transformers uses). Half of the comments are shown
in batches from one newspaper, whose articles share their subjects: to distinguish these is the hard part.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from training.loop.batches import Ids, encode, packed, padded
from training.loop.checkpoint import base_folder
from training.loop.sitting import learning_rate_at
from training.relevance.export import SentenceEncoder, load_encoder
from training.rows.articles import Article

SCALE = 20.0
"""What a cosine is multiplied by before the softmax."""

PART_TOKENS = 1024

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A batch has so many articles with one comment each; ``summaries`` is the share of batches with standfirsts."""

    epochs: int = 3
    articles: int = 48
    learning_rate: float = 2e-5
    warm_up: float = 0.1
    summaries: float = 0.3
    seed: int = 17


@dataclass(frozen=True, slots=True)
class Batch:
    """Places of articles, shape (n,), and which of its comments each is shown with."""

    articles: Places
    comments: Places


def trained_encoder(articles: Sequence[Article], checkpoint: Path) -> SentenceEncoder:
    """The base encoder, trained on the articles that are not held out; ``checkpoint`` is written, or read if there."""
    encoder = load_encoder()
    if checkpoint.exists():
        encoder.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
    else:
        train_encoder(encoder, [article for article in articles if not article.held_out], Recipe())
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        torch.save(encoder.state_dict(), checkpoint)
    return encoder


def train_encoder(encoder: SentenceEncoder, articles: Sequence[Article], recipe: Recipe) -> None:
    """Train in place and report the progress."""
    random = np.random.default_rng(recipe.seed)
    plan = [batch for _ in range(recipe.epochs) for batch in planned(articles, recipe.articles, random)]
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=recipe.learning_rate)
    tokenizer, many = base_folder() / "tokenizer.json", len(articles[0].comments)
    titles = encode(tuple(article.title for article in articles), tokenizer)
    summaries = encode(tuple(article.summary for article in articles), tokenizer)
    comments = encode(tuple(text for article in articles for text in article.comments), tokenizer)
    started, smooth = time.monotonic(), 0.0
    for step, batch in enumerate(plan):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step / len(plan), recipe.learning_rate, recipe.warm_up)
        optimizer.zero_grad()
        shown = summaries if random.random() < recipe.summaries else titles
        about = vectors(encoder, shown, batch.articles)
        said = vectors(encoder, comments, batch.articles * many + batch.comments)
        loss = contrast(about, said)
        loss.backward()
        optimizer.step()
        seen = float(loss.detach())
        smooth = 0.95 * smooth + 0.05 * seen if step else seen
        if step % 10 == 9 or step == len(plan) - 1:
            print(f"step {step + 1}/{len(plan)}  loss {smooth:.4f}  {time.monotonic() - started:.0f} s", flush=True)


def vectors(encoder: SentenceEncoder, encoded: list[Ids], places: Places) -> torch.Tensor:
    """Unit vectors (places, dimensions), made in parts of like lengths: padding would cost twice as much."""
    lengths = np.asarray([len(encoded[place]) for place in places], dtype=np.int64)
    order = np.argsort(lengths, kind="stable")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        parts = [encoder(*padded(encoded, places[part])) for part in packed(order, lengths, PART_TOKENS)]
    back = torch.from_numpy(np.argsort(order))
    return torch.cat(parts).float()[back]


def contrast(about: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """Mean loss of both directions; unit vectors of shape (n, dimensions), row by row a headline and its comment."""
    alike = SCALE * about @ said.T
    own = torch.arange(len(about))
    return (cross_entropy(alike, own) + cross_entropy(alike.T, own)) / 2


def planned(articles: Sequence[Article], size: int, random: np.random.Generator) -> Iterator[Batch]:
    """One epoch: every comment once, in batches from one paper and from all of them by turns."""
    papers: dict[str, list[int]] = {}
    for place, article in enumerate(articles):
        papers.setdefault(article.paper, []).append(place)
    turns = np.stack([random.permutation(len(articles[0].comments)) for _ in articles])
    batches: list[Batch] = []
    for turn in range(turns.shape[1]):
        pools = list(papers.values()) if turn % 2 else [list(range(len(articles)))]
        for pool in pools:
            order = random.permutation(np.asarray(pool))
            batches += [Batch(part, turns[part, turn]) for part in np.array_split(order, -(-len(order) // size))]
    yield from (batches[place] for place in random.permutation(len(batches)))

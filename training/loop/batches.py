"""Tokens, and batches of like lengths: padding is what makes training on a CPU slow."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from moderation.judging.text.letters.emoji_words import with_pictures_named
from moderation.judging.text.letters.folding import fold

MAX_TOKENS = 128
BATCH_TOKENS = 2048
POOL_BATCHES = 50
"""Sorted by length within pools of this many batches, so that a batch is alike in length but not always the same."""

Ids = NDArray[np.int32]


def as_scored(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The texts in the form in which the workers score them: look-alike letters folded, emoji by name."""
    return tuple(with_pictures_named(fold(text)).text for text in texts)


def encode(texts: tuple[str, ...], tokenizer_file: Path, max_tokens: int = MAX_TOKENS) -> list[Ids]:
    """Token ids of each text, special tokens included, cut at `max_tokens`."""
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    encoded: list[Ids] = []
    for start in range(0, len(texts), 4096):
        chunk = tokenizer.encode_batch_fast(list(texts[start : start + 4096]))
        encoded += [np.asarray(item.ids, dtype=np.int32) for item in chunk]
    return encoded


def bucketed(lengths: NDArray[np.int64], *, seed: int, batch_tokens: int = BATCH_TOKENS) -> list[NDArray[np.int64]]:
    """Positions packed into shuffled batches of at most `batch_tokens` padded tokens and like lengths."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(lengths))
    pool_rows = max(1, int(POOL_BATCHES * batch_tokens / max(1.0, float(lengths.mean()))))
    batches: list[NDArray[np.int64]] = []
    for start in range(0, len(order), pool_rows):
        pool = order[start : start + pool_rows]
        batches += list(packed(pool[np.argsort(lengths[pool], kind="stable")], lengths, batch_tokens))
    return [batches[i] for i in random.permutation(len(batches))]


def packed(order: NDArray[np.int64], lengths: NDArray[np.int64], batch_tokens: int) -> Iterator[NDArray[np.int64]]:
    """Cut `order` into runs whose padded size (rows times longest) stays within `batch_tokens`."""
    start, longest = 0, 0
    for position, index in enumerate(order):
        longest = max(longest, int(lengths[index]))
        if position > start and longest * (position - start + 1) > batch_tokens:
            yield order[start:position]
            start, longest = position, int(lengths[index])
    if start < len(order):
        yield order[start:]


def padded(encoded: list[Ids], indices: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
    """Input ids and attention mask, both (rows, longest), of the chosen texts."""
    longest = max(len(encoded[i]) for i in indices)
    ids = np.zeros((len(indices), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, index in enumerate(indices):
        ids[row, : len(encoded[index])] = encoded[index]
        mask[row, : len(encoded[index])] = 1
    return torch.from_numpy(ids), torch.from_numpy(mask)

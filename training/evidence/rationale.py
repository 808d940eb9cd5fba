"""``python -m training.evidence.rationale DATA FOLDER``: fits the head for what each token adds to a score.

It learns from the weights' own export what single words add, writes ``heads.npz`` beside the weights and into their
manifest, and appends the head to the export. Run it again after the weights have changed: it takes minutes.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.evidence.rationale_teacher import Lesson, Teacher
from training.evidence.rationale_texts import english_texts, other_texts
from training.evidence.rationale_words import Words, open_engine, read_words
from training.publishing.bundle import sha256_of
from workers.scoring.encoder.token_head import TokenHead, add_head, read_head, write_head
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import CARRIED
from workers.scoring.engines.weights import AMOUNTS, HEADS_FILE, MANIFEST, OF_ENCODER, ONNX_FILE, Weights
from workers.scoring.export.exporting import write_json

LESSONS = 3_000
LAYERS = (0, 3, 6)
WIDTH = 96
EPOCHS = 12
BATCH_WORDS = 512
RATE = 2e-3
DECAY = 1e-3
SEED = 5
HELD_OUT = 10  # one word in so many
TELL_EVERY = 500


def make(weights: Weights, data: Path, *, lessons: int = LESSONS) -> Weights:
    """Fits the head of exported weights and publishes it in their folder.

    Raises ValueError if the weights have labels that are no signals: there would be nothing to learn for those.
    """
    weights = replace(weights, manifest={**weights.manifest, AMOUNTS: OF_ENCODER})
    engine = open_engine(weights)
    toxicity = Toxicity(engine, weights)
    if toxicity.signals != engine.labels:
        raise ValueError(
            f"labels of {weights.folder} that are no signals: {set(engine.labels) - set(toxicity.signals)}"
        )
    texts = (english_texts if "en" in weights.languages else other_texts)(data, seed=SEED)
    teacher = Teacher(toxicity, engine, max_tokens=weights.window_tokens)
    learnt = list[Lesson]()
    for lesson in teacher.lessons(texts, lessons):
        learnt.append(lesson)
        if len(learnt) % TELL_EVERY == 0:
            print(f"{len(learnt)} lessons of {lessons}", flush=True)
    words = read_words(weights, LAYERS, learnt)
    train, kept = apart(words)
    print(f"{len(words.added)} words; of those held out, {explained(fit(train, LAYERS), kept):.3f} is explained")
    return publish(weights, fit(words, LAYERS))


def publish(weights: Weights, head: TokenHead) -> Weights:
    """Writes the head beside the weights, into their graph and into their manifest.

    The version of the weights stays as it is, because the scores do.
    """
    folder, before = weights.folder, weights.manifest
    write_head(folder / HEADS_FILE, head)
    add_head(folder / ONNX_FILE, read_head(folder / HEADS_FILE))
    files = {**before["files"], **{file: sha256_of(folder / file) for file in (HEADS_FILE, ONNX_FILE)}}
    manifest = {**before, "outputs": [CARRIED], "files": files}
    if not any(file.endswith(".ckpt") for file in files):
        manifest.setdefault("weights_sha256", before["files"][ONNX_FILE])
    write_json(folder / MANIFEST, manifest)
    return Weights.read(weights.name, folder)


def fit(words: Words, layers: Sequence[int], *, epochs: int = EPOCHS, seed: int = SEED) -> TokenHead:
    """Least squares on the amounts of words, each the sum over the word's tokens."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # the products are small: on a busy machine, threads would wait for each other
    states = words.states.float()
    mean, spread = states.mean(0), states.std(0).clamp(min=1e-3)
    inner, outer = nn.Linear(states.shape[1], WIDTH), nn.Linear(WIDTH, words.added.shape[1])
    nn.init.zeros_(outer.bias)
    head = nn.Sequential(inner, nn.ReLU(), outer)
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    batches = max(1, len(words.added) // BATCH_WORDS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * batches)
    for _ in range(epochs):
        for chosen in torch.randperm(len(words.added)).tensor_split(batches):
            batch = words.pick(chosen)
            guessed = summed(head((batch.states.float() - mean) / spread), batch)
            loss = (batch.counts * nn.functional.smooth_l1_loss(guessed, batch.added, reduction="none")).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return _folded(inner, outer, mean, spread, tuple(layers))


def summed(amounts: Tensor, words: Words) -> Tensor:
    """The amounts of tokens as those of words: shape (words, labels)."""
    return torch.zeros_like(words.added).index_add(0, words.word, amounts)


def _folded(inner: nn.Linear, outer: nn.Linear, mean: Tensor, spread: Tensor, layers: tuple[int, ...]) -> TokenHead:
    """The two layers on states as they are, instead of standardised ones."""
    with torch.no_grad():
        weight = inner.weight / spread
        bias = inner.bias - weight @ mean
        parts = (weight.T, bias, outer.weight.T, outer.bias)
        return TokenHead(layers, *(np.ascontiguousarray(part.numpy()) for part in parts))


def apart(words: Words) -> tuple[Words, Words]:
    """All words but the last tenth, and that tenth. Words of a lesson are neighbours, so few lessons are cut."""
    cut = len(words.added) - len(words.added) // HELD_OUT
    return words.pick(torch.arange(cut)), words.pick(torch.arange(cut, len(words.added)))


def explained(head: TokenHead, words: Words) -> float:
    """The share of the variance of the first label's amounts that the head explains."""
    amounts = torch.from_numpy(head.of(words.states.float().numpy()))
    truth, guessed = words.added[:, 0], summed(amounts, words)[:, 0]
    return float(1 - (truth - guessed).square().mean() / truth.var())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evidence.rationale", description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with the labelled csv.gz files")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="weights with their export, which are changed")
    parser.add_argument("--lessons", type=int, default=LESSONS, help="texts to learn from")
    given = parser.parse_args()
    weights = make(Weights.read(given.folder.name, given.folder), given.data, lessons=given.lessons)
    print(f"{weights.folder / HEADS_FILE} {weights.manifest['files'][HEADS_FILE]}")


if __name__ == "__main__":
    main()

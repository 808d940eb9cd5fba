"""Measures rules for newcomers on a simulated site: how many readers wait for a person, and how much spam is stopped.

``python -m training.spam.newcomers DATA``. Honest texts are newspaper comments; spam is labelled or our own. Most
readers write once and few write often; advertisers come with new accounts. A person decides each held comment, rightly,
before its author writes again.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moderation.ground.values.policies import Policy
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy.documents import parse
from moderation.judging.policy.ready import READY
from moderation.judging.policy.verdicts import decide
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.text.reading import Reading
from training.spam.rows import Text, is_held_out, labelled_spam, newspaper_comments, own_texts
from training.spam.train import scores
from workers.scoring.engines.weights import NGRAMS_FILE, default_models_dir
from workers.scoring.ngrams.model import read_ngrams

READERS = 4_000
ADVERTISERS = 400  # accounts
MOST_OF_A_READER = 300  # comments
TAIL = 1.6  # exponent of the law by which readers write: four in nine write once
PER_ADVERTISER = 3
BEFORE = 0.5  # share of the comments that only fill the history and are not measured

Rules = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Written:
    """A comment on its way through the site."""

    author: int
    text: Text
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    comments_delayed: float  # shares, 0..1
    readers_delayed: float  # of those who wrote: at least once
    spam_stopped: float


def policies() -> dict[str, Policy]:
    """Each set of rules by its name, on top of the links that every new site limits."""
    links = _single("links")
    newcomers, contacts = [READY["newcomers-links"], READY["newcomers-contacts"]], READY["newcomers-contacts"]
    doubtful = [READY["newcomers-doubtful-links"], contacts]
    tried: dict[str, Rules] = {
        "links from 3": [links],
        "and newcomers' links and contacts": [links, *newcomers],
        "and spam": [links, *newcomers, _single("spam")],
        "newcomers' links only if they may be spam, as on a new site": [links, *doubtful, _single("spam")],
        "and newcomers' first three comments": [links, *newcomers, _single("spam"), READY["newcomers"]],
    }
    return {name: parse({"rules": list(rules), "required": []}, 1) for name, rules in tried.items()}


def _single(name: str) -> Mapping[str, Any]:
    return {"signal": name, "at_least": DEFAULT_LIMITS[name], "action": "flag"}


def signals_of(texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
    model = read_ngrams(default_models_dir() / "spam" / NGRAMS_FILE)
    pairs = zip(texts, scores(model, texts), strict=True)
    read = [(Reading(text.text), value) for text, value in pairs]
    return [
        (
            Signal("links", float(len(reading.links)), "rules"),
            Signal("contacts", float(len(reading.contacts)), "rules"),
            Signal("spam", float(value), "model"),
        )
        for reading, value in read
    ]


def comments(honest: Sequence[Text], spam: Sequence[Text], *, seed: int = 5) -> list[Written]:
    """The comments of all accounts in the order in which they arrive."""
    chance = np.random.default_rng(seed)
    lengths = np.minimum(chance.zipf(TAIL, READERS), MOST_OF_A_READER)
    authors = [author for author, length in enumerate(lengths) for _ in range(length)]
    bad = [READERS + author for author in range(ADVERTISERS) for _ in range(PER_ADVERTISER)]
    of_honest, of_spam = signals_of(honest), signals_of(spam)
    written = [_one(author, honest, of_honest, chance) for author in authors]
    written += [_one(author, spam, of_spam, chance) for author in bad]
    return [written[index] for index in chance.permutation(len(written))]


def _one(
    author: int, texts: Sequence[Text], signals: Sequence[tuple[Signal, ...]], chance: np.random.Generator
) -> Written:
    index = int(chance.integers(len(texts)))
    return Written(author, texts[index], signals[index])


def simulate(written: Sequence[Written], policy: Policy) -> Measured:
    """Lets the policy decide them. An advertisement that is held is never published; an honest comment is, late."""
    published: Counter[int] = Counter()
    wrote: set[int] = set()
    waited: set[int] = set()
    counts: Counter[str] = Counter()
    for number, comment in enumerate(written):
        online = Signal("author.published", float(published[comment.author]), "rules")
        held = decide([*comment.signals, online], policy, Circumstances()).action is not Action.PUBLISH
        published[comment.author] += not (held and comment.text.is_spam)
        if number < BEFORE * len(written):
            continue
        counts["spam" if comment.text.is_spam else "honest"] += 1
        counts["spam held" if comment.text.is_spam else "honest held"] += held
        if not comment.text.is_spam:
            wrote.add(comment.author)
            waited |= {comment.author} if held else set()
    return Measured(
        counts["honest held"] / counts["honest"], len(waited) / len(wrote), counts["spam held"] / counts["spam"]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    honest = newspaper_comments(data)
    sources = {
        "labelled spam": [text for text in labelled_spam(data) if text.is_spam],
        "our own spam that no model saw": [text for text in own_texts() if text.is_spam and is_held_out(text)],
    }
    for name, spam in sources.items():
        written = comments(honest, spam)
        print(f"\n{name} ({len(spam):,} texts), {len(written):,} comments\n")
        print("| rules | comments delayed | readers delayed | spam stopped |\n|---|---|---|---|")
        for title, policy in policies().items():
            rates = simulate(written, policy)
            print(
                f"| {title} | {rates.comments_delayed:.1%} | {rates.readers_delayed:.1%} | {rates.spam_stopped:.1%} |"
            )


if __name__ == "__main__":
    main()

"""Comments that no two are alike, in the mix of an ordinary day and of a day on which much is held."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from bench.engines import CASES
from bench.plant import ORDINARY, Said, sample_comments, sentences_of

CIVIL = (
    "call_to_protest_or_boycott", "counter_speech_quoting", "criticism_of_policy", "criticism_of_public_figure",
    "figurative_violence", "heated_disagreement", "humour_and_light_irony", "positive_identity",
    "question_about_sensitive_topic", "reporting_violence",
)  # fmt: skip
HOSTILE = (
    "dehumanisation", "direct_insult_commenter", "identity_attack_disability", "identity_attack_ethnicity",
    "identity_attack_gender_sexuality", "identity_attack_religion", "insult_author_or_journalist",
    "profanity_targeted", "threat_direct", "wish_of_harm",
)  # fmt: skip
SEED = 7


MIXES: Mapping[str, float] = {"civil": 0.02, "held-heavy": 0.28}
"""The share of comments with a hostile sentence."""


def mix(count: int, hostile_share: float, *, seed: int = SEED) -> list[Said]:
    """So many comments of about forty tokens: a sentence on the article's topic and two cases of the development suite,
    one of them hostile in a share of the comments."""
    return list(islice(_comments(hostile_share, random.Random(seed)), count))


def _comments(hostile_share: float, dice: random.Random) -> Iterator[Said]:
    on_topic, civil, hostile = _on_topic(), _cases(CIVIL), _cases(HOSTILE)
    seen = set[str]()
    while True:
        article = dice.choice(sorted(on_topic))
        own = [dice.choice(on_topic[article]), *dice.sample(civil, 2)]
        if dice.random() < hostile_share:
            own[2] = dice.choice(hostile)
        dice.shuffle(own)
        text = " ".join(own)
        if text not in seen:
            seen.add(text)
            yield Said(article, text)


def _on_topic() -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for said in sample_comments():
        if said["kind"] in ORDINARY:
            found.setdefault(str(said["article"]), set()).update(sentences_of(str(said["text"])))
    return {article: sorted(own) for article, own in found.items()}


def _cases(names: Sequence[str]) -> list[str]:
    lines = [line for name in names for line in (CASES / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [str(json.loads(line)["text"]) for line in lines]

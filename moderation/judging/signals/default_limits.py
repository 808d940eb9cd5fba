"""The limits of a new site, one for each signal that the default policy has a rule on. This is their only place: the
signals' specs, the default policy, training and the documentation read them here.

The limits of the toxicity signals, of relevance and of spam come from measurements of the bundled weights, which
models/toxicity/README.md and models/spam/README.md describe. The weights' manifests repeat them for those who use the
weights without this package, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DEFAULT_LIMITS: Mapping[str, float] = MappingProxyType(
    {
        "toxicity": 0.81,
        "severe_toxicity": 0.44,
        "obscene": 0.99,
        "threat": 0.56,
        "insult": 0.82,
        "identity_attack": 0.65,
        "sexual_explicit": 0.80,
        "relevance": 0.15,
        "spam": 0.62,
        "links": 3,
        "links.blocked": 1,
        "private_data": 1,
        "words.banned": 1,
        "words.suspect": 2,
        "words.slurs": 1,
        "words.obscene": 1,
        "shouting": 0.80,
        "repeat": 2,
        "campaign": 3,
        "author.rejection_rate": 0.60,
        "author.profile": 1,
        "reports": 3,
    }
)
"""By the signal's name. A comment is flagged at its signal's worse end: from the limit up, for relevance below it."""

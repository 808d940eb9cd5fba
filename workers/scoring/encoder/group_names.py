"""Takes a part of what the mere name of a group adds to a toxicity score off that score, if the manifest of the weights
says so.

To be named is no offence, but civil comments that name a group score higher than others. The same amounts are part of
the score of hatred against the group, which is caught less often in turn: the model card has both numbers.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from moderation.errors import ModelUnavailable
from moderation.text import groups
from moderation.text.reading import Reading
from moderation.text.reading_budget import UNLIMITED
from workers.scoring.encoder.carried import Carried, Place, added_by
from workers.scoring.engines.onnx import Floats, logit, sigmoid
from workers.scoring.engines.weights import GROUP_NAMES, Weights

log = logging.getLogger(__name__)

MIN_VALUE = 0.1
"""Windows in which every signal scores lower are left as they are."""

KEY = GROUP_NAMES
"""In the manifest: ``{"share": 0.25, "most": 0.75, "groups": ["women"]}``, groups of ``moderation.text.groups``."""


@dataclass(frozen=True, slots=True)
class Named:
    """The names of groups in a window's text, and the log-odds that are taken off for them, shape (signals,)."""

    places: tuple[Place, ...]
    taken: Floats


@dataclass(frozen=True, slots=True)
class GroupNames:
    """Of the amount that a name's tokens add to the log-odds of a signal, ``share`` is taken off, but at most ``most``
    for all names of a window together."""

    share: float
    most: float
    words: tuple[str, ...]

    def places_in(self, window: Reading) -> tuple[Place, ...]:
        """The encoder has read it by now, so the time of the comment is no matter."""
        return window.within(UNLIMITED).uses_of(self.words)

    def named(self, places: tuple[Place, ...], carried: Carried) -> Named:
        """A name that adds nothing, or less than nothing, changes nothing."""
        amounts = np.maximum(0.0, added_by(places, carried)).sum(axis=0)
        return Named(places, np.minimum(self.most, self.share * amounts).astype(np.float32))


def less(rows: Floats, named: Sequence[Named]) -> Floats:
    """The probabilities without what is taken off: shape (windows, signals), as ``rows``."""
    found, taken = rows.copy(), np.stack([one.taken for one in named])
    touched = taken > 0
    found[touched] = sigmoid(logit(rows[touched]) - taken[touched])
    return found


def group_names_of(weights: Weights, *, gives_amounts: bool) -> GroupNames | None:
    """The rule of the manifest; None without one, or for an engine that gives no amounts, with a warning.

    Raises ModelUnavailable for a value that cannot be, or weights of several languages: a name in one language is an
    innocent word in another.
    """
    given = weights.manifest.get(KEY)
    if given is None:
        return None
    rule = _read(weights, given)
    if not gives_amounts:
        log.warning(
            "weights %s: this engine gives no amounts of tokens, so names of groups count in full", weights.name
        )
        return None
    return rule


def _read(weights: Weights, given: Any) -> GroupNames:
    if not isinstance(given, Mapping):
        raise _wrong(weights, KEY, "an object with share, most and groups", given)
    if len(weights.languages) != 1:
        raise _wrong(weights, KEY, "left out for weights of several languages", ", ".join(weights.languages))
    lexicon = groups.lexicon(weights.languages[0])
    named = given.get("groups")
    if not isinstance(named, list) or not named or not all(group in tuple(lexicon) for group in named):
        raise _wrong(weights, f"{KEY}.groups", f"a list of some of {', '.join(lexicon) or 'no groups'}", named)
    words = dict.fromkeys(word for group in named for word in lexicon[group])
    return GroupNames(_number(weights, given, "share", 1.0), _number(weights, given, "most", math.inf), tuple(words))


def _number(weights: Weights, given: Mapping[str, Any], name: str, highest: float) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= highest:
        limits = "above 0" if highest == math.inf else f"above 0 and at most {highest:g}"
        raise _wrong(weights, f"{KEY}.{name}", f"a number {limits}", value)
    return float(value)


def _wrong(weights: Weights, field: str, expected: str, got: object) -> ModelUnavailable:
    return ModelUnavailable(f"the manifest of weights {weights.name!r}: {field} must be {expected}, not {got!r}")

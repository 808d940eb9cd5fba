"""The cost of a comment to the models, in pieces of text that an encoder reads: from which cost on it is slow."""

from __future__ import annotations

EACH = 32
"""Besides its pieces, a comment costs as much as this many: rows, rules, one call of each model."""

CHEAP = 10 * EACH
"""The most that a comment costs as nearly all readers write them: some 750 letters of prose. A dearer one is slow to
read, and waits behind all that are not."""


def is_slow(cost: int | None) -> bool:
    """Whether a comment of this cost takes longer to read than nearly all do. None is an unknown cost."""
    return cost is None or cost > CHEAP

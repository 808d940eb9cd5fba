"""The measures that people take about an author, as values, and the mark that each leaves on the author. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Standing(StrEnum):
    """The mark on an author."""

    NORMAL = "normal"
    HOLD = "hold"  # a person decides all their comments
    TRUSTED = "trusted"  # only severe rules hold their comments: see policy.trust
    SUSPENDED = "suspended"  # new comments are refused until the mark ends
    BANNED = "banned"  # new comments are refused until somebody ends that


class Measure(StrEnum):
    """From mild to severe, and then what is no sanction."""

    WARN = "warn"
    HOLD = "hold"
    SUSPEND = "suspend"
    BAN = "ban"
    TRUST = "trust"
    RESTORE = "restore"  # ends the mark that holds

    @property
    def standing(self) -> Standing | None:
        """The mark that the measure leaves; None for a warning, which leaves the mark as it is."""
        return _STANDING_AFTER[self]


_STANDING_AFTER = {
    Measure.WARN: None,
    Measure.HOLD: Standing.HOLD,
    Measure.SUSPEND: Standing.SUSPENDED,
    Measure.BAN: Standing.BANNED,
    Measure.TRUST: Standing.TRUSTED,
    Measure.RESTORE: Standing.NORMAL,
}
SANCTIONS: Final = (Measure.WARN, Measure.HOLD, Measure.SUSPEND, Measure.BAN)
MAY_END: Final = frozenset({Measure.HOLD, Measure.SUSPEND, Measure.TRUST})
SILENCED: Final = frozenset({Standing.SUSPENDED, Standing.BANNED})
HELD: Final = SILENCED | {Standing.HOLD}  # what they wrote before, and edit now, goes to a person
MAX_DAYS: Final = 366
MAX_REASON_CHARS: Final = 500

"""The limits of settings that the desk still repeats."""

from __future__ import annotations

MAX_CHECK_SHARE = 0.25
MAX_CHECKS_PER_DAY = 1_000
MIN_WRONG, MAX_WRONG = 0.0001, 0.5

"""Refusals of the rule book."""

from __future__ import annotations

from moderation.ground.errors import GavelError


class StaleRule(GavelError):
    """Somebody changed the rule after the caller had read it."""

    def __init__(self, key: str, current: int) -> None:
        super().__init__(f"the rule {key!r} was changed in version {current} of the rule book")
        self.key, self.current = key, current

"""The settings for comments that wait while scoring is down."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, Setting, SettingGroup

MIN_PATIENCE_S, MAX_PATIENCE_S = 10, 7 * 86_400


class WhenDown(StrEnum):
    HOLD = "hold"
    RULES_ONLY = "rules_only"


class OutageSettings(SettingGroup):
    """How long comments wait for their scores, and what follows."""

    about = Heading("While scoring is down", "failures.md#scoring-is-down")

    patience_s: Annotated[
        float | None,
        Field(
            title="Seconds that a comment waits for its scores",
            description="Without a number, for ever.",
            ge=MIN_PATIENCE_S,
            le=MAX_PATIENCE_S,
        ),
    ] = None
    when_scoring_is_down: Annotated[
        WhenDown,
        Field(title="When a comment has waited that long"),
        Setting(
            choices={
                WhenDown.HOLD: "Moderators decide every comment",
                WhenDown.RULES_ONLY: "The rules that need no model decide alone",
            }
        ),
    ] = WhenDown.HOLD

    @property
    def patience(self) -> timedelta | None:
        """How long comments wait for their scores; None is without a limit."""
        return timedelta(seconds=self.patience_s) if self.patience_s is not None else None

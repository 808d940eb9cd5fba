"""The settings of second readers: which comments they read, whether publishing waits for them, and what they may
spend."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, Setting, SettingGroup, SettingUnit
from moderation.spine.second_readings.values import MICROS, DayBudget


class SecondReaderSettings(SettingGroup):
    """The comments that second readers read beside held ones, and their budget."""

    about = Heading("Second readers", "second-reader.md")
    is_for_people = True

    second_reader_band: Annotated[
        float,
        Field(
            title="Published comments so close below a limit go to a second reader",
            description="0 sends none.",
            ge=0,
            le=0.5,
        ),
    ] = 0.0
    second_reader_share: Annotated[
        float,
        Field(title="Share of other published comments that go to a second reader", ge=0, le=1),
        Setting(unit=SettingUnit.SHARE),
    ] = 0.0
    second_reader_wait_s: Annotated[
        int,
        Field(
            title="Seconds for which publishing waits for a second reader",
            description="0 publishes first.",
            ge=0,
            le=20,
        ),
    ] = 0
    second_reader_calls_per_day: Annotated[int, Field(title="Calls of second readers a day", ge=0, le=1_000_000)] = (
        5_000
    )
    second_reader_tokens_per_day: Annotated[
        int, Field(title="Tokens that second readers use a day", ge=0, le=1_000_000_000)
    ] = 5_000_000
    second_reader_euros_per_day: Annotated[
        float, Field(title="Euros that second readers cost a day", ge=0, le=10_000)
    ] = 5.0
    second_reader_agreement: Annotated[
        float,
        Field(
            title="Least share of its answers that people must agree with",
            description="Below it a second reader goes back into the shadow.",
            ge=0,
            le=1,
        ),
        Setting(unit=SettingUnit.SHARE),
    ] = 0.6

    @property
    def second_reader_budget(self) -> DayBudget:
        calls, tokens = self.second_reader_calls_per_day, self.second_reader_tokens_per_day
        return DayBudget(calls, tokens, round(self.second_reader_euros_per_day * MICROS))

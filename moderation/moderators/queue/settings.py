"""The setting of duties."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, SettingGroup


class DutySettings(SettingGroup):
    """How long the people named for a reason may be away."""

    about = Heading("Duties", "desk.md#together")

    duty_minutes: Annotated[
        int,
        Field(title="Minutes until all decide for people on duty who are away", ge=5, le=1440),
    ] = 60

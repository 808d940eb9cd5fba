"""The setting of the ladder of measures about authors."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, Setting, SettingGroup, checked_by
from moderation.sites.settings import ladder
from moderation.sites.settings.ladder import Ladder


class LadderSettings(SettingGroup):
    """The measures that a site takes after so many rejections."""

    about = Heading("The ladder", "site-settings.md#the-ladder")

    author_ladder: Annotated[
        Ladder | None,
        Field(title="Measures about an author after so many rejections"),
        checked_by(ladder.problems),
        Setting(
            example='{"rejections": 3, "within_days": 30, "steps": [{"measure": "hold", "days": 7}, '
            '{"measure": "ban"}], "climb": "proposed"}'
        ),
    ] = None

"""The setting of notices of illegal content."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, SettingGroup


class NoticeSettings(SettingGroup):
    """The effect of a notice before a person reads it."""

    about = Heading("Notices of illegal content", "law.md#notices-of-illegal-content")
    is_for_people = True

    hide_noticed: Annotated[
        bool,
        Field(
            title="Take some noticed comments offline unread",
            description="If a trusted flagger gave the notice, or the comment is near a limit.",
        ),
    ] = False

"""The settings of comments on their way in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, SettingGroup

PACE = 20
"""Comments of one reader within a minute: more than anybody writes who reads the others'."""


class PostingSettings(SettingGroup):
    """How fast one reader may write, and how long one may edit and comment."""

    about = Heading("Posting", "api.md#one-readers-pace")

    comments_per_author_per_minute: Annotated[
        int | None,
        Field(
            title="New comments that one reader may send in a minute",
            description="Without a number, nobody is limited.",
            ge=1,
            le=1_000,
        ),
    ] = PACE
    reader_edit_minutes: Annotated[
        int,
        Field(
            title="Minutes in which a signed reader may edit a comment",
            description="0 allows no edits.",
            ge=0,
            le=10_080,
        ),
    ] = 15
    close_after_days: Annotated[
        int | None,
        Field(
            title="Days after which an article closes to comments",
            description="From the day on which Gavel first heard of it. Once reopened, it stays open.",
            ge=1,
            le=3_650,
        ),
    ] = None

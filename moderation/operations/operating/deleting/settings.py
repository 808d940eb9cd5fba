"""The settings for how long a site keeps comments and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from moderation.ground.declaring import Heading, Refused, Setting, SettingGroup
from moderation.ground.errors import said
from moderation.ground.values.statuses import CommentStatus

MAX_DAYS = 36_500
LABEL_DAYS = 365
NOTICE_DAYS = 183
KEPT: Mapping[CommentStatus, str] = {
    CommentStatus.PUBLISHED: "keep_published_days",
    CommentStatus.REJECTED: "keep_rejected_days",
    CommentStatus.WITHDRAWN: "keep_withdrawn_days",
}
"""The statuses whose comments a site may delete after some days, each with the field that holds the days. Comments that
wait for a decision are always kept."""


def _days(title: str, description: str | None = None) -> Any:
    return Field(title=title, description=description, ge=1, le=MAX_DAYS)


class RetentionSettings(SettingGroup):
    """Days after which a site's data is deleted for good."""

    about = Heading("How long comments are kept", "maintenance.md#how-long-comments-are-kept")

    keep_published_days: Annotated[
        int | None,
        _days("Days that published comments are kept", "Without a number, for ever."),
        Setting(path=("keep_days", "published"), former="published_days"),
    ] = None
    keep_rejected_days: Annotated[
        int | None,
        _days("Days that rejected comments are kept"),
        Setting(path=("keep_days", "rejected"), former="rejected_days"),
    ] = None
    keep_withdrawn_days: Annotated[
        int | None,
        _days("Days that withdrawn comments are kept"),
        Setting(path=("keep_days", "withdrawn"), former="withdrawn_days"),
    ] = None
    keep_withdrawn_text_days: Annotated[
        int | None,
        _days(
            "Days that the text of a withdrawn comment is kept",
            "Fewer than the comment itself.",
        ),
        Setting(former="withdrawn_text_days"),
    ] = None
    keep_labels_days: Annotated[
        int, _days("Days that judgements about other texts are kept"), Setting(former="labels_days")
    ] = LABEL_DAYS
    keep_notices_days: Annotated[int, _days("Days that notices of illegal content are kept after the decision")] = (
        NOTICE_DAYS
    )

    @property
    def keep_days(self) -> dict[CommentStatus, int]:
        """Days by status. Comments in the other statuses are kept for ever."""
        by_status = {status: getattr(self, name) for status, name in KEPT.items()}
        return {status: days for status, days in by_status.items() if days is not None}

    @field_validator("keep_withdrawn_text_days")
    @classmethod
    def _text_goes_first(cls, text_days: int | None, others: ValidationInfo) -> int | None:
        days = others.data.get("keep_withdrawn_days")
        if text_days is not None and days is not None and text_days >= days:
            raise Refused(
                said("must be less than the %(days)s days after which the withdrawn comment itself goes", days=days)
            )
        return text_days

"""The settings of the reasons that moderators choose from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from moderation.ground.declaring import Heading, Refused, Setting, SettingGroup, checked_by
from moderation.sites.settings.rejection_reasons import (
    DEFAULT_REASONS,
    MAX_REASON_CHARS,
    MAX_REASONS,
    Details,
    counting,
    offered,
    problems,
)


def _reasons_problems(reasons: tuple[str, ...]) -> Iterator[str]:
    if any(not 0 < len(reason) <= MAX_REASON_CHARS or reason != reason.strip() for reason in reasons):
        yield f"must have 1 to {MAX_REASON_CHARS} characters each and neither begin nor end with a space"
    if not all(reason.isprintable() for reason in reasons):
        yield "must not contain control characters"
    if len({reason.casefold() for reason in reasons}) < len(reasons):
        yield "must differ from one another"


class ReasonSettings(SettingGroup):
    """The reasons for rejection, and all about each."""

    about = Heading("Reasons for rejection", "site-settings.md#reasons-for-rejection")

    rejection_reasons: Annotated[
        tuple[str, ...],
        Field(
            title="Reasons that moderators choose from",
            min_length=1,
            max_length=MAX_REASONS,
        ),
        checked_by(_reasons_problems),
    ] = DEFAULT_REASONS
    reason_details: Annotated[
        Details,
        Field(title="Wordings, messages, weight and ground of the reasons"),
        checked_by(problems),
        Setting(
            example='{"Insult or abuse": {"wordings": {"de": "Beleidigung"}, "counts_against_author": true, '
            '"messages": {}}}'
        ),
    ] = Field(default_factory=dict)

    @property
    def offered_reasons(self) -> tuple[str, ...]:
        """Those that name a rule, for the desk's buttons."""
        return offered(self.reason_details, self.rejection_reasons)

    @property
    def reasons_against_author(self) -> frozenset[str]:
        """The reasons for rejection that count on the ladder."""
        return counting(self.reason_details, self.rejection_reasons)

    @field_validator("reason_details")
    @classmethod
    def _describes_reasons_of_the_site(cls, details: Details, others: ValidationInfo) -> Details:
        undescribed = details.keys() - set(others.data.get("rejection_reasons", details))
        if undescribed:
            raise Refused(f"must describe reasons that the site has: {min(undescribed)[:50]!r} is none")
        return details

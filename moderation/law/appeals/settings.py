"""The settings of authors' appeals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, Setting, SettingGroup, checked_by
from moderation.ground.errors import said

MAX_DAYS = 3_650
MAX_CONTACT_CHARS = 300


def _contact_problems(contact: str | None) -> Iterator[str]:
    if contact is not None and not contact.isprintable():
        yield said("must be on one line")
    if contact is not None and contact != contact.strip():
        yield said("must neither begin nor end with a space")


class AppealSettings(SettingGroup):
    """How long, where and how often authors may appeal."""

    about = Heading("Appeals", "law.md#appeals")
    is_for_people = True

    appeal_days: Annotated[
        int,
        Field(title="Days for which authors may appeal a decision", ge=1, le=MAX_DAYS),
        Setting(path=("objection_days",), former="objection_days"),
    ] = 183
    appeal_contact: Annotated[
        str | None,
        Field(
            title="Where else authors may appeal",
            description="An address, or a sentence.",
            min_length=1,
            max_length=MAX_CONTACT_CHARS,
        ),
        checked_by(_contact_problems),
        Setting(path=("objection_contact",), former="objection_contact"),
    ] = None
    open_appeals_per_author: Annotated[int, Field(title="Open appeals of one author at once", ge=1, le=100)] = 3
    open_appeals_per_site: Annotated[
        int, Field(title="Open appeals of all authors at once", description="0 takes none.", ge=0, le=100_000)
    ] = 1_000

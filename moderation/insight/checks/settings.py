"""The settings of checks at random, and the site's targets that they are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, Setting, SettingGroup, SettingUnit, checked_by
from moderation.ground.errors import said
from moderation.judging.text import groups


def _word_problems(entries: tuple[str, ...]) -> Iterator[str]:
    wrong = next((entry for entry in entries if not groups.is_entry(entry)), None)
    if wrong is not None:
        yield said(
            "must be written as group: word, or group: -word for one that is not to count: “%(entry)s” is not",
            entry=wrong[:50],
        )


class CheckSettings(SettingGroup):
    """How much is checked at random, and how many errors the site accepts."""

    about = Heading("Checks and targets", "checking.md")

    check_share: Annotated[
        float,
        Field(title="Share of the policy’s decisions that moderators check", ge=0, le=0.25),
        Setting(unit=SettingUnit.SHARE),
    ] = 0.01
    check_most_per_day: Annotated[int, Field(title="Most checks within 24 hours", ge=0, le=1_000)] = 40
    most_wrong_published: Annotated[
        float,
        Field(title="Share published unread that may be wrong", ge=0.0001, le=0.5),
        Setting(unit=SettingUnit.SHARE),
    ] = 0.01
    most_wrong_rejected: Annotated[
        float,
        Field(title="Share rejected by rule that may be wrong", ge=0.0001, le=0.5),
        Setting(unit=SettingUnit.SHARE),
    ] = 0.02
    read_per_day: Annotated[int, Field(title="Comments that moderators can read in a day", ge=1, le=1_000_000)] = 300


class BiasSettings(SettingGroup):
    """The words by which Gavel sees that a text mentions a group."""

    about = Heading("Signs of bias", "checking.md#signs-of-bias")

    group_words: Annotated[
        tuple[str, ...],
        Field(
            title="Words that mention a group of people",
            description="“women: gals” adds a word to ours, “women: -ladies” takes one away.",
            max_length=500,
        ),
        checked_by(_word_problems),
    ] = ()

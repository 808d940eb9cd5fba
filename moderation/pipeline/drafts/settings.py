"""The settings of the answers to callers of other vendors' interfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, Setting, SettingGroup, checked_by
from moderation.sites.settings import score_maps
from moderation.sites.settings.score_maps import ScoreMaps

MAX_SCORE_MAPS = 20
SPAM_LIMIT = 0.62  # at which models/spam/README.md has its measurements
_ATTRIBUTE = re.compile(r"[A-Z_]{1,50}")


class WithoutModel(StrEnum):
    ERROR = "error"
    OMIT = "omit"


def _maps_problems(maps: ScoreMaps) -> Iterator[str]:
    if len(maps) > MAX_SCORE_MAPS or not all(_ATTRIBUTE.fullmatch(name) for name in maps):
        yield f"must be at most {MAX_SCORE_MAPS} attributes, written like TOXICITY"
    for name, points in maps.items():
        yield from (f"{problem} ({name[:50]})" for problem in score_maps.problems(points))


class PerspectiveSettings(SettingGroup):
    """The answers to callers of Perspective's interface."""

    about = Heading("Answers as Perspective", "coming-from-perspective.md")

    perspective_without_model: Annotated[
        WithoutModel,
        Field(title="When a caller asks for an attribute that no model here measures"),
        Setting(
            choices={
                WithoutModel.ERROR: "Answer with an error, as Perspective does",
                WithoutModel.OMIT: "Leave the attribute out",
            }
        ),
    ] = WithoutModel.ERROR
    perspective_score_maps: Annotated[
        ScoreMaps,
        Field(
            title="Curves from our scores to the newsroom’s Perspective scale",
            description="“gavel compat fit-scores” fits them.",
        ),
        checked_by(_maps_problems),
        Setting(example='{"TOXICITY": [[0, 0], [0.5, 0.7], [1, 1]]}'),
    ] = Field(default_factory=dict)


class AkismetSettings(SettingGroup):
    """The answers to callers of Akismet's interface."""

    about = Heading("Answers as Akismet", "coming-from-akismet.md")

    akismet_spam_limit: Annotated[
        float, Field(title="Spam score from which Akismet’s callers hear “true”", gt=0, le=1)
    ] = SPAM_LIMIT
    akismet_counts_toxicity: Annotated[
        bool, Field(title="Tell them “true” when a rule on toxicity holds a comment, too")
    ] = False

"""The body and the answer of ``/v1/check``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from moderation.ground.values.statuses import Action
from service.api.fields import (
    ArticleId,
    Language,
    Line,
    Prose,
    SentPersonId,
    ShortLine,
    SiteOwnId,
    Strict,
    Summary,
    Title,
    Url,
)
from service.api.schemas.signal_schemas import Reason, Signal
from service.checking.checks import DEFAULT_DEADLINE_S, LEAST_DEADLINE_S, LONGEST_DEADLINE_S

MAX_ARTICLE_CHARS = 20_000
"""Of an article that only this request describes: the models read it anew for each such request."""

LEAST_DEADLINE_MS, LONGEST_DEADLINE_MS = round(1000 * LEAST_DEADLINE_S), round(1000 * LONGEST_DEADLINE_S)
DEFAULT_DEADLINE_MS = round(1000 * DEFAULT_DEADLINE_S)


class CheckedArticle(Strict):
    """The article under which the text would be posted: the id of one that Gavel knows, or a description, or both."""

    id: ArticleId | None = None
    title: Title | None = None
    summary: Summary | None = None
    text: Annotated[Prose | None, Field(max_length=MAX_ARTICLE_CHARS)] = None
    section: ShortLine | None = None


class CheckedAuthor(Strict):
    id: SentPersonId
    name: Line | None = None
    url: Annotated[Url | None, Field(description="Of their website")] = None


class Check(Strict):
    """A text that is scored and not stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "text": "You are a fool, and everybody knows it.",
                "article": {"id": "a-42"},
                "deadline_ms": 800,
            }
        }
    )

    text: Annotated[str, Field(description="1 to 20,000 characters after trimming, without control characters")]
    language: Language | None = None
    article: CheckedArticle | None = None
    parent_id: Annotated[SiteOwnId | None, Field(description="The stored comment that the text answers")] = None
    parent_text: Annotated[str | None, Field(description="Or the text that it answers; limits as for `text`")] = None
    author: CheckedAuthor | None = None
    sentences: Annotated[StrictBool, Field(description="Score each sentence too")] = False
    explain: Annotated[StrictBool, Field(description="Mark the words behind exceeded limits, where there is time")] = (
        False
    )
    deadline_ms: Annotated[
        StrictInt,
        Field(ge=LEAST_DEADLINE_MS, le=LONGEST_DEADLINE_MS, description="An answer that would be later is a 503"),
    ] = DEFAULT_DEADLINE_MS

    @model_validator(mode="after")
    def _answers_one_text(self) -> Check:
        if self.parent_id is not None and self.parent_text is not None:
            raise ValueError("give parent_id or parent_text, not both")
        return self


class SentenceScores(BaseModel):
    """The toxicity signals of one sentence. Positions are in characters, `end` exclusive."""

    start: int
    end: int
    values: dict[str, float]


class CheckResult(BaseModel):
    """The verdict that the site's policy would give, and why. Nothing was stored and nothing was decided."""

    verdict: Action
    reasons: list[Reason]
    advice: Annotated[
        list[str],
        Field(description="To the writer, one sentence for each reason; none for a text that would be published"),
    ]
    advice_codes: Annotated[
        list[str], Field(description="The same as codes, whose texts `GET /v1/pages/{site}/texts` has in each language")
    ]
    signals: list[Signal]
    sentences: list[SentenceScores]
    language: Annotated[str | None, Field(description="In which the text was scored; null if it is unknown")]
    policy_version: int
    models: dict[str, str]

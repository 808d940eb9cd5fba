"""Grounds of reasons for rejection, and statements of reasons to authors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from moderation.ground.values.statuses import CommentStatus
from moderation.law.appeals.values import MAX_CHARS, AppealReason, AppealSource, AppealState
from moderation.law.statements.facts import Automation, Restriction, Source
from moderation.sites.settings.eu_terms import AGAINST_THE_RULES, CATEGORIES, KEYWORDS
from moderation.sites.settings.grounds import (
    MAX_GROUND_LANGUAGES,
    MAX_KEYWORDS,
    MAX_PROVISION_CHARS,
    MAX_TEXT_CHARS,
    Ground,
    GroundKind,
)
from service.api.fields import Strict
from service.api.schemas.measure_schemas import AuthorMessage, StatedGround

GroundTexts = dict[str, Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)]]


class ReasonGround(Strict):
    """The ground of a reason, for the statement of reasons to the author: a house rule, or a law with its provision."""

    kind: GroundKind
    provision: Annotated[
        str | None,
        Field(
            min_length=1, max_length=MAX_PROVISION_CHARS, description="Of a law, which needs it", validate_default=True
        ),
    ] = None
    texts: Annotated[
        GroundTexts,
        Field(
            min_length=1,
            max_length=MAX_GROUND_LANGUAGES,
            description="By ISO 639 code: the house rule in its own words; of a law, why such a comment is illegal",
        ),
    ]
    category: Annotated[
        str, Field(json_schema_extra={"enum": list(CATEGORIES)}, description="In the EU's transparency database")
    ] = AGAINST_THE_RULES
    keywords: Annotated[
        list[Annotated[str, Field(json_schema_extra={"enum": list(KEYWORDS)})]],
        Field(max_length=MAX_KEYWORDS, description="There, too", default_factory=list),
    ]

    @field_validator("provision")
    @classmethod
    def _check_provision(cls, value: str | None, known: ValidationInfo) -> str | None:
        if known.data.get("kind") is GroundKind.LAW and value is None:
            raise ValueError("must name the provision of the law")
        if known.data.get("kind") is GroundKind.HOUSE_RULE and value is not None:
            raise ValueError("must be left out: it is a house rule")
        return value

    @field_validator("category")
    @classmethod
    def _check_category(cls, value: str) -> str:
        if value not in CATEGORIES:
            raise ValueError(f"must be one of {', '.join(CATEGORIES)}")
        return value

    @field_validator("keywords")
    @classmethod
    def _check_keywords(cls, value: list[str]) -> list[str]:
        if unknown := next((word for word in value if word not in KEYWORDS), None):
            raise ValueError(f"must be keywords of the EU's transparency database: {unknown[:50]!r} is none")
        return value

    @property
    def ground(self) -> Ground:
        """The ground as the core has it."""
        return Ground(self.texts, self.kind, self.provision, self.category, tuple(self.keywords))

    @classmethod
    def of(cls, ground: Ground) -> Self:
        """The statement as the API shows it."""
        return cls(
            kind=ground.kind,
            provision=ground.provision,
            texts=dict(ground.texts),
            category=ground.category,
            keywords=list(ground.keywords),
        )


class StatementInEvent(BaseModel):
    """The start of a statement of reasons; the rest is at `GET /v1/decisions/{id}/statement`."""

    language: str
    restriction: Restriction
    found_by: Source
    automated_decision: Automation
    ground: StatedGround
    object_until: datetime
    path: Annotated[
        str, Field(description="The page of the statement, behind the address of this Gavel. Until `object_until`")
    ]


class Amendment(BaseModel):
    """The later decision by which a decision no longer holds."""

    decision_id: str
    at: datetime
    status: CommentStatus


class Paragraph(BaseModel):
    heading: str
    text: str


AppealText = Annotated[
    str, Field(description=f"The author's own words: 1 to {MAX_CHARS:,} characters after trimming", max_length=100_000)
]


class NewAppeal(Strict):
    """The author's appeal against a decision."""

    model_config = ConfigDict(json_schema_extra={"example": {"text": "I quoted the minister. The words are hers."}})

    text: AppealText


class Appeal(BaseModel):
    """An appeal, and its outcome once a person has decided it. Without the author's words."""

    id: str
    decision_id: Annotated[str | None, Field(description="Null of an appeal against a measure")]
    measure_id: Annotated[str | None, Field(description="The suspension or ban; null of an appeal against a decision")]
    comment_id: str | None
    source: Annotated[AppealSource, Field(description="The page of the statement, the site, or a signed reader")]
    state: Annotated[
        AppealState,
        Field(
            description="`settled`: the decision, the measure or the comment changed before anybody decided the appeal"
        ),
    ]
    reason: AppealReason | None
    answer: Annotated[str | None, Field(description="To the author, by the person who decided. Escape it")]
    created_at: datetime
    decided_at: datetime | None
    message: Annotated[AuthorMessage, Field(description="For the author: how the appeal stands")]


class EventAppeal(BaseModel):
    """The appeal as it stands after the event. The author's words are not sent."""

    id: str
    decision_id: Annotated[str | None, Field(description="Null of an appeal against a measure, as the next but one")]
    measure_id: Annotated[str | None, Field(description="The suspension or ban; null of an appeal against a decision")]
    comment_id: str | None
    article_id: str | None
    author_id: str
    source: AppealSource
    state: AppealState
    reason: AppealReason | None
    created_at: datetime
    decided_at: datetime | None


class AppealEventData(BaseModel):
    """The appeal, and what to say to the author: null once their words were erased."""

    model_config = ConfigDict(extra="allow")

    appeal: EventAppeal
    message: AuthorMessage | None


class Statement(BaseModel):
    """A statement of reasons to the author of a comment (Regulation (EU) 2022/2065, Article 17)."""

    decision_id: str
    comment_id: str
    decided_at: datetime
    posted_at: datetime
    restriction: Restriction
    holds: Annotated[bool, Field(description="False once the decision was undone or changed")]
    amended_by: Amendment | None
    ended_at: Annotated[datetime | None, Field(description="When readers could see the comment again")]
    language: str
    ground: StatedGround
    facts: Annotated[str, Field(description="In words, without personal data")]
    found_by: Literal["notice", "report", "own_initiative"]
    automated_detection: bool
    automated_decision: Automation
    object_until: datetime
    object_to: Annotated[str | None, Field(description="The site's `appeal_contact`")]
    path: Annotated[str, Field(description="The page for the author, without an account, until `object_until`")]
    may_appeal: Annotated[bool, Field(description="Whether the author can appeal now, on the page or by your call")]
    appeal: Appeal | None
    title: str
    paragraphs: Annotated[list[Paragraph], Field(description="Decision, ground, facts, appeal: for readers")]

"""Bodies and answers of notices of illegal content."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from moderation.law.notices.values import (
    MAX_EMAIL_CHARS,
    MAX_EXPLANATION_CHARS,
    OF_MINORS,
    NewNotice,
    Outcome,
)
from moderation.sites.settings.eu_terms import CATEGORIES, NOT_SPECIFIED
from service.api.fields import Language, Line, Note, SentPersonId, SiteOwnId, Strict

ILLEGAL = "illegal"  # the reason of a reader's report that a notice goes with
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("must say why the comment is illegal")
    return value


def _an_address(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("must be an e-mail address like reader@mail.example")
    return value


Explanation = Annotated[
    Note,
    AfterValidator(_said),
    Field(description=f"Why the comment is illegal: the law, or words. 1 to {MAX_EXPLANATION_CHARS:,} characters"),
]
Email = Annotated[str, StringConstraints(max_length=MAX_EMAIL_CHARS), AfterValidator(_an_address)]


class GivenNotice(Strict):
    """A notice that a comment is illegal. Name and address go thirty days after the decision; the comment's author
    never sees them."""

    explanation: Explanation
    good_faith: Annotated[
        StrictBool, Field(description="Must be true: whoever gives the notice believes that it is correct and complete")
    ]
    child_sexual_abuse: Annotated[
        StrictBool, Field(description="True of sexual abuse of children: then name and address may be left out")
    ] = False
    name: Annotated[Line | None, Field(validate_default=True)] = None
    email: Annotated[Email | None, Field(validate_default=True)] = None
    category: Annotated[
        str, Field(json_schema_extra={"enum": list(CATEGORIES)}, description="In the EU's transparency database")
    ] = NOT_SPECIFIED
    language: Annotated[Language | None, Field(description="Of the answer. Left out, the comment's counts")] = None

    @field_validator("good_faith", mode="after")
    @classmethod
    def _is_in_good_faith(cls, value: bool) -> bool:
        if not value:
            raise ValueError("must be true: a notice needs the statement that it is given in good faith")
        return value

    @field_validator("name", "email", mode="after")
    @classmethod
    def _is_named(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and not info.data.get("child_sexual_abuse"):
            raise ValueError("is required, unless the notice is about sexual abuse of children")
        return value

    @field_validator("category", mode="after")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in CATEGORIES:
            raise ValueError("must be a category of the EU's transparency database")
        return value

    def new(
        self, comment_id: str, *, reader_id: str | None, id: str | None = None, flagger: str | None = None
    ) -> NewNotice:
        return NewNotice(
            comment_id=comment_id,
            explanation=self.explanation,
            name=self.name,
            email=self.email,
            category=OF_MINORS if self.child_sexual_abuse else self.category,
            language=self.language,
            id=id,
            reader_id=reader_id,
            flagger=flagger,
        )


class NoticeByKey(GivenNotice):
    """A notice that the site passes on, or that a trusted flagger gives. With `id`, a UUID of yours, it is safe to send
    it again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "comment_id": "c-1017",
                "explanation": "§ 130 StGB: it calls for violence against a group.",
                "good_faith": True,
                "name": "Dana Olsen",
                "email": "dana.olsen@mail.example",
            }
        }
    )

    comment_id: SiteOwnId
    id: UUID | None = None
    reader_id: Annotated[SentPersonId | None, Field(description="Yours, if a reader of yours gives the notice")] = None


class NoticeReceipt(BaseModel):
    """The confirmation of receipt. The page at `path`, behind Gavel's address, shows the decision later."""

    id: str
    comment_id: str
    status: Annotated[str, Field(json_schema_extra={"enum": ["open", *Outcome]})]
    received_at: datetime
    trusted_flagger: bool
    path: str
    link_until: datetime


class Notice(NoticeReceipt):
    """A notice with what is known of whoever gave it. Do not show it to the comment's author."""

    explanation: Annotated[str, Field(description="Escape it wherever you show it. Empty after an erasure")]
    category: str
    language: str
    name: Annotated[str | None, Field(description="Null once it was forgotten, as the address")]
    email: str | None
    reader_id: str | None
    decided_at: datetime | None
    decision_id: str | None
    title: Annotated[str, Field(description="Of the letter to whoever gave the notice")]
    paragraphs: list[str]

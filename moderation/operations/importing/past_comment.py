"""One comment of a newsroom's history, in Gavel's own form. Every format is read into it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.pipeline.arriving import comment_text

MAX_ID_CHARS = 200
MAX_NAME_CHARS = 200
MAX_TITLE_CHARS = 1_000
MAX_URL_CHARS = 2_000
MAX_SECTION_CHARS = 100
MAX_REASON_CHARS = 50
FIRST_YEAR, LAST_YEAR = 1970, 2200


def _clean(text: str) -> str:
    try:
        return comment_text.clean(text)
    except InvalidInput as e:
        raise ValueError(e.problems[0].message) from e


def _printable(text: str) -> str:
    if any(unicodedata.category(sign) in comment_text.NOT_TYPED for sign in text):
        raise ValueError("must not contain control characters")
    return text


def _in_range(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def _limits(most: int, fewest: int = 1) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=fewest, max_length=most)


_Printable = AfterValidator(_printable)
Id = Annotated[str, _limits(MAX_ID_CHARS), _Printable]
Title = Annotated[str, _limits(MAX_TITLE_CHARS, 0), _Printable]
Url = Annotated[str, _limits(MAX_URL_CHARS, 0), _Printable]
Section = Annotated[str, _limits(MAX_SECTION_CHARS, 0), _Printable]
Name = Annotated[str, _limits(MAX_NAME_CHARS, 0), _Printable]
Reason = Annotated[str, _limits(MAX_REASON_CHARS), _Printable]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PastArticle(_Strict):
    id: Id
    title: Title | None = None
    url: Url | None = None
    section: Section | None = None


class PastAuthor(_Strict):
    id: Id
    name: Name | None = None


class PastComment(_Strict):
    """`status` is the comment's last; `reason` says why it was rejected, in the newsroom's words; `featured_at` is the
    time since when it is an editor's pick."""

    id: Id
    article: PastArticle
    author: PastAuthor
    text: Annotated[str, AfterValidator(_clean)]
    posted_at: Moment
    status: Literal["published", "rejected"]
    parent_id: Id | None = None
    reason: Reason | None = None
    language: Language | None = None
    featured_at: Moment | None = None

    @field_validator("featured_at")
    @classmethod
    def _is_published(cls, moment: datetime | None, info: ValidationInfo) -> datetime | None:
        if moment is not None and info.data.get("status") == "rejected":
            raise ValueError("is only for published comments")
        return moment


def read(record: Mapping[str, Any]) -> PastComment:
    """Raises InvalidInput, which names each wrong field."""
    try:
        return PastComment.model_validate(record)
    except ValidationError as e:
        problems = (
            FieldProblem(".".join(map(str, error["loc"])) or "line", _message(error["type"], error["msg"]))
            for error in e.errors(include_url=False, include_input=False)
        )
        raise InvalidInput(*problems) from None


_MESSAGES = {"extra_forbidden": "is not known here", "missing": "is missing", "timezone_aware": "needs a time zone"}


def _message(kind: str, message: str) -> str:
    said = _MESSAGES.get(kind) or message.removeprefix("Value error, ").removeprefix("Input ")
    return said[:1].lower() + said[1:]

"""Errors in the API's answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.schemas.measure_schemas import AuthorMessage


class FieldError(BaseModel):
    field: str
    message: str


class SilencedAuthor(BaseModel):
    """The reader whom a 403 `author-suspended` is about, with the message for them."""

    id: str
    standing: Literal["suspended", "banned"]
    until: datetime | None
    message: AuthorMessage | None
    statement_path: Annotated[str | None, Field(description="The page with the reasons and the form for an appeal")]


class Problem(BaseModel):
    """RFC 9457 problem details: the shape of every error."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    author: Annotated[SilencedAuthor | None, Field(description="Only where the type is `author-suspended`")] = None
    reader_text: Annotated[
        str | None,
        Field(description="Of calls about comments: why, for the reader, in the language of `Accept-Language`"),
    ] = None
    errors: list[FieldError]

"""The settings of the page that an author reads, and of what the law asks a site to say beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from moderation.ground.declaring import Heading, SettingGroup, checked_by
from moderation.ground.errors import said

MAX_LINE_CHARS, MAX_TEXT_CHARS, MAX_URL_CHARS = 300, 1_000, 500
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _line_problems(line: str | None) -> Iterator[str]:
    if line is not None and not line.isprintable():
        yield said("must be on one line")
    if line is not None and line != line.strip():
        yield said("must neither begin nor end with a space")


def _address_problems(schemes: tuple[str, ...]) -> Callable[[str | None], Iterator[str]]:
    def problems(url: str | None) -> Iterator[str]:
        if url is None:
            return
        try:
            parts = urlsplit(url)
            is_whole = parts.scheme in schemes and bool(parts.hostname) and not parts.username and parts.port != 0
        except ValueError:
            is_whole = False
        if not is_whole or not url.isascii() or not re.fullmatch(r"[^\s;,'\"<>]+", url):
            yield said("must be a web address that begins with %(scheme)s", scheme=f"{schemes[-1]}://")

    return problems


def _colour_problems(colour: str | None) -> Iterator[str]:
    if colour is not None and not _COLOUR.fullmatch(colour):
        yield said("must be a colour like #0a4d8c")


class StatementSettings(SettingGroup):
    """The paper's looks on its public pages, its contact points, and who else may settle a dispute."""

    about = Heading("Statements of reasons", "law.md#statements-of-reasons")
    is_for_people = True

    paper_colour: Annotated[
        str | None,
        Field(title="Colour of the paper", description="On statements and receipts, like #0a4d8c.", max_length=7),
        checked_by(_colour_problems),
    ] = None
    paper_logo: Annotated[
        str | None,
        Field(
            title="Address of the paper’s logo",
            description="An image that begins with https://. Without one, these pages write the name.",
            max_length=MAX_URL_CHARS,
        ),
        checked_by(_address_problems(("https",))),
    ] = None
    rules_url: Annotated[
        str | None,
        Field(title="Address of your rules", description="Article 14.", max_length=MAX_URL_CHARS),
        checked_by(_address_problems(("http", "https"))),
    ] = None
    reader_contact: Annotated[
        str | None,
        Field(title="Contact point for readers", description="Article 12.", max_length=MAX_LINE_CHARS),
        checked_by(_line_problems),
    ] = None
    authority_contact: Annotated[
        str | None,
        Field(
            title="Contact point for authorities",
            description="Article 11, with its languages.",
            max_length=MAX_LINE_CHARS,
        ),
        checked_by(_line_problems),
    ] = None
    dispute_body: Annotated[
        str | None,
        Field(
            title="Certified body for out-of-court disputes",
            description="Article 21, which binds platforms. Without one, no statement or receipt names any.",
            min_length=1,
            max_length=MAX_LINE_CHARS,
        ),
        checked_by(_line_problems),
    ] = None
    misuse_policy: Annotated[
        str | None,
        Field(
            title="When you stop taking notices and appeals",
            description="Article 23: the warning on statements and receipts.",
            max_length=MAX_TEXT_CHARS,
        ),
        checked_by(_line_problems),
    ] = None
    users_per_month: Annotated[
        int | None,
        Field(
            title="Users in the EU in a month",
            description="Article 24: your own count, an average of six months. The transparency report has it.",
            ge=0,
            le=10_000_000_000,
        ),
    ] = None
